"""`offhook replay`: what a caller would now hear, asked of new code with an old call's requests."""

from typing import TYPE_CHECKING, Annotated

import typer

from offhook.cli.failures import tell
from offhook.cli.options import Json
from offhook.cli.output import legible, show
from offhook.cli.trying import AllowPrivate
from offhook.errors import OffhookError

if TYPE_CHECKING:
    from rich.console import RenderableType

    from offhook.domain.calls import Call, TimelineEvent
    from offhook.serve.replay import Against, Replay, Rescue
    from offhook.service.ports import Work

DIFFERENT, TROUBLE = 1, 2

_STYLES = {"same": "dim", "was": "red", "now": "green"}


def replay(
    call_id: Annotated[str, typer.Argument(metavar="CALL_ID", help="An old call's id, or a beginning of it.")],
    against: Annotated[str, typer.Option(metavar="URL", help="The new code: takes the place of the action URL.")],
    fallback: Annotated[
        str | None, typer.Option(metavar="URL", help="Asked when the new code fails; the number's own if not given.")
    ] = None,
    secret: Annotated[list[str] | None, typer.Option(metavar="S", help="Signs the requests; repeat it.")] = None,
    sign_origin: Annotated[
        list[str] | None, typer.Option(metavar="ORIGIN", help="Where requests are signed besides; repeat it.")
    ] = None,
    allow_private: AllowPrivate = False,
    as_json: Json = False,
) -> None:
    """Show what new code changes for an old call.

    The new code is asked what the call asked, with the old parameters, keys and outcomes; nobody is called. The exit
    status is 0 if the caller hears the same, 1 if not, 2 if that cannot be found out.
    """
    import asyncio

    from offhook.domain.signing import check_origins
    from offhook.serve.replay import Against, Rescue
    from offhook.service.urls import check_action_url

    try:
        url = check_action_url("against", against) or ""
        fallback_url = check_action_url("fallback", fallback)
        origins = check_origins("sign_origin", sign_origin or ())
        call, events, rescue = _read(call_id)
        if fallback_url is not None:
            rescue = Rescue(fallback_url, rescue.default_action if rescue else None)
        new_code = Against(url, rescue, tuple(secret or ()), origins)
        found = asyncio.run(_replay(call, events, new_code, allow_private=allow_private))
    except OffhookError as error:
        # As with `diff`: 1 is an answer, so trouble is something else.
        tell(error, as_json=as_json)
        raise typer.Exit(TROUBLE) from None
    show(_document(call, new_code.url, found), lambda: _drawn(found), as_json=as_json)
    if not found.is_same:
        raise typer.Exit(DIFFERENT)


def _read(call_id: str) -> "tuple[Call, list[TimelineEvent], Rescue | None]":
    from offhook.cli.calls import find_call
    from offhook.cli.office import open_office
    from offhook.service import calls

    with open_office() as database:
        call = find_call(database, call_id)
        return database.read_now(lambda work: (call, calls.timeline(work, None, call.call_id), _rescue_of(work, call)))


def _rescue_of(work: "Work", call: "Call") -> "Rescue | None":
    """Return what the number that was called is set to now, None if it is not the account's any more."""
    from offhook.serve.replay import Rescue

    dialled = work.numbers.dialled(call.recipient)
    subscription = dialled.subscription if dialled else None
    if subscription is None or subscription.account_id != call.account_id:
        return None
    return Rescue(subscription.fallback_url, subscription.default_action)


async def _replay(call: "Call", events: "list[TimelineEvent]", against: "Against", *, allow_private: bool) -> "Replay":
    from offhook.config import Settings
    from offhook.serve.replay import replay

    return await replay(call, events, against, Settings.load().allow_addresses, is_private_allowed=allow_private)


def _document(call: "Call", against: str, found: "Replay") -> dict[str, object]:
    return {
        "call_id": call.call_id,
        "against": against,
        "same": found.is_same,
        "unknown": found.unknown,
        "parts": [
            {
                "question": part.question,
                "shared": part.is_shared,
                "same": part.is_same,
                "rows": [{"mark": row.mark.value, "text": row.text} for row in part.rows],
            }
            for part in found.parts
        ],
        "requests": [
            {"question": asked.question, "url": asked.url, "status": asked.status, "took_ms": asked.took_ms}
            for asked in found.requests
        ],
    }


def _drawn(found: "Replay") -> "RenderableType":
    from rich.text import Text

    text = Text(no_wrap=True, overflow="ignore")
    has_forked = False
    for part in found.parts:
        if not part.is_shared and not has_forked:
            has_forked = True
            text.append("from here on the call goes another way\n", style="bold yellow")
        text.append(f"{legible(part.question)}\n", style="bold")
        for row in part.rows:
            # A drawing of a mistake has several lines.
            first, *rest = legible(row.text).split("\n")
            text.append(f"  {row.mark}:".ljust(8) + first + "\n", style=_STYLES[row.mark])
            for line in rest:
                text.append(f"        {line}\n", style=_STYLES[row.mark])
    count = len(found.requests)
    asked = "1 request" if count == 1 else f"{count} requests"
    told = "the caller hears the same" if found.is_same else "the caller hears something else"
    text.append(f"{told}; {asked} to the new code", style="bold")
    return text
