"""What hosted rules say of one call, with the words that explain it to their author."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Rule(StrEnum):
    """Which part of the rules decided, in the words of their document, the first one that does so in front."""

    BLOCK = "block"
    ALLOW = "allow"
    ANONYMOUS = "anonymous"
    DATES = "dates"
    HOURS = "hours"
    DEFAULT = "default"
    """Nothing else did: it is open."""


@dataclass(frozen=True, slots=True)
class Decision:
    """The script to run (action text), the rule that chose it, and why. `local` is the moment in the rules' zone."""

    script: str
    rule: Rule
    why: str
    local: datetime
