"""`offhook webhooks`: what customers' servers were told, and what did not arrive."""

from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from offhook.cli.options import Json, new_noun
from offhook.cli.output import moment, show, table

if TYPE_CHECKING:
    from offhook.domain.notices import Notice

app = new_noun("Webhooks: events that customers' servers are told.")

Name = Annotated[str, typer.Argument(metavar="NAME", help="The account's name.")]


@app.command("list")
def list_(
    name: Annotated[str | None, typer.Argument(metavar="NAME", help="The account's name; all if not given.")] = None,
    undelivered: Annotated[bool, typer.Option("--undelivered", help="Only those that did not arrive.")] = False,
    limit: Annotated[int, typer.Option(metavar="N", min=1, max=1000, help="How many at most.")] = 20,
    as_json: Json = False,
) -> None:
    """List events, the newest first, and what became of each."""
    from offhook.cli.office import open_office
    from offhook.domain.webhooks import name_of, uid_of
    from offhook.service import webhooks

    with open_office() as database:
        found = database.read_now(partial(webhooks.list_events, name=name, limit=limit, undelivered=undelivered))
    told = [(uid_of(one.fact), name_of(one.kind), one) for one in found]
    rows = [
        (moment(one.created_at), one.account, event, one.call_id or "", one.target, fate(one), uid)
        for uid, event, one in told
    ]
    show(
        [_document(uid, event, one) for uid, event, one in told],
        lambda: table(("at", "account", "event", "call", "to", "", "id"), rows),
        as_json=as_json,
    )


@app.command()
def retry(name: Name, as_json: Json = False) -> None:
    """Send everything undelivered of an account now, given up or not, to the webhook that it has now."""
    from datetime import UTC, datetime

    from offhook.cli.office import open_office
    from offhook.service import webhooks

    with open_office() as database:
        count = database.write_now(partial(webhooks.retry, name=name, now=datetime.now(UTC)))
    events = "event is" if count == 1 else "events are"
    show({"due": count}, lambda: f"{count} {events} due now", as_json=as_json)


def fate(notice: "Notice") -> str:
    """Say what became of a notice or an event."""
    if notice.sent_at is not None:
        return "sent"
    tried = f"tried {notice.attempts} times: {notice.error}" if notice.error else "waiting"
    return tried if notice.next_at is not None else f"given up: {notice.error}"


def _document(uid: str, event: str, one: "Notice") -> dict[str, object]:
    return {
        "id": uid,
        "event": event,
        "account": one.account,
        "call_id": one.call_id,
        "url": one.target,
        "at": one.created_at.isoformat(),
        "attempts": one.attempts,
        "next_at": one.next_at.isoformat() if one.next_at else None,
        "delivered_at": one.sent_at.isoformat() if one.sent_at else None,
        "error": one.error,
    }
