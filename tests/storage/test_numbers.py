"""Every call begins with finding its number: one statement, and no table is read through."""

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
