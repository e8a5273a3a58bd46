"""The database as the house uses it: units of work in, results out."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from sqlalchemy import Engine, make_url
from sqlalchemy.exc import ArgumentError

from offhook.errors import SetupError
from offhook.storage import sqlite
from offhook.storage.errors import told
from offhook.storage.upgrade import upgrade
from offhook.storage.work import Work
from offhook.storage.writer import Writer

T = TypeVar("T")
BUSY_TIMEOUT_S = 5.0
"""How long a unit waits for another program that writes."""


def open_database(url: str, *, busy_timeout_s: float = BUSY_TIMEOUT_S) -> "Database":
    """Open `sqlite:///PATH`, creating or upgrading it first.

    Raises SetupError for a URL that names no SQLite file, SchemaTooNew, DatabaseAway.
    """
    try:
        parts = make_url(url)
    except ArgumentError:
        raise SetupError("the database is not given as a URL", hint="for example sqlite:///offhook.db") from None
    if parts.get_backend_name() != "sqlite" or parts.database in (None, "", ":memory:"):
        raise SetupError("the database must be a SQLite file", hint="for example sqlite:///offhook.db")
    with told():
        connection = sqlite.writer_engine(parts, busy_timeout_s).connect()
        try:
            driver = sqlite.driver_of(connection)
            upgrade(connection, driver)
        except BaseException:
            connection.close()
            raise
    return Database(Writer(connection, driver), sqlite.reader_engine(parts, busy_timeout_s))


class Database:
    """Units of work on one SQLite file; other programs may use the same file at the same time.

    Every verb raises what its unit raises, or DatabaseAway.
    """

    def __init__(self, writer: Writer, readers: Engine) -> None:
        self._writer = writer
        self._readers = readers
        self._threads = ThreadPoolExecutor(sqlite.READERS, thread_name_prefix="offhook-reader")

    async def write(self, unit: Callable[[Work], T]) -> T:
        """Do a unit that may change things; returns after its commit.

        A caller that stops waiting does not undo it: only a unit that has not begun is dropped.
        """
        return await asyncio.wrap_future(self._writer.submit(unit))

    async def read(self, unit: Callable[[Work], T]) -> T:
        """Do a unit that only reads, on one moment of the database."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, self.read_now, unit)

    def write_now(self, unit: Callable[[Work], T]) -> T:
        """Do what `write` does for a caller without an event loop."""
        return self._writer.submit(unit).result()

    def read_now(self, unit: Callable[[Work], T]) -> T:
        """Do what `read` does for a caller without an event loop."""
        with told(), self._readers.connect() as connection:
            driver = sqlite.driver_of(connection)
            driver.execute("BEGIN")
            try:
                return unit(Work(connection))
            finally:
                driver.rollback()

    def close(self) -> None:
        """Finish what is queued and let the file go."""
        self._writer.close()
        self._threads.shutdown()
        self._readers.dispose()
