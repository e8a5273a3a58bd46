"""`offhook recordings`: what callers said, as the operator keeps it."""

from datetime import UTC, datetime
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from offhook.cli.calls import Since, Until, read_time
from offhook.cli.errors import FileUnusable, RecordingAmbiguous
from offhook.cli.options import Json, new_noun
from offhook.cli.output import moment, show, table
from offhook.domain.recordings import RecordingFilters

if TYPE_CHECKING:
    from rich.console import RenderableType

    from offhook.audio.shelf import Shelf
    from offhook.domain.recordings import Recording
    from offhook.service.ports import Work

MOST_LISTED = 1000
NEWEST = 1000
"""Among so many recordings a beginning of a uid is looked for; a whole uid is found always."""
SHORT_UID = 8

Uid = Annotated[str, typer.Argument(metavar="UID", help="The recording's uid, or an unambiguous beginning of it.")]

app = new_noun("What callers said.")


class Format(StrEnum):
    """How a recording is written."""

    WAV = "wav"
    MP3 = "mp3"


@app.command("list")
def list_(
    since: Since = None,
    until: Until = None,
    account: Annotated[
        str | None, typer.Option(metavar="NAME", help="Recordings of this account; of all if not given.")
    ] = None,
    number: Annotated[str | None, typer.Option(metavar="DIGITS", help="The dial-in number that was called.")] = None,
    with_deleted: Annotated[bool, typer.Option("--deleted", help="Also those whose audio was deleted.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=MOST_LISTED, help="How many to list at most.")] = 20,
    before: Annotated[str | None, typer.Option(metavar="UID", help="Recordings older than this one.")] = None,
    as_json: Json = False,
) -> None:
    """List recordings, the newest first."""
    from offhook.cli import documents
    from offhook.cli.office import open_office
    from offhook.service import accounts, recordings

    filters = RecordingFilters(
        read_time("--since", since), read_time("--until", until), number, with_deleted=with_deleted
    )
    with open_office() as database:
        owner = None if account is None else database.read_now(partial(accounts.find_account, name=account)).id
        mark = None if before is None else database.read_now(partial(_find, given=before)).uid
        found = database.read_now(
            lambda work: recordings.list_recordings(work, owner, filters, limit=limit, before=mark)
        )
    show([documents.of_recording(recording) for recording in found], lambda: _table(found), as_json=as_json)


@app.command("show")
def show_recording(uid: Uid, as_json: Json = False) -> None:
    """Show what is known of a recording, also of one that was deleted."""
    from offhook.cli import documents
    from offhook.cli.office import open_office

    with open_office() as database:
        recording = database.read_now(partial(_find, given=uid))
    show(documents.of_recording(recording), lambda: _portrait(recording), as_json=as_json)


@app.command()
def export(
    uid: Uid,
    output: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Where to write; - is standard output. UID.wav if not given.")
    ] = None,
    format_: Annotated[Format, typer.Option("--format", help="How to write it.")] = Format.WAV,
    as_json: Json = False,
) -> None:
    """Write the audio of a recording into a file, which appears when it is whole."""
    import asyncio

    from offhook.cli.files import STANDARD_OUTPUT, writing_bytes
    from offhook.cli.office import open_office
    from offhook.service import recordings

    if as_json and output == STANDARD_OUTPUT:
        raise typer.BadParameter("standard output takes the audio; name a file with --output", param_hint="--json")
    with open_office() as database:
        found = database.read_now(partial(_find, given=uid))
        recording = database.read_now(lambda work: recordings.find_audio(work, None, found.uid))
    audio = asyncio.run(_audio(recording, format_))
    target = output or Path(f"{recording.uid}.{format_.value}")
    with writing_bytes(target) as write:
        write(audio)
    if target != STANDARD_OUTPUT:
        document = {"recording_uid": recording.uid, "output": str(target), "size": len(audio)}
        show(document, lambda: f"{len(audio):,} bytes written to {target}", as_json=as_json)


@app.command()
def delete(uid: Uid, as_json: Json = False) -> None:
    """Delete the audio of a recording. What is known of it stays."""
    import asyncio

    from offhook.cli import documents
    from offhook.cli.office import open_office
    from offhook.service import recordings

    with open_office() as database:
        found = database.read_now(partial(_find, given=uid))
        deleted = database.write_now(
            lambda work: recordings.delete(work, account_id=None, uid=found.uid, now=datetime.now(UTC))
        )
    was_here = asyncio.run(_remove(deleted))
    where = "" if was_here else f"; its file is not here, and the node {deleted.node} removes it within the hour"
    show(documents.of_recording(deleted), lambda: f"recording {deleted.uid} is deleted{where}", as_json=as_json)


async def _audio(recording: "Recording", format_: Format) -> bytes:
    shelf = _shelf()
    try:
        if not await shelf.has(recording.path):
            raise FileUnusable(
                "file",
                f"{shelf.place(recording.path)} is not here",
                hint=f"the node {recording.node} recorded it: run this there, or with its data folder",
            )
        if format_ is Format.WAV:
            return await shelf.wav(recording.path)
        return await shelf.mp3_bytes(recording.path)
    finally:
        await shelf.stop()


async def _remove(recording: "Recording") -> bool:
    return await _shelf().remove(recording.path)


def _shelf() -> "Shelf":
    from offhook.audio.shelf import Shelf
    from offhook.config import Settings

    return Shelf(Settings.load().data_folder)


def _find(work: "Work", given: str) -> "Recording":
    """Return the recording of this uid, or the only one of the newest whose uid begins so."""
    from offhook.domain.errors import RecordingNotFound
    from offhook.service import recordings

    try:
        return recordings.find_recording(work, None, given)
    except RecordingNotFound:
        every = RecordingFilters(with_deleted=True)
        newest = recordings.list_recordings(work, None, every, limit=NEWEST)
        found = [recording for recording in newest if given and recording.uid.startswith(given)]
        if not found:
            raise
    if len(found) > 1:
        raise RecordingAmbiguous(
            f"{len(found)} recordings have a uid that begins with {given!r}",
            hint="write more of it: " + ", ".join(recording.uid for recording in found[:3]),
        )
    return found[0]


def _table(found: "list[Recording]") -> "RenderableType":
    rows = [
        (
            recording.uid[:SHORT_UID],
            moment(recording.started_at),
            recording.caller or "anonymous",
            recording.din,
            _status(recording),
            recording.code or "",
            "yes" if recording.heard_at else "",
            str(recording.seconds),
        )
        for recording in found
    ]
    columns = ("recording", "began (UTC)", "caller", "number", "status", "reason", "heard", "seconds")
    return table(columns, rows, right=("seconds",))


def _portrait(recording: "Recording") -> "RenderableType":
    rows = [
        ("recording", recording.uid),
        ("call", recording.call_id),
        ("caller", recording.caller or "anonymous"),
        ("number", recording.din),
        ("status", _status(recording)),
        ("reason", recording.code or ""),
        ("began (UTC)", moment(recording.started_at)),
        ("length", f"{recording.seconds} s, {recording.size:,} bytes"),
        ("heard", moment(recording.heard_at) if recording.heard_at else "no"),
        ("kept until", moment(recording.kept_until) if recording.kept_until else ""),
        ("deleted", moment(recording.deleted_at) if recording.deleted_at else "no"),
        ("node", recording.node),
        ("file", recording.path),
    ]
    return table(("fact", "value"), rows)


def _status(recording: "Recording") -> str:
    return "deleted" if recording.deleted_at else recording.status.value
