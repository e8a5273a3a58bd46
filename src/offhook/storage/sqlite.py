"""How a SQLite file is opened: one connection that writes, a few that only read.

All are in the driver's autocommit mode: left alone, the driver would begin transactions where it
likes and make each savepoint commit by itself. Here transactions are begun and ended by hand.
"""

import sqlite3

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.pool import ConnectionPoolEntry, NullPool, QueuePool

READERS = 4


def writer_engine(url: URL, busy_timeout_s: float) -> Engine:
    """Return an engine for the one connection that writes.

    `synchronous=FULL`: a commit that was told survives a loss of power.
    """
    engine = create_engine(
        url, poolclass=NullPool, isolation_level="AUTOCOMMIT", connect_args=_arguments(busy_timeout_s)
    )
    _run_on_connect(engine, "PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL", "PRAGMA foreign_keys=ON")
    return engine


def reader_engine(url: URL, busy_timeout_s: float) -> Engine:
    """Return an engine for connections that cannot change anything."""
    engine = create_engine(
        url,
        poolclass=QueuePool,
        pool_size=READERS,
        isolation_level="AUTOCOMMIT",
        connect_args=_arguments(busy_timeout_s),
    )
    _run_on_connect(engine, "PRAGMA query_only=ON")
    return engine


def driver_of(connection: Connection) -> sqlite3.Connection:
    """Return the driver's own connection, for the words that open and end transactions."""
    driver = connection.connection.driver_connection
    assert isinstance(driver, sqlite3.Connection)
    return driver


def _arguments(busy_timeout_s: float) -> dict[str, object]:
    # A connection serves one thread at a time, but not always the one that opened it.
    return {"timeout": busy_timeout_s, "check_same_thread": False}


def _run_on_connect(engine: Engine, *pragmas: str) -> None:
    def connect(driver: sqlite3.Connection, _entry: ConnectionPoolEntry) -> None:
        for pragma in pragmas:
            driver.execute(pragma).close()

    event.listen(engine, "connect", connect)
