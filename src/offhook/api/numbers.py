"""Numbers that are free to subscribe."""

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BaseModel, Field

from offhook.api.answers import PAGED
from offhook.api.door import OpenDoor
from offhook.api.fields import Fields
from offhook.api.paging import DEFAULT_LIMIT, Limit, page
from offhook.api.values import credits_json, price_json
from offhook.domain.credits import from_credits
from offhook.domain.numbers import LONGEST_DIN, Feature, Number, SearchFilters, features_of, read_features
from offhook.errors import InputError
from offhook.service import numbers

router = APIRouter(tags=["numbers"])


class NumberJson(BaseModel):
    """A dial-in number."""

    country_code: str = Field(description="The calling code of its country.", examples=["81"])
    day_cost: float = Field(
        description="Credits for a day, kept when a subscription ends within 24 hours.", examples=[20.0]
    )
    din: str = Field(description="The number: E.164 digits without `+`.", examples=["815012345678"])
    din_uid: str = Field(description="What the API calls it.", examples=["JPafr34rafic76tf"])
    features: list[Feature] = Field(
        description="`transfer`: its calls may be transferred. `verification`: only an account whose identity was"
        " checked may subscribe it.",
        examples=[["transfer"]],
    )
    minute_cost: int | float = Field(description="Credits for each minute begun.", examples=[1])
    monthly_cost: float = Field(description="Credits for 30 days.", examples=[650.0])
    prefix: str = Field(description="The area or kind of number, after the country code.", examples=["50"])


DinUid = Annotated[str, Path(description="From a search.", examples=["JPafr34rafic76tf"])]
Digits = Annotated[str, Field(pattern=f"^[0-9]{{1,{LONGEST_DIN}}}$")]
# The document leaves out the largest amount and zeros that say nothing, which are read too.
_AMOUNT = {"pattern": r"^[0-9]{1,9}(\.[0-9]{1,6})?$"}
Credits = Annotated[str, Field(max_length=20, pattern=r"^[0-9]+(\.[0-9]+)?$", json_schema_extra=_AMOUNT)]
# `read_features` checks the words, and names them to whoever writes another one.
_WORD = "|".join(Feature)
Words = Annotated[str, Field(json_schema_extra={"pattern": f"^({_WORD})(,({_WORD}))*$"})]


class SearchQuery(Fields):
    """What a free number must be like."""

    country: str | None = Field(None, pattern="^[A-Z]{2}$", description="ISO 3166 code.", examples=["JP"])
    prefix: Digits | None = Field(None, description="Digits that the E.164 number starts with.")
    contains: Digits | None = Field(None, description="Digits that stand anywhere in it.")
    max_monthly_cost: Credits | None = Field(None, description="Credits for 30 days at most.")
    max_minute_cost: Credits | None = Field(None, description="Credits for each minute begun at most.")
    features: Words | None = Field(
        None, description="What it must have, with a comma between words.", examples=[Feature.TRANSFER.value]
    )
    limit: Limit = DEFAULT_LIMIT
    after: Digits | None = Field(None, description="The `din` after which to go on.")


def number_json(number: Number) -> NumberJson:
    """Write a number as the API does."""
    return NumberJson(
        country_code=number.country_code,
        day_cost=credits_json(number.day_cost),
        din=number.din,
        din_uid=number.din_uid,
        features=list(features_of(number)),
        minute_cost=price_json(number.minute_cost),
        monthly_cost=credits_json(number.monthly_cost),
        prefix=number.prefix,
    )


@router.get("/voice/dins/", responses={200: PAGED})
async def search_numbers(
    door: OpenDoor, request: Request, response: Response, query: Annotated[SearchQuery, Query()]
) -> list[NumberJson]:
    """Search the free numbers, in the order of their digits."""
    search = partial(numbers.search, now=door.now(), limit=query.limit + 1, after=query.after)
    filters = SearchFilters(
        region=query.country,
        prefix=query.prefix,
        contains=query.contains,
        max_monthly_cost=_read_cost("max_monthly_cost", query.max_monthly_cost),
        max_minute_cost=_read_cost("max_minute_cost", query.max_minute_cost),
        features=frozenset() if query.features is None else read_features(query.features),
    )
    found = await door.database.read(lambda work: search(work, filters))
    return [
        number_json(number) for number in page(request, response, found, query.limit, lambda last: {"after": last.din})
    ]


def _read_cost(field: str, text: str | None) -> int | None:
    if text is None:
        return None
    try:
        return from_credits(text)
    except InputError as error:
        raise InputError(field, error.sentence) from None
