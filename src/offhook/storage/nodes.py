"""The rows of nodes: one a name, with its epoch and the last time at which it was heard."""

from datetime import datetime

from sqlalchemy import Connection, bindparam, insert, or_, select, update

from offhook.storage.schema import calls, nodes

_this = nodes.c.name == bindparam("node")
_SEEN_AT = select(nodes.c.seen_at).where(_this)
_HEARD = select(nodes.c.name, nodes.c.seen_at).where(nodes.c.seen_at >= bindparam("since")).order_by(nodes.c.name)
_TAKE = update(nodes).where(_this).values(epoch=nodes.c.epoch + 1, seen_at=bindparam("now")).returning(nodes.c.epoch)
_ADD = insert(nodes).returning(nodes.c.epoch)
_RENEW = (
    update(nodes)
    .where(_this, nodes.c.epoch == bindparam("held"))
    .values(seen_at=bindparam("now"))
    .returning(nodes.c.epoch)
)
_FENCE = (
    update(nodes)
    .where(_this, nodes.c.seen_at == bindparam("last"))
    .values(epoch=nodes.c.epoch + 1)
    .returning(nodes.c.epoch)
)
# It begins at the running calls, which an index holds: most rows of `nodes` are history.
_SILENT = (
    select(calls.c.node, nodes.c.seen_at)
    .distinct()
    .select_from(calls.outerjoin(nodes, nodes.c.name == calls.c.node))
    .where(
        calls.c.ended_at.is_(None),
        calls.c.lost_at.is_(None),
        calls.c.node != bindparam("besides"),
        or_(nodes.c.seen_at.is_(None), nodes.c.seen_at < bindparam("since")),
    )
    .order_by(calls.c.node)
)


class Nodes:
    """See `service.ports.Nodes`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def seen_at(self, node: str) -> datetime | None:
        return self._connection.execute(_SEEN_AT, {"node": node}).scalar()

    def heard_since(self, moment: datetime) -> list[tuple[str, datetime]]:
        return [(row.name, row.seen_at) for row in self._connection.execute(_HEARD, {"since": moment})]

    def take(self, node: str, now: datetime) -> int:
        epoch = self._connection.execute(_TAKE, {"node": node, "now": now}).scalar()
        if epoch is None:
            epoch = self._connection.execute(_ADD, {"name": node, "epoch": 1, "seen_at": now}).scalar_one()
        return int(epoch)

    def renew(self, node: str, epoch: int, now: datetime) -> bool:
        held = self._connection.execute(_RENEW, {"node": node, "held": epoch, "now": now})
        return held.scalar() is not None

    def silent(self, since: datetime, *, besides: str) -> list[tuple[str, datetime | None]]:
        rows = self._connection.execute(_SILENT, {"since": since, "besides": besides})
        return [(row.node, row.seen_at) for row in rows]

    def fence(self, node: str, seen_at: datetime) -> bool:
        return self._connection.execute(_FENCE, {"node": node, "last": seen_at}).scalar() is not None
