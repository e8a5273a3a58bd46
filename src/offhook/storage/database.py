"""The database as the house uses it: units of work in, results out."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Protocol, TypeVar

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from offhook.errors import SetupError
from offhook.storage.errors import DriverMissing
from offhook.storage.work import Work

T = TypeVar("T")
BUSY_TIMEOUT_S = 5.0
"""How long a unit waits for another program that writes."""

_HINT = "for example sqlite:///offhook.db or postgresql://user:password@host/offhook"


class Store(Protocol):
    """One kind of database at work. Futures are done after the commit; cancelled before its turn, a unit never runs."""

    def submit(self, unit: Callable[[Work], T]) -> Future[T]:
        """Queue a unit that may change things."""
        ...

    def submit_read(self, unit: Callable[[Work], T]) -> Future[T]:
        """Queue a unit that only reads, on one moment of the database."""
        ...

    def close(self) -> None:
        """Finish what is queued and let the database go."""
        ...


def open_database(url: str, *, busy_timeout_s: float = BUSY_TIMEOUT_S, is_lasting: bool = True) -> "Database":
    """Open `sqlite:///PATH` or `postgresql://...`, creating or upgrading its tables first.

    What is not `is_lasting` does not wait for the disk: a loss of power may take the last of it, which is for work that
    is done again then.

    Raises SetupError for another URL or without the driver, SchemaTooNew, DatabaseAway.
    """
    parts = read_url(url)
    # Each kind is imported where it is wanted: no node needs both.
    if parts.get_backend_name() == "sqlite":
        from offhook.storage.sqlite_store import open_sqlite

        return Database(open_sqlite(parts, busy_timeout_s, is_lasting=is_lasting))
    try:
        from offhook.storage.postgres_store import open_postgres
    except ModuleNotFoundError as error:
        raise DriverMissing from error

    return Database(open_postgres(parts, busy_timeout_s, is_lasting=is_lasting))


def read_url(url: str) -> URL:
    """Return the parts of a database's URL. Raises SetupError, without the URL: it may hold a password."""
    try:
        parts = make_url(url)
    except (ArgumentError, ValueError):
        # A port that is no number is a ValueError.
        raise SetupError("the database is not given as a URL", hint=_HINT) from None
    if parts.drivername == "sqlite" and parts.database not in (None, "", ":memory:"):
        return parts
    if parts.drivername in ("postgresql", "postgresql+psycopg") and parts.database:
        return parts.set(drivername="postgresql+psycopg")
    raise SetupError("the database must be a SQLite file, or a PostgreSQL database by psycopg", hint=_HINT)


def database_file(url: str) -> Path | None:
    """Return the file of a SQLite database, None for PostgreSQL. Raises SetupError."""
    parts = read_url(url)
    return Path(str(parts.database)) if parts.get_backend_name() == "sqlite" else None


class Database:
    """Units of work on one database; other programs may use the same one at the same time.

    Every verb raises what its unit raises, or DatabaseAway.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    async def write(self, unit: Callable[[Work], T]) -> T:
        """Do a unit that may change things; returns after its commit.

        A caller that stops waiting does not undo it: only a unit that has not begun is dropped.
        """
        return await asyncio.wrap_future(self._store.submit(unit))

    async def read(self, unit: Callable[[Work], T]) -> T:
        """Do a unit that only reads, on one moment of the database."""
        return await asyncio.wrap_future(self._store.submit_read(unit))

    def write_now(self, unit: Callable[[Work], T]) -> T:
        """Do what `write` does for a caller without an event loop."""
        return self._store.submit(unit).result()

    def read_now(self, unit: Callable[[Work], T]) -> T:
        """Do what `read` does for a caller without an event loop."""
        return self._store.submit_read(unit).result()

    def close(self) -> None:
        """Finish what is queued and let the database go."""
        self._store.close()
