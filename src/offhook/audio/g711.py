"""PCM to raw G.711, both laws at once, by the encoders of PyAV. Runs in the audio worker.

Both laws are made of one decode because that costs 20 us a second of sound; to find the other law
later would cost a second download or a second quantisation.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import av
from av.audio.codeccontext import AudioCodecContext
from av.audio.stream import AudioStream

RATE = 8_000


@dataclass(frozen=True, slots=True)
class Encoded:
    """The same samples (8 kHz, mono, one byte each) in both laws; equally long."""

    pcmu: bytes
    pcma: bytes

    def after(self, samples: int) -> "Encoded":
        """Return what follows the first `samples` samples."""
        return Encoded(self.pcmu[samples:], self.pcma[samples:])


class Encoder:
    """Encodes PCM (8 kHz, mono, signed 16 bit, native order)."""

    def __init__(self) -> None:
        self._pcmu = _open("pcm_mulaw")
        self._pcma = _open("pcm_alaw")

    def encode(self, pcm: bytes) -> Encoded:
        if not pcm:
            return Encoded(b"", b"")
        frame = pcm_frame(pcm, RATE)
        return Encoded(_joined(self._pcmu.encode(frame)), _joined(self._pcma.encode(frame)))


def pcm_frame(pcm: bytes, rate: int) -> av.AudioFrame:
    """Wrap PCM (mono, signed 16 bit, native order) as a frame of PyAV."""
    frame = av.AudioFrame(format="s16", layout="mono", samples=len(pcm) // 2)
    frame.sample_rate = rate
    frame.planes[0].update(pcm)
    return frame


def _open(name: str) -> AudioCodecContext:
    context = av.CodecContext.create(name, "w")
    if not isinstance(context, AudioCodecContext):
        raise TypeError(f"{name} is no audio codec")
    context.sample_rate = RATE
    context.layout = "mono"
    context.format = "s16"
    return context


# Packets are generic in the stubs alone: hence the quotes.
def _joined(packets: "Iterable[av.Packet[AudioStream]]") -> bytes:
    return b"".join(bytes(packet) for packet in packets)
