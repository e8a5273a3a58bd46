"""Recordings: what callers said, to be listed, heard, marked and deleted, and links for who has no API user."""

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Annotated, Any, Literal

import structlog
from fastapi import APIRouter, Depends, Path, Query, Request, Response
from fastapi.responses import FileResponse
from fastapi.security import HTTPBasicCredentials
from pydantic import BaseModel, Field, StrictBool

from offhook.api.answers import NOT_FOUND, PAGED, POSTED, Answers, body_of
from offhook.api.auth import Visitor, basic, visitor
from offhook.api.calls import Digits
from offhook.api.door import Door, OpenDoor
from offhook.api.errors import Problem
from offhook.api.fields import Fields, Text, Time, fields_of, no_query
from offhook.api.idempotency import DoneOnce
from offhook.api.paging import DEFAULT_LIMIT, Limit, page
from offhook.api.values import time_json, time_json_or_none
from offhook.domain.errors import RecordingElsewhere, RecordingGone
from offhook.domain.recordings import LINK_LASTS, Loss, Recording, RecordingFilters, RecordingStatus, link
from offhook.service import recordings

log = structlog.get_logger(__name__)

router = APIRouter(prefix="/voice/recordings", tags=["recordings"])
audio = APIRouter(prefix="/voice/recordings", tags=["recordings"])

WAV, MP3 = "audio/wav", "audio/mpeg"


class RecordingJson(BaseModel):
    """A recording. Its URLs need an API user; they are null while, or since, there is nothing to hear."""

    recording_uid: str = Field(examples=["7d0c2f5e8a9b4c61a3e5f7092b4d6e81"])
    call_id: str
    din: str = Field(description="The dial-in number that was called.", examples=["815012345678"])
    din_uid: str
    caller: str = Field(description="E.164 digits; empty if withheld.", examples=["819012345678"])
    status: RecordingStatus
    reason: str | None = Field(
        description="Why it is lost, or what ended it before the caller did.", examples=["recording-empty"]
    )
    start_time: datetime
    end_time: datetime | None
    duration: int = Field(description="Seconds; one that has begun counts whole.", examples=[42])
    size: int = Field(description="Bytes of the WAV file.")
    heard: bool
    heard_at: datetime | None
    kept_until: datetime | None = Field(description="When its audio is deleted.")
    deleted_at: datetime | None
    wav_url: str | None
    mp3_url: str | None


class LinkJson(BaseModel):
    """Links that need no API user, for whoever has them, until they expire."""

    wav_url: str
    mp3_url: str
    expires_at: datetime


RecordingUid = Annotated[
    str, Path(description="From the list.", examples=["7d0c2f5e8a9b4c61a3e5f7092b4d6e81"], min_length=1, max_length=64)
]


class RecordingQuery(Fields):
    """Which recordings to list."""

    since: Time | None = Field(None, description="Recordings that began at this moment or later.")
    until: Time | None = Field(None, description="Recordings that began before this moment.")
    number: Digits | None = Field(None, description="The dial-in number that was called.")
    heard: Literal["true", "false"] | None = Field(None, description="Only those marked as read, or not.")
    limit: Limit = DEFAULT_LIMIT
    before: Text | None = Field(
        None, min_length=1, max_length=200, description="The `recording_uid` after which to go on."
    )


class LinkQuery(Fields):
    """What stands in a signed link; both are left out with an API user."""

    expires: Text | None = Field(None, max_length=64, description="When the link expires: seconds since 1970.")
    signature: Text | None = Field(None, max_length=128, description="That the link was given out here.")


class Mark(Fields):
    """Whether it was heard."""

    heard: Literal["true", "false"] | StrictBool = Field(description="Marks it as read, or takes the mark away.")


_GONE: Answers = {
    409: {"model": Problem, "description": "It is not whole yet, or its file is on another node."},
    410: {"model": Problem, "description": "It was deleted or is lost, or the link has expired."},
}


def _sound(media_type: str) -> Answers:
    content = {media_type: {"schema": {"type": "string", "format": "binary"}}}
    described: Mapping[str, Any] = {"content": content}
    return {
        **NOT_FOUND,
        **_GONE,
        200: {**described, "description": "The sound."},
        206: {**described, "description": "The part that the header `Range` asks for."},
        416: {"description": "The header `Range` asks for what is not there.", "content": {"text/plain": {}}},
    }


def recording_json(recording: Recording, base_url: str) -> RecordingJson:
    """Write a recording as the API does; `base_url` ends without a slash."""
    urls = f"{base_url}/voice/recordings/{recording.uid}/audio"
    return RecordingJson(
        recording_uid=recording.uid,
        call_id=recording.call_id,
        din=recording.din,
        din_uid=recording.din_uid,
        caller=recording.caller,
        status=recording.status,
        reason=recording.code,
        start_time=time_json(recording.started_at),
        end_time=time_json_or_none(recording.ended_at),
        duration=recording.seconds,
        size=recording.size,
        heard=recording.heard_at is not None,
        heard_at=time_json_or_none(recording.heard_at),
        kept_until=time_json_or_none(recording.kept_until),
        deleted_at=time_json_or_none(recording.deleted_at),
        wav_url=f"{urls}.wav" if recording.is_there else None,
        mp3_url=f"{urls}.mp3" if recording.is_there else None,
    )


