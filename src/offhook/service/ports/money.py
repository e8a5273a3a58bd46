"""What is kept of credits: the book, the prices and what an audit of both reads."""

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Any, Protocol

from offhook.domain.audit import Totals
from offhook.domain.credits import LedgerLine, Posting
from offhook.domain.tariffs import Rate
from offhook.domain.usage import Days, UsageLine


class Ledger(Protocol):
    """The append-only book of postings, with every account's balance kept in step."""

    def post(self, posting: Posting) -> bool:
        """Write a posting; False if one with its id stands there already.

        Raises NotEnoughCredit, and writes nothing, if the account would go below zero.
        """
        ...

    def post_covered(self, posting: Posting) -> None:
        """Write a posting unless one with its id stands there; the credit is known to be there.

        It need not be waited for. If the account went below zero after all, the whole unit would fail.
        """
        ...

    def lock(self, account_id: int) -> tuple[int, int]:
        """Return what `balance` does, and let nobody else post to the account until this unit ends.

        Several accounts are locked in the order of their ids.
        """
        ...

    def balance(self, account_id: int) -> tuple[int, int]:
        """Return available and held micro-credits."""
        ...

    def lines(
        self,
        account_id: int,
        limit: int,
        before: str | None,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> list[LedgerLine]:
        """Return the account's postings, newest first, those older than the posting `before`.

        `since` counts in, `until` does not.
        """
        ...

    def lines_of_call(self, call_id: str) -> list[LedgerLine]:
        """Return the postings of a call, in the order in which they were made."""
        ...

    def length(self, account_id: int) -> int:
        """Return a number that every posting to the account makes larger."""
        ...


class Rates(Protocol):
    """What minutes to destinations cost."""

    def of(self, number: str) -> Rate | None:
        """Return the rate with the longest prefix of these digits."""
        ...

    def all(self) -> list[Rate]:
        """Return the table in the order of its prefixes."""
        ...

    def replace(self, table: Collection[Rate]) -> None:
        """Put this table in the place of the old one."""
        ...


class Usage(Protocol):
    """What numbers were used for."""

    def lines(self, account_id: int, days: Days) -> list[UsageLine]:
        """Return a line for each number and day on which it was called, or charged; by days, then by numbers."""
        ...


Broken = Any
"""A row that breaks a rule, with the names that the rule's statement gives."""


class Books(Protocol):
    """What an audit reads."""

    def broken(self, name: str) -> list[Broken]:
        """Return the first rows that break a rule."""
        ...

    def periods(self) -> Iterator[tuple[str, datetime, datetime, int]]:
        """Return of each living subscription its number, its beginning, its next renewal and its periods."""
        ...

    def totals(self) -> Totals: ...

    def counts(self) -> tuple[int, int]:
        """Count the accounts and the running calls."""
        ...
