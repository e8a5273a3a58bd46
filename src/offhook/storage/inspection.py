"""What schema a database has, found out without changing it."""

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, func, select

from offhook.errors import SetupError
from offhook.storage.database import BUSY_TIMEOUT_S, read_url
from offhook.storage.errors import SchemaTooNew, told
from offhook.storage.upgrade import HEAD, is_known, revision


@dataclass(frozen=True, slots=True)
class Schema:
    """The revision that a database has (None: no tables yet), and the one that this program needs.

    `ahead_s` is how far the clock of a database server is ahead of ours, None where it has none of its own.
    """

    kind: str
    present: str | None
    needed: str = HEAD
    ahead_s: float | None = None

    @property
    def is_current(self) -> bool:
        """Whether a node can start without changing the schema."""
        return self.present == self.needed


def inspect_database(url: str, *, busy_timeout_s: float = BUSY_TIMEOUT_S) -> Schema:
    """Return the schema of a database.

    Raises SetupError (also if there is no such file), SchemaTooNew, DatabaseAway.
    """
    parts = read_url(url)
    if parts.get_backend_name() == "sqlite":
        from pathlib import Path

        from offhook.storage.sqlite import reader_engine

        if not Path(str(parts.database)).exists():
            raise SetupError(f"there is no file {parts.database}", hint="`offhook database upgrade` makes it")
        engine = reader_engine(parts, busy_timeout_s)
    else:
        from offhook.storage.postgres import engine_of

        engine = engine_of(parts, busy_timeout_s)
    try:
        with told(), engine.connect() as connection:
            return Schema(parts.get_backend_name(), _known(connection), ahead_s=_ahead_s(connection))
    finally:
        engine.dispose()


def _known(connection: Connection) -> str | None:
    present = revision(connection)
    if present is not None and not is_known(present):
        raise SchemaTooNew(present)
    return present


def _ahead_s(connection: Connection) -> float | None:
    if connection.dialect.name == "sqlite":
        return None
    theirs: datetime = connection.execute(select(func.clock_timestamp())).scalar_one()
    return (theirs - datetime.now(UTC)).total_seconds()
