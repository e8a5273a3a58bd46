"""Which of an account's action servers are left alone for a while, because they failed again and again."""

from datetime import datetime
from functools import partial

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from offhook.api.auth import Visitor
from offhook.api.door import OpenDoor
from offhook.api.fields import no_query
from offhook.api.values import time_json
from offhook.domain.breakers import Breaker, BreakerState
from offhook.service import breakers

router = APIRouter(prefix="/account/breakers", tags=["account"], dependencies=[Depends(no_query)])


class BreakerJson(BaseModel):
    """An action server that a node leaves alone: its calls go on with their fallback at once."""

    origin: str = Field(examples=["https://example.com"])
    state: Breaker = Field(description="`open`: not asked; `half-open`: one call finds out whether it is back.")
    retry_at: datetime = Field(description="When a call asks it again, at the earliest.")
    code: str = Field(description="The code of the last failure.", examples=["connect-failed"])
    text: str = Field(description="The last failure in a sentence.")
    node: str = Field(description="Which node of the platform says so; each finds out for itself.")


def breaker_json(state: BreakerState) -> BreakerJson:
    """Write a breaker as the API does."""
    return BreakerJson(
        origin=state.origin,
        state=state.state,
        retry_at=time_json(state.retry_at),
        code=state.code,
        text=state.text,
        node=state.node,
    )


@router.get("/")
async def list_breakers(door: OpenDoor, visitor: Visitor) -> list[BreakerJson]:
    """List the account's action servers that are left alone now. An empty list is good news."""
    listed = partial(breakers.list_breakers, account_id=visitor.account_id, now=door.now())
    return [breaker_json(state) for state in await door.database.read(listed)]
