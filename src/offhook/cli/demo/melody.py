"""The melody of the demo: what is played, and what must be heard."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Tone:
    """A sine wave of so many hertz and seconds."""

    hz: float
    seconds: float


MELODY = (Tone(523.25, 0.9), Tone(659.26, 0.9), Tone(783.99, 1.2))
"""C, E and G."""

MELODY_FILE = Path(__file__).with_name("melody.mp3")
"""The same as MP3, made by `scripts/make_melody.py`."""
