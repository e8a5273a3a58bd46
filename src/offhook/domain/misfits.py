"""Why what two ends say about their sound does not fit together, as the engine finds it and a cause tells it."""

from dataclasses import dataclass
from enum import StrEnum


class Misfit(StrEnum):
    """What it is about an offer or an answer that cannot be used."""

    UNREADABLE = "unreadable"
    MISSING = "missing"
    NO_SOUND = "no-sound"
    TURNED_DOWN = "turned-down"
    CODECS = "codecs"
    FAMILY = "address-family"
    IN_THE_CLEAR = "in-the-clear"
    SEALED = "sealed"
    KEYS = "keys"
    TRANSPORT = "transport"


@dataclass(frozen=True, slots=True)
class Found:
    """A misfit in words: `text` is what stands behind whose description it is, as in `offers G729, and ...`."""

    misfit: Misfit
    text: str
