"""What our own phones tell of a call."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that happened to a call: milliseconds since it was dialled or came in, and a sentence."""

    at_ms: float
    text: str
