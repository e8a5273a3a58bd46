"""The sound devices of this computer by PortAudio, which the extra `talk` brings (package sounddevice).

PortAudio calls us from a thread of its own, so that thread only moves bytes. Absent: a choice of devices; the
computer's settings say which are the usual ones.
"""

import asyncio
import contextlib
import sys
from collections import deque
from collections.abc import Callable
from importlib import import_module
from types import ModuleType
from typing import Protocol

from offhook.cli.errors import SoundDeviceMissing
from offhook.cli.talk.jitter import FRAME_BYTES, RATE

FRAMES_A_SECOND = 50
MOST_FRAMES = 10
"""So many frames wait on either side: 200 ms. Of more the oldest are dropped."""
LATENCY_S = 0.1
"""What the device may hold itself: with less the streams of a sound server run dry."""
STILL_S = 5.0
"""A device that gives nothing for so long is gone."""
PACKAGE = "sounddevice>=0.5,<0.6"
INSTALL = f"install it with: pip install '{PACKAGE}'"
LIBRARY = "install the library: on Debian and Ubuntu apt install libportaudio2"
DEVICES = "plug in a headset, or see what there is with: python -m sounddevice"


class Buffer(Protocol):
    """Bytes of PortAudio's own, which are gone when its call returns."""

    def __len__(self) -> int: ...

    def __bytes__(self) -> bytes: ...

    def __setitem__(self, place: slice, samples: bytes, /) -> None: ...


class _Stream(Protocol):
    """What we use of `sounddevice.RawInputStream` and `RawOutputStream`."""

    def start(self) -> None: ...

    def abort(self) -> None: ...

    def close(self) -> None: ...


class PortAudioDevice:
    """The usual microphone and loudspeaker; made within a running loop. Raises SoundDeviceMissing.

    Each is a stream of its own: where a sound server stands in between, one stream of both does not last.
    """

    def __init__(self) -> None:
        sounddevice = _load()
        self._loop = asyncio.get_running_loop()
        self._has_read = asyncio.Event()
        self._recorded: deque[bytes] = deque(maxlen=MOST_FRAMES)
        self._to_play: deque[bytes] = deque(maxlen=MOST_FRAMES)
        self._line = bytearray()
        self._error: type[Exception] = sounddevice.PortAudioError
        self._streams: list[_Stream] = []
        try:
            rate = _rate_of(sounddevice, "input")
            self._in = Resampler(rate, RATE)
            self._open(sounddevice.RawInputStream, rate, self._record)
            rate = _rate_of(sounddevice, "output")
            self._out = Resampler(RATE, rate)
            self._open(sounddevice.RawOutputStream, rate, self._play)
        except self._error as error:
            self.close()
            sentence = f"no microphone and loudspeaker can be opened: {error}"
            raise SoundDeviceMissing(sentence, hint=DEVICES) from None

    def _open(self, stream: Callable[..., _Stream], rate: int, callback: Callable[..., None]) -> None:
        opened = stream(
            samplerate=rate,
            blocksize=rate // FRAMES_A_SECOND,
            channels=1,
            dtype="int16",
            latency=LATENCY_S,
            callback=callback,
        )
        self._streams.append(opened)
        opened.start()

    async def read(self) -> bytes:
        """Wait for the next frame of the microphone."""
        while len(self._line) < FRAME_BYTES:
            if self._recorded:
                self._line += self._in.turn(self._recorded.popleft())
                continue
            self._has_read.clear()
            try:
                async with asyncio.timeout(STILL_S):
                    await self._has_read.wait()
            except TimeoutError:
                raise SoundDeviceMissing(f"the microphone gave nothing for {STILL_S:g} s", hint=DEVICES) from None
        frame = bytes(self._line[:FRAME_BYTES])
        del self._line[:FRAME_BYTES]
        return frame

    def write(self, frame: bytes) -> None:
        """Let a frame sound next."""
        self._to_play.append(self._out.turn(frame))

    def close(self) -> None:
        """Let go of the device."""
        for stream in self._streams:
            with contextlib.suppress(self._error):
                stream.abort()
                stream.close()

    def _record(self, recorded: Buffer, _frames: int, _time: object, _status: object) -> None:
        """Keep what was recorded; called by PortAudio's thread."""
        self._recorded.append(bytes(recorded))
        # The loop may be closing: what is recorded then is heard by nobody.
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._has_read.set)

    def _play(self, played: Buffer, _frames: int, _time: object, _status: object) -> None:
        """Give what is to be played, or silence; called by PortAudio's thread."""
        frame = self._to_play.popleft() if self._to_play else b""
        size = len(played)
        played[:] = frame[:size] + bytes(max(0, size - len(frame)))


class Resampler:
    """From one rate to another, one stream of samples (signed 16 bits, little endian, mono)."""

    def __init__(self, source: int, target: int) -> None:
        self._source = source
        self._is_same = source == target
        if not self._is_same:
            # FFmpeg is loaded by whoever needs it: most devices take 8 kHz.
            import av

            self._av = av
            self._resampler = av.AudioResampler("s16", "mono", target)

    def turn(self, samples: bytes) -> bytes:
        """Return the samples that follow; a few are held back until more come."""
        if self._is_same or not samples:
            return samples
        frame = self._av.AudioFrame(format="s16", layout="mono", samples=len(samples) // 2)
        frame.sample_rate = self._source
        frame.planes[0].update(_native(samples))
        turned = self._resampler.resample(frame)
        return _native(b"".join(bytes(one.planes[0])[: 2 * one.samples] for one in turned))


def _load() -> ModuleType:
    try:
        return import_module("sounddevice")
    except ImportError:
        raise SoundDeviceMissing("the package sounddevice is not installed", hint=INSTALL) from None
    except OSError as error:
        raise SoundDeviceMissing(f"PortAudio cannot be loaded: {error}", hint=LIBRARY) from None


def _rate_of(sounddevice: ModuleType, kind: str) -> int:
    """Return 8 kHz if a device takes it, or else its own rate."""
    check = sounddevice.check_input_settings if kind == "input" else sounddevice.check_output_settings
    try:
        check(channels=1, dtype="int16", samplerate=RATE)
    except sounddevice.PortAudioError:
        return round(float(sounddevice.query_devices(kind=kind)["default_samplerate"]))
    return RATE


def _native(samples: bytes) -> bytes:
    """Turn samples from little endian into the machine's order, or back: PortAudio and FFmpeg know only that."""
    if sys.byteorder == "little":
        return samples
    from array import array

    turned = array("h", samples)
    turned.byteswap()
    return turned.tobytes()
