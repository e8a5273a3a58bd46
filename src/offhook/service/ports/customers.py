"""What is kept of customers: who they are, who may act for them, and what they may do."""

from collections.abc import Collection
from datetime import datetime
from typing import Protocol

from offhook.domain.accounts import Account, ApiUser
from offhook.domain.limits import Limit, Standing
from offhook.domain.numbers import Number
from offhook.domain.signing import Signing


class Accounts(Protocol):
    """Customers."""

    def add(self, name: str, language: str, now: datetime) -> Account:
        """Add an account with no credit; raises AccountNameTaken."""
        ...

    def settle_in(self, account_id: int, country: str, destinations: Collection[str]) -> None:
        """Keep the account's country, empty for none, and the countries that its transfers may reach."""
        ...

    def route(self, account_id: int, trunk: str) -> None:
        """Keep the name of the account's own trunk, empty for any."""
        ...

    def verify(self, account_id: int, is_verified: bool) -> None:
        """Keep whether the identity of the account's owner was checked."""
        ...

    def by_id(self, account_id: int) -> Account | None: ...

    def by_name(self, name: str) -> Account | None: ...

    def all(self) -> list[Account]:
        """Return every account in the order of names."""
        ...


class ApiUsers(Protocol):
    """Who may act for an account, each named by a SID that no other has."""

    def add(
        self,
        account_id: int,
        sid: str,
        nickname: str,
        token_hash: str,
        now: datetime,
        networks: tuple[str, ...] = (),
    ) -> ApiUser:
        """Add an enabled API user; raises SidTaken."""
        ...

    def by_sid(self, sid: str) -> ApiUser | None: ...

    def lock(self, sid: str) -> ApiUser | None:
        """Return what `by_sid` does; nobody else changes it until this unit ends."""
        ...

    def of(self, account_id: int) -> list[ApiUser]:
        """Return an account's users, the first one first."""
        ...

    def save(self, user: ApiUser) -> None:
        """Keep everything of a user but its account and its SID."""
        ...


class Signings(Protocol):
    """What accounts sign with. Each account that exists has one, be it empty."""

    def of(self, account_id: int) -> Signing: ...

    def lock(self, account_id: int) -> Signing:
        """Return what `of` does; nobody else changes it until this unit ends."""
        ...

    def save(self, account_id: int, signing: Signing) -> None: ...


class Limits(Protocol):
    """What operators allow accounts and numbers, each named by its owner (`domain.limits`)."""

    def of(self, account: str, number: str) -> list[Limit]:
        """Return those of the two owners that have any."""
        ...

    def count(self, account: str, number: str, minute: int) -> None:
        """Count a call for both in the minute so numbered."""
        ...

    def spend(self, account: str, number: str, amount: int, day: int) -> None:
        """Count micro-credits for both on the day so numbered; a negative amount comes back."""
        ...

    def get(self, owner: str) -> Limit | None: ...

    def all(self) -> list[Limit]: ...

    def set(self, limit: Limit) -> None:
        """Keep what is allowed; what was counted stays."""
        ...

    def drop(self, owner: str) -> None: ...


class Standings(Protocol):
    """What decides about one more call."""

    def lock(self, account_id: int, number: Number) -> Standing:
        """Lock an account as `Ledger.lock` does, and only then look: two calls at once cannot both be the last one."""
        ...
