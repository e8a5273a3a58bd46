"""PCM to every codec that callers speak, by the encoders of PyAV. Runs in the audio worker.

All are made of one decode because that costs 2 ms a second of sound; to find another codec later would
cost a second download or a second quantisation.
"""

from collections.abc import Iterable, Iterator

import av
from av.audio.codeccontext import AudioCodecContext
from av.audio.stream import AudioStream

from offhook.audio.encoded import NOTHING, Encoded

RATE = 16_000
"""Of what is decoded and spoken, in samples a second: as much as G.722 holds."""

NARROW_RATE = 8_000

# G.722 is encoded in frames of 20 ms.
_FRAME_SAMPLES = RATE // 50


def encoded(pieces: Iterable[bytes]) -> Iterator[Encoded]:
    """Encode one sound piece by piece (PCM of 16 kHz, mono, signed 16 bit, native order)."""
    encoder = Encoder()
    for pcm in pieces:
        yield encoder.encode(pcm)
    yield encoder.finish()


class Encoder:
    """Encodes one sound. What its filters hold back comes with later pieces, and in the end with `finish`."""

    def __init__(self) -> None:
        self._laws = Laws()
        self._narrowed = av.AudioResampler("s16", "mono", NARROW_RATE)
        self._wide = _open("g722", RATE)
        self._samples = 0
        self._given = 0
        self._pcmu, self._pcma, self._g722 = bytearray(), bytearray(), bytearray()

    def encode(self, pcm: bytes) -> Encoded:
        """Return what is ready once this piece has come."""
        if pcm:
            self._samples += len(pcm) // 2
            self._add_wide(pcm)
            self._add_narrow(_pcm_of(self._narrowed.resample(pcm_frame(pcm, RATE))))
        return self._take(min(len(self._pcmu), len(self._g722)))

    def finish(self) -> Encoded:
        """Return the rest."""
        if not self._samples:
            return NOTHING
        self._add_narrow(_pcm_of(self._narrowed.resample(None)))
        # Silence brings out the last frame; its own codes are cut off.
        self._add_wide(bytes(2 * _FRAME_SAMPLES))
        rest = (self._samples + 1) // 2 - self._given
        self._add_narrow(bytes(2 * max(0, rest - len(self._pcmu))))
        return self._take(rest)

    def _add_wide(self, pcm: bytes) -> None:
        self._g722 += _joined(self._wide.encode(pcm_frame(pcm, RATE)))

    def _add_narrow(self, pcm: bytes) -> None:
        pcmu, pcma = self._laws.encode(pcm)
        self._pcmu += pcmu
        self._pcma += pcma

    def _take(self, count: int) -> Encoded:
        piece = Encoded(bytes(self._pcmu[:count]), bytes(self._pcma[:count]), bytes(self._g722[:count]))
        for kept in (self._pcmu, self._pcma, self._g722):
            del kept[:count]
        self._given += count
        return piece


class Laws:
    """Encodes PCM of 8 kHz (mono, signed 16 bit, native order) in both laws of G.711."""

    def __init__(self) -> None:
        self._pcmu = _open("pcm_mulaw", NARROW_RATE)
        self._pcma = _open("pcm_alaw", NARROW_RATE)

    def encode(self, pcm: bytes) -> tuple[bytes, bytes]:
        """Return the codes as PCMU and as PCMA."""
        if not pcm:
            return b"", b""
        frame = pcm_frame(pcm, NARROW_RATE)
        return _joined(self._pcmu.encode(frame)), _joined(self._pcma.encode(frame))


def pcm_frame(pcm: bytes, rate: int) -> av.AudioFrame:
    """Wrap PCM (mono, signed 16 bit, native order) as a frame of PyAV."""
    frame = av.AudioFrame(format="s16", layout="mono", samples=len(pcm) // 2)
    frame.sample_rate = rate
    frame.planes[0].update(pcm)
    return frame


def _open(name: str, rate: int) -> AudioCodecContext:
    context = av.CodecContext.create(name, "w")
    if not isinstance(context, AudioCodecContext):
        raise TypeError(f"{name} is no audio codec")
    context.sample_rate = rate
    context.layout = "mono"
    context.format = "s16"
    return context


def _pcm_of(frames: list[av.AudioFrame]) -> bytes:
    return b"".join(bytes(frame.planes[0])[: frame.samples * 2] for frame in frames)


# Packets are generic in the stubs alone: hence the quotes.
def _joined(packets: "Iterable[av.Packet[AudioStream]]") -> bytes:
    return b"".join(bytes(packet) for packet in packets)
