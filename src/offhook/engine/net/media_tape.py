"""What of one leg is recorded: what its peer says, and what its partner's peer says while they are joined."""

from collections.abc import Callable

from offhook.domain.sounds import Codec
from offhook.engine.net.media_recording import Outcome, Recorder, Wish
from offhook.engine.net.orders import Record, RecordingEnded


class LegTape:
    """One recording until it ends: the first channel is the leg's own peer, the second the partner's."""

    __slots__ = ("_leg", "_on_end", "_path", "_recorder", "_tape", "is_both", "is_over")

    def __init__(
        self, order: Record, recorder: Recorder, rate: int, on_end: Callable[[RecordingEnded], None], now: float
    ) -> None:
        self.is_both = order.is_both
        self.is_over = False
        self._leg = order.leg
        self._path = order.path
        self._on_end = on_end
        self._recorder = recorder
        wish = Wish(
            order.path, now, rate, 2 if order.is_both else 1, order.longest_s, order.most_bytes, order.silence_s
        )
        self._tape = recorder.open(wish, self._ended, now)

    def hear(self, channel: int, codec: Codec, ssrc: int, timestamp: int, payload: bytes, now: float) -> None:
        """Record a packet of one of the sides."""
        self._recorder.add(self._tape, channel, codec, ssrc, timestamp, payload, now)

    def stop(self, now: float) -> None:
        """End it; how it ended is told."""
        self._recorder.stop(self._tape, now)

    def _ended(self, outcome: Outcome) -> None:
        self.is_over = True
        self._on_end(RecordingEnded(self._leg, self._path, outcome.code, outcome.seconds, outcome.size))


class Tapes:
    """What is recorded of one leg, and by it of its partner."""

    __slots__ = ("_tape", "_tell")

    def __init__(self, tell: Callable[[RecordingEnded], None]) -> None:
        self._tell = tell
        self._tape: LegTape | None = None

    @property
    def tape(self) -> LegTape | None:
        """The recording that goes on, if one does: some end by themselves."""
        return None if self._tape is None or self._tape.is_over else self._tape

    @property
    def wants_partner(self) -> bool:
        """Whether what the partner's peer says is recorded too."""
        tape = self.tape
        return tape is not None and tape.is_both

    def begin(self, order: Record, recorder: Recorder, rate: int, now: float) -> None:
        """Record; a recording before it ends."""
        self.stop(now)
        self._tape = LegTape(order, recorder, rate, self._tell, now)

    def stop(self, now: float) -> bool:
        """End the recording; False if there was none."""
        tape, self._tape = self._tape, None
        if tape is not None:
            tape.stop(now)
        return tape is not None
