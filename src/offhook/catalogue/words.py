"""The texts of pages as words, code, and codes that have a page of their own."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto

from offhook.catalogue.shelf import find

_CODE = re.compile(r"`([^`]+)`")


class Kind(Enum):
    """How a part of a text is to be drawn."""

    WORDS = auto()
    CODE = auto()
    LINK = auto()


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a text, without its backticks."""

    kind: Kind
    text: str


def parts(text: str, *, own: str = "") -> Iterator[Part]:
    """Take a text apart. Between backticks, what is a code of another page than `own` leads there.

    Codes of one word (`loop`, `timeout`) are words of the action language as well, and lead nowhere.
    """
    for place, piece in enumerate(_CODE.split(text)):
        if place % 2:
            is_link = "-" in piece and piece != own and find(piece) is not None
            yield Part(Kind.LINK if is_link else Kind.CODE, piece)
        elif piece:
            yield Part(Kind.WORDS, piece)
