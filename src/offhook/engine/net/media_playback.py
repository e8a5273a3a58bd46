"""What one leg plays: a sound, a ringing tone or silence, in frames as long as the peer wants its packets.

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
"""So many frames of silence are sent between two decisions: 10 s of frames of 20 ms."""


class Playback:
    """Frames in the codec that was agreed on; `underruns` counts those of silence that stood in for late samples."""

    __slots__ = (
        "_codec",
        "_frame_bytes",
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
        self._frame_bytes = FRAME_BYTES
        self._silences = _silence(Codec.PCMU, FRAME_BYTES)
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
        self._frames = _ringing(self._codec, self._frame_bytes)

    def use(self, codec: Codec, library: SoundLibrary, frame_bytes: int = FRAME_BYTES) -> None:
        """Go on where we are, in another codec or other frames; a sound that was evicted meanwhile is over."""
        if codec is self._codec and frame_bytes == self._frame_bytes:
            return
        self._place = self._place * self._frame_bytes // frame_bytes
        self._codec, self._frame_bytes = codec, frame_bytes
        self._silences = _silence(codec, frame_bytes)
        if self._is_ringing:
            self._frames = _ringing(self._codec, self._frame_bytes)
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
        """Return the next frame: at a sound's end, at its growth, or anywhere."""
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
        self._sound = library.get(order.path, order.growing_path, Codec(order.codec), self._codec, self._frame_bytes)
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
def _ringing(codec: Codec, frame_bytes: int) -> list[bytes]:
    turn = ringing_turn(codec)
    # A pause that is a little longer makes the last frame whole.
    turn += SILENCE[codec] * (-len(turn) % frame_bytes)
    return [turn[at : at + frame_bytes] for at in range(0, len(turn), frame_bytes)]


@cache
def _silence(codec: Codec, frame_bytes: int) -> list[bytes]:
    return [SILENCE[codec] * frame_bytes] * SILENCES
