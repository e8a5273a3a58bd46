"""The sound devices of this computer by PortAudio, which the extra `talk` brings (package sounddevice).

PortAudio calls us from a thread of its own, so that thread only moves bytes. Absent: a choice of devices; the
computer's settings say which are the usual ones.
"""

import asyncio
import contextlib
import sys
from collections import deque
from importlib import import_module
from types import ModuleType
from typing import Any, Protocol

from offhook.cli.errors import SoundDeviceMissing
from offhook.cli.talk.jitter import FRAME_BYTES, RATE

FRAMES_A_SECOND = 50
MOST_FRAMES = 5
"""So many frames wait on either side: 100 ms. Of more the oldest are dropped."""
STILL_S = 5.0
"""A device that gives nothing for so long is gone."""
INSTALL = "install it with: pip install 'offhook[talk]'"
LIBRARY = "install the library: on Debian and Ubuntu apt install libportaudio2"
DEVICES = "plug in a headset, or see what there is with: python -m sounddevice"


class _Stream(Protocol):
    """What we use of `sounddevice.RawStream`."""

    def start(self) -> None: ...

    def abort(self) -> None: ...

    def close(self) -> None: ...


class PortAudioDevice:
    """The usual microphone and loudspeaker; made within a running loop. Raises SoundDeviceMissing."""

    def __init__(self) -> None:
        sounddevice = _load()
        self._loop = asyncio.get_running_loop()
        self._has_read = asyncio.Event()
        self._recorded: deque[bytes] = deque(maxlen=MOST_FRAMES)
        self._to_play: deque[bytes] = deque(maxlen=MOST_FRAMES)
        self._error: type[Exception] = sounddevice.PortAudioError
        try:
            self._rate = _rate_of(sounddevice)
            self._stream: _Stream = sounddevice.RawStream(
                samplerate=self._rate,
                blocksize=self._rate // FRAMES_A_SECOND,
                channels=1,
                dtype="int16",
                latency="low",
                callback=self._move,
            )
            self._stream.start()
        except self._error as error:
            raise _no_device(error) from None
        self._in = Resampler(self._rate, RATE)
        self._out = Resampler(RATE, self._rate)
        self._line = bytearray()

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
        with contextlib.suppress(self._error):
            self._stream.abort()
            self._stream.close()

    def _move(self, recorded: Any, played: Any, _frames: int, _time: object, _status: object) -> None:
        """Move what was recorded and what is to be played; called by PortAudio's thread."""
        self._recorded.append(bytes(recorded))
        frame = self._to_play.popleft() if self._to_play else b""
        size = len(played)
        played[:] = frame[:size] + bytes(max(0, size - len(frame)))
        # The loop may be closing: what is recorded then is heard by nobody.
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._has_read.set)


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


def _rate_of(sounddevice: ModuleType) -> int:
    """Return 8 kHz if both devices take it, or else the microphone's own rate."""
    wish = {"channels": 1, "dtype": "int16", "samplerate": RATE}
    try:
        sounddevice.check_input_settings(**wish)
        sounddevice.check_output_settings(**wish)
    except sounddevice.PortAudioError:
        return round(float(sounddevice.query_devices(kind="input")["default_samplerate"]))
    return RATE


def _no_device(error: Exception) -> SoundDeviceMissing:
    return SoundDeviceMissing(f"no microphone and loudspeaker can be opened: {error}", hint=DEVICES)


def _native(samples: bytes) -> bytes:
    """Turn samples from little endian into the machine's order, or back: PortAudio and FFmpeg know only that."""
    if sys.byteorder == "little":
        return samples
    from array import array

    turned = array("h", samples)
    turned.byteswap()
    return turned.tobytes()
