"""Prepared statements do what SQLAlchemy's own execution does, and say the same when they fail."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import Connection, bindparam, create_engine, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError, OperationalError

from offhook.storage.prepared import Prepared
from offhook.storage.schema import metadata, trunks

AT = datetime(2026, 11, 26, 12, 0, 0, 123456, tzinfo=timezone(timedelta(hours=9)))
ROW = {"name": "carrier", "sources": ["192.0.2.0/24"], "send": None, "created_at": AT, "pass_caller": True}
NAMED = trunks.c.name == bindparam("of_name")
ADD = Prepared(insert(trunks))


@pytest.fixture
def connection() -> Iterator[Connection]:
    with create_engine("sqlite://").connect() as made:
        metadata.create_all(made)
        yield made


def test_values_and_columns_are_converted_as_their_types_say(connection: Connection) -> None:
    assert ADD.run(connection, ROW) == 1
    row = Prepared(select(trunks).where(NAMED)).row(connection, {"of_name": "carrier"})
    assert (row.sources, row.send, row.created_at, row.pass_caller) == (["192.0.2.0/24"], None, AT, True)
    assert row.created_at.tzinfo is UTC
    assert tuple(row) == tuple(connection.execute(select(trunks)).one())


def test_a_statements_own_constants_and_repeated_names_are_given(connection: Connection) -> None:
    ADD.run(connection, ROW)
    sends = bindparam("to_send", type_=trunks.c.send.type)
    change = Prepared(
        update(trunks)
        .where(NAMED, func.length(trunks.c.name) < 10, func.coalesce(trunks.c.send, "") != sends)
        .values(send=sends, pass_caller=False)
        .returning(trunks.c.send, trunks.c.pass_caller)
    )
    values = {"of_name": "carrier", "to_send": "sip:there"}
    assert change.rows(connection, values) == [("sip:there", False)]
    assert change.rows(connection, values) == []


def test_how_many_rows_were_changed_is_told(connection: Connection) -> None:
    drop = Prepared(delete(trunks).where(NAMED))
    assert drop.run(connection, {"of_name": "carrier"}) == 0
    ADD.run(connection, ROW)
    ADD.run(connection, {**ROW, "name": "other"})
    assert drop.run(connection, {"of_name": "carrier"}) == 1


def test_one_value_or_none_is_returned(connection: Connection) -> None:
    number = Prepared(select(trunks.c.id).where(NAMED))
    assert number.value(connection, {"of_name": "carrier"}) is None
    ADD.run(connection, ROW)
    assert number.value(connection, {"of_name": "carrier"}) == 1


def test_a_broken_constraint_and_a_missing_table_are_told_apart(connection: Connection) -> None:
    ADD.run(connection, ROW)
    with pytest.raises(IntegrityError) as broken:
        ADD.run(connection, ROW)
    assert "192.0.2" not in str(broken.value)
    metadata.drop_all(connection)
    with pytest.raises(OperationalError):
        ADD.run(connection, ROW)


def test_a_value_whose_type_nobody_knows_is_a_defect(connection: Connection) -> None:
    vague = Prepared(update(trunks).values(created_at=func.coalesce(trunks.c.created_at, bindparam("at"))))
    with pytest.raises(AssertionError, match="depends on its type"):
        vague.run(connection, {"at": AT})
