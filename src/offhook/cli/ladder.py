"""SIP messages as a ladder: the caller's side on the left, Offhook, whom it called on the right.

  ms  192.0.2.7:5060           Offhook      198.51.100.7:5060
 0.0  │──────── INVITE ───────▶│                        │
 0.4  │◀────── 100 Trying ─────│                        │
27.5  │                        │─────── INVITE ────────▶│
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from offhook.cli.output import legible
from offhook.domain.sip_messages import SipMessage

if TYPE_CHECKING:
    from rich.console import RenderableType

CALLER = 1
LANE = 30
"""Columns between two of the posts."""


def ladder(messages: Sequence[SipMessage]) -> "RenderableType":
    """Draw the messages; those to and from callees stand on the right, whichever callee it was."""
    from rich.text import Text

    has_callees = any(message.leg != CALLER for message in messages)
    drawn = Text(_head(messages, has_callees=has_callees) + "\n", style="dim")
    for message in messages:
        drawn.append(f"{message.at_ms:9.1f}  ", style="not dim")
        drawn.append(_rung(message, has_callees=has_callees) + "\n", style="red" if _is_refusal(message) else "not dim")
    drawn.rstrip()
    return drawn


def bodies(messages: Sequence[SipMessage]) -> "RenderableType":
    """Write every message out, with a line above it that says when it passed, and between whom."""
    from rich.console import Group
    from rich.text import Text

    return Group(*(part for message in messages for part in (Text(_above(message), style="bold"), _body(message))))


def _above(message: SipMessage) -> str:
    here, there = (f"{host}:{port}" for host, port in (message.local, message.peer))
    way = f"{here} -> {there}" if message.is_ours else f"{there} -> {here}"
    return f"{message.at_ms:.1f} ms  {way} ({message.transport})"


def _body(message: SipMessage) -> "RenderableType":
    from rich.text import Text

    return Text("\n".join(f"    {legible(line)}".rstrip() for line in message.text.rstrip("\n").split("\n")) + "\n")


def _head(messages: Sequence[SipMessage], *, has_callees: bool) -> str:
    callers, callees = (
        ", ".join(dict.fromkeys(f"{one.peer[0]}:{one.peer[1]}" for one in messages if (one.leg == CALLER) is is_caller))
        for is_caller in (True, False)
    )
    left = f"{'ms':>9}  {callers:<{LANE + 1}}Offhook"
    return f"{left:<{2 * LANE + 13}}{callees}".rstrip() if has_callees else left


def _rung(message: SipMessage, *, has_callees: bool) -> str:
    is_caller = message.leg == CALLER
    # To the right goes what the caller says, and what we say to callees.
    arrow = _arrow(legible(message.title), to_the_right=message.is_ours is not is_caller)
    empty = " " * LANE
    lanes = (arrow, empty) if is_caller else (empty, arrow)
    return f"│{lanes[0]}│{lanes[1]}│" if has_callees else f"│{lanes[0]}│"


def _arrow(title: str, *, to_the_right: bool) -> str:
    room = LANE - 4
    named = f" {title[:room]} ".center(LANE - 1, "─")
    return f"{named}▶" if to_the_right else f"◀{named}"


def _is_refusal(message: SipMessage) -> bool:
    return message.title[:1] in ("4", "5", "6")
