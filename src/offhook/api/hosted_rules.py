"""Hosted rules: what a number does with its calls by itself, tried before it counts, and served as a URL too."""

import secrets
from datetime import datetime
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import JSONResponse
from pydantic import AfterValidator, BaseModel, Field

from offhook.api.answers import NOT_FOUND, POSTED, Answers
from offhook.api.auth import Visitor
from offhook.api.door import Door, OpenDoor
from offhook.api.errors import Problem, Throttled
from offhook.api.fields import JSON, Fields, Time, json_document, no_query
from offhook.api.numbers import DinUid
from offhook.api.rule_documents import RulesDocument
from offhook.api.values import time_json
from offhook.domain.errors import RulesUrlNotFound
from offhook.domain.hosted_rules.decision import Rule
from offhook.domain.hosted_rules.document import FIRST_YEAR, LAST_YEAR
from offhook.domain.numbers import caller_identity, short_digits
from offhook.service import hosted_rules
from offhook.service.hosted_rules import Hosted

router = APIRouter(prefix="/voice/dins/subscriptions/{din_uid}/rules", tags=["hosted rules"])
public = APIRouter(prefix="/hosted", tags=["hosted rules"])

TOKEN_BYTES = 32
_NOBODY = 0
"""Whose budget of requests those have who name no rules; no subscription has this id."""
_TOO_LARGE: Answers = {status: POSTED[status] for status in (413, 415)}
_BODY: dict[str, Any] = {
    "requestBody": {"required": True, "content": {JSON: {"schema": {"$ref": "#/components/schemas/RulesDocument"}}}}
}


class HostedRulesJson(BaseModel):
    """The rules of a number, and where they are served as an action URL."""

    din_uid: str
    rules: RulesDocument
    url: str = Field(
        description="Answers with the script, as an action server does. Whoever knows it can ask: keep it secret.",
        examples=["https://api.example.com/hosted/QmVzdCBrZXB0IHNlY3JldC4/"],
    )


class PreviewJson(BaseModel):
    """What would happen with a call, and why."""

    rule: Rule
    script: str = Field(examples=["reject declined"])
    why: str = Field(examples=["493012345 is, by 4930*, on the block list"])
    at: datetime
    local_time: str = Field(description="The moment as the rules' time zone shows it.")
    time_zone: str = Field(examples=["Asia/Tokyo"])


def _check_caller(written: str) -> str:
    digits = short_digits(written)
    if not digits:
        raise ValueError("a caller is 1 to 15 digits; whoever withheld the number is anonymous=1")
    return digits


def _check_moment(at: datetime) -> datetime:
    if not FIRST_YEAR <= at.year <= LAST_YEAR:
        raise ValueError(f"rules are asked about the years {FIRST_YEAR} to {LAST_YEAR}")
    return at


class Call(Fields):
    """The call to try."""

    at: Annotated[Time, AfterValidator(_check_moment)] | None = Field(
        None, description="When it comes; now if not said."
    )
    caller: (
        Annotated[str, AfterValidator(_check_caller), Field(json_schema_extra={"pattern": "^[0-9]{1,15}$"})] | None
    ) = Field(None, description="Who calls.", examples=["819012345678"])
    anonymous: bool = Field(False, description="Whether the caller withheld the number.")


@router.put(
    "/",
    response_model=HostedRulesJson,
    responses={**NOT_FOUND, **_TOO_LARGE},
    openapi_extra=_BODY,
    dependencies=[Depends(no_query)],
)
async def set_rules(
    door: OpenDoor,
    visitor: Visitor,
    request: Request,
    din_uid: DinUid,
    document: Annotated[object, Depends(json_document)],
) -> Response:
    """Let these rules decide about the number's calls, in place of an action URL and of the rules it had."""
    put = partial(
        hosted_rules.set_rules,
        account_id=visitor.account_id,
        din_uid=din_uid,
        document=document,
        fresh=partial(secrets.token_urlsafe, TOKEN_BYTES),
    )
    return _shown(request, din_uid, await door.database.write(put))


@router.get("/", response_model=HostedRulesJson, responses=NOT_FOUND, dependencies=[Depends(no_query)])
async def read_rules(door: OpenDoor, visitor: Visitor, request: Request, din_uid: DinUid) -> Response:
    """Read the rules in the form in which they are kept, and their URL."""
    find = partial(hosted_rules.find_rules, account_id=visitor.account_id, din_uid=din_uid)
    return _shown(request, din_uid, await door.database.read(find))


@router.delete("/", response_model=HostedRulesJson, responses=NOT_FOUND, dependencies=[Depends(no_query)])
async def take_away_rules(door: OpenDoor, visitor: Visitor, request: Request, din_uid: DinUid) -> Response:
    """Take the rules away, and their URL with them."""
    take = partial(hosted_rules.take_away_rules, account_id=visitor.account_id, din_uid=din_uid)
    return _shown(request, din_uid, await door.database.write(take))


@router.get("/preview/", responses=NOT_FOUND)
async def preview_rules(
    door: OpenDoor, visitor: Visitor, din_uid: DinUid, call: Annotated[Call, Query()]
) -> PreviewJson:
    """Say what would happen with a call, without any."""
    at = call.at or door.now()
    preview = partial(
        hosted_rules.preview,
        account_id=visitor.account_id,
        din_uid=din_uid,
        at=at,
        caller=call.caller or "",
        anonymous=call.anonymous,
    )
    decision = await door.database.read(preview)
    return PreviewJson(
        rule=decision.rule,
        script=decision.script,
        why=decision.why,
        at=time_json(at),
        local_time=decision.local.isoformat("T", "seconds"),
        time_zone=str(decision.local.tzinfo),
    )


@public.get(
    "/{token}/",
    response_class=Response,
    responses={
        200: {"description": "Action lines.", "content": {"text/plain": {"schema": {"type": "string"}}}},
        404: {"model": Problem, "description": "No rules are served here."},
        429: {"model": Problem, "description": "Too many requests; come back later."},
    },
)
async def serve_rules(door: OpenDoor, token: str, caller: str = "", anonymous: str = "") -> Response:
    """Answer as an action server does: what the rules say of a call that comes now. Other parameters mean nothing."""
    try:
        kept = await door.database.read(partial(hosted_rules.by_token, token=token))
    except RulesUrlNotFound:
        # All who guess share one budget.
        _count(door, _NOBODY)
        raise
    _count(door, kept.subscription_id)
    known = caller_identity(caller, "", anonymous == "1")
    decision = hosted_rules.decision_of(kept.document, door.now(), known.number, anonymous=known.anonymous)
    return Response(f"{decision.script}\n", media_type="text/plain", headers={"Cache-Control": "no-store"})


def _count(door: Door, subscription_id: int) -> None:
    wait_s = door.rules_throttle.wait_s(subscription_id, door.clock())
    if wait_s:
        raise Throttled(wait_s)


def _shown(request: Request, din_uid: str, hosted: Hosted) -> Response:
    """Show the rules as they are kept: they were read strictly when they were set."""
    url = f"{request.base_url}hosted/{hosted.token}/"
    return JSONResponse({"din_uid": din_uid, "rules": hosted.document, "url": url})
