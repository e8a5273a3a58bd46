"""How trunks fare: written by each node when something changed, shown to the operator for the nodes that live."""

from collections.abc import Collection
from datetime import datetime, timedelta

from offhook.domain.trunk_states import TrunkState
from offhook.service.nodes import DEAD_AFTER_S
from offhook.service.ports import Work

KEPT = timedelta(days=7)
"""What a node knew that was not heard for so long is thrown away."""


def keep(work: Work, *, node: str, states: Collection[TrunkState], now: datetime) -> None:
    """Keep all that a node knows, in place of what it knew."""
    known = {trunk.name for trunk in work.trunks.all()}
    work.trunk_states.replace(node, [state for state in states if state.trunk in known])
    work.trunk_states.forget_before(now - KEPT)


def list_states(work: Work, *, now: datetime) -> dict[str, list[TrunkState]]:
    """Return by trunk what the living nodes know, in the order of kinds and of how long it is so."""
    found: dict[str, list[TrunkState]] = {}
    for state in work.trunk_states.of_nodes_heard_since(now - timedelta(seconds=DEAD_AFTER_S)):
        found.setdefault(state.trunk, []).append(state)
    return found
