"""The account of whoever asks: its credit, and every posting that moved it."""

from datetime import datetime
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Query, Request, Response
from pydantic import BaseModel, Field

from offhook.api.auth import Visitor
from offhook.api.door import OpenDoor
from offhook.api.downloads import CSV, FORMAT, PAGED_OR_CSV, Format, csv_headers, download, wants_csv
from offhook.api.fields import Fields, Text, Time, no_query
from offhook.api.paging import DEFAULT_LIMIT, LimitOrAll, page
from offhook.api.values import credits_json, time_json
from offhook.domain.accounts import AccountSummary
from offhook.domain.credits import LedgerLine, PostingKind
from offhook.service import accounts, exports

router = APIRouter(prefix="/account", tags=["account"])


class AccountJson(BaseModel):
    """An account's credit."""

    name: str = Field(examples=["Shop"])
    balance: float = Field(description="Credits, available and held together.", examples=[99350.0])
    held: float = Field(description="What running calls have put aside.", examples=[1.0])
    available: float = Field(description="What can be spent.", examples=[99349.0])
    minimum_credit: float = Field(description="With less available no calls are taken.", examples=[50.0])


class PostingJson(BaseModel):
    """One movement of credit. `amount` changes `balance`; what is held stays the account's own."""

    id: str
    at: datetime
    kind: PostingKind
    amount: float = Field(examples=[-650.0])
    balance: float = Field(description="The account's balance after it.", examples=[99350.0])
    din: str | None = Field(examples=["815012345678"])
    call_id: str | None
    text: str


class LedgerQuery(Fields):
    """Which postings to read."""

    since: Time | None = Field(None, description="Postings of this moment or later.")
    until: Time | None = Field(None, description="Postings before this moment.")
    limit: LimitOrAll = None
    before: Text | None = Field(None, min_length=1, max_length=300, description="The `id` after which to go on.")
    format: Format | None = Field(None, description=FORMAT)


def account_json(summary: AccountSummary) -> AccountJson:
    """Write an account's credit as the API does."""
    return AccountJson(
        name=summary.name,
        balance=credits_json(summary.balance),
        held=credits_json(summary.held),
        available=credits_json(summary.available),
        minimum_credit=credits_json(summary.minimum_credit),
    )


def posting_json(line: LedgerLine) -> PostingJson:
    """Write a posting as the API does."""
    posting = line.posting
    return PostingJson(
        id=posting.id,
        at=time_json(posting.at),
        kind=posting.kind,
        amount=credits_json(line.change),
        balance=credits_json(line.balance),
        din=posting.din,
        call_id=posting.call_id,
        text=posting.text,
    )


@router.get("/", dependencies=[Depends(no_query)])
async def read_account(door: OpenDoor, visitor: Visitor) -> AccountJson:
    """Read the account's credit."""
    return account_json(
        await door.database.read(partial(accounts.summary, account_id=visitor.account_id, terms=door.terms))
    )


@router.get("/ledger/", response_model=list[PostingJson], responses={200: PAGED_OR_CSV})
async def read_ledger(
    door: OpenDoor,
    visitor: Visitor,
    request: Request,
    response: Response,
    query: Annotated[LedgerQuery, Query()],
    accept: Annotated[str, Header(include_in_schema=False)] = "",
) -> list[PostingJson] | Response:
    """Read what moved the account's credit, the newest first, as JSON or CSV (`format=csv` or `Accept: text/csv`)."""
    as_csv = wants_csv(query.format, accept)
    headers = csv_headers("ledger", query.since, query.until or door.now())
    if as_csv and query.limit is None:
        export = exports.of_ledger(visitor.account_id, before=query.before, since=query.since, until=query.until)
        return await download(door.database, export, headers)
    limit = query.limit or DEFAULT_LIMIT
    ledger = partial(
        accounts.ledger_page,
        account_id=visitor.account_id,
        limit=limit + 1,
        before=query.before,
        since=query.since,
        until=query.until,
    )
    lines = page(request, response, await door.database.read(ledger), limit, lambda last: {"before": last.posting.id})
    if as_csv:
        return Response(exports.LEDGER.whole(lines), media_type=CSV, headers={**response.headers, **headers})
    return [posting_json(line) for line in lines]
