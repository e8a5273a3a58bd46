"""Whether anybody is at the other end of one leg: nobody listens, nobody speaks, nothing can be sent.

That the leg is dead is told once (`Silent`); that its peer cannot be heard is told while it lives (`Hearing`).
"""

from collections.abc import Callable
from math import inf

from offhook.engine.media.audibility import Audibility, Finding
from offhook.engine.media.learning import Address
from offhook.engine.net.orders import Hearing, Silent

REFUSED_FOR_S = 10.0
"""How long nobody may listen at the peer's address before the leg is told to be dead."""

REFUSALS_APART_S = 3.0
"""Refusals further apart are not one outage. A peer's kernel tells at most one a second (Linux' icmp_ratelimit)."""

SILENT_FOR_S = 300.0
"""How long neither RTP nor RTCP may come while we expect media."""

NEVER = -inf


class Lifesigns:
    """Of one leg; `peer` is where its packets go.

    `sound_at` is when the last sound of it was read, `listen_at` when to see whether it is missed (`miss`).
    """

    __slots__ = (
        "_audibility",
        "_has_told",
        "_heard_at",
        "_leg",
        "_refused_at",
        "_refused_since",
        "_tell",
        "listen_at",
        "peer",
        "sound_at",
    )

    def __init__(self, leg: str, tell: Callable[[Silent | Hearing], None]) -> None:
        self.peer: Address = ("", 0)
        self._leg = leg
        self._tell = tell
        self._has_told = False
        self._heard_at = 0.0
        self.sound_at = NEVER
        self.listen_at = inf
        self._audibility = Audibility()
        self._refused_since = self._refused_at = NEVER

    def expected(self, now: float) -> None:
        """Begin to wait, or begin anew."""
        self._heard_at = now

    def heard(self, now: float) -> None:
        """The peer sent sound."""
        self._heard_at = self.sound_at = now
        self._refused_at = NEVER
        if self._audibility.is_missed:
            self._found(self._audibility.heard(now))

    def moved(self, now: float) -> None:
        """Sound came that nobody read."""
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

    def expect_sound(self, now: float, *, is_expected: bool) -> bool:
        """Say whether the peer should be heard from now on; True if it should and should not have been before."""
        begins = is_expected and not self._audibility.is_expected
        if is_expected:
            self._audibility.expect(now)
        else:
            self._audibility.excuse()
        self._set_listening()
        return begins

    def miss(self, last_sound_at: float, now: float) -> bool:
        """See whether the peer is missed, whose last sound came then; True if that is news, which is told."""
        if last_sound_at > NEVER:
            self._found(self._audibility.heard(last_sound_at))
        finding = self._audibility.tick(now)
        self._found(finding)
        return finding is not None

    def _found(self, finding: Finding | None) -> None:
        if finding is not None:
            self._tell(Hearing(self._leg, finding.code.value, round(finding.still_s, 3)))
        self._set_listening()

    def _set_listening(self) -> None:
        deadline = self._audibility.deadline()
        self.listen_at = inf if deadline is None else deadline

    def lost(self, text: str) -> None:
        """Tell that the leg is dead, once."""
        if not self._has_told:
            self._has_told = True
            self._tell(Silent(self._leg, text))
