"""Strangers: sources that no trunk names, whose messages were dropped."""

from dataclasses import dataclass
from datetime import datetime

MOST_STRANGERS = 100
"""Those that a node keeps, and that are shown of all nodes."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """What was heard of a source since the last time: how many messages, and how the latest of them began."""

    address: str
    first_line: str
    count: int
    first_at: datetime
    last_at: datetime


@dataclass(frozen=True, slots=True)
class Stranger:
    """A source as these nodes know it together."""

    address: str
    first_line: str
    count: int
    first_at: datetime
    last_at: datetime
    nodes: tuple[str, ...]

    @property
    def source(self) -> str:
        """The network that holds this address alone."""
        return source_of(self.address)


def source_of(address: str) -> str:
    """Return an address as the source of a trunk."""
    return f"{address}/{128 if ':' in address else 32}"
