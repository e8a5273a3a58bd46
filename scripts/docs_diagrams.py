"""The state tables of the engine as Mermaid diagrams: drawn from the tables, so they cannot lie.

An arrow is a move of the table. Where a call or a leg begins and ends is not said here either: it
begins in the states that no other leads to, and ends in those that lead nowhere.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import TypeVar

from offhook.engine.call import table as call
from offhook.engine.sip import dialog as leg
from offhook.engine.sip import moves

S = TypeVar("S", bound=Enum)
E = TypeVar("E", bound=Enum)

MARK = "<!-- Made by scripts/write_docs.py from the code: change the table, not this page. -->"


@dataclass(frozen=True, slots=True)
class Arrow:
    """One or more moves between the same two states."""

    source: str
    target: str
    label: str


def call_page() -> str:
    """Draw the life of one call."""
    return _page(
        "The life of one call",
        "From `src/offhook/engine/call/table.py`. Each event is explained there.",
        {"": _plain(call.MOVES)},
    )


def leg_page() -> str:
    """Draw the life of one SIP leg."""
    return _page(
        "The life of one leg",
        "From `src/offhook/engine/sip/dialog.py`: one dialog with one peer, whoever called whom. A leg begins as "
        "`INCOMING` or as `CALLING`.",
        {"": _plain(leg.MOVES)},
    )


def transactions_page() -> str:
    """Draw the four transaction machines."""
    return _page(
        "The four SIP transactions",
        "From `src/offhook/engine/sip/moves.py`: RFC 3261 section 17, corrected by RFC 6026. An arrow reads *signal / "
        "deeds in their order*. A signal that a state does not list changes nothing.",
        {
            "INVITE, as server": _with_deeds(moves.INVITE_SERVER),
            "Any other request, as server": _with_deeds(moves.SERVER),
            "INVITE, as client": _with_deeds(moves.INVITE_CLIENT),
            "Any other request, as client": _with_deeds(moves.CLIENT),
        },
    )


def draw(arrows: Iterable[Arrow]) -> str:
    """Return a Mermaid state diagram with its beginnings and ends."""
    arrows = list(arrows)
    names = list(dict.fromkeys(name for arrow in arrows for name in (arrow.source, arrow.target)))
    entered = {arrow.target for arrow in arrows if arrow.source != arrow.target}
    left = {arrow.source for arrow in arrows if arrow.source != arrow.target}
    lines = [f"    [*] --> {name}" for name in names if name not in entered]
    lines += [f"    {arrow.source} --> {arrow.target}: {arrow.label}" for arrow in arrows]
    lines += [f"    {name} --> [*]" for name in names if name not in left]
    return "\n".join(["stateDiagram-v2", *lines])


def _plain(table: Mapping[tuple[S, E], S]) -> list[Arrow]:
    events: dict[tuple[str, str], list[str]] = {}
    for (source, event), target in table.items():
        events.setdefault((source.name, target.name), []).append(_words(event))
    return [Arrow(source, target, ", ".join(labels)) for (source, target), labels in events.items()]


def _with_deeds(table: moves.Table) -> list[Arrow]:
    return [
        Arrow(source.name, target.name, " / ".join(filter(None, (_words(signal), ", ".join(map(_words, deeds))))))
        for (source, signal), (target, deeds) in table.items()
    ]


def _words(member: Enum) -> str:
    return member.name.lower().replace("_", " ")


def _page(title: str, opening: str, diagrams: Mapping[str, Iterable[Arrow]]) -> str:
    parts = [f"# {title}\n\n{MARK}\n\n{opening}\n"]
    for heading, arrows in diagrams.items():
        above = f"## {heading}\n\n" if heading else ""
        parts.append(f"{above}```mermaid\n{draw(arrows)}\n```\n")
    return "\n".join(parts)
