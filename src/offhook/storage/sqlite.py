"""How a SQLite file is opened: one connection that writes, a few that only read.

All are in the driver's autocommit mode: left alone, the driver would begin transactions where it
likes and make each savepoint commit by itself. Here transactions are begun and ended by hand.
"""

import sqlite3
from time import monotonic, sleep

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.pool import ConnectionPoolEntry, NullPool, QueuePool

READERS = 4
LOOK_AGAIN_S = 0.01


def writer_engine(url: URL, busy_timeout_s: float, *, is_lasting: bool) -> Engine:
    """Return an engine for the one connection that writes.

    `synchronous=FULL`: a commit that was told survives a loss of power. With NORMAL the last ones may not; whatever
    another connection commits fully makes those before it last as well.
    """
    engine = create_engine(
        url, poolclass=NullPool, isolation_level="AUTOCOMMIT", connect_args=_arguments(busy_timeout_s)
    )
    pragmas = (
        "PRAGMA journal_mode=WAL",
        f"PRAGMA synchronous={'FULL' if is_lasting else 'NORMAL'}",
        "PRAGMA foreign_keys=ON",
    )
    _run_on_connect(engine, busy_timeout_s, *pragmas)
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
    _run_on_connect(engine, busy_timeout_s, "PRAGMA query_only=ON")
    return engine


def driver_of(connection: Connection) -> sqlite3.Connection:
    """Return the driver's own connection, for the words that open and end transactions."""
    driver = connection.connection.driver_connection
    assert isinstance(driver, sqlite3.Connection)
    return driver


def _arguments(busy_timeout_s: float) -> dict[str, object]:
    # A connection serves one thread at a time, but not always the one that opened it.
    return {"timeout": busy_timeout_s, "check_same_thread": False}


def _run_on_connect(engine: Engine, busy_timeout_s: float, *pragmas: str) -> None:
    def connect(driver: sqlite3.Connection, _entry: ConnectionPoolEntry) -> None:
        deadline = monotonic() + busy_timeout_s
        for pragma in pragmas:
            _insist(driver, pragma, deadline)

    event.listen(engine, "connect", connect)


def _insist(driver: sqlite3.Connection, pragma: str, deadline: float) -> None:
    """Run a pragma, again while others are in the way.

    Two programs that turn a new file to WAL at once would wait for each other: SQLite does not wait
    at all then, whatever its timeout says.
    """
    while True:
        try:
            driver.execute(pragma).close()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or monotonic() > deadline:
                raise
            sleep(LOOK_AGAIN_S)
        else:
            return
