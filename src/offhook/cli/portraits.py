"""A call as people see it: who called whom, the waterfall, the ladder of SIP, what it cost."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from offhook.cli.ladder import bodies, ladder
from offhook.cli.output import STATUS_STYLES, amount, console, legible, moment, table
from offhook.cli.waterfall import waterfall
from offhook.domain.calls import Call, TimelineEvent
from offhook.domain.explanations import POSTING, Explanation

if TYPE_CHECKING:
    from rich.console import RenderableType


def who(call: Call) -> str:
    """Name the caller."""
    if call.caller.anonymous:
        return "anonymous"
    return call.caller.number or call.caller.raw or "nobody"


def portrait(call: Call, found: Explanation, *, with_bodies: bool) -> "RenderableType":
    """Draw a call; messages and postings have a part of their own."""
    from rich.console import Group
    from rich.text import Text

    head = Text(legible(f"{who(call)} called {call.recipient}"), style="bold")
    head.append(f" at {moment(call.started_at)} UTC: ", style="not bold")
    head.append(call.status.value, style=STATUS_STYLES[call.status.value])
    if call.reason:
        head.append(f", {call.reason}", style="red not bold")
    facts = f"call {call.call_id}, trunk {call.trunk}, {call.duration_s} s, {amount(call.cost)} credits"
    why = found.why
    told = [Text(legible(why.sentence), style="bold red" if why.code else "green")]
    if why.cure:
        told.append(Text(legible(why.cure)))
    parts: list[RenderableType] = [head, Text(legible(facts), style="dim"), Text(), *told, Text()]
    parts.append(waterfall(found.lines, console().width))
    if found.messages:
        parts += [Text("\nSIP", style="bold"), (bodies if with_bodies else ladder)(found.messages)]
    postings = [line for line in found.lines if line.kind == POSTING]
    if postings:
        parts += [Text("\nCredits", style="bold"), _postings(postings)]
    return Group(*parts)


def _postings(events: Sequence[TimelineEvent]) -> "RenderableType":
    rows = [
        (
            f"{event.at_ms:.1f}",
            str(event.data["kind"]),
            f"{event.data['change']:+g}",
            f"{event.data['balance']:g}",
            event.text,
        )
        for event in events
    ]
    return table(("ms", "posting", "change", "balance", "text"), rows, right=("ms", "change", "balance"))
