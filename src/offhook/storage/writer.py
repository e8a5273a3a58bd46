"""The one thread that writes to SQLite, and its group commit.

It takes what is queued, opens one transaction, runs each unit in a savepoint of its own, commits
once, and only then hands out results. A unit that raises leaves nothing while the others of its
group go on; if the commit fails, every unit of the group fails and nothing of any remains.
"""

import sqlite3
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from queue import Empty, SimpleQueue
from threading import Lock, Thread
from typing import Any, Generic, TypeVar

from sqlalchemy import Connection

from offhook.storage.errors import DatabaseAway, away, told
from offhook.storage.work import Work

T = TypeVar("T")
LARGEST_GROUP = 64
"""More in one commit would save nothing and let the first wait for the last."""


class _Job(Generic[T]):
    """A unit on its way; what it came to is kept back until the group's commit."""

    def __init__(self, unit: Callable[[Work], T]) -> None:
        self.future: Future[T] = Future()
        self.error: Exception | None = None
        self._unit = unit
        self._result: T

    def do(self, work: Work) -> None:
        with told():
            self._result = self._unit(work)

    def deliver(self) -> None:
        if self.error is None:
            self.future.set_result(self._result)
        else:
            self.future.set_exception(self.error)


class Writer:
    """Takes units from any thread and does them in the order in which they came."""

    def __init__(self, connection: Connection, driver: sqlite3.Connection) -> None:
        """Begin; the connection must leave transactions to us, and is closed with us."""
        self._connection = connection
        self._work = Work(connection)
        self._driver = driver
        self._queue: SimpleQueue[_Job[Any] | None] = SimpleQueue()
        self._door = Lock()
        self._closed = False
        # A daemon, so that a program that forgets to close ends all the same: what it was told is
        # committed by then, and what it was not told never happened.
        self._thread = Thread(target=self._run, name="offhook-writer", daemon=True)
        self._thread.start()

    def submit(self, unit: Callable[[Work], T]) -> Future[T]:
        """Queue a unit. Its future is done after the commit; cancelled before its turn, it never runs."""
        job = _Job(unit)
        with self._door:
            if self._closed:
                raise DatabaseAway("the database is closed")
            self._queue.put(job)
        return job.future

    def close(self) -> None:
        """Do what is queued, then stop."""
        with self._door:
            if not self._closed:
                self._closed = True
                self._queue.put(None)
        self._thread.join()

    def _run(self) -> None:
        while group := self._next_group():
            self._do(group)
        self._connection.close()

    def _next_group(self) -> list[_Job[Any]]:
        """Wait for a unit and take those behind it as well; nothing means the end."""
        group: list[_Job[Any]] = []
        job = self._queue.get()
        while job is not None:
            group.append(job)
            if len(group) == LARGEST_GROUP:
                return group
            try:
                job = self._queue.get_nowait()
            except Empty:
                return group
        if group:
            # The end was read along with the last group; it must be read again after it.
            self._queue.put(None)
        return group

    def _do(self, group: list[_Job[Any]]) -> None:
        wanted = [job for job in group if job.future.set_running_or_notify_cancel()]
        try:
            self._driver.execute("BEGIN IMMEDIATE")
            for job in wanted:
                self._attempt(job)
            self._driver.execute("COMMIT")
        except (sqlite3.Error, DatabaseAway) as error:
            with suppress(sqlite3.Error):
                self._driver.rollback()
            for job in wanted:
                job.future.set_exception(away(error))
        else:
            for job in wanted:
                job.deliver()

    def _attempt(self, job: _Job[Any]) -> None:
        self._driver.execute("SAVEPOINT unit")
        try:
            job.do(self._work)
        # What a unit raises belongs to who asked for it; this thread lives on for the others.
        except Exception as error:
            job.error = error
            if not self._driver.in_transaction:
                # SQLite itself ends the whole transaction for a full disk or a failing one.
                raise away(error) from error
            self._driver.execute("ROLLBACK TO unit")
        self._driver.execute("RELEASE unit")
