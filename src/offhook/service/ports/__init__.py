"""What the use cases need of a database, and nothing more.

A unit of work is a plain function of a `Work`. It happens whole or not at all: when it raises,
nothing of it remains, and its result is handed out only after its commit. Units may be grouped
into one commit, so they must not wait for anything outside the database.
"""

from collections.abc import Callable
from typing import Protocol, TypeVar

from offhook.service.ports.calls import Calls, Commands, Legs, Recordings
from offhook.service.ports.carriers import Strangers, Trunks, TrunkStates
from offhook.service.ports.customers import Accounts, ApiUsers, Limits, Signings, Standings
from offhook.service.ports.money import Books, Ledger, Rates, Usage
from offhook.service.ports.nodes import Breakers, Nodes, Replies, ServerSecrets, Version
from offhook.service.ports.numbers import HostedRules, Numbers, Reservations, Subscriptions
from offhook.service.ports.telling import Notices, Webhooks

T = TypeVar("T")


class Work(Protocol):
    """One unit of work: everything that is kept, by its noun."""

    @property
    def accounts(self) -> Accounts: ...

    @property
    def api_users(self) -> ApiUsers: ...

    @property
    def numbers(self) -> Numbers: ...

    @property
    def subscriptions(self) -> Subscriptions: ...

    @property
    def hosted_rules(self) -> HostedRules: ...

    @property
    def ledger(self) -> Ledger: ...

    @property
    def calls(self) -> Calls: ...

    @property
    def commands(self) -> Commands: ...

    @property
    def legs(self) -> Legs: ...

    @property
    def limits(self) -> Limits: ...

    @property
    def standings(self) -> Standings: ...

    @property
    def notices(self) -> Notices: ...

    @property
    def rates(self) -> Rates: ...

    @property
    def nodes(self) -> Nodes: ...

    @property
    def trunks(self) -> Trunks: ...

    @property
    def trunk_states(self) -> TrunkStates: ...

    @property
    def breakers(self) -> Breakers: ...

    @property
    def signings(self) -> Signings: ...

    @property
    def strangers(self) -> Strangers: ...

    @property
    def usage(self) -> Usage: ...

    @property
    def books(self) -> Books: ...

    @property
    def recordings(self) -> Recordings: ...

    @property
    def server_secrets(self) -> ServerSecrets: ...

    @property
    def replies(self) -> Replies: ...

    @property
    def reservations(self) -> Reservations: ...

    @property
    def version(self) -> Version: ...

    @property
    def webhooks(self) -> Webhooks: ...


class Database(Protocol):
    """Where units of work are done: awaited by the server, at once (`_now`) by the command line.

    Every verb raises what the unit raises, or DatabaseAway when the database cannot do it.
    """

    async def write(self, unit: Callable[[Work], T]) -> T: ...

    async def read(self, unit: Callable[[Work], T]) -> T: ...

    def write_now(self, unit: Callable[[Work], T]) -> T: ...

    def read_now(self, unit: Callable[[Work], T]) -> T: ...
