"""How text of unknown origin is shown on a terminal: nothing in it acts, and every column is known."""

import re
from unicodedata import category, east_asian_width

_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
# Characters that turn the direction of what follows could make a drawn line lie.
_TURNING = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_LONGEST_WORD = 60
_LOGIN = re.compile(r"(?<=://)[^/?#\s\"\\@\x00-\x1f\x7f-\x9f\ud800-\udfff]++(?=@)")


def visible(text: str) -> str:
    """Return text of the same length without control characters, tabs (a blank) and turned directions."""
    return "".join(map(_visible, text))


def without_logins(text: str) -> str:
    """Return text of the same length in which asterisks stand for the user and the password of each URL."""
    return _LOGIN.sub(lambda login: "*" * len(login[0]), text)


def width(text: str) -> int:
    """Return how many terminal columns visible text takes (Unicode Standard Annex #11)."""
    return sum(map(_width, text))


def quoted(word: str) -> str:
    """Return a word of the text in quotes, as sentences show it; a long one is cut."""
    return f'"{shortened(word)}"'


def shortened(word: str) -> str:
    """Return a word for a sentence or a hint: visible, and cut when it is long."""
    return visible(word if len(word) <= _LONGEST_WORD else word[: _LONGEST_WORD - 1] + "…")


def _visible(character: str) -> str:
    if character == "\t":
        return " "
    # Controls, surrogates, line and paragraph separators: none may reach a terminal.
    if character in _TURNING or category(character) in {"Cc", "Cs", "Zl", "Zp"}:
        return _REPLACEMENT
    return character


def _width(character: str) -> int:
    if category(character) in {"Mn", "Me", "Cf"}:
        return 0
    return 2 if east_asian_width(character) in {"W", "F"} else 1
