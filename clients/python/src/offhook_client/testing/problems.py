"""What is wrong with an answer: a stable code, where it stands, and a sentence; drawn with carets under the line."""

from collections.abc import Sequence
from dataclasses import dataclass
from unicodedata import category, east_asian_width

_WIDEST = 100
_BEFORE = 40
_INDENT = "    "


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake. `code`, `line` and `column` (from 1, in characters) are those that the platform tells."""

    code: str
    line: int
    column: int
    length: int
    sentence: str
    is_warning: bool = False

    def drawn(self, lines: Sequence[str]) -> str:
        """Draw the mistake below its line, of which a long one is cut."""
        line = lines[self.line - 1] if self.line <= len(lines) else ""
        start = self.column - 1
        left = max(0, min(start - _BEFORE, len(line) - _WIDEST))
        right = left + _WIDEST
        head, marked, tail = line[left:start], line[start : start + self.length][: right - start], line[right:]
        view = f"{'…' * bool(left)}{line[left:right]}{'…' * bool(tail)}"
        blanks = bool(left) + _columns(head)
        kind = "warning " if self.is_warning else ""
        return "\n".join(
            [
                f"{kind}{self.code}, line {self.line}, column {self.column}: {self.sentence}",
                f"{_INDENT}{harmless(view)}".rstrip(),
                f"{_INDENT}{' ' * blanks}{'^' * max(1, _columns(marked))}",
            ]
        )


class Wrong(Exception):
    """How reading leaves a line; caught within this package."""

    def __init__(self, code: str, column: int, length: int, sentence: str, line: int = 0) -> None:
        super().__init__(sentence)
        self.code, self.column, self.length, self.sentence, self.line = code, column, length, sentence, line

    def on(self, line: int) -> Problem:
        """Return the problem, on this line unless it knows better."""
        return Problem(self.code, self.line or line, self.column, self.length, self.sentence)


def harmless(text: str) -> str:
    """Return a text of which a terminal does nothing: it must not do what an answer says."""
    return "".join(
        " " if one == "\t" else "\ufffd" if category(one) in {"Cc", "Cf", "Cs", "Zl", "Zp"} else one for one in text
    )


def _columns(text: str) -> int:
    """Count the columns of a terminal: wide letters take two, accents that are added none."""
    return sum(0 if category(one) in {"Mn", "Me"} else 1 + (east_asian_width(one) in {"W", "F"}) for one in text)
