"""The floor of the storage: the very statements of our units, written down once, and said again by the bare driver.

What is left out is ours: the use cases, SQLAlchemy, the way to a thread and back to the loop, and on PostgreSQL that
statements travel together (each of these waits for its own answer).
"""

import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager
from typing import Any, TypeVar

import psycopg
from sqlalchemy import Engine, event, make_url

from offhook.storage.database import BUSY_TIMEOUT_S, read_url
from offhook.storage.postgres import engine_of
from offhook.storage.words import say
from offhook.storage.work import Work

T = TypeVar("T")
Statement = tuple[str, Any]
Transaction = list[Statement]
PRAGMAS = ("PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL", "PRAGMA foreign_keys=ON")


class Tape:
    """What was said to the driver, in its order."""

    def __init__(self) -> None:
        self.statements: list[Statement] = []

    def transactions(self) -> list[Transaction]:
        """Return the statements from each BEGIN to its COMMIT; what was said outside is left out."""
        done: list[Transaction] = []
        running: Transaction = []
        for text, values in self.statements:
            if text.startswith("BEGIN"):
                running = []
            running.append((text, values))
            if text == "COMMIT":
                done.append(running)
        return done


@contextmanager
def recording() -> Iterator[Tape]:
    """Write down what every connection says that is opened meanwhile."""
    tape = Tape()

    class SqliteCursor(sqlite3.Cursor):
        def execute(self, text: str, values: Any = (), /) -> "SqliteCursor":
            tape.statements.append((text, values))
            super().execute(text, values)
            return self

    class SqliteConnection(sqlite3.Connection):
        def cursor(self, _factory: Any = None, /) -> Any:
            return super().cursor(SqliteCursor)

        # The driver's own makes a cursor that does not ask us.
        def execute(self, text: str, values: Any = (), /) -> sqlite3.Cursor:
            cursor: sqlite3.Cursor = self.cursor().execute(text, values)
            return cursor

    class PostgresCursor(psycopg.Cursor[Any]):
        def execute(self, query: Any, params: Any = None, **how: Any) -> "PostgresCursor":
            tape.statements.append((query, params))
            super().execute(query, params, **how)
            return self

    def connect(dialect: Any, _record: Any, _words: Any, options: dict[str, Any]) -> None:
        if dialect.name == "sqlite":
            options["factory"] = SqliteConnection
        else:
            options["cursor_factory"] = PostgresCursor

    event.listen(Engine, "do_connect", connect)
    try:
        yield tape
    finally:
        event.remove(Engine, "do_connect", connect)


class OneByOne:
    """A database on PostgreSQL where each statement is said by itself, so that all of them are heard."""

    def __init__(self, url: str) -> None:
        self._connection = engine_of(read_url(url), BUSY_TIMEOUT_S).connect()

    def submit(self, unit: Callable[[Work], T]) -> Future[T]:
        say(self._connection, "BEGIN")
        done: Future[T] = Future()
        done.set_result(unit(Work(self._connection)))
        say(self._connection, "COMMIT")
        return done

    def submit_read(self, unit: Callable[[Work], T]) -> Future[T]:
        return self.submit(unit)

    def close(self) -> None:
        self._connection.close()


def play_sqlite(url: str, transactions: list[Transaction]) -> None:
    """Say everything on the one connection that writes."""
    path = make_url(url).database
    assert path is not None, "it is a file"
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for pragma in PRAGMAS:
            connection.execute(pragma)
        for transaction in transactions:
            for text, values in transaction:
                connection.execute(text, values).fetchall()


def play_postgres(url: str, calls: list[list[Transaction]], connections: int) -> None:
    """Say the transactions of each call one after the other, and so many calls at once."""
    left = iter(calls)
    place = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)

    def play() -> None:
        with psycopg.connect(place, autocommit=True, options="-c timezone=UTC") as connection:
            for call in left:
                for text, values in (statement for transaction in call for statement in transaction):
                    cursor = connection.cursor()
                    cursor.execute(text, values)
                    if cursor.description is not None:
                        cursor.fetchall()

    with ThreadPoolExecutor(connections) as threads:
        for played in [threads.submit(play) for _ in range(connections)]:
            played.result()
