"""The rows of trunks."""

from datetime import datetime

from sqlalchemy import Connection, insert, select
from sqlalchemy.exc import IntegrityError

from offhook.domain.errors import TrunkNameTaken
from offhook.domain.trunks import Trunk
from offhook.storage.schema import trunks

_ALL = select(trunks.c.id, trunks.c.name, trunks.c.sources, trunks.c.send, trunks.c.pass_caller).order_by(trunks.c.name)


class Trunks:
    """See `service.ports.Trunks`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, name: str, sources: tuple[str, ...], send: str | None, pass_caller: bool, now: datetime) -> Trunk:
        row = {
            "name": name,
            "sources": list(sources),
            "send": send,
            "pass_caller": pass_caller,
            "created_at": now,
        }
        try:
            added = self._connection.execute(insert(trunks).returning(trunks.c.id), row).scalar_one()
        except IntegrityError:
            raise TrunkNameTaken(name) from None
        return Trunk(added, name, sources, send, pass_caller)

    def all(self) -> list[Trunk]:
        return [
            Trunk(row.id, row.name, tuple(row.sources), row.send, row.pass_caller)
            for row in self._connection.execute(_ALL)
        ]
