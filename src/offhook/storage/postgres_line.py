"""A line to PostgreSQL on which statements travel together.

One whose outcome nobody waits for is kept until another is asked, and then all are sent at once (libpq's pipeline
mode): a unit pays for its ways to and fro more than for its statements. psycopg's own pipelines send each statement
by itself and look each time whether something came, which costs nearly as much as to wait for it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count
from select import POLLIN, POLLOUT, poll
from typing import Any

import psycopg
from psycopg.adapt import PyFormat, Transformer
from psycopg.errors import error_from_result
from psycopg.pq import ExecStatus
from psycopg.pq.abc import PGresult
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.exc import DBAPIError

_IS_WELL = (ExecStatus.COMMAND_OK, ExecStatus.TUPLES_OK)


@dataclass(frozen=True, slots=True)
class Asked:
    """A statement in PostgreSQL's own words (`$1`), and its values."""

    text: str
    values: Sequence[Any] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """The rows that were found, and how many were found or changed."""

    rows: list[tuple[Any, ...]]
    rowcount: int


class Line:
    """Asks over a connection that is ours alone. Whatever goes wrong on it is DBAPIError."""

    dialect = PGDialect_psycopg(paramstyle="numeric_dollar")  # type: ignore[no-untyped-call]  # theirs
    """How statements for a line are written: past the driver's cursors, the server's own words count."""

    def __init__(self, driver: "psycopg.Connection[Any]") -> None:
        self._pq = driver.pgconn
        self._values = Transformer(driver)
        self._waiting: list[Asked] = []
        self._reading = poll()
        self._reading.register(self._pq.socket, POLLIN)
        # What the server has prepared, for as long as it has the connection.
        self._names: dict[str, bytes] = {}
        # A name is not used again: a statement may be prepared though what came before it failed.
        self._fresh_names = (f"offhook_{number}".encode() for number in count())

    def is_quiet(self) -> bool:
        """Tell whether the server has said nothing that was not asked for, such as that it goes."""
        return not self._reading.poll(0)

    def later(self, text: str, values: Sequence[Any] = ()) -> None:
        """Send a statement along with the next that is asked; should it fail, that one is told so in its place."""
        self._waiting.append(Asked(text, values))

    def ask(self, text: str, values: Sequence[Any] = ()) -> Answer:
        """Send what waits and this statement, and return what this one came to."""
        self.later(text, values)
        return self.flush()[-1]

    def flush(self) -> list[Answer]:
        """Send what waits, and return what each came to."""
        if not self._waiting:
            return []
        asked, self._waiting = self._waiting, []
        try:
            return self._exchange(asked)
        except psycopg.Error as error:
            raise DBAPIError.instance(asked[-1].text, None, error, psycopg.Error, hide_parameters=True) from error

    def forget(self) -> None:
        """Drop what waits: its transaction is not to be."""
        self._waiting = []

    def _exchange(self, asked: list[Asked]) -> list[Answer]:
        values = [self._values.dump_sequence(one.values, [PyFormat.TEXT] * len(one.values)) for one in asked]
        names = dict(self._names)
        answered: list[bool] = []
        self._pq.enter_pipeline_mode()
        for one, given in zip(asked, values, strict=True):
            if one.text not in names:
                # Not all of them first: the server must hear of a BEGIN before it reads any other statement.
                names[one.text] = next(self._fresh_names)
                self._pq.send_prepare(names[one.text], one.text.encode())
                answered.append(False)
            self._pq.send_query_prepared(names[one.text], given)
            answered.append(True)
        self._pq.pipeline_sync()
        results = self._received()
        self._pq.exit_pipeline_mode()
        for result in results:
            if result.status not in _IS_WELL:
                # What follows the first that fails is passed over, and its own fault is nobody's.
                raise error_from_result(result)
        self._names = names
        return [self._answer(result) for result, is_answer in zip(results, answered, strict=True) if is_answer]

    def _received(self) -> list[PGresult]:
        """Wait for the results of everything that was sent, without the interpreter's lock."""
        results: list[PGresult] = []
        self._push()
        while True:
            while self._pq.is_busy():
                self._reading.poll()
                self._pq.consume_input()
            result = self._pq.get_result()
            if result is None:
                # The end of one statement's results; a line that broke ends so for ever.
                if self._pq.status != psycopg.pq.ConnStatus.OK:
                    raise psycopg.OperationalError("the connection to the server is lost")
            elif result.status == ExecStatus.PIPELINE_SYNC:
                return results
            else:
                results.append(result)

    def _push(self) -> None:
        """Send all of it; a server that is busy answering must be listened to meanwhile."""
        while self._pq.flush():
            both = poll()
            both.register(self._pq.socket, POLLIN | POLLOUT)
            if any(event & ~POLLOUT for _, event in both.poll()):
                self._pq.consume_input()

    def _answer(self, result: PGresult) -> Answer:
        if result.status == ExecStatus.TUPLES_OK:
            self._values.set_pgresult(result)
            return Answer(self._values.load_rows(0, result.ntuples, tuple), result.ntuples)
        return Answer([], result.command_tuples or 0)
