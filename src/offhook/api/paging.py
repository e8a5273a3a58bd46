"""Pages of long lists: one more row is read than was asked for, and `Link: rel=next` says so."""

from collections.abc import Callable, Sequence
from typing import Annotated, TypeVar

from fastapi import Request, Response
from pydantic import BeforeValidator, Field

T = TypeVar("T")

DEFAULT_LIMIT = 100
LARGEST_LIMIT = 1000


def _written_in_digits(value: object) -> object:
    """Refuse what Python takes for an integer besides: `1_0`, `+1`, ` 1`, `1.0`."""
    if isinstance(value, str) and not (value.isascii() and value.isdigit()):
        raise ValueError("a whole number is written with the digits 0 to 9 alone")
    return value


_Count = Annotated[int, Field(ge=1, le=LARGEST_LIMIT), BeforeValidator(_written_in_digits)]
Limit = Annotated[_Count, Field(description="How many to return at most.")]
LimitOrAll = Annotated[
    _Count | None,
    Field(description="How many to return at most. If it is not given, 100 are returned as JSON, and all as CSV."),
]


def page(
    request: Request, response: Response, rows: Sequence[T], limit: int, mark: Callable[[T], dict[str, str]]
) -> Sequence[T]:
    """Return at most `limit` rows; if there are more, link to them by the `mark` of the last one (RFC 8288)."""
    shown = rows[:limit]
    if len(rows) > limit:
        response.headers["Link"] = f'<{request.url.include_query_params(**mark(shown[-1]))}>; rel="next"'
    return shown
