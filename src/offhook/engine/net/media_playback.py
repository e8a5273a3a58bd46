"""What one leg plays: a sound, a ringing tone or silence, in frames of 20 ms.

`next_frame` runs for every packet. A sound may still grow while it is played: silence stands in for
what is late, and nothing is left out.
"""

from collections.abc import Callable
from math import inf

from offhook.domain.sounds import Codec
from offhook.engine.media.g711 import SILENCE
from offhook.engine.media.tones import ringing
from offhook.engine.net.orders import Finished, Play
from offhook.engine.net.sound_files import SoundFile, SoundLibrary

FRAME_BYTES = 160
"""20 ms of G.711."""


class Playback:
    """Frames in the codec that was agreed on; `underruns` counts those of silence that stood in for late samples."""

    __slots__ = (
        "_codec",
        "_is_ringing",
        "_leg",
        "_limit",
        "_loops_left",
        "_order",
        "_position",
        "_samples",
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
        self._samples: bytes | bytearray = b""
        self._position = self._limit = 0
        self._loops_left = 0.0
        self._is_ringing = False

    def play(self, order: Play, library: SoundLibrary) -> None:
        """Play a sound instead. Raises `OSError` when its file is gone; then what plays goes on."""
        self._load(order, library)
        self._position = 0
        self._loops_left = order.loop
        self._is_ringing = False
        self.underruns = 0

    def ring(self) -> None:
        """Play the ringing tone instead, for ever."""
        self.stop()
        self._is_ringing = True
        self._samples = ringing(self._codec)
        self._limit = len(self._samples)
        self._loops_left = inf

    def use(self, codec: Codec, library: SoundLibrary) -> None:
        """Go on where we are, in another law; a sound that was evicted meanwhile is over."""
        if codec is self._codec:
            return
        self._codec = codec
        self._silence = SILENCE[codec] * FRAME_BYTES
        if self._is_ringing:
            self._samples = ringing(codec)
        if self._order is not None:
            try:
                self._load(self._order, library)
            except OSError:
                self._finish()

    def next_frame(self) -> bytes | bytearray:
        """Return the next 20 ms."""
        end = self._position + FRAME_BYTES
        if end >= self._limit:
            return self._next_part()
        frame = self._samples[self._position : end]
        self._position = end
        return frame

    def _load(self, order: Play, library: SoundLibrary) -> None:
        self._sound = library.get(order.path, order.growing_path, Codec(order.codec), self._codec)
        self._samples = self._sound.data
        self._limit = len(self._samples)
        self._order = order

    def _next_part(self) -> bytes | bytearray:
        """Return the next frame where the plain slice ends: the sound's end, its growth, or silence."""
        sound, end = self._sound, self._position + FRAME_BYTES
        if sound is not None:
            sound.grow()
            # Another leg that plays the sound may have grown it as well.
            self._limit = len(sound.data)
            if end > self._limit and not sound.is_whole:
                self.underruns += 1
                return self._silence
        elif not self._is_ringing:
            return self._silence
        frame = self._samples[self._position : end]
        self._position = end
        if end >= self._limit and (sound is None or sound.is_whole):
            self._begin_again()
        missing = FRAME_BYTES - len(frame)
        return frame + self._silence[:missing] if missing else frame

    def _begin_again(self) -> None:
        self._loops_left -= 1
        self._position = 0
        if self._loops_left <= 0:
            self._finish()

    def _finish(self) -> None:
        order = self._order
        self.stop()
        if order is not None:
            self._tell(Finished(self._leg, order.key, self.underruns))
