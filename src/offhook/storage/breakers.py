"""The rows of what nodes know of action servers that they leave alone."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, insert, select

from offhook.domain.breakers import Breaker, BreakerState
from offhook.storage.schema import breakers, nodes

_CLEAR = delete(breakers).where(breakers.c.node == bindparam("of_node"))
_ADD = insert(breakers)
_OF_LIVING = (
    select(breakers)
    .join_from(breakers, nodes, nodes.c.name == breakers.c.node)
    .where(breakers.c.account_id == bindparam("of_account"), nodes.c.seen_at >= bindparam("heard_since"))
    .order_by(breakers.c.origin, breakers.c.node)
)
_gone = select(nodes.c.name).where(nodes.c.seen_at < bindparam("moment"))
_FORGET_BEFORE = delete(breakers).where(breakers.c.node.in_(_gone))


class Breakers:
    """See `service.ports.Breakers`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def replace(self, node: str, states: Collection[BreakerState]) -> None:
        self._connection.execute(_CLEAR, {"of_node": node})
        if states:
            self._connection.execute(_ADD, [_row(state) for state in states])

    def of_nodes_heard_since(self, account_id: int, moment: datetime) -> list[BreakerState]:
        rows = self._connection.execute(_OF_LIVING, {"of_account": account_id, "heard_since": moment})
        return [
            BreakerState(row.node, row.account_id, row.origin, Breaker(row.state), row.retry_at, row.code, row.text)
            for row in rows
        ]

    def forget_before(self, moment: datetime) -> None:
        self._connection.execute(_FORGET_BEFORE, {"moment": moment})


def _row(state: BreakerState) -> dict[str, object]:
    return {
        "node": state.node,
        "account_id": state.account_id,
        "origin": state.origin,
        "state": state.state.value,
        "retry_at": state.retry_at,
        "code": state.code,
        "text": state.text,
    }