@router.get("/", response_model=list[RecordingJson], responses={200: PAGED})
async def list_recordings(
    door: OpenDoor,
    visitor: Visitor,
    request: Request,
    response: Response,
    query: Annotated[RecordingQuery, Query()],
) -> list[RecordingJson]:
    """List recordings that were not deleted, the newest first."""
    is_heard = None if query.heard is None else query.heard == "true"
    filters = RecordingFilters(query.since, query.until, query.number, is_heard)
    listed = partial(
        recordings.list_recordings,
        account_id=visitor.account_id,
        filters=filters,
        limit=query.limit + 1,
        before=query.before,
    )
    found = await door.database.read(listed)
    shown = page(request, response, found, query.limit, lambda last: {"before": last.uid})
    return [recording_json(recording, _base_of(request)) for recording in shown]


@router.get("/{recording_uid}/", responses=NOT_FOUND, dependencies=[Depends(no_query)])
async def read_recording(
    door: OpenDoor, visitor: Visitor, request: Request, recording_uid: RecordingUid
) -> RecordingJson:
    """Read one recording, also one that was deleted."""
    find = partial(recordings.find_recording, account_id=visitor.account_id, uid=recording_uid)
    return recording_json(await door.database.read(find), _base_of(request))


@router.post(
    "/{recording_uid}/",
    response_model=RecordingJson,
    responses={**NOT_FOUND, **POSTED},
    openapi_extra=body_of(Mark),
    dependencies=[Depends(no_query)],
)
async def mark_recording(
    door: OpenDoor,
    visitor: Visitor,
    request: Request,
    recording_uid: RecordingUid,
    mark: Annotated[Mark, Depends(fields_of(Mark))],
    once: DoneOnce,
) -> Response:
    """Mark a recording as read, or take the mark away."""
    done = partial(
        recordings.mark,
        account_id=visitor.account_id,
        uid=recording_uid,
        is_heard=mark.heard in (True, "true"),
        now=door.now(),
    )
    return await once.answer(200, lambda work: recording_json(done(work), _base_of(request)))


@router.delete("/{recording_uid}/", responses={**NOT_FOUND, 409: _GONE[409]}, dependencies=[Depends(no_query)])
async def delete_recording(
    door: OpenDoor, visitor: Visitor, request: Request, recording_uid: RecordingUid
) -> RecordingJson:
    """Delete the audio of a recording. What is known of it stays."""
    delete = partial(recordings.delete, account_id=visitor.account_id, uid=recording_uid, now=door.now())
    deleted = await door.database.write(delete)
    # On another node its own sweep removes it.
    await door.shelf.remove(deleted.path)
    return recording_json(deleted, _base_of(request))


@router.get("/{recording_uid}/link/", responses={**NOT_FOUND, **_GONE}, dependencies=[Depends(no_query)])
async def sign_link(door: OpenDoor, visitor: Visitor, request: Request, recording_uid: RecordingUid) -> LinkJson:
    """Get links to the audio that need no API user, good for an hour."""
    await door.database.read(partial(recordings.find_audio, account_id=visitor.account_id, uid=recording_uid))
    secret = await door.database.read(recordings.link_secret)
    until = time_json(door.now() + LINK_LASTS)
    wav, mp3 = (
        link(_base_of(request), recording_uid, secret=secret, until=until, ending=ending) for ending in ("wav", "mp3")
    )
    return LinkJson(wav_url=wav, mp3_url=mp3, expires_at=until)


async def audible(
    request: Request,
    door: OpenDoor,
    recording_uid: RecordingUid,
    query: Annotated[LinkQuery, Query()],
    credentials: Annotated[HTTPBasicCredentials | None, Depends(basic)],
) -> Recording:
    """Return what a visitor, or whoever has a link, may hear. Raises what both ways of asking do."""
    if query.signature is None and query.expires is None:
        user = await visitor(request, door, credentials)
        find = partial(recordings.find_audio, account_id=user.account_id, uid=recording_uid)
        return await door.database.read(find)
    return await door.database.read(
        partial(
            recordings.find_linked,
            uid=recording_uid,
            expires=query.expires or "",
            signature=query.signature or "",
            now=door.now(),
        )
    )


Audible = Annotated[Recording, Depends(audible)]


@audio.get("/{recording_uid}/audio.wav/", response_class=FileResponse, responses=_sound(WAV))
async def hear_wav(door: OpenDoor, recording: Audible) -> Response:
    """Hear a recording as WAV. It may be asked for in parts (`Range`)."""
    await _check_here(door, recording)
    return _file(recording, door.shelf.place(recording.path), WAV, "wav")


@audio.get("/{recording_uid}/audio.mp3/", response_class=FileResponse, responses=_sound(MP3))
async def hear_mp3(door: OpenDoor, recording: Audible) -> Response:
    """Hear a recording as MP3. It may be asked for in parts (`Range`)."""
    await _check_here(door, recording)
    return _file(recording, await door.shelf.mp3(recording.path), MP3, "mp3")


async def _check_here(door: Door, recording: Recording) -> None:
    if await door.shelf.has(recording.path):
        return
    if recording.node != door.node:
        raise RecordingElsewhere(recording.uid, recording.node)
    await door.database.write(partial(recordings.missing, uid=recording.uid))
    log.error("the file of a recording is gone", recording=recording.uid, path=recording.path)
    raise RecordingGone(recording.uid, f"it is lost ({Loss.MISSING})")


def _file(recording: Recording, place: Any, media_type: str, ending: str) -> FileResponse:
    name = f"{recording.din}-{recording.started_at:%Y-%m-%d-%H%M%S}.{ending}"
    # What somebody said is for nobody's cache but the listener's own.
    return FileResponse(
        place,
        media_type=media_type,
        filename=name,
        content_disposition_type="inline",
        headers={"Cache-Control": "private"},
    )


def _base_of(request: Request) -> str:
    return str(request.base_url).rstrip("/")
