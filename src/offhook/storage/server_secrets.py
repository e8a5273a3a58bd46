"""The rows of what the platform signs with."""

from sqlalchemy import Connection, bindparam, select

from offhook.storage.schema import server_secrets

_GET = select(server_secrets.c.value).where(server_secrets.c.name == bindparam("of_name"))


class ServerSecrets:
    """See `service.ports.ServerSecrets`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get(self, name: str) -> str:
        return str(self._connection.execute(_GET, {"of_name": name}).scalar_one())
