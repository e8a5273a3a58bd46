"""Test sounds: sine waves as samples (8,000 Hz, one channel, signed 16 bits), WAV and MP3."""

import wave
from pathlib import Path

import lameenc
import numpy as np
from numpy.typing import NDArray

RATE = 8000


def tone(frequency_hz: float, seconds: float, *, level: float = 0.3) -> NDArray[np.int16]:
    """Make a sine wave; `level` is its part of full scale."""
    time_s = np.arange(round(seconds * RATE)) / RATE
    return (np.sin(2 * np.pi * frequency_hz * time_s) * level * 32767).astype(np.int16)


def sweep(first_hz: float, last_hz: float, seconds: float, *, level: float = 0.3) -> NDArray[np.int16]:
    """Make a sine wave whose frequency rises or falls evenly: no part of it is like another."""
    time_s = np.arange(round(seconds * RATE)) / RATE
    turns = first_hz * time_s + (last_hz - first_hz) * time_s**2 / (2 * seconds)
    return (np.sin(2 * np.pi * turns) * level * 32767).astype(np.int16)


def write_wav(path: Path, samples: NDArray[np.int16]) -> Path:
    """Write samples into a WAV file and return its path."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(samples.tobytes())
    return path


def mp3_of(samples: NDArray[np.int16]) -> bytes:
    """Encode samples as MP3, 32 kbit/s."""
    encoder = lameenc.Encoder()
    encoder.set_bit_rate(32)
    encoder.set_in_sample_rate(RATE)
    encoder.set_channels(1)
    encoder.silence()
    return bytes(encoder.encode(samples.tobytes()) + encoder.flush())
