"""What is kept of carriers, and of who calls without being one."""

from collections.abc import Collection
from datetime import datetime
from typing import Protocol

from offhook.domain.logins import Login
from offhook.domain.rules import TrunkRules
from offhook.domain.strangers import Sighting, Stranger
from offhook.domain.trunk_states import TrunkState
from offhook.domain.trunks import Trunk


class Trunks(Protocol):
    """The carriers' gateways."""

    def add(
        self,
        name: str,
        sources: tuple[str, ...],
        send: str | None,
        pass_caller: bool,
        rules: TrunkRules,
        login: Login | None,
        registers: bool,
        now: datetime,
    ) -> Trunk:
        """Add a trunk; raises TrunkNameTaken."""
        ...

    def find(self, name: str) -> Trunk | None: ...

    def lock(self, name: str) -> Trunk | None:
        """Return the trunk as it stays for the rest of the unit, but for what that changes itself."""
        ...

    def rule(self, trunk: Trunk) -> None:
        """Keep the trunk's rules in place of those it had."""
        ...

    def log_in(self, trunk: Trunk) -> None:
        """Keep the trunk's login in place of the one it had."""
        ...

    def ask_proof(self, trunk: Trunk) -> None:
        """Keep the trunk's peer in place of the one it had."""
        ...

    def all(self) -> list[Trunk]: ...


class TrunkStates(Protocol):
    """How trunks fare, as each node sees it."""

    def replace(self, node: str, states: Collection[TrunkState]) -> None:
        """Keep what a node knows in place of what it knew."""
        ...

    def of_nodes_heard_since(self, moment: datetime) -> list[TrunkState]:
        """Return what those nodes know by trunks and kinds, what is so for longest in front."""
        ...

    def forget_before(self, moment: datetime) -> None:
        """Forget what nodes knew that were last heard before a moment."""
        ...


class Strangers(Protocol):
    """Sources that no trunk names, as each node has heard them."""

    def note(self, node: str, sightings: Collection[Sighting]) -> None:
        """Add what a node has heard since the last time; of all its sources the latest `MOST_STRANGERS` are kept."""
        ...

    def drop(self, addresses: Collection[str]) -> None:
        """Forget these sources, whoever heard them."""
        ...

    def forget_before(self, moment: datetime) -> None:
        """Forget what was last heard before a moment."""
        ...

    def addresses(self) -> set[str]:
        """Return every source that is kept."""
        ...

    def all(self) -> list[Stranger]:
        """Return each source of each node, the one heard last in front; the latest 10,000."""
        ...
