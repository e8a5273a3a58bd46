"""What one leg plays: a sound, a ringing tone or silence, in frames of 20 ms.

`frames_ahead` are those that need no decision; `next_frame` makes it for the others. A sound may still
grow while it is played: silence stands in for what is late, and nothing is left out.
"""

from collections.abc import Callable
from functools import cache
from math import inf

from offhook.domain.sounds import Codec
from offhook.engine.media.codecs import SILENCE
from offhook.engine.net.media_tones import ringing_turn
from offhook.engine.net.orders import Finished, Play
from offhook.engine.net.sound_files import FRAME_BYTES, SoundFile, SoundLibrary

SILENCES = 500
"""So many frames of silence are sent between two decisions: 10 s."""


class Playback:
    """Frames in the codec that was agreed on; `underruns` counts those of silence that stood in for late samples."""

    __slots__ = (
        "_codec",
        "_frames",
        "_is_ringing",
        "_leg",
        "_loops_left",
        "_order",
        "_place",
        "_silences",
        "_sound",
        "_tell",
        "underruns",
    )

    def __init__(self, leg: str, tell: Callable[[Finished], None]) -> None:
        self.underruns = 0
        self._leg = leg
        self._tell = tell
        self._codec = Codec.PCMU
        self._silences = _silence(Codec.PCMU)
        self.stop()

    def stop(self) -> None:
        """Play nothing."""
        self._order: Play | None = None
        self._sound: SoundFile | None = None
        self._frames: list[bytes] = []
        self._place = 0
        self._loops_left = 0.0
        self._is_ringing = False

    def play(self, order: Play, library: SoundLibrary) -> None:
        """Play a sound instead. Raises `OSError` when its file is gone; then what plays goes on."""
        self._load(order, library)
        self._place = 0
        self._loops_left = order.loop
        self._is_ringing = False
        self.underruns = 0

    def ring(self) -> None:
        """Play the ringing tone instead, for ever."""
        self.stop()
        self._is_ringing = True
        self._loops_left = inf
        self._frames = _ringing(self._codec)

    def use(self, codec: Codec, library: SoundLibrary) -> None:
        """Go on where we are, in another codec; a sound that was evicted meanwhile is over."""
        if codec is self._codec:
            return
        self._codec = codec
        self._silences = _silence(codec)
        if self._is_ringing:
            self._frames = _ringing(self._codec)
        if self._order is not None:
            try:
                self._load(self._order, library)
            except OSError:
                self._finish()

    def frames_ahead(self) -> tuple[list[bytes], int, int]:
        """Return a list of frames, the place of the next one, and the first place that needs a decision."""
        if not self._loops_left:
            return self._silences, 0, SILENCES
        # With its last frame a sound ends, begins again or has to grow.
        return self._frames, self._place, len(self._frames) - 1

    def advance(self, frames: int) -> None:
        """Go on by frames that were sent from `frames_ahead`."""
        if self._loops_left:
            self._place += frames

    def next_frame(self) -> bytes:
        """Return the next 20 ms: at a sound's end, at its growth, or anywhere."""
        place, sound = self._place, self._sound
        if sound is not None:
            sound.grow(place + 2)
        is_whole = sound is None or sound.is_whole
        frame = self._silences[0]
        if place < len(self._frames):
            frame = self._frames[place]
            self._place += 1
        elif not is_whole:
            self.underruns += 1
        if is_whole and self._place >= len(self._frames) and self._loops_left:
            self._begin_again()
        return frame

    def _load(self, order: Play, library: SoundLibrary) -> None:
        self._sound = library.get(order.path, order.growing_path, Codec(order.codec), self._codec)
        self._order = order
        self._frames = self._sound.frames

    def _begin_again(self) -> None:
        self._loops_left -= 1
        self._place = 0
        if self._loops_left <= 0:
            self._finish()

    def _finish(self) -> None:
        order = self._order
        self.stop()
        if order is not None:
            self._tell(Finished(self._leg, order.key, self.underruns))


@cache
def _ringing(codec: Codec) -> list[bytes]:
    turn = ringing_turn(codec)
    return [turn[at : at + FRAME_BYTES] for at in range(0, len(turn), FRAME_BYTES)]


@cache
def _silence(codec: Codec) -> list[bytes]:
    return [SILENCE[codec] * FRAME_BYTES] * SILENCES
