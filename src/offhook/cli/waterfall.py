"""A timeline as a waterfall: each event on its line, with a bar for as long as what it began took.

     ms  event             0                   4.2 s    took
    0.0  arrived           ━━━                        412 ms  a call from 819012345678 through trunk demo
    2.1  action-requested  ━                           31 ms  asking http://...
  412.3  answered            ━━━━━━━━━━━━━━━━━━━━━━━   3.8 s  the call is answered

`UNTIL` says what ends what. What begins nothing is a point.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from offhook.cli.output import legible
from offhook.domain.calls import TimelineEvent
from offhook.domain.explanations import ADDED

if TYPE_CHECKING:
    from rich.console import RenderableType

_ENDS = frozenset({"hung-up", "broken", "ended"})
_NEXT = frozenset({"playing", "pause", "transfer", "sound-failed", "credit-ended"}) | _ENDS
_PUT_THROUGH = frozenset({"transfer-answered", "transfer-failed"}) | _ENDS
_DECIDED = frozenset({"answered", "refused", "rejected", "chain-exhausted"}) | _ENDS
UNTIL: Mapping[str, frozenset[str]] = {
    "arrived": _DECIDED,
    "action-requested": frozenset({"action-answered", "action-failed"}) | _ENDS,
    "script": frozenset({"sound-ready", "sound-failed"}) | _DECIDED,
    "announcement": frozenset({"sound-ready", "sound-failed"}) | _DECIDED,
    "transfer": _PUT_THROUGH,
    "dialled": frozenset({"route-failed"}) | _PUT_THROUGH,
    "transfer-answered": _ENDS,
    "answered": _ENDS,
    "playing": _NEXT,
    "pause": _NEXT,
}

BAR = "━"
POINT = "•"
SHORTEST_AXIS = 16
LONGEST_AXIS = 40
AXIS_SHARE = 4
"""The axis takes this part of the width: the texts need the rest."""
SHORT_MS = 1000


def waterfall(events: Sequence[TimelineEvent], width: int) -> "RenderableType":
    """Draw a timeline for `width` columns; wrong answers stand below it with their carets.

    SIP messages and postings are left out: each has a drawing of its own.
    """
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    from offhook.catalogue import find

    events = [event for event in events if event.kind not in ADDED]
    if not events:
        return Text("There is no timeline yet: it is kept when the call ends.")
    axis = max(SHORTEST_AXIS, min(LONGEST_AXIS, width // AXIS_SHARE))
    whole_ms = max(event.at_ms for event in events)
    drawn = Table(box=None, pad_edge=False, header_style="dim")
    drawn.add_column("ms", justify="right", no_wrap=True)
    drawn.add_column("event", no_wrap=True)
    drawn.add_column("0" + _length(whole_ms).rjust(axis - 1), no_wrap=True)
    drawn.add_column("took", justify="right", no_wrap=True)
    drawn.add_column("", overflow="fold")
    explained: set[str] = set()
    for place, event in enumerate(events):
        end_ms = _end_of(events, place)
        told = Text(legible(event.text.rstrip()))
        if event.code:
            told = Text(f"{legible(event.code)}: ", style="bold red") + told
            if event.code not in explained and find(event.code) is not None:
                explained.add(event.code)
                told.append(f"\noffhook explain {legible(event.code)}", style="dim")
        drawn.add_row(
            Text(f"{event.at_ms:.1f}"),
            Text(legible(event.kind), style="bold" if end_ms is not None else ""),
            Text(_bar(event.at_ms, end_ms, whole_ms, axis), style="red" if event.code else "cyan"),
            Text("" if end_ms is None else _length(end_ms - event.at_ms), style="dim"),
            told,
        )
    return Group(drawn, *(Text(f"\n{legible(text)}", no_wrap=True) for text in _drawings(events)))


def _end_of(events: Sequence[TimelineEvent], place: int) -> float | None:
    """Return when that which an event began was over; None for an event that begins nothing."""
    begun = events[place]
    if begun.kind not in UNTIL:
        return None
    for event in events[place + 1 :]:
        if event.kind in UNTIL[begun.kind]:
            return event.at_ms
    return events[-1].at_ms


def _bar(start_ms: float, end_ms: float | None, whole_ms: float, axis: int) -> str:
    first = _column(start_ms, whole_ms, axis)
    if end_ms is None:
        return " " * first + POINT
    return " " * first + BAR * (_column(end_ms, whole_ms, axis) - first + 1)


def _column(at_ms: float, whole_ms: float, axis: int) -> int:
    return round(at_ms / whole_ms * (axis - 1)) if whole_ms else 0


def _length(ms: float) -> str:
    return f"{ms:.0f} ms" if ms < SHORT_MS else f"{ms / 1000:.1f} s"


def _drawings(events: Sequence[TimelineEvent]) -> list[str]:
    """Return the drawings of wrong answers: the sentence, the line and the caret."""
    found = [event.data.get("drawn") for event in events]
    return [drawn for drawn in found if isinstance(drawn, str)]
