"""The pages of docs/errors, made from the catalogue that ships with the package."""

from collections.abc import Iterable

from offhook.catalogue import Entry, Kind, entries, in_rooms, parts
from offhook.catalogue.entry import CAUSES, CURES

_MADE = "<!-- Made by scripts/write_docs.py: change src/offhook/catalogue/pages/{}, not this page. -->"
_HEAD = "| code | what happened |\n|---|---|"
_INDEX = """\
# Errors

{made}

Every code that Offhook tells, in answers, timelines, logs and on the command line. `offhook explain CODE` shows a page
where the platform runs, and the running platform serves it at `/docs/errors/CODE`, where the `help` of an error leads.

{rooms}
"""


def index_page() -> str:
    """Return the list of all codes by room."""
    rooms = "\n\n".join(f"## {title}\n\n{_HEAD}\n{_rows(found)}" for title, found in in_rooms().items())
    return _INDEX.format(made=_MADE.format(""), rooms=rooms)


def named() -> list[tuple[str, Entry]]:
    """Return all pages by the names of their files."""
    return [(f"{entry.code}.md", entry) for entry in entries()]


def page(entry: Entry) -> str:
    """Return the page of one code."""
    sections = ((CAUSES, entry.causes), (CURES, entry.cures), ("Where it is seen", entry.where))
    drawn = "\n\n".join(f"## {title}\n\n{_list(items, entry.code)}" for title, items in sections)
    made = _MADE.format(f"{entry.room}/{entry.code}.md")
    return f"# {entry.code}\n\n{made}\n\n## What happened\n\n{_markdown(entry.happened, entry.code)}\n\n{drawn}\n"


def _rows(found: Iterable[Entry]) -> str:
    return "\n".join(f"| [`{one.code}`]({one.code}.md) | {_markdown(one.happened, one.code)} |" for one in found)


def _list(items: Iterable[str], own: str) -> str:
    return "\n".join(f"- {_markdown(item, own)}" for item in items)


def _markdown(text: str, own: str) -> str:
    drawn = []
    for part in parts(text, own=own):
        match part.kind:
            case Kind.WORDS:
                drawn.append(part.text)
            case Kind.CODE:
                drawn.append(f"`{part.text}`")
            case Kind.LINK:
                drawn.append(f"[`{part.text}`]({part.text}.md)")
    return "".join(drawn)
