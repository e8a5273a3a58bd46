"""A recording's WAV as MP3, by the LAME that PyAV brings (LGPL). Runs in the audio worker.

The stream has a constant rate and no header of its own, so that its length follows from its size and a player finds
every second by itself.
"""

from collections.abc import Iterable, Iterator

import av
from av.audio.codeccontext import AudioCodecContext
from av.audio.stream import AudioStream

from offhook.audio.errors import SoundNotAudio
from offhook.audio.waves import HEADER_BYTES, SAMPLE_BYTES, read_header

PIECE_S = 10
BITS_A_CHANNEL = {8_000: 24_000, 16_000: 40_000}
"""By the samples a second that our recorder writes: MPEG-2.5 and MPEG-2 have these rates, at once or doubled."""


def pressed(wav: bytes) -> Iterator[bytes]:
    """Yield an MP3 piece by piece. Raises SoundNotAudio for anything but a WAV file of our recorder."""
    header = read_header(wav[:HEADER_BYTES])
    if header is None or header.rate not in BITS_A_CHANNEL or header.channels not in (1, 2):
        raise SoundNotAudio("the recording is no WAV file of 16 bit with one or two channels and 8 or 16 kHz")
    layout = "mono" if header.channels == 1 else "stereo"
    encoder = _encoder(header.rate, layout, BITS_A_CHANNEL[header.rate] * header.channels)
    cut = av.AudioResampler("s16p", layout, header.rate, encoder.frame_size)
    frame_bytes = header.channels * SAMPLE_BYTES
    end = HEADER_BYTES + (len(wav) - HEADER_BYTES) // frame_bytes * frame_bytes
    for begin in range(HEADER_BYTES, end, PIECE_S * header.rate * frame_bytes):
        pcm = wav[begin : min(end, begin + PIECE_S * header.rate * frame_bytes)]
        frame = av.AudioFrame(format="s16", layout=layout, samples=len(pcm) // frame_bytes)
        frame.sample_rate = header.rate
        frame.planes[0].update(pcm)
        yield _packets(encoder, cut.resample(frame))
    yield _packets(encoder, cut.resample(None)) + _joined(encoder.encode(None))


def _encoder(rate: int, layout: str, bit_rate: int) -> AudioCodecContext:
    context = av.CodecContext.create("libmp3lame", "w")
    if not isinstance(context, AudioCodecContext):
        raise TypeError("libmp3lame is no audio codec")
    context.sample_rate = rate
    context.layout = layout
    context.format = "s16p"
    context.bit_rate = bit_rate
    # Each frame stands for itself: whoever begins in the middle hears the first one whole.
    context.options = {"reservoir": "0"}
    context.open()
    return context


def _packets(encoder: AudioCodecContext, frames: Iterable[av.AudioFrame]) -> bytes:
    return b"".join(_joined(encoder.encode(frame)) for frame in frames)


# Packets are generic in the stubs alone: hence the quotes.
def _joined(packets: "Iterable[av.Packet[AudioStream]]") -> bytes:
    return b"".join(bytes(packet) for packet in packets)
