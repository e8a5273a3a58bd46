"""Pages of long lists: one more row is read than was asked for, and `Link: rel=next` says so."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from fastapi import Request, Response

T = TypeVar("T")

DEFAULT_LIMIT = 100
LARGEST_LIMIT = 1000


def page(
    request: Request, response: Response, rows: Sequence[T], limit: int, mark: Callable[[T], dict[str, str]]
) -> Sequence[T]:
    """Return at most `limit` rows; if there are more, link to them by the `mark` of the last one (RFC 8288)."""
    shown = rows[:limit]
    if len(rows) > limit:
        response.headers["Link"] = f'<{request.url.include_query_params(**mark(shown[-1]))}>; rel="next"'
    return shown
