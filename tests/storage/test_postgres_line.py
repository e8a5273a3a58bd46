"""Statements that travel together come to what they would have come to one by one."""

from collections.abc import Iterator
from datetime import UTC, datetime

import psycopg
import pytest
from sqlalchemy import bindparam, delete, make_url, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from house import House
from offhook.domain.legs import Leg
from offhook.storage import Database, Work
from offhook.storage.postgres_line import Line
from offhook.storage.postgres_store import PostgresStore
from offhook.storage.prepared import Prepared, together
from offhook.storage.schema import legs, numbers

_this = numbers.c.din_uid == bindparam("of_uid")
FIND = select(numbers.c.din).where(_this)
DROP = delete(numbers).where(_this).returning(numbers.c.din)
Driver = psycopg.Connection[tuple[object, ...]]
ADD = "INSERT INTO facts VALUES ($1)"
ALL = "SELECT fact FROM facts ORDER BY fact"


@pytest.fixture
def driver(postgres_url: str) -> Iterator[Driver]:
    place = make_url(postgres_url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(place, autocommit=True, options="-c timezone=UTC") as driver:
        driver.execute("CREATE TABLE facts (fact text PRIMARY KEY)")
        yield driver


@pytest.fixture
def line(driver: Driver) -> Line:
    return Line(driver)


def test_what_waits_is_sent_with_the_next_that_is_asked(driver: Driver, line: Line) -> None:
    line.later("BEGIN")
    line.later(ADD, ["a"])
    line.later(ADD, ["b"])
    assert line.ask(ALL).rows == [("a",), ("b",)]
    line.ask("COMMIT")
    assert driver.execute("SELECT count(*) FROM facts").fetchone() == (2,)


def test_how_many_rows_were_changed_is_told(line: Line) -> None:
    line.later(ADD, ["a"])
    assert line.ask("UPDATE facts SET fact = $1", ["b"]).rowcount == 1
    assert line.ask("DELETE FROM facts WHERE fact = $1", ["a"]).rowcount == 0


def test_a_transaction_may_begin_with_its_isolation(line: Line) -> None:
    line.later("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY")
    assert line.ask(ALL).rows == []
    assert line.ask("SHOW transaction_isolation").rows == [("repeatable read",)]


def test_values_come_back_as_they_went(line: Line) -> None:
    at = datetime(2026, 11, 27, 1, 2, 3, 456789, tzinfo=UTC)
    values = ["ü\n'", None, 2**62, True, at]
    asked = "SELECT $1::VARCHAR, $2::VARCHAR, $3::BIGINT, $4::BOOLEAN, $5::TIMESTAMP WITH TIME ZONE"
    for _ in range(2):
        assert line.ask(asked, values).rows == [tuple(values)]
    assert line.ask(asked, ["", "", -1, False, at]).rows == [("", "", -1, False, at)]


def test_one_that_fails_is_told_by_the_next_and_nothing_of_the_transaction_remains(line: Line) -> None:
    line.ask(ADD, ["a"])
    line.later("BEGIN")
    line.later(ADD, ["b"])
    line.later(ADD, ["a"])
    with pytest.raises(IntegrityError, match="duplicate key"):
        line.ask("COMMIT")
    line.ask("ROLLBACK")
    assert line.ask(ALL).rows == [("a",)]


def test_a_statement_is_known_or_not_whatever_failed_beside_it(line: Line) -> None:
    line.ask(ADD, ["a"])
    asked = "SELECT fact FROM facts WHERE fact = $1"
    for _ in range(3):
        line.later(asked, ["a"])
        with pytest.raises(IntegrityError):
            line.ask(ADD, ["a"])
    assert line.ask(asked, ["a"]).rows == [("a",)]


def test_what_waits_can_be_forgotten(line: Line) -> None:
    line.later(ADD, ["a"])
    line.forget()
    assert line.flush() == []
    assert line.ask(ALL).rows == []


def test_much_goes_both_ways_at_once(line: Line) -> None:
    """More than the sockets hold: who only sends would wait for a server that waits for somebody to read."""
    much = "x" * 1_000_000
    for _ in range(24):
        line.later("SELECT $1::VARCHAR", [much])
    answers = line.flush()
    assert [answer.rows for answer in answers] == [[(much,)]] * 24


def test_a_text_that_the_server_cannot_keep_is_refused_whole(line: Line) -> None:
    with pytest.raises(DBAPIError, match="NUL"):
        line.ask(ADD, ["a\0b"])
    assert line.ask(ALL).rows == []


def test_a_line_that_the_server_cut_is_not_quiet_and_fails(line: Line, postgres_url: str) -> None:
    (pid,) = line.ask("SELECT pg_backend_pid()").rows[0]
    assert line.is_quiet()
    place = make_url(postgres_url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(place) as other:
        # It returns when the other is gone.
        other.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
    assert not line.is_quiet()
    for _ in range(2):
        with pytest.raises(DBAPIError):
            line.ask(ALL)


def test_what_a_unit_sent_is_seen_by_all_its_statements(postgres_house: House) -> None:
    postgres_house.subscribed()
    call_id = postgres_house.ring()

    def unit(work: Work) -> None:
        work.legs.keep(call_id, Leg(2, None, 0, 0, None, "{}"))
        assert work.connection.execute(select(legs.c.leg)).scalars().all() == [2]
        work.legs.rings(call_id, 2, '"later"')
        assert [leg.dialog for leg in work.legs.of(call_id)] == ['"later"']

    postgres_house.write(unit)
    assert [leg.dialog for leg in postgres_house.legs(call_id)] == ['"later"']


def test_what_is_prepared_survives_a_unit_that_was_rolled_back(postgres_house: House) -> None:
    def fails(work: Work) -> None:
        work.trunks.all()
        raise ZeroDivisionError

    store = postgres_house.database._store
    assert isinstance(store, PostgresStore)
    alone = Database(PostgresStore(store._engine, connections=1))
    for _ in range(20):
        # So often that the driver would prepare it by itself, and forget it with the first ROLLBACK that it sees.
        alone.read_now(lambda work: work.trunks.all())
    with pytest.raises(ZeroDivisionError):
        alone.write_now(fails)
    for _ in range(2):
        alone.read_now(lambda work: work.trunks.all())
    alone.close()


def test_a_change_that_is_refused_after_its_unit_ends_undoes_the_unit(postgres_house: House) -> None:
    postgres_house.subscribed()
    call_id = postgres_house.ring()
    postgres_house.write(lambda work: work.connection.execute(text("ALTER TABLE legs ADD CHECK (leg < 9)")))

    def unit(work: Work) -> None:
        work.calls.held(call_id, 7)
        work.legs.keep(call_id, Leg(9, None, 0, 0, None, "{}"))

    with pytest.raises(IntegrityError):
        postgres_house.write(unit)
    assert postgres_house.call(call_id).held_minutes == 1
    assert postgres_house.legs(call_id) == ()


def test_statements_asked_together_each_see_what_those_before_them_did(house: House) -> None:
    dins = house.add_number("815000000001"), house.add_number("815000000002")
    take, find = Prepared(DROP), Prepared(FIND)
    values = {"of_uid": dins[0]}
    answers = house.write(lambda work: together(work.connection, (find, values), (take, values), (find, values)))
    assert [[tuple(row) for row in rows] for rows in answers] == [[("815000000001",)], [("815000000001",)], []]
