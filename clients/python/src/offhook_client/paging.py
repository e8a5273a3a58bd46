"""From one page of a list to the next, and never round in a circle."""

from dataclasses import replace
from typing import Generic, TypeVar

from offhook_client.answers import Page
from offhook_client.asks import Ask
from offhook_client.errors import UnexpectedAnswer

T = TypeVar("T")

# More than anybody reads; a server that always has one more page is ended by it.
MOST_PAGES = 100_000


class Pages(Generic[T]):
    """The pages of one list that were asked for."""

    def __init__(self, first: Ask[Page[T]]) -> None:
        self._ask = first
        self._seen = {first.query}

    def after(self, page: Page[T]) -> Ask[Page[T]] | None:
        """Return the request for the page after this one, which came last; None at the end."""
        query = page.next_query
        if query is None:
            return None
        where = f"{self._ask.method} {self._ask.path}"
        if not query or query in self._seen:
            raise UnexpectedAnswer(where, 200, "The list links to the same page again.")
        if len(self._seen) >= MOST_PAGES:
            raise UnexpectedAnswer(where, 200, f"The list has more than {MOST_PAGES:,} pages.")
        self._seen.add(query)
        self._ask = replace(self._ask, query=query)
        return self._ask
