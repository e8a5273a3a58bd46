"""From one page of a list to the next."""

from dataclasses import replace
from typing import TypeVar

from offhook_client.answers import Page
from offhook_client.asks import Ask
from offhook_client.errors import UnexpectedAnswer

T = TypeVar("T")


def after(ask: Ask[Page[T]], page: Page[T]) -> Ask[Page[T]] | None:
    """Return the request for the page after this one; None at the end."""
    if page.next_query is None:
        return None
    if page.next_query == ask.query or not page.next_query:
        raise UnexpectedAnswer(f"{ask.method} {ask.path}", 200, "The list links to the same page again.")
    return replace(ask, query=page.next_query)
