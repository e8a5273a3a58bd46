"""Every call begins with finding its number: one statement, and no table is read through."""

import pytest
from sqlalchemy import text
from sqlalchemy.dialects import sqlite

from house import DIN, House
from offhook.storage import numbers


def test_a_dialled_number_is_found_by_indexes_alone(sqlite_house: House) -> None:
    dialled = numbers._DIALLED.statement.params(din=DIN)
    words = dialled.compile(dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True})
    plan = sqlite_house.read(lambda work: work.connection.execute(text(f"EXPLAIN QUERY PLAN {words}")).all())
    steps = [step.detail for step in plan]
    searches = [step for step in steps if step.startswith("SEARCH")]
    assert len(searches) == 6
    assert not [step for step in steps if step.startswith(("SCAN", "USE TEMP"))]
    assert "SEARCH subscriber USING INTEGER PRIMARY KEY" in " ".join(searches)


@pytest.mark.parametrize("asked", [0, 1, 15, 16, 17, 499, 500, 501, 1001])
def test_of_any_many_numbers_those_of_the_pool_are_known(house: House, asked: int) -> None:
    house.subscribed()
    others = [str(10_000_000 + place) for place in range(asked)]
    assert house.read(lambda work: work.numbers.known(others)) == set()
    assert house.read(lambda work: work.numbers.known([*others, DIN])) == {DIN}


def test_numbers_that_are_near_are_looked_for_by_index(sqlite_house: House) -> None:
    wanted = dict.fromkeys(numbers._places(numbers.MANY), DIN)
    words = numbers._KNOWN[numbers.MANY].statement.params(wanted)
    sql = words.compile(dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True})
    plan = sqlite_house.read(lambda work: work.connection.execute(text(f"EXPLAIN QUERY PLAN {sql}")).all())
    assert [step.detail.partition(" INDEX")[0] for step in plan] == ["SEARCH numbers USING COVERING"]
