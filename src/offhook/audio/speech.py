"""A text to PCM, sentence by sentence. Runs in the audio worker.

A voice says one sentence as PCM of its own rate; here it is trimmed, resampled and lined up with
pauses. Voices are loaded when they first speak.
"""

from array import array
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from typing import Protocol

from offhook.audio import english, japanese
from offhook.audio.encoder import RATE
from offhook.audio.errors import SoundNotAudio, SoundTooLong
from offhook.audio.resample import resampled

# The voices add up to 350 ms before and 850 ms after a sentence. Below -46 dB of full scale nothing is heard.
SILENT_BELOW = 160
LEAD_SAMPLES = RATE * 60 // 1000
TAIL_SAMPLES = RATE * 150 // 1000
PAUSE = bytes(2 * RATE * 200 // 1000)


class VoiceFailed(Exception):
    """A voice could not say a sentence; it stays usable."""


class Tongue(Protocol):
    """A loaded voice: what each of the modules pico, heart and mei has."""

    rate: int

    def sentences(self, text: str) -> list[str]:
        """Cut a text into pieces that this voice can say."""
        ...

    def say(self, sentence: str, language: str, /) -> bytes:
        """Return PCM (mono, signed 16 bit, native order) of `rate`; raises VoiceFailed."""
        ...


def speak(text: str, voice: str, language: str, longest_s: float) -> Iterator[bytes]:
    """Yield a text as PCM (16 kHz, mono, signed 16 bit, native order), one sentence at a time.

    A text without anything to read (blanks, emoji) is a short silence: an empty field in a customer's
    template must not end a call. Raises SoundNotAudio, SoundTooLong.
    """
    tongue = load(voice)
    given = 0
    for sentence in tongue.sentences(_in_words(text, language)):
        try:
            pcm = trimmed(resampled(tongue.say(sentence, language), tongue.rate))
        except VoiceFailed:
            raise SoundNotAudio(f"the voice {voice!r} cannot say {sentence[:40]!r}") from None
        if pcm and given:
            pcm = PAUSE + pcm
        given += len(pcm) // 2
        if given > longest_s * RATE:
            raise SoundTooLong(f"the text takes longer than {longest_s:g} s to read")
        yield pcm
    if not given:
        yield PAUSE


def _in_words(text: str, language: str) -> str:
    """Return a text whose figures are read as people say them, in the languages that we know that of."""
    if language == "ja":
        return japanese.spoken(text)
    return english.spoken(text, language) if language.partition("-")[0] == "en" else text


@cache
def load(voice: str) -> Tongue:
    """Return the voice of this name, loaded once. Its module and the package under it are only imported now."""
    tongue: Tongue = import_module(f"offhook.audio.{voice}").load()
    return tongue


def trimmed(pcm: bytes) -> bytes:
    """Cut the silence around PCM of 16 kHz down to 60 ms before and 150 ms after; all silence is nothing."""
    samples = array("h", pcm)
    first = next((at for at, sample in enumerate(samples) if abs(sample) > SILENT_BELOW), None)
    if first is None:
        return b""
    last = next(at for at in range(len(samples) - 1, -1, -1) if abs(samples[at]) > SILENT_BELOW)
    return samples[max(0, first - LEAD_SAMPLES) : last + TAIL_SAMPLES].tobytes()
