"""The voice heart: American English, by hibari-tts (extra `en`). Runs in the audio worker.

Only the voice inside the package is used: the others would be downloaded.
"""

from collections.abc import Iterable
from importlib import import_module
from typing import Protocol

from offhook.audio import text
from offhook.audio.floats import Samples, pcm16
from offhook.audio.speech import VoiceFailed

# As loud as pico: its own peaks are at a third of its scale.
FULL_SCALE = 0.5
# The noise in its breath; the same text must give the same bytes.
SEED = 0


class _Hibari(Protocol):
    def stream(self, text: str, *, seed: int) -> Iterable[Samples]: ...


class Heart:
    """Speaks English; a `speech.Tongue`."""

    rate = 24_000

    def __init__(self, engine: _Hibari) -> None:
        self._engine = engine

    def sentences(self, said: str) -> list[str]:
        return text.sentences(said)

    def say(self, sentence: str, _language: str, /) -> bytes:
        try:
            return b"".join(pcm16(piece, FULL_SCALE) for piece in self._engine.stream(sentence, seed=SEED))
        except (IndexError, KeyError, ValueError) as error:
            raise VoiceFailed(str(error)) from error


def load() -> Heart:
    """Load the model, which takes a second."""
    # The package has no types; by name, its class is what we say it is.
    return Heart(import_module("hibari").Hibari())
