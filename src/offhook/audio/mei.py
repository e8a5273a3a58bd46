"""The voice mei: Japanese, by pyopenjtalk-plus (extra `ja`). Runs in the audio worker."""

from collections.abc import Callable
from importlib import import_module

from offhook.audio import text
from offhook.audio.floats import Samples, pcm16
from offhook.audio.speech import VoiceFailed

# Its floats are on the scale of 16 bit, and long vowels may run far beyond it.
FULL_SCALE = 32768.0


class Mei:
    """Speaks Japanese; a `speech.Tongue`."""

    rate = 48_000

    def __init__(self, tts: Callable[[str], tuple[Samples, int]]) -> None:
        self._tts = tts

    def sentences(self, said: str) -> list[str]:
        return text.japanese_sentences(said)

    def say(self, sentence: str, _language: str, /) -> bytes:
        try:
            samples, _ = self._tts(sentence)
        except (RuntimeError, ValueError) as error:
            raise VoiceFailed(str(error)) from error
        return pcm16(samples, FULL_SCALE)


def load() -> Mei:
    """Load the dictionary and the voice."""
    # The package may be absent where types are checked; by name, its function is what we say it is.
    return Mei(import_module("pyopenjtalk").tts)
