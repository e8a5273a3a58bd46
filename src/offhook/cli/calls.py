"""`offhook calls`: the log of calls, and the timeline of each."""

import sys
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from offhook.cli.errors import CallAmbiguous, NoCallYet
from offhook.cli.options import Json, new_noun
from offhook.cli.output import amount, moment, show, table
from offhook.domain.calls import CallFilters, Status
from offhook.errors import OffhookError

if TYPE_CHECKING:
    from rich.console import RenderableType

    from offhook.domain.calls import Call
    from offhook.service.exports import Export
    from offhook.service.ports import Database, Work

MOST_LISTED = 1000
NEWEST = 1000
"""Among so many calls a beginning of an id is looked for; a whole id is found always."""
SHORT_ID = 8

Since = Annotated[str | None, typer.Option(metavar="TIME", help="Calls that came then or later (ISO 8601).")]
Until = Annotated[str | None, typer.Option(metavar="TIME", help="Calls that came before.")]

app = new_noun("The log of calls.")


@app.command("list")
def list_(
    since: Since = None,
    until: Until = None,
    number: Annotated[str | None, typer.Option(metavar="DIGITS", help="The dial-in number that was called.")] = None,
    caller: Annotated[str | None, typer.Option(metavar="DIGITS", help="Who called.")] = None,
    status: Annotated[Status | None, typer.Option(help="How the call stands or ended.")] = None,
    reason: Annotated[str | None, typer.Option(metavar="CODE", help="Why it did not go as wished.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=MOST_LISTED, help="How many to list at most.")] = 20,
    before: Annotated[str | None, typer.Option(metavar="ID", help="Calls older than this one.")] = None,
    as_json: Json = False,
) -> None:
    """List calls, the newest first."""
    from offhook.cli import documents
    from offhook.cli.office import open_office
    from offhook.service import calls

    filters = CallFilters(read_time("--since", since), read_time("--until", until), number, caller, status, reason)
    with open_office() as database:
        before_id = None if before is None else database.read_now(partial(_find, given=before)).call_id
        found = database.read_now(lambda work: calls.list_calls(work, None, filters, limit=limit, before=before_id))
    show([documents.of_call(call) for call in found], lambda: _table(found), as_json=as_json)


@app.command("show")
def show_call(
    call_id: Annotated[
        str | None,
        typer.Argument(metavar="ID", help="The call's id, or an unambiguous beginning of it; the latest call without."),
    ] = None,
    with_bodies: Annotated[bool, typer.Option("--bodies", help="Write out the SIP messages, secrets masked.")] = False,
    pcap: Annotated[
        Path | None,
        typer.Option(
            "--pcap",
            metavar="FILE",
            help="Also write the SIP messages and headers of RTP for Wireshark.",
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Show a call: first why it did not go as wished, then its timeline, the SIP messages and what it cost."""
    from offhook.cli import documents
    from offhook.cli.files import writing_bytes
    from offhook.cli.office import open_office
    from offhook.service import calls

    with open_office() as database:
        call = database.read_now(_latest if call_id is None else partial(_find, given=call_id))
        found = database.read_now(lambda work: calls.explanation(work, None, call.call_id))
    if pcap is not None:
        from offhook.cli.pcap import capture, first_packets_of, packets_of

        began = call.started_at
        with writing_bytes(pcap) as write:
            write(capture([*packets_of(found.messages, began), *first_packets_of(found.lines, began)]))
    timeline = [documents.of_event(event) for event in found.lines]
    document = {**documents.of_call(call), "cause": documents.of_cause(found.why), "timeline": timeline}
    if with_bodies:
        document["messages"] = [documents.of_message(message) for message in found.messages]
    from offhook.cli.portraits import portrait

    show(document, lambda: portrait(call, found, with_bodies=with_bodies), as_json=as_json)


@app.command()
def export(
    since: Since = None,
    until: Until = None,
    account: Annotated[
        str | None, typer.Option(metavar="NAME", help="Calls of this account; of all, and of nobody, if not given.")
    ] = None,
    output: Annotated[Path, typer.Option(metavar="FILE", help="Where to write; - is standard output.")] = Path("-"),
    as_json: Json = False,
) -> None:
    """Write calls as CSV, the newest first, however many.

    A file appears when it is whole. Columns: caller, cost, direction, recipient, start_time, end_time, duration,
    status, apiuser, uuid, actionurl.
    """
    from offhook.cli.files import STANDARD_OUTPUT
    from offhook.cli.office import open_office
    from offhook.service import accounts, exports

    is_file = output != STANDARD_OUTPUT
    if as_json and not is_file:
        raise typer.BadParameter("standard output takes the CSV; name a file with --output", param_hint="--json")
    filters = CallFilters(read_time("--since", since), read_time("--until", until))
    with open_office() as database:
        owner = None if account is None else database.read_now(partial(accounts.find_account, name=account)).id
        count = _write(database, exports.of_calls(owner, filters), output)
    if is_file:
        what = "1 call" if count == 1 else f"{count:,} calls"
        show({"calls": count, "output": str(output)}, lambda: f"{what} written to {output}", as_json=as_json)


def _write(database: "Database", export: "Export", output: Path) -> int:
    """Write all parts and return how many calls they hold."""
    from offhook.cli.files import STANDARD_OUTPUT, writing
    from offhook.cli.progress import tally
    from offhook.service import exports

    # Where the lines themselves are seen, a count between them would only disturb.
    is_seen = output != STANDARD_OUTPUT or not sys.stdout.isatty()
    count = 0
    with writing(output) as write, tally("calls", is_seen=is_seen) as add:
        write(export.header)
        try:
            for part in exports.parts_now(database, export):
                write(part.text)
                add(part.rows)
                count += part.rows
        except OffhookError:
            write(exports.BROKEN_OFF)
            raise
    return count


def _find(work: "Work", given: str) -> "Call":
    """Return the call of this id, or the only one of the newest whose id begins so."""
    from offhook.domain.errors import CallNotFound
    from offhook.service import calls

    try:
        return calls.find_call(work, None, given)
    except CallNotFound as error:
        newest = calls.list_calls(work, None, CallFilters(), limit=NEWEST)
        found = [call for call in newest if given and call.call_id.startswith(given)]
        if not found:
            error.hint = error.hint or "`offhook calls list` shows the calls that came, each with its id"
            raise
    if len(found) > 1:
        raise CallAmbiguous(
            f"{len(found)} calls have an id that begins with {given!r}",
            hint="write more of it: " + ", ".join(call.call_id for call in found[:3]),
        )
    return found[0]


def _latest(work: "Work") -> "Call":
    """Return the call that came last. Raises NoCallYet."""
    from offhook.service import calls

    newest = calls.list_calls(work, None, CallFilters(), limit=1)
    if not newest:
        raise NoCallYet
    return newest[0]


def find_call(database: "Database", given: str) -> "Call":
    """Return the call of this id, or the only one of the newest whose id begins so."""
    return database.read_now(partial(_find, given=given))


def read_time(option: str, written: str | None) -> datetime | None:
    """Read the value of an option as a moment."""
    if written is None:
        return None
    try:
        at = datetime.fromisoformat(written)
    except ValueError:
        at = datetime.min  # noqa: DTZ901 (without a zone it is refused below)
    if at.tzinfo is None:
        raise typer.BadParameter(
            "a time is written in ISO 8601 with its zone, like 2026-11-23T06:00:00Z", param_hint=option
        )
    return at.astimezone(UTC)


def _table(calls: "list[Call]") -> "RenderableType":
    from offhook.cli.portraits import who

    rows = [
        (
            call.call_id[:SHORT_ID],
            moment(call.started_at),
            who(call),
            call.recipient,
            call.status.value,
            call.reason or "",
            str(call.duration_s),
            amount(call.cost),
        )
        for call in calls
    ]
    columns = ("call", "came (UTC)", "caller", "recipient", "status", "reason", "seconds", "cost")
    return table(columns, rows, right=("seconds", "cost"))
