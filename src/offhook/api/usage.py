"""Usage: what each number was used for on each day, for bills and budgets."""

import re
from datetime import date
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Header, Query, Request, Response
from pydantic import AfterValidator, BaseModel, Field, PlainValidator, WithJsonSchema

from offhook.api.auth import Visitor
from offhook.api.door import OpenDoor
from offhook.api.downloads import CSV, FORMAT, PAGED_OR_CSV, Format, csv_headers, download, wants_csv
from offhook.api.fields import Fields
from offhook.api.paging import DEFAULT_LIMIT, LimitOrAll, page
from offhook.api.values import credits_json
from offhook.domain.usage import Place, UsageLine, choose_days
from offhook.service import exports, usage

router = APIRouter(prefix="/account/usage", tags=["account"])

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
# Days that there are, but for the 29th of February, of which only the calendar knows.
_MONTH_AND_DAY = (
    "(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)|02-(?:0[1-9]|[12][0-9]))"
)
_BEHIND_ALL = ":"
"""The character that follows `9`."""
_PLACE = re.compile(rf"([1-9][0-9]{{3}}-{_MONTH_AND_DAY})-([0-9]{{1,32}})")


class UsageJson(BaseModel):
    """One number on one day of UTC. A call belongs to the day on which it came, with all that it cost."""

    day: date
    din: str = Field(examples=["815012345678"])
    calls: int = Field(description="All that came, refused ones too.", examples=[3])
    minutes: int = Field(description="Minutes begun between answer and end.", examples=[4])
    seconds: int = Field(description="Seconds begun between answer and end.", examples=[126])
    cost: float = Field(description="Credits for these calls, with their transfers.", examples=[4.0])
    subscription_cost: float = Field(
        description="Credits that its subscription was charged that day, less what came back.", examples=[650.0]
    )


def _read_day(value: object) -> date:
    try:
        if not _DAY.fullmatch(str(value)):
            raise ValueError
        return date.fromisoformat(str(value))
    except ValueError:
        raise ValueError("a day is written like 2026-11-23; it is one of UTC") from None


def _place(written: str) -> Place:
    found = _PLACE.fullmatch(written)
    if found is None:
        raise ValueError("it is written like 2026-11-23-815012345678")
    try:
        return date.fromisoformat(found[1]), found[2]
    except ValueError:
        # A 29th of February that there was not: behind all of the 28th.
        return date(int(found[1][:4]), 2, 28), _BEHIND_ALL


def _check_place(written: str) -> str:
    _place(written)
    return written


Day = Annotated[date, PlainValidator(_read_day), WithJsonSchema({"type": "string", "format": "date"})]


class UsageQuery(Fields):
    """Which days to tell: at most 366."""

    since: Day | None = Field(None, description="The first day, in UTC; by default the first of the month.")
    until: Day | None = Field(None, description="The day after the last one; by default tomorrow.")
    limit: LimitOrAll = None
    after: Annotated[str, Field(pattern=f"^{_PLACE.pattern}$"), AfterValidator(_check_place)] | None = Field(
        None, description="The `day` and `din` after which to go on, joined by a `-`."
    )
    format: Format | None = Field(None, description=FORMAT)


def usage_json(line: UsageLine) -> UsageJson:
    """Write a line as the API does."""
    return UsageJson(
        day=line.day,
        din=line.din,
        calls=line.calls,
        minutes=line.minutes,
        seconds=line.seconds,
        cost=credits_json(line.cost),
        subscription_cost=credits_json(line.subscription_cost),
    )


@router.get("/", response_model=list[UsageJson], responses={200: PAGED_OR_CSV})
async def read_usage(
    door: OpenDoor,
    visitor: Visitor,
    request: Request,
    response: Response,
    query: Annotated[UsageQuery, Query()],
    accept: Annotated[str, Header(include_in_schema=False)] = "",
) -> list[UsageJson] | Response:
    """Read what each number was used for on each day, as JSON or as CSV (`format=csv` or `Accept: text/csv`)."""
    days = choose_days(query.since, query.until, door.now().date())
    after = None if query.after is None else _place(query.after)
    as_csv = wants_csv(query.format, accept)
    headers = csv_headers("usage", days.since, days.until)
    if as_csv and query.limit is None:
        return await download(door.database, exports.of_usage(visitor.account_id, days, after=after), headers)
    limit = query.limit or DEFAULT_LIMIT
    read = partial(usage.usage_page, account_id=visitor.account_id, days=days, limit=limit + 1, after=after)
    found = await door.database.read(read)
    lines = page(request, response, found, limit, lambda last: {"after": f"{last.day}-{last.din}"})
    if as_csv:
        return Response(exports.USAGE.whole(lines), media_type=CSV, headers={**response.headers, **headers})
    return [usage_json(line) for line in lines]
