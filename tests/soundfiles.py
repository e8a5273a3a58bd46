"""Files as customers have them, good and bad: MP3, WAV, FLAC and OGG of any rate, and WAV headers that lie."""

import io
import struct
import wave

import av
import lameenc
import numpy as np
from numpy.typing import NDArray

# Where a WAV header of 44 bytes holds the length of the file and of its samples.
RIFF_SIZE, DATA_SIZE = 4, 40


def sine(hz: float, seconds: float, rate: int = 44_100) -> NDArray[np.int16]:
    """Make a sine wave at a third of full scale (one channel, signed 16 bits)."""
    return (np.sin(2 * np.pi * hz * np.arange(round(seconds * rate)) / rate) * 10_000).astype(np.int16)


def mp3(samples: NDArray[np.int16], rate: int = 44_100, kbits: int = 64) -> bytes:
    """Encode samples as MP3, one channel."""
    encoder = lameenc.Encoder()
    encoder.set_bit_rate(kbits)
    encoder.set_in_sample_rate(rate)
    encoder.set_channels(1)
    encoder.silence()
    return bytes(encoder.encode(samples.tobytes()) + encoder.flush())


def wav(data: bytes, rate: int = 8_000, channels: int = 1, width: int = 2, claimed_bytes: int | None = None) -> bytes:
    """Write a WAV file; its header claims as many bytes of samples as it is told."""
    with io.BytesIO() as file:
        with wave.open(file, "wb") as writer:
            writer.setnchannels(channels)
            writer.setsampwidth(width)
            writer.setframerate(rate)
            writer.writeframes(data)
        made = bytearray(file.getvalue())
    if claimed_bytes is not None:
        made[DATA_SIZE : DATA_SIZE + 4] = struct.pack("<I", claimed_bytes)
        made[RIFF_SIZE : RIFF_SIZE + 4] = struct.pack("<I", claimed_bytes + 36)
    return bytes(made)


def contained(container: str, codec: str, samples: NDArray[np.int16], rate: int = 48_000) -> bytes:
    """Encode samples (one channel) with a codec of PyAV into one of its containers."""
    with io.BytesIO() as file:
        with av.open(file, "w", format=container) as output:
            stream = output.add_stream(codec, rate=rate)
            assert isinstance(stream, av.AudioStream)
            stream.codec_context.layout = "mono"
            frame = av.AudioFrame("s16", "mono", len(samples))
            frame.sample_rate = rate
            frame.planes[0].update(samples.tobytes())
            frame.pts = 0
            shape = stream.codec_context.format.name
            resampler = av.AudioResampler(shape, "mono", rate, stream.codec_context.frame_size or 1024)
            for part in (*resampler.resample(frame), *resampler.resample(None), None):
                output.mux(stream.encode(part))
        return file.getvalue()
