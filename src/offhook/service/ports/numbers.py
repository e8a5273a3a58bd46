"""What is kept of numbers, and of those who hold them."""

from collections.abc import Collection
from datetime import datetime
from typing import Protocol

from offhook.domain.hosted_rules.kept import KeptRules
from offhook.domain.numbers import NewNumber, Number, PoolNumber, SearchFilters
from offhook.domain.reservations import Reservation
from offhook.domain.subscriptions import Dialled, Subscription


class Numbers(Protocol):
    """The pool."""

    def add(self, numbers: Collection[NewNumber], now: datetime) -> None: ...

    def known(self, dins: Collection[str]) -> set[str]:
        """Return those of the numbers that are in the pool already."""
        ...

    def by_uid(self, din_uid: str) -> Number | None: ...

    def dialled(self, din: str) -> Dialled | None:
        """Return a number of the pool with its living subscription."""
        ...

    def free(self, filters: SearchFilters, now: datetime, limit: int, after: str | None) -> list[Number]:
        """Return free numbers in the order of their digits, those after the digits `after`."""
        ...

    def pool(self, contains: str, now: datetime, limit: int, after: str) -> list[PoolNumber]:
        """Return numbers however they stand, in the order of their digits, those after the digits `after`."""
        ...

    def take(self, number_id: int, account_id: int, now: datetime) -> bool:
        """Take a number that is free, or that the account reserves; False if it is neither."""
        ...

    def give_back(self, number_id: int, free_from: datetime) -> None: ...


class Reservations(Protocol):
    """Which free numbers are kept for one account alone, and until when. What has ended is none any more."""

    def begin(self, account_id: int, number_id: int, now: datetime, until: datetime) -> bool:
        """Keep a free number for an account; False if it is not free."""
        ...

    def end(self, account_id: int, number_id: int, now: datetime) -> bool:
        """Free a number that the account reserves; False if it does not."""
        ...

    def count(self, account_id: int, now: datetime) -> int: ...

    def living(self, account_id: int, din_uid: str, now: datetime) -> Reservation | None: ...

    def all_living(self, account_id: int, now: datetime) -> list[Reservation]:
        """Return the account's reservations, the one that ends first in front."""
        ...


class Subscriptions(Protocol):
    """Who holds which number. A number has at most one living subscription."""

    def add(
        self,
        account_id: int,
        number: Number,
        action_url: str | None,
        now: datetime,
        renews_at: datetime,
        api_user_id: int | None = None,
    ) -> Subscription:
        """Add an active subscription that paid the number's monthly cost; raises NumberTaken.

        `api_user_id` is who subscribed for the account, None if it was nobody in particular.
        """
        ...

    def living(self, account_id: int, din_uid: str) -> Subscription | None:
        """Return the account's subscription of a number unless it has ended."""
        ...

    def lock(self, account_id: int, din_uid: str) -> Subscription | None:
        """Return what `living` does; nobody else changes it until this unit ends."""
        ...

    def all_living(self, account_id: int) -> list[Subscription]: ...

    def due(self, now: datetime, limit: int, after: tuple[datetime, int]) -> list[Subscription]:
        """Return and lock living subscriptions whose renewal is due, in its order, those after a moment and an id.

        Those that another unit has locked are left out.
        """
        ...

    def short_accounts(self, now: datetime, until: datetime) -> list[int]:
        """Return the accounts that cannot pay all their renewals between two moments."""
        ...

    def coming(self, account_id: int, now: datetime, until: datetime) -> list[Subscription]:
        """Return and lock an account's renewals between two moments, in their order."""
        ...

    def last_end(self, din: str, before: datetime) -> datetime | None:
        """Return when the last subscription of a number had ended at a moment, None if none had; it is slow."""
        ...

    def save(self, subscription: Subscription) -> None:
        """Keep all of the subscription that can change."""
        ...


class HostedRules(Protocol):
    """What subscriptions say of their calls by themselves, and the token of the URL that serves it."""

    def of(self, subscription_id: int) -> KeptRules | None: ...

    def by_token(self, token: str) -> KeptRules | None:
        """Return the rules that a URL's token names, if their subscription is living."""
        ...

    def add(self, kept: KeptRules) -> None:
        """Keep the rules of a subscription that has none."""
        ...

    def change(self, subscription_id: int, document: str) -> None:
        """Put another document in the place of a subscription's; the token stays."""
        ...

    def drop(self, subscription_id: int) -> None: ...
