"""Free numbers, and those that are kept for a while."""

from collections.abc import Iterable

from offhook_client.answers import Page, reads, reads_list, reads_page
from offhook_client.asks import Ask, Filter, delete, get, post
from offhook_client.documents import Number, Reservation

_RESERVATIONS = ("voice", "dins", "reservations")


def get_din_list(
    *,
    country: str | None = None,
    prefix: str | None = None,
    contains: str | None = None,
    max_monthly_cost: float | None = None,
    max_minute_cost: float | None = None,
    features: Iterable[str] | None = None,
    limit: int | None = None,
    **others: Filter,
) -> Ask[Page[Number]]:
    """Search free numbers; all that fit come, page by page. `limit` is the size of a page."""
    return get(
        reads_page(Number),
        "voice",
        "dins",
        country=country,
        prefix=prefix,
        contains=contains,
        max_monthly_cost=max_monthly_cost,
        max_minute_cost=max_minute_cost,
        features=features,
        limit=limit,
        **others,
    )


def reserve_din(din_uid: str, *, idempotency_key: str | None = None) -> Ask[Reservation]:
    """Keep a number for 30 minutes, free of charge."""
    return post(reads(Reservation), {"din_uid": din_uid}, idempotency_key, *_RESERVATIONS)


def get_reservation_list() -> Ask[list[Reservation]]:
    """List the numbers that are kept for the account."""
    return get(reads_list(Reservation), *_RESERVATIONS)


def release_din(din_uid: str) -> Ask[Reservation]:
    """Give a kept number back."""
    return delete(reads(Reservation), *_RESERVATIONS, din_uid)
