"""A SQLite file at work: one thread that writes, a few that read beside it."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from sqlalchemy import URL, Engine

from offhook.storage import sqlite
from offhook.storage.errors import told
from offhook.storage.upgrade import upgrade
from offhook.storage.work import Work
from offhook.storage.writer import Writer

T = TypeVar("T")


def open_sqlite(url: URL, busy_timeout_s: float, *, is_lasting: bool) -> "SqliteStore":
    """Open a file, creating or upgrading its tables first. Raises SchemaTooNew, DatabaseAway."""
    with told():
        connection = sqlite.writer_engine(url, busy_timeout_s, is_lasting=is_lasting).connect()
        try:
            upgrade(connection)
        except BaseException:
            connection.close()
            raise
    return SqliteStore(Writer(connection, sqlite.driver_of(connection)), sqlite.reader_engine(url, busy_timeout_s))


class SqliteStore:
    """See `database.Store`."""

    def __init__(self, writer: Writer, readers: Engine) -> None:
        self.writer = writer
        self._readers = readers
        self._threads = ThreadPoolExecutor(sqlite.READERS, thread_name_prefix="offhook-reader")

    def submit(self, unit: Callable[[Work], T]) -> Future[T]:
        return self.writer.submit(unit)

    def submit_read(self, unit: Callable[[Work], T]) -> Future[T]:
        return self._threads.submit(self._read, unit)

    def close(self) -> None:
        self.writer.close()
        self._threads.shutdown()
        self._readers.dispose()

    def _read(self, unit: Callable[[Work], T]) -> T:
        with told(), self._readers.connect() as connection:
            driver = sqlite.driver_of(connection)
            driver.execute("BEGIN")
            try:
                return unit(Work(connection))
            finally:
                driver.rollback()
