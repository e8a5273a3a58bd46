"""The rows of what nodes know of their trunks."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, insert, select

from offhook.domain.trunk_states import Kind, TrunkState
from offhook.storage.schema import nodes, trunk_states

_CLEAR = delete(trunk_states).where(trunk_states.c.node == bindparam("of_node"))
_ADD = insert(trunk_states)
_OF_LIVING = (
    select(trunk_states)
    .join_from(trunk_states, nodes, nodes.c.name == trunk_states.c.node)
    .where(nodes.c.seen_at >= bindparam("heard_since"))
    .order_by(trunk_states.c.trunk, trunk_states.c.kind, trunk_states.c.since, trunk_states.c.node)
)
_gone = select(nodes.c.name).where(nodes.c.seen_at < bindparam("moment"))
_FORGET_BEFORE = delete(trunk_states).where(trunk_states.c.node.in_(_gone))


class TrunkStates:
    """See `service.ports.TrunkStates`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def replace(self, node: str, states: Collection[TrunkState]) -> None:
        self._connection.execute(_CLEAR, {"of_node": node})
        if states:
            self._connection.execute(_ADD, [_row(state) for state in states])

    def of_nodes_heard_since(self, moment: datetime) -> list[TrunkState]:
        rows = self._connection.execute(_OF_LIVING, {"heard_since": moment})
        return [TrunkState(row.node, row.trunk, Kind(row.kind), row.is_up, row.text, row.since) for row in rows]

    def forget_before(self, moment: datetime) -> None:
        self._connection.execute(_FORGET_BEFORE, {"moment": moment})


def _row(state: TrunkState) -> dict[str, object]:
    return {
        "node": state.node,
        "trunk": state.trunk,
        "kind": state.kind.value,
        "is_up": state.is_up,
        "text": state.text,
        "since": state.since,
    }
