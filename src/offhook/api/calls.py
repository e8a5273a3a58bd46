"""Calls: the log, as JSON or CSV, and the timeline of each."""

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Path, Query, Request, Response
from pydantic import BaseModel, Field

from offhook.api.answers import NOT_FOUND
from offhook.api.auth import Visitor
from offhook.api.door import OpenDoor
from offhook.api.downloads import CSV, FORMAT, PAGED_OR_CSV, Format, csv_headers, download, wants_csv
from offhook.api.fields import Fields, Text, Time, no_query
from offhook.api.paging import DEFAULT_LIMIT, LimitOrAll, page
from offhook.api.values import credits_json, time_json, time_json_or_none
from offhook.domain.calls import Call, CallFilters, Status, TimelineEvent
from offhook.service import calls, exports

router = APIRouter(prefix="/voice/calls", tags=["calls"])


class CallJson(BaseModel):
    """A call. `callid` and `uuid` are `call_id` again, under the names that older clients know."""

    call_id: str
    callid: str
    uuid: str
    direction: str = Field(examples=["inbound"])
    caller: str = Field(description="E.164 digits, or what was received; empty if withheld.", examples=["819012345678"])
    recipient: str = Field(description="The dial-in number.", examples=["815012345678"])
    status: Status
    reason: str | None = Field(description="Why it did not go as wished.", examples=["no-credit"])
    start_time: datetime
    answer_time: datetime | None
    end_time: datetime | None
    duration: int = Field(description="Seconds from answer to end; one that has begun counts whole.", examples=[42])
    cost: float = Field(description="Credits.", examples=[1.0])
    actionurl: str | None
    apiuser: str = Field(examples=["Shop"])


class CauseJson(BaseModel):
    """Why a call did not go as wished; without a code it did."""

    code: str | None = Field(examples=["http-status"])
    sentence: str = Field(
        examples=["The action URL https://example.com/calls gave no answer that can be used: it answered 404."]
    )
    cure: str = Field(description="What to do; empty if nothing is to be done.")


class EventJson(BaseModel):
    """One line of a call's timeline."""

    at_ms: float = Field(description="Milliseconds since the call came in.", examples=[12.4])
    kind: str = Field(examples=["action-requested"])
    code: str | None
    text: str = Field(examples=["asked https://example.com/calls (attempt 1)"])
    data: Mapping[str, object]
    cause: Annotated[
        CauseJson | None,
        Field(description="On the first line alone: why the call did not go as wished, in one sentence."),
    ] = None


Digits = Annotated[str, Field(pattern="^[0-9]{1,32}$")]
CallId = Annotated[str, Path(description="From the log.", examples=["5d2c4a1e-9f0b-4a57-8f0e-3b9d1c6e7a42"])]


class CallQuery(Fields):
    """Which calls to list."""

    since: Time | None = Field(None, description="Calls that came at this moment or later.")
    until: Time | None = Field(None, description="Calls that came before this moment.")
    number: Digits | None = Field(None, description="The dial-in number that was called.")
    caller: Digits | None = Field(None, description="Who called.")
    status: Status | None = None
    reason: str | None = Field(None, pattern="^[a-z0-9-]{1,64}$", description="A code, like `no-credit`.")
    limit: LimitOrAll = None
    before: Text | None = Field(None, min_length=1, max_length=200, description="The `call_id` after which to go on.")
    format: Format | None = Field(None, description=FORMAT)


def call_json(call: Call) -> CallJson:
    """Write a call as the API does."""
    return CallJson(
        call_id=call.call_id,
        callid=call.call_id,
        uuid=call.call_id,
        direction=call.direction,
        caller=call.caller.number,
        recipient=call.recipient,
        status=call.status,
        reason=call.reason,
        start_time=time_json(call.started_at),
        answer_time=time_json_or_none(call.answered_at),
        end_time=time_json_or_none(call.ended_at),
        duration=call.duration_s,
        cost=credits_json(call.cost),
        actionurl=call.action_url,
        apiuser=call.api_user,
    )


def event_json(event: TimelineEvent) -> EventJson:
    """Write an event as the API does."""
    return EventJson(at_ms=event.at_ms, kind=event.kind, code=event.code, text=event.text, data=event.data)


@router.get("/", response_model=list[CallJson], responses={200: PAGED_OR_CSV})
async def list_calls(
    door: OpenDoor,
    visitor: Visitor,
    request: Request,
    response: Response,
    query: Annotated[CallQuery, Query()],
    accept: Annotated[str, Header(include_in_schema=False)] = "",
) -> list[CallJson] | Response:
    """List calls, the newest first, as JSON or as CSV (`format=csv` or `Accept: text/csv`)."""
    filters = CallFilters(query.since, query.until, query.number, query.caller, query.status, query.reason)
    as_csv = wants_csv(query.format, accept)
    headers = csv_headers("calls", query.since, query.until or door.now())
    if as_csv and query.limit is None:
        export = exports.of_calls(visitor.account_id, filters, before=query.before)
        return await download(door.database, export, headers)
    limit = query.limit or DEFAULT_LIMIT
    listed = partial(
        calls.list_calls, account_id=visitor.account_id, filters=filters, limit=limit + 1, before=query.before
    )
    shown = page(request, response, await door.database.read(listed), limit, lambda last: {"before": last.call_id})
    if as_csv:
        return Response(exports.CALLS.whole(shown), media_type=CSV, headers={**response.headers, **headers})
    return [call_json(call) for call in shown]


@router.get("/{call_id}/", responses=NOT_FOUND, dependencies=[Depends(no_query)])
async def read_call(door: OpenDoor, visitor: Visitor, call_id: CallId) -> CallJson:
    """Read one call."""
    return call_json(await door.database.read(partial(calls.find_call, account_id=visitor.account_id, call_id=call_id)))


@router.get("/{call_id}/timeline/", responses=NOT_FOUND, dependencies=[Depends(no_query)])
async def read_timeline(door: OpenDoor, visitor: Visitor, call_id: CallId) -> list[EventJson]:
    """Read what happened in a call, moment by moment."""
    read = partial(calls.explanation, account_id=visitor.account_id, call_id=call_id)
    found = await door.database.read(read)
    told = [event_json(event) for event in found.lines]
    if told:
        told[0].cause = CauseJson(code=found.why.code, sentence=found.why.sentence, cure=found.why.cure)
    return told
