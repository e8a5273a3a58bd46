"""The voice pico: en, de, es, fr and it, by py-nanotts (SVOX Pico). Runs in the audio worker.

Pico takes `<...>` as markup and its `<genfile>` writes files, so `text` leaves it no bracket; and the
worker may write no file at all.
"""

from importlib import import_module
from typing import Protocol

from offhook.audio import text
from offhook.audio.speech import VoiceFailed

# Louder clips.
VOLUME = 0.6
LOCALES = {
    "en": "en-US",
    "en-us": "en-US",
    "en-gb": "en-GB",
    "de": "de-DE",
    "es": "es-ES",
    "fr": "fr-FR",
    "it": "it-IT",
}


class _NanoTTS(Protocol):
    def speak(self, text: str, voice: str, *, volume: float) -> bytes: ...


class Pico:
    """Speaks six languages and accents; a `speech.Tongue`."""

    rate = 16_000

    def __init__(self, engine: _NanoTTS) -> None:
        self._engine = engine

    def sentences(self, said: str) -> list[str]:
        return text.sentences(said)

    def say(self, sentence: str, language: str, /) -> bytes:
        try:
            return self._engine.speak(sentence, LOCALES[language], volume=VOLUME)
        except RuntimeError as error:
            raise VoiceFailed(str(error)) from error


def load() -> Pico:
    """Load the engine; its languages are loaded anew for each sentence, in milliseconds."""
    # The package has no types; by name, its class is what we say it is.
    return Pico(import_module("py_nanotts").NanoTTS())
