"""Statements that every call runs through, compiled once: to run one costs little more than the driver does.

They are written in SQLAlchemy's words like all others. Its own way to execute asks anew each time what a
statement is, which takes several times as long as the database's work.
"""

from collections import namedtuple
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Delete, Dialect, Insert, Select, Update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.types import NullType

if TYPE_CHECKING:
    # Not at run time: a node on SQLite has no driver for PostgreSQL.
    from offhook.storage.postgres_line import Line

POSTGRESQL = "postgresql"
LINE = "offhook line"
"""Where a connection keeps its line (`Connection.info`)."""

Statement = Select[*tuple[Any, ...]] | Insert | Update | Delete
Values = Mapping[str, Any]
Row = Any
"""A tuple whose fields have the names of the statement's columns."""


class Prepared:
    """One statement for any database. Each run must give the same names; whatever the driver raises is DBAPIError."""

    def __init__(self, statement: Statement) -> None:
        self.statement = statement
        self._compiled: dict[tuple[str, bool], _Compiled] = {}

    def run(self, connection: Connection, values: Values) -> int:
        """Change rows, and return how many."""
        return self._execute(connection, values)[1]

    def send(self, connection: Connection, values: Values) -> None:
        """Change rows, and do not wait for it where that costs time: should it fail, a later statement says so.

        At the latest it is the commit that fails, so nothing remains of a unit whose change was refused.
        """
        line = line_of(connection)
        if line is None:
            self.run(connection, values)
        else:
            compiled = self._compiled_for(connection, values, line)
            line.later(compiled.text, compiled.ordered(values))

    def rows(self, connection: Connection, values: Values) -> list[Row]:
        """Return the rows that are found, or that a change returns."""
        return self._execute(connection, values)[0]

    def row(self, connection: Connection, values: Values) -> Row:
        """Return the only row, None if there is none."""
        rows = self.rows(connection, values)
        assert len(rows) <= 1, "it was asked for one"
        return rows[0] if rows else None

    def value(self, connection: Connection, values: Values) -> Any:
        """Return the first column of the only row, None if there is none."""
        row = self.row(connection, values)
        return None if row is None else row[0]

    def answered(self, connection: Connection, values: Values, rows: list[tuple[Any, ...]]) -> list[Row]:
        """Read the rows of a line's answer to what was sent."""
        return self._compiled_for(connection, values, line_of(connection)).read(rows)

    def _execute(self, connection: Connection, values: Values) -> tuple[list[Row], int]:
        line = line_of(connection)
        compiled = self._compiled_for(connection, values, line)
        if line is not None:
            answer = line.ask(compiled.text, compiled.ordered(values))
            return compiled.read(answer.rows), answer.rowcount
        parameters = compiled.parameters(values)
        failure = connection.dialect.loaded_dbapi.Error
        try:
            cursor = connection.connection.cursor()
            cursor.execute(compiled.text, parameters)
            rows = cursor.fetchall() if compiled.has_rows else ()
        except failure as error:
            raise DBAPIError.instance(compiled.text, None, error, failure, hide_parameters=True) from error
        return compiled.read(rows), cursor.rowcount

    def _compiled_for(self, connection: Connection, values: Values, line: "Line | None") -> "_Compiled":
        dialect = connection.dialect
        key = dialect.name, line is not None
        compiled = self._compiled.get(key)
        if compiled is None:
            compiled = self._compiled[key] = _Compiled(
                self.statement, dialect, dialect if line is None else line.dialect, values
            )
        return compiled


def together(connection: Connection, *asked: tuple[Prepared, Values]) -> list[list[Row]]:
    """Return the rows of several statements, done in this order and asked at once where that saves time."""
    line = line_of(connection)
    if line is None:
        return [statement.rows(connection, values) for statement, values in asked]
    for statement, values in asked:
        statement.send(connection, values)
    answers = line.flush()[-len(asked) :]
    return [
        statement.answered(connection, values, answer.rows)
        for (statement, values), answer in zip(asked, answers, strict=True)
    ]


def line_of(connection: Connection) -> "Line | None":
    """Return the line that a connection to PostgreSQL has while it does units of work."""
    # Twice for each statement of a call, and what SQLAlchemy calls `info` is found behind several doors.
    return connection.info.get(LINE) if connection.dialect.name == POSTGRESQL else None


class _Compiled:
    """A statement in one database's words, and how its values and columns are converted."""

    def __init__(self, statement: Statement, dialect: Dialect, spoken: Dialect, values: Values) -> None:
        """Compile; `spoken` is how the database is spoken to, and `dialect` knows its driver's types."""
        compiler = _words(statement).compile(dialect=spoken, column_keys=list(values))
        assert isinstance(compiler, SQLCompiler), "it is no DDL"
        defaults = [*compiler.insert_prefetch, *compiler.update_prefetch]
        assert not defaults, "no column has a default of ours"
        self.text = str(compiler)
        names = list(compiler.positiontup or dict.fromkeys(compiler.bind_names.values()))
        binds = [compiler.binds[name] for name in names]
        assert not any(isinstance(bind.type, NullType) for bind in binds), "how a value is stored depends on its type"
        self._is_positional = compiler.positional
        self._constants = {
            name: bind.effective_value for name, bind in zip(names, binds, strict=True) if not bind.required
        }
        self._binds = [
            (name, bind.type.dialect_impl(dialect).bind_processor(dialect))
            for name, bind in zip(names, binds, strict=True)
        ]
        columns = list(statement.exported_columns)
        self.has_rows = bool(columns)
        self._row = _row_type([column.key for column in columns])
        reads = [column.type.dialect_impl(dialect).result_processor(dialect, None) for column in columns]
        self._reads = [(place, read) for place, read in enumerate(reads) if read is not None]

    def parameters(self, values: Values) -> list[Any] | dict[str, Any]:
        """Return what the driver is given."""
        converted = self.ordered(values)
        if self._is_positional:
            return converted
        return {name: value for (name, _), value in zip(self._binds, converted, strict=True)}

    def ordered(self, values: Values) -> list[Any]:
        """Return the converted values in the order of the statement."""
        known = {**self._constants, **values}
        return [known[name] if convert is None else convert(known[name]) for name, convert in self._binds]

    def read(self, rows: Sequence[Sequence[Any]]) -> list[Row]:
        """Convert what the driver gives."""
        return [self._row(*self._converted(row)) for row in rows]

    def _converted(self, row: Sequence[Any]) -> Sequence[Any]:
        if not self._reads:
            return row
        values = list(row)
        for place, read in self._reads:
            values[place] = read(values[place])
        return values


def _row_type(names: list[str | None]) -> Callable[..., Row]:
    assert None not in names, "an expression has no name; give it a label"
    return namedtuple("Row", names)  # type: ignore[arg-type]  # checked above


def _words(statement: Statement) -> Statement:
    """Return the statement without what SQLAlchemy would add to an insertion: the new row's key."""
    if isinstance(statement, Insert) and not statement.exported_columns:
        return statement.inline()
    return statement
