"""What one leg plays: a sound, a ringing tone or silence, in frames of 20 ms.

`next_frame` runs for every packet. A sound may still grow while it is played: silence stands in for
what is late, and nothing is left out.
"""

from collections.abc import Callable
from functools import cache
from math import inf

from offhook.domain.sounds import Codec
from offhook.engine.media.g711 import SILENCE
from offhook.engine.media.tones import ringing
from offhook.engine.net.orders import Finished, Play
from offhook.engine.net.sound_files import FRAME_BYTES, SoundFile, SoundLibrary


class Playback:
    """Frames in the codec that was agreed on; `underruns` counts those of silence that stood in for late samples."""

    __slots__ = (
        "_codec",
        "_frames",
        "_is_ringing",
        "_leg",
        "_limit",
        "_loops_left",
        "_order",
        "_place",
        "_silence",
        "_sound",
        "_tell",
        "underruns",
    )

    def __init__(self, leg: str, tell: Callable[[Finished], None]) -> None:
        self.underruns = 0
        self._leg = leg
        self._tell = tell
        self._codec = Codec.PCMU
        self._silence = SILENCE[Codec.PCMU] * FRAME_BYTES
        self.stop()

    def stop(self) -> None:
        """Play nothing."""
        self._order: Play | None = None
        self._sound: SoundFile | None = None
        self._frames: list[bytes] = []
        # The next frame, and the first that the plain way does not give.
        self._place = self._limit = 0
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
        self._use(_ringing(self._codec))

    def use(self, codec: Codec, library: SoundLibrary) -> None:
        """Go on where we are, in another law; a sound that was evicted meanwhile is over."""
        if codec is self._codec:
            return
        self._codec = codec
        self._silence = SILENCE[codec] * FRAME_BYTES
        if self._is_ringing:
            self._use(_ringing(self._codec))
        if self._order is not None:
            try:
                self._load(self._order, library)
            except OSError:
                self._finish()

    def next_frame(self) -> bytes:
        """Return the next 20 ms."""
        place = self._place
        if place >= self._limit:
            return self._next_part()
        self._place = place + 1
        return self._frames[place]

    def _load(self, order: Play, library: SoundLibrary) -> None:
        self._sound = library.get(order.path, order.growing_path, Codec(order.codec), self._codec)
        self._order = order
        self._use(self._sound.frames)

    def _use(self, frames: list[bytes]) -> None:
        self._frames = frames
        # The last frame is not given the plain way: with it a sound ends or begins again.
        self._limit = len(frames) - 1

    def _next_part(self) -> bytes:
        """Return the next frame where the plain way ends: at a sound's end, at its growth, in silence."""
        place, sound = self._place, self._sound
        if sound is not None:
            sound.grow(place + 2)
        is_whole = sound is None or sound.is_whole
        # Another leg that plays the sound may have grown it as well.
        self._limit = len(self._frames) - 1
        frame = self._silence
        if place <= self._limit:
            frame = self._frames[place]
            self._place += 1
        elif not is_whole:
            self.underruns += 1
        if is_whole and self._place > self._limit and self._loops_left:
            self._begin_again()
        return frame

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
    turn = ringing(codec)
    return [turn[at : at + FRAME_BYTES] for at in range(0, len(turn), FRAME_BYTES)]
