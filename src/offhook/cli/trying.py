"""`offhook actions try`: what would become of a call, asked of the real action server, without a call."""

import re
from typing import TYPE_CHECKING, Annotated

import typer

from offhook.cli.options import Json
from offhook.cli.output import show, table

if TYPE_CHECKING:
    from rich.console import RenderableType

    from offhook.domain.calls import Caller
    from offhook.domain.questions import Answer, Failure
    from offhook.serve.rehearsal import Rehearsal, Step, Wish

AllowPrivate = Annotated[
    bool, typer.Option("--allow-private", help="Ask this machine and private networks too, for servers of your own.")
]
CALLER, RECIPIENT = "819012345678", "815012345678"
FATES = "answered, busy, no-answer, failed or refused"

_KEYS = re.compile(r"[0-9*#A-D]*")


def try_(
    url: Annotated[str, typer.Argument(metavar="URL", help="The action URL.")],
    caller: Annotated[str, typer.Option(metavar="NUMBER", help="Who calls, or anonymous.")] = CALLER,
    recipient: Annotated[str, typer.Option(metavar="NUMBER", help="The number that is called.")] = RECIPIENT,
    press: Annotated[
        list[str] | None, typer.Option(metavar="KEYS", help="What is pressed at a gather; repeat it for the next ones.")
    ] = None,
    transfer_status: Annotated[
        list[str] | None, typer.Option(metavar="STATUS", help=f"How a callee fares: {FATES}; repeat it.")
    ] = None,
    fallback: Annotated[str | None, typer.Option(metavar="URL", help="The fallback URL.")] = None,
    secret: Annotated[list[str] | None, typer.Option(metavar="S", help="Signs the requests; repeat it.")] = None,
    sign_origin: Annotated[
        list[str] | None, typer.Option(metavar="ORIGIN", help="Where requests are signed besides; repeat it.")
    ] = None,
    allow_private: AllowPrivate = False,
    as_json: Json = False,
) -> None:
    """Ask an action server as a call would, follow what it says, and make every sound; nobody is called.

    The clock of the call is made up, so nothing is waited for but the server and the sounds. The exit status is 1 if
    something would fail.
    """
    import asyncio

    from offhook.domain.signing import check_origins
    from offhook.serve.rehearsal import Fate, Wish
    from offhook.service.urls import check_action_url

    for given in press or ():
        if not _KEYS.fullmatch(given):
            raise typer.BadParameter("keys are 0 to 9, *, # and A to D", param_hint="--press")
    try:
        fates = tuple(Fate(status) for status in transfer_status or ("answered",))
    except ValueError:
        raise typer.BadParameter(f"it is {FATES}", param_hint="--transfer-status") from None
    wish = Wish(
        url=check_action_url("url", url) or "",
        caller=_caller(caller),
        recipient=read_digits("--recipient", recipient),
        fallback_url=check_action_url("fallback", fallback),
        presses=tuple(press or ()),
        fates=fates,
        secrets=tuple(secret or ()),
        signed_origins=check_origins("sign_origin", sign_origin or ()),
    )
    found = asyncio.run(_rehearse(wish, allow_private=allow_private))
    show(_document(found), lambda: _drawn(found), as_json=as_json)
    if not found.is_fine:
        raise typer.Exit(1)


async def _rehearse(wish: "Wish", *, allow_private: bool) -> "Rehearsal":
    from offhook.config import Settings
    from offhook.serve.rehearsal import open_rehearsals

    allowed = Settings.load().allow_addresses
    async with open_rehearsals(allowed, is_private_allowed=allow_private) as hands:
        return await hands.rehearse(wish)


async def ask_once(url: str, *, allow_private: bool) -> "Answer | Failure":
    """Ask an action server once, unsigned, as for a call that comes in."""
    import secrets

    from offhook.config import Settings
    from offhook.domain.questions import Question
    from offhook.serve.rehearsal import open_rehearsals

    parameters = (
        ("caller", CALLER),
        ("recipient", RECIPIENT),
        ("call_id", f"lint-{secrets.token_hex(8)}"),
        ("event", "incoming"),
        ("trunk", "try"),
    )
    allowed = Settings.load().allow_addresses
    async with open_rehearsals(allowed, is_private_allowed=allow_private) as hands:
        return await hands.ask(Question(url, parameters))


def _caller(given: str) -> "Caller":
    from offhook.domain.calls import Caller

    if given == "anonymous":
        return Caller("", "", anonymous=True)
    return Caller(read_digits("--caller", given), given)


def read_digits(option: str, given: str) -> str:
    """Read the value of an option as a number; it may begin with +."""
    digits = given.removeprefix("+")
    if not re.fullmatch("[0-9]{1,15}", digits):
        raise typer.BadParameter("a number is 1 to 15 digits, with or without +", param_hint=option)
    return digits


def _document(found: "Rehearsal") -> dict[str, object]:
    return {
        "ok": found.is_fine,
        "status": found.ending.status.value,
        "reason": found.ending.reason,
        "seconds": found.ending.seconds,
        "unpressed": list(found.unpressed),
        "steps": [
            {
                "at_ms": step.at_ms,
                "kind": step.kind,
                "code": step.code,
                "took_ms": step.took_ms,
                "text": step.text,
                "data": dict(step.data),
            }
            for step in found.steps
        ],
    }


def _drawn(found: "Rehearsal") -> "RenderableType":
    from rich.console import Group
    from rich.text import Text

    rows = [_row(step) for step in found.steps]
    ending = found.ending
    reason = f" ({ending.reason})" if ending.reason else ""
    said = f"the call would be {ending.status}{reason}, {ending.seconds:.1f} s after the answer"
    lines = [Text(said if ending.answered_at else f"the call would be {ending.status}{reason}, never answered")]
    if found.unpressed:
        lines.append(Text(f"never pressed: {' '.join(found.unpressed)}", style="yellow"))
    if any(step.code == "address-refused" for step in found.steps):
        lines.append(Text("a server on this machine or in a private network is asked with --allow-private"))
    faults = sum(step.is_fault for step in found.steps)
    if faults:
        lines.append(Text(f"something would fail: {faults} of these steps", style="bold red"))
        codes = dict.fromkeys(step.code for step in found.steps if step.is_fault and step.code)
        lines += [Text(f"offhook explain {code}", style="dim") for code in codes]
    return Group(table(("at s", "what", "took ms", "code", ""), rows, right=("at s", "took ms")), *lines)


def _row(step: "Step") -> tuple[str, ...]:
    took = "" if step.took_ms is None else f"{step.took_ms:.0f}"
    return f"{step.at_ms / 1000:.1f}", step.kind, took, step.code or "", step.text.rstrip("\n")
