"""A diagnosis: what is the matter with a number of the account, and what to do about it."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Any

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from offhook.api.answers import NOT_FOUND
from offhook.api.auth import Visitor
from offhook.api.door import OpenDoor
from offhook.api.errors import NotReady, Throttled
from offhook.api.fields import no_query
from offhook.api.numbers import DinUid
from offhook.api.values import time_json
from offhook.domain.diagnosis.checks import Check
from offhook.domain.diagnosis.findings import Finding, Verdict, worst
from offhook.service import subscriptions

router = APIRouter(prefix="/voice/dins/subscriptions", tags=["subscriptions"], dependencies=[Depends(no_query)])

COSTS_REQUESTS = 100
"""A diagnosis asks and fetches from servers of others, so an account may have one for so many requests."""


class FindingJson(BaseModel):
    """What one check came to."""

    code: Check = Field(description="What was looked at.", examples=[Check.ANSWERS])
    verdict: Verdict = Field(description="`unknown` was not looked at, `warning` works and should be looked at.")
    sentence: str = Field(description="What was found; a mistake in a text is drawn with its caret, on lines.")
    cure: str = Field(description="What to do about it; empty where there is nothing to do.")
    data: dict[str, Any] = Field(description="Facts for programs; `reason` is the code of what failed.")


class DiagnosisJson(BaseModel):
    """What is the matter with a number."""

    din: str = Field(examples=["815012345678"])
    din_uid: str = Field(examples=["JPafr34rafic76tf"])
    at: datetime
    verdict: Verdict = Field(description="The worst of all.")
    findings: list[FindingJson]


class NoInstruments:
    """Nobody who could look: an app that is no part of a node."""

    async def of(self, din: str, account_id: int) -> Sequence[Finding]:  # noqa: ARG002 (the Protocol names them)
        """Say so."""
        raise NotReady("this server cannot look at numbers")


@router.get("/{din_uid}/diagnosis/", responses=NOT_FOUND)
async def diagnose(door: OpenDoor, visitor: Visitor, din_uid: DinUid) -> DiagnosisJson:
    """Say what is the matter with a number, and what to do. Its action server is asked, and its sounds are fetched.

    The request to the action server has a `call_id` that begins with `doctor-`. Nobody is called and nothing is
    charged. It may take as long as the server does.
    """
    find = partial(subscriptions.find_subscription, account_id=visitor.account_id, din_uid=din_uid)
    number = (await door.database.read(find)).number
    wait_s = door.diagnosis_throttle.wait_s(visitor.account_id, door.clock())
    if wait_s:
        raise Throttled(wait_s)
    findings = await door.diagnoses.of(number.din, visitor.account_id)
    return DiagnosisJson(
        din=number.din,
        din_uid=number.din_uid,
        at=time_json(door.now()),
        verdict=worst(findings),
        findings=[
            FindingJson(code=one.code, verdict=one.verdict, sentence=one.sentence, cure=one.cure, data=dict(one.data))
            for one in findings
        ],
    )
