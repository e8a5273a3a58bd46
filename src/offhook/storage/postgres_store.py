"""A PostgreSQL database at work: a few threads, each with a connection of its own.

Each unit is a transaction of its own. To group them, as for SQLite, would let two groups wait for each
other's accounts: that was measured as 30 units a second against 2,300.
"""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from random import uniform
from threading import local
from time import sleep
from typing import TypeVar

import psycopg
from sqlalchemy import URL, Connection, Engine, event
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from offhook.storage import postgres
from offhook.storage.errors import DatabaseAway, told
from offhook.storage.postgres_line import Line
from offhook.storage.prepared import LINE
from offhook.storage.upgrade import upgrade
from offhook.storage.words import say
from offhook.storage.work import Work

T = TypeVar("T")
MOST_TRIES = 20
"""A unit that meets others so often is one of our defects."""
LONGEST_PAUSE_S = 0.05

_WRITE = "BEGIN"
_READ = "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY"


def open_postgres(url: URL, busy_timeout_s: float, *, is_lasting: bool) -> "PostgresStore":
    """Connect, creating or upgrading the tables first. Raises SetupError, SchemaTooNew, DatabaseAway."""
    engine = postgres.engine_of(url, busy_timeout_s, is_lasting=is_lasting)
    with told(), engine.connect() as connection:
        upgrade(connection)
    return PostgresStore(engine)


class PostgresStore:
    """See `database.Store`."""

    def __init__(self, engine: Engine, connections: int = postgres.CONNECTIONS) -> None:
        self._engine = engine
        self._threads = ThreadPoolExecutor(connections, thread_name_prefix="offhook-database")
        self._own = local()
        self._workers: list[_Worker] = []

    def submit(self, unit: Callable[[Work], T]) -> Future[T]:
        return self._submit(unit, _WRITE)

    def submit_read(self, unit: Callable[[Work], T]) -> Future[T]:
        return self._submit(unit, _READ)

    def close(self) -> None:
        self._threads.shutdown()
        for worker in self._workers:
            worker.hang_up()

    def _submit(self, unit: Callable[[Work], T], begin: str) -> Future[T]:
        try:
            return self._threads.submit(self._do, unit, begin)
        except RuntimeError:
            raise DatabaseAway("the database is closed") from None

    def _do(self, unit: Callable[[Work], T], begin: str) -> T:
        if not hasattr(self._own, "worker"):
            self._own.worker = _Worker(self._engine)
            self._workers.append(self._own.worker)
        worker: _Worker = self._own.worker
        return worker.do(unit, begin)


class _Worker:
    """One thread's share: a connection that is opened when it is wanted, and opened again when it was lost."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._open: _Open | None = None

    def do(self, unit: Callable[[Work], T], begin: str) -> T:
        """Run a unit and commit; again if another one was in its way."""
        tried = 0
        while True:
            tried += 1
            try:
                return self._attempt(unit, begin)
            except (IntegrityError, DatabaseAway) as error:
                if tried == MOST_TRIES or not postgres.must_run_again(error):
                    raise
            sleep(uniform(0, LONGEST_PAUSE_S) * tried / MOST_TRIES)  # noqa: S311 - it only spreads them

    def hang_up(self) -> None:
        """Let the connection go."""
        if self._open is not None:
            with suppress(SQLAlchemyError):
                self._open.connection.close()
        self._open = None

    def _attempt(self, unit: Callable[[Work], T], begin: str) -> T:
        with told():
            begun = self._begun(begin)
            try:
                result = unit(begun.work)
                begun.line.ask("COMMIT")
            except BaseException:
                self._undo(begun)
                raise
        return result

    def _begun(self, begin: str) -> "_Open":
        """Begin a transaction, on a new connection if the server left the old one while nothing was asked of it."""
        if self._open is not None and not self._open.line.is_quiet():
            # Most likely it said goodbye.
            try:
                say(self._open.connection, "SELECT")
            except SQLAlchemyError:
                self.hang_up()
        if self._open is None:
            self._open = _Open.new(self._engine)
        self._open.line.later(begin)
        return self._open

    def _undo(self, begun: "_Open") -> None:
        """End the transaction with nothing done, or let go of a connection that cannot even do that."""
        begun.line.forget()
        try:
            say(begun.connection, "ROLLBACK")
        # Not only the driver's errors: SQLAlchemy itself refuses a connection that it saw break.
        except SQLAlchemyError:
            self.hang_up()


@dataclass(frozen=True, slots=True)
class _Open:
    """A connection, and two ways to use it that know of each other."""

    connection: Connection
    line: Line
    work: Work

    @classmethod
    def new(cls, engine: Engine) -> "_Open":
        connection = engine.connect()
        driver = connection.connection.driver_connection
        assert isinstance(driver, psycopg.Connection)
        line = connection.info[LINE] = Line(driver)
        # What SQLAlchemy executes comes after what was sent before.
        event.listen(connection, "before_cursor_execute", lambda *_: line.flush())
        return cls(connection, line, Work(connection))
