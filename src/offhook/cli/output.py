"""What commands print: for people in colours and tables, for programs exactly one JSON document."""

import json
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from io import StringIO, TextIOWrapper
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

UNBOUNDED = 10_000
"""The width of what is piped or written into a file, in columns: nothing is cut or wrapped there."""

STATUS_STYLES: Mapping[str, str] = {
    "completed": "green",
    "in-progress": "cyan",
    "ringing": "cyan",
    "canceled": "yellow",
    "rejected": "yellow",
    "refused": "red",
    "failed": "red",
}


def show(document: object, human: "Callable[[], RenderableType]", *, as_json: bool) -> None:
    """Print the document as JSON or, for people, what `human` returns."""
    if as_json:
        print(json.dumps(document, ensure_ascii=not can_show("é✓"), indent=2))
    else:
        write(human(), console())


def can_show(signs: str) -> bool:
    """Tell whether standard output, in the encoding of its locale, has letters for these signs."""
    try:
        signs.encode(sys.stdout.encoding or "ascii")
    except UnicodeEncodeError:
        return False
    return True


def bear_any_text() -> None:
    """Have standard output and standard error write a question mark where their encoding has no letter."""
    for stream in (sys.stdout, sys.stderr):
        # Tests and notebooks put other streams in their place.
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")


def write(part: "RenderableType", place: "Console") -> None:
    """Print a text, a table or a waterfall."""
    if place.is_terminal:
        place.print(part)
    else:
        # rich fills lines up with blanks, which only a terminal does not show.
        print(plain(part), end="", file=place.file, flush=True)


def console(file: TextIO | None = None) -> "Console":
    """Return a place for colours and tables, standard output if no file is given. Brackets are text there."""
    from rich.console import Console

    found = Console(file=file, markup=False, emoji=False, highlight=False)
    if not found.is_terminal:
        found.width = UNBOUNDED
    return found


def plain(*parts: "RenderableType") -> str:
    """Return parts as text without colours, for a file."""
    text = StringIO()
    console(text).print(*parts, sep="\n")
    return "\n".join(line.rstrip() for line in text.getvalue().splitlines()) + "\n"


def table(columns: Sequence[str], rows: Iterable[Sequence[str]], *, right: Iterable[str] = ()) -> "RenderableType":
    """Return a table; the columns in `right` hold numbers. Its cells are text and never markup."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    drawn = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for column in columns:
        drawn.add_column(column, justify="right" if column in right else "left", overflow="fold")
    for row in rows:
        drawn.add_row(*(Text(legible(cell), style=STATUS_STYLES.get(cell, "")) for cell in row))
    return drawn


def legible(text: str) -> str:
    """Return what a stranger wrote without what would move the terminal's cursor or change its colours."""
    return "".join(character if character.isprintable() or character == "\n" else "\ufffd" for character in text)


def moment(at: datetime) -> str:
    """Write a moment for people: UTC, whole seconds."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S}"


def amount(micro: int) -> str:
    """Write micro-credits for people: at least two decimals, and as many as it takes."""
    from offhook.domain.credits import spell

    whole, _, fraction = spell(abs(micro)).partition(".")
    return f"{'-' if micro < 0 else ''}{int(whole):,}.{fraction.rstrip('0').ljust(2, '0')}"
