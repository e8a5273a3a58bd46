"""Whether a peer who should be heard is heard: what is missed is told once, and so is its return.

Time is an argument in monotonic seconds. Only RTP counts, whatever it carries: reports say that somebody is there, not
that anybody can be heard. A peer on hold is not missed. Nothing here ends a call.
"""

from dataclasses import dataclass

from offhook.errors import Codes

NOT_YET_S = 3.0
"""How long a peer may say nothing at first: who has been answered speaks, or a phone sends silence."""

STOPPED_S = 5.0
"""How long one who was heard may be still: shorter than a pause of a phone that sends no silence would be a guess."""

TELLINGS_LIMIT = 10
"""So many times silence is told of one leg: a phone that sends no silence must not fill the call's timeline."""


class Code(Codes):
    """What is told, in the words of the timeline."""

    NOT_YET = "no-audio-yet"
    STOPPED = "audio-stopped"
    AGAIN = "audio-again"


@dataclass(frozen=True, slots=True)
class Finding:
    """What there is to tell, and how long the peer has been or had been still."""

    code: Code
    still_s: float


class Audibility:
    """Of one peer. `heard` is for the first packet while `is_missed`, and for what `tick` is to know."""

    __slots__ = ("_has_heard", "_since", "_still_since", "_tellings", "is_missed")

    def __init__(self) -> None:
        self.is_missed = False
        self._has_heard = False
        # From when silence counts; None while nobody is expected to speak.
        self._since: float | None = None
        self._still_since: float | None = None
        self._tellings = 0

    @property
    def is_expected(self) -> bool:
        """Whether the peer should be heard."""
        return self._since is not None

    def expect(self, now: float) -> None:
        """From now on the peer should be heard; no news if it should be already."""
        if self._since is None:
            self._since = now

    def excuse(self) -> None:
        """The peer is on hold, or not answered: its silence means nothing."""
        self._since = None

    def heard(self, at: float) -> Finding | None:
        """The last packet came then."""
        self._has_heard = True
        self.is_missed = False
        if self._since is not None:
            self._since = max(self._since, at)
        # Who was never heard before does not come again: the first packet is told by itself.
        since, self._still_since = self._still_since, None
        return None if since is None else Finding(Code.AGAIN, at - since)

    def tick(self, now: float) -> Finding | None:
        """Return what is missed, if it is time to miss it."""
        deadline = self.deadline()
        if deadline is None or self._since is None or now < deadline:
            return None
        self.is_missed = True
        self._tellings += 1
        if not self._has_heard:
            return Finding(Code.NOT_YET, now - self._since)
        self._still_since = self._since
        return Finding(Code.STOPPED, now - self._since)

    def deadline(self) -> float | None:
        """Return when `tick` will have something to tell unless the peer is heard before."""
        if self._since is None or self.is_missed or self._tellings >= TELLINGS_LIMIT:
            return None
        return self._since + (STOPPED_S if self._has_heard else NOT_YET_S)
