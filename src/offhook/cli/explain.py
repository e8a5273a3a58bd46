"""`offhook explain`: what a code means, why it comes, and what to do."""

from typing import TYPE_CHECKING, Annotated

import typer

from offhook.cli.options import Json
from offhook.cli.output import show

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.text import Text

    from offhook.catalogue import Entry


def explain(
    code: Annotated[
        str | None, typer.Argument(metavar="CODE", help="The code, or the `help` link of an answer; none for all.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Explain a code: what happened, likely causes, what to do.

    Without a code all codes are listed.
    """
    from offhook.catalogue import entries

    if code is None:
        show([_document(entry) for entry in entries()], _listed, as_json=as_json)
    else:
        entry = _found(code)
        show(_document(entry), lambda: _drawn(entry), as_json=as_json)


def _found(written: str) -> "Entry":
    """Return the page of what somebody wrote or copied."""
    from offhook.catalogue import find, near
    from offhook.cli.errors import CodeUnknown

    # The last part of a `help` link is its code.
    code = written.strip().rstrip("/").rpartition("/")[2].rpartition("#")[2].lower().replace("_", "-")
    entry = find(code)
    if entry is None:
        raise CodeUnknown(written, near(code))
    return entry


def _document(entry: "Entry") -> dict[str, object]:
    return {
        "code": entry.code,
        "room": entry.room,
        "happened": entry.happened,
        "causes": list(entry.causes),
        "cures": list(entry.cures),
        "seen": [
            {"place": one.place, "detail": one.detail or None, "text": text}
            for one, text in zip(entry.seen, entry.where, strict=True)
        ],
    }


def _drawn(entry: "Entry") -> "RenderableType":
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    from offhook.catalogue import ROOMS
    from offhook.catalogue.entry import CAUSES, CURES

    head = Text(entry.code, style="bold red").append(f"  {ROOMS[entry.room]}", style="not bold dim")
    drawn: list[RenderableType] = [head, _text(entry.happened)]
    for title, items in ((CAUSES, entry.causes), (CURES, entry.cures), ("Where it is seen", entry.where)):
        listed = Table.grid(padding=(0, 1))
        for item in items:
            listed.add_row(" -", _text(item))
        drawn += [Text(f"\n{title}", style="bold"), listed]
    return Group(*drawn)


def _listed() -> "RenderableType":
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    from offhook.catalogue import in_rooms

    drawn: list[RenderableType] = []
    for title, found in in_rooms().items():
        listed = Table.grid(padding=(0, 1))
        for entry in found:
            listed.add_row("", Text(entry.code, style="cyan", no_wrap=True), _text(entry.happened))
        drawn += [Text(title, style="bold"), listed, Text()]
    return Group(*drawn, Text("offhook explain CODE tells causes and cures.", style="dim"))


def _text(markdown: str) -> "Text":
    from rich.text import Text

    from offhook.catalogue import Kind, parts

    text = Text()
    for part in parts(markdown):
        text.append(part.text, style="" if part.kind is Kind.WORDS else "cyan")
    return text
