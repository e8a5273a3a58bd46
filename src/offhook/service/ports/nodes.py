"""What the nodes of a platform tell each other by their database, and remember there."""

from collections.abc import Collection
from datetime import datetime
from typing import Protocol

from offhook.domain.breakers import BreakerState
from offhook.domain.replies import Reply


class Nodes(Protocol):
    """The servers that carry calls, by name: when each was last heard, and in which epoch it lives."""

    def seen_at(self, node: str) -> datetime | None: ...

    def heard_since(self, moment: datetime) -> list[tuple[str, datetime]]:
        """Return the nodes that were heard since, by name, each with when it last was."""
        ...

    def take(self, node: str, now: datetime) -> int:
        """Begin a name's next epoch (1 for a new name), heard at `now`, and return it."""
        ...

    def renew(self, node: str, epoch: int, now: datetime) -> bool:
        """Note that a node was heard; False if it lives in another epoch."""
        ...

    def silent(self, since: datetime, *, besides: str) -> list[tuple[str, datetime | None]]:
        """Return the nodes with running calls that are not lost yet, if not heard since (None: never heard)."""
        ...

    def fence(self, node: str, seen_at: datetime) -> bool:
        """Begin a silent node's next epoch without hearing it; False if it was heard after `seen_at`."""
        ...


class Breakers(Protocol):
    """Action servers that are left alone for a while, as each node sees it."""

    def replace(self, node: str, states: Collection[BreakerState]) -> None:
        """Keep what a node knows in place of what it knew."""
        ...

    def of_nodes_heard_since(self, account_id: int, moment: datetime) -> list[BreakerState]:
        """Return what those nodes know of an account's servers, by origins."""
        ...

    def forget_before(self, moment: datetime) -> None:
        """Forget what nodes knew that were last heard before a moment."""
        ...


class ServerSecrets(Protocol):
    """What the platform signs with; all nodes have the same."""

    def get(self, name: str) -> str:
        """Return a secret in hexadecimal digits."""
        ...


class Replies(Protocol):
    """What was answered under an idempotency key, per account."""

    def get(self, account_id: int, key: str) -> Reply | None: ...

    def begin(self, account_id: int, key: str, body_hash: str, now: datetime) -> None: ...

    def finish(self, account_id: int, key: str, status: int, body: str) -> None: ...

    def drop(self, account_id: int, key: str) -> None: ...

    def drop_before(self, moment: datetime) -> None: ...


class Version(Protocol):
    """A counter that every node polls to learn that something it keeps in memory has changed."""

    def current(self) -> int: ...

    def bump(self) -> None: ...
