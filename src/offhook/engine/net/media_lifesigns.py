"""Whether anybody is at the other end of one leg, told once: nobody listens, nobody speaks, nothing can be sent."""

from collections.abc import Callable
from math import inf

from offhook.engine.media.learning import Address
from offhook.engine.net.orders import Silent

REFUSED_FOR_S = 10.0
"""How long nobody may listen at the peer's address before the leg is told to be dead."""

REFUSALS_APART_S = 3.0
"""Refusals further apart are not one outage. A peer's kernel tells at most one a second (Linux' icmp_ratelimit)."""

SILENT_FOR_S = 300.0
"""How long neither RTP nor RTCP may come while we expect media."""

NEVER = -inf


class Lifesigns:
    """Of one leg; `peer` is where its packets go."""

    __slots__ = ("_has_told", "_heard_at", "_leg", "_refused_at", "_refused_since", "_tell", "peer")

    def __init__(self, leg: str, tell: Callable[[Silent], None]) -> None:
        self.peer: Address = ("", 0)
        self._leg = leg
        self._tell = tell
        self._has_told = False
        self._heard_at = 0.0
        self._refused_since = self._refused_at = NEVER

    def expected(self, now: float) -> None:
        """Begin to wait, or begin anew."""
        self._heard_at = now

    def heard(self, now: float) -> None:
        """The peer sent sound."""
        self._heard_at = now
        self._refused_at = NEVER

    def reported(self, now: float) -> None:
        """The peer sent reports, be it that nobody listens to its sound's port."""
        self._heard_at = now

    def refused(self, error: OSError, now: float) -> None:
        """Count an error of the socket, mostly ECONNREFUSED for an earlier packet, as loss until it has lasted."""
        if isinstance(error, BlockingIOError):
            return
        if now - self._refused_at > REFUSALS_APART_S:
            self._refused_since = now
        self._refused_at = now
        if now - self._refused_since >= REFUSED_FOR_S:
            self.lost(f"nobody listens at {self.peer[0]}:{self.peer[1]}: {error.strerror}")

    def is_silent(self, now: float) -> bool:
        """Whether nothing has come for too long."""
        return now - self._heard_at > SILENT_FOR_S

    def lost(self, text: str) -> None:
        """Tell that the leg is dead, once."""
        if not self._has_told:
            self._has_told = True
            self._tell(Silent(self._leg, text))
