"""How trunks fare: whether a gateway is up and a registration holds, as each node sees it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Kind(StrEnum):
    """What of a trunk is up or down."""

    GATEWAY = "gateway"
    REGISTRATION = "registration"


@dataclass(frozen=True, slots=True)
class Observed:
    """What a node knows at this moment; the text says until when, or why not."""

    trunk: str
    kind: Kind
    is_up: bool
    text: str


@dataclass(frozen=True, slots=True)
class TrunkState:
    """What a node knows, and since when."""

    node: str
    trunk: str
    kind: Kind
    is_up: bool
    text: str
    since: datetime
