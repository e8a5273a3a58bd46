"""The one row that running nodes poll."""

from sqlalchemy import Connection, select, update

from offhook.storage.schema import version

_CURRENT = select(version.c.number)
_BUMP = update(version).values(number=version.c.number + 1)


class Version:
    """See `service.ports.Version`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def current(self) -> int:
        return int(self._connection.execute(_CURRENT).scalar_one())

    def bump(self) -> None:
        self._connection.execute(_BUMP)
