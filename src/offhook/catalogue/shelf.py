"""Where the pages stand: a folder for each room, a file for each code."""

from collections.abc import Mapping
from difflib import get_close_matches
from functools import cache
from importlib.resources import files

from offhook.catalogue.entry import Entry, read

ROOMS: Mapping[str, str] = {
    "calls": "Calls",
    "transfers": "Transfers",
    "texts": "Action texts",
    "servers": "Action servers",
    "conformance": "Checks of an action server",
    "sounds": "Sounds and voices",
    "recordings": "Recordings",
    "lines": "SIP and sound on the line",
    "trunks": "Trunks and their logins",
    "customers": "Accounts, numbers and money",
    "doctor": "Checks of the doctor",
    "api": "The HTTP API",
    "cli": "The command line",
    "platform": "The platform itself",
}
"""The folders of `pages`, in the order in which they are listed, and what they are called."""

MOST_NEAR = 3
NEAR = 0.6
"""How alike a word has to be, from 0 to 1."""


def find(code: str) -> Entry | None:
    """Return the page of a code, None if there is none."""
    return _by_code().get(code)


def entries() -> tuple[Entry, ...]:
    """Return all pages, by room and code."""
    return tuple(_by_code().values())


def in_rooms() -> dict[str, list[Entry]]:
    """Return all pages by what their rooms are called."""
    found: dict[str, list[Entry]] = {title: [] for title in ROOMS.values()}
    for entry in entries():
        found[ROOMS[entry.room]].append(entry)
    return found


def near(written: str) -> list[str]:
    """Return the codes that somebody may have meant, the most likely first."""
    alike = get_close_matches(written, _by_code(), MOST_NEAR, NEAR)
    return alike or [code for code in _by_code() if written and written in code][:MOST_NEAR]


@cache
def _by_code() -> dict[str, Entry]:
    found: dict[str, Entry] = {}
    for room in ROOMS:
        folder = files("offhook.catalogue") / "pages" / room
        for page in sorted(folder.iterdir(), key=lambda one: one.name):
            try:
                entry = read(page.read_text(encoding="utf-8"), room)
            except ValueError as error:
                raise ValueError(f"pages/{room}/{page.name}: {error}") from None
            found[page.name.removesuffix(".md")] = entry
    return found
