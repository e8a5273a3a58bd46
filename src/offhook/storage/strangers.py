"""The rows of strangers: at most so many a node, each a source with all that was heard of it."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from offhook.domain.strangers import MOST_STRANGERS, Sighting, Stranger
from offhook.storage.schema import strangers

MOST_READ = 10_000
"""A hundred nodes' rows; who has more sees the latest of them."""

_of_node = strangers.c.node == bindparam("of_node")
_of_address = strangers.c.address == bindparam("of_address")
_KNOWN = select(strangers.c.address).where(_of_node)
_ADD = insert(strangers)
_HEARD = (
    update(strangers)
    .where(_of_node, _of_address)
    .values(
        count=strangers.c.count + bindparam("heard"),
        first_line=bindparam("said"),
        last_seen_at=bindparam("heard_at"),
    )
)
_BEYOND = _KNOWN.order_by(strangers.c.last_seen_at.desc(), strangers.c.address).offset(MOST_STRANGERS)
_FORGET = delete(strangers).where(_of_node, _of_address)
_FORGET_BEFORE = delete(strangers).where(strangers.c.last_seen_at < bindparam("moment"))
_DROP = delete(strangers).where(_of_address)
_ADDRESSES = select(strangers.c.address).distinct()
# A row has a method named `count`.
_heard_of = strangers.c.count.label("heard")
_LATEST = select(strangers, _heard_of).order_by(strangers.c.last_seen_at.desc(), strangers.c.address).limit(MOST_READ)


class Strangers:
    """See `service.ports.Strangers`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def note(self, node: str, sightings: Collection[Sighting]) -> None:
        known = set(self._connection.execute(_KNOWN, {"of_node": node}).scalars())
        again = [_heard(node, one) for one in sightings if one.address in known]
        new = [_row(node, one) for one in sightings if one.address not in known]
        if again:
            self._connection.execute(_HEARD, again)
        if new:
            self._connection.execute(_ADD, new)
        beyond = self._connection.execute(_BEYOND, {"of_node": node}).scalars().all()
        if beyond:
            self._connection.execute(_FORGET, [{"of_node": node, "of_address": address} for address in beyond])

    def drop(self, addresses: Collection[str]) -> None:
        if addresses:
            self._connection.execute(_DROP, [{"of_address": address} for address in sorted(addresses)])

    def forget_before(self, moment: datetime) -> None:
        self._connection.execute(_FORGET_BEFORE, {"moment": moment})

    def addresses(self) -> set[str]:
        return set(self._connection.execute(_ADDRESSES).scalars())

    def all(self) -> list[Stranger]:
        return [
            Stranger(row.address, row.first_line, row.heard, row.first_seen_at, row.last_seen_at, (row.node,))
            for row in self._connection.execute(_LATEST)
        ]


def _row(node: str, heard: Sighting) -> dict[str, object]:
    return {
        "node": node,
        "address": heard.address,
        "first_line": heard.first_line,
        "count": heard.count,
        "first_seen_at": heard.first_at,
        "last_seen_at": heard.last_at,
    }


def _heard(node: str, heard: Sighting) -> dict[str, object]:
    return {
        "of_node": node,
        "of_address": heard.address,
        "heard": heard.count,
        "said": heard.first_line,
        "heard_at": heard.last_at,
    }
