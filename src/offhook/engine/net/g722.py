"""G.722 at 64 kbit/s to and from G.711 (8 kHz) and linear samples (16 kHz, mono, 16 bit), by the codec of PyAV.

Each converter belongs to one stream: the codec adapts, and its filters remember. It gives a byte for each byte that it
takes, a little later: the filters hold 2 ms back, and up to 20 ms more where packets are no whole frames of 20 ms.
"""

from array import array
from collections.abc import Iterable
from sys import byteorder

import av
from av.audio.codeccontext import AudioCodecContext
from av.audio.stream import AudioStream

from offhook.domain.sounds import Codec
from offhook.engine.media.codecs import SILENCE
from offhook.engine.media.g711 import from_linear16, to_linear16

WIDE_HZ = 16_000
NARROW_HZ = 8_000
FRAME_BYTES = 160
"""The encoder makes whole frames of 20 ms."""

HELD_SAMPLES = 32
"""So much of 16 kHz is held back by the filter between the rates: half of it comes before a sample, half behind."""


class FromLaw:
    """G.711 to G.722."""

    def __init__(self, law: Codec) -> None:
        self._law = law
        self._widened = av.AudioResampler("s16", "mono", WIDE_HZ)
        self._encoder = _encoder()
        self._line = _Line(Codec.G722)
        # What the filter holds back, so that a frame is whole when its packet is.
        self._encoder.encode(_frame(bytes(2 * HELD_SAMPLES), WIDE_HZ))
        self._has_begun = False

    def turn(self, payload: bytes) -> bytes:
        """Return the next bytes of G.722, as many as came."""
        if not self._has_begun:
            self._has_begun = True
            if len(payload) % FRAME_BYTES:
                self._line.add(SILENCE[Codec.G722] * FRAME_BYTES)
        for frame in self._widened.resample(_frame(to_linear16(payload, self._law), NARROW_HZ)):
            self._line.add(_joined(self._encoder.encode(frame)))
        return self._line.take(len(payload))


class ToLaw:
    """G.722 to G.711."""

    def __init__(self, law: Codec) -> None:
        self._law = law
        self._decoder = _decoder()
        self._narrowed = av.AudioResampler("s16", "mono", NARROW_HZ)
        self._line = _Line(law)

    def turn(self, payload: bytes) -> bytes:
        """Return the next codes, as many as bytes came."""
        for frame in self._decoder.decode(av.Packet(payload)):
            frame.pts = None
            samples = _samples(self._narrowed.resample(frame))
            self._line.add(from_linear16(samples, self._law))
        return self._line.take(len(payload))


class Decoder:
    """G.722 to linear samples of 16 kHz."""

    def __init__(self) -> None:
        self._decoder = _decoder()

    def decode(self, payload: bytes) -> bytes:
        """Return two samples for each byte: 16 bit, little endian."""
        return _samples(self._decoder.decode(av.Packet(payload))) if payload else b""


def encode(samples: bytes) -> bytes:
    """Encode a whole sound of linear samples (16 kHz, 16 bit, little endian); its last frame is filled with silence."""
    whole = samples + bytes(-len(samples) % (4 * FRAME_BYTES))
    return _joined(_encoder().encode(_frame(whole, WIDE_HZ)))


class _Line:
    """Bytes that wait for their turn; silence stands in, once, for what a filter holds back."""

    def __init__(self, codec: Codec) -> None:
        self._silence = SILENCE[codec]
        self._waiting = b""

    def add(self, made: bytes) -> None:
        self._waiting += made

    def take(self, count: int) -> bytes:
        lacking = count - len(self._waiting)
        if lacking > 0:
            self._waiting = self._silence * lacking + self._waiting
        taken, self._waiting = self._waiting[:count], self._waiting[count:]
        return taken


def _encoder() -> AudioCodecContext:
    encoder = _open("w")
    encoder.sample_rate = WIDE_HZ
    encoder.layout = "mono"
    encoder.format = "s16"
    return encoder


def _decoder() -> AudioCodecContext:
    return _open("r")


def _open(mode: str) -> AudioCodecContext:
    context = av.CodecContext.create("g722", "w" if mode == "w" else "r")
    if not isinstance(context, AudioCodecContext):
        raise TypeError("g722 is no audio codec")
    return context


def _frame(samples: bytes, rate: int) -> av.AudioFrame:
    frame = av.AudioFrame(format="s16", layout="mono", samples=len(samples) // 2)
    frame.sample_rate = rate
    frame.planes[0].update(_native(samples))
    return frame


def _samples(frames: Iterable[av.AudioFrame]) -> bytes:
    return _native(b"".join(bytes(frame.planes[0])[: 2 * frame.samples] for frame in frames))


def _native(samples: bytes) -> bytes:
    """Turn 16-bit samples from little endian into the machine's order, or back."""
    if byteorder == "little":
        return samples
    turned = array("h", samples)
    turned.byteswap()
    return turned.tobytes()


# Packets are generic in the stubs alone: hence the quotes.
def _joined(packets: "Iterable[av.Packet[AudioStream]]") -> bytes:
    return b"".join(bytes(packet) for packet in packets)
