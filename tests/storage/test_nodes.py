"""The look for lost calls happens beside running ones, on every node, for ever: it must stay cheap."""

from datetime import timedelta

import pytest
from sqlalchemy import ClauseElement
from sqlalchemy.dialects import sqlite

from house import NOW, House
from offhook.storage import calls, nodes

LATER = NOW + timedelta(seconds=5)


@pytest.mark.parametrize("statement", [nodes._SILENT, calls._LOSE, calls._LOST])
def test_ended_calls_are_never_looked_at(sqlite_house: House, statement: ClauseElement) -> None:
    compiled = statement.compile(dialect=sqlite.dialect(paramstyle="named"))
    asked = f"EXPLAIN QUERY PLAN {compiled}", dict.fromkeys(compiled.params)
    plan = sqlite_house.write(lambda work: work.connection.exec_driver_sql(*asked).all())
    # Both indexes hold running calls only.
    assert "USING INDEX ix_calls_running" in plan[0].detail


def test_a_node_that_was_heard_meanwhile_is_not_fenced(house: House) -> None:
    epoch = house.write(lambda work: work.nodes.take("node-1", NOW))
    assert house.write(lambda work: work.nodes.renew("node-1", epoch, LATER))
    assert not house.write(lambda work: work.nodes.fence("node-1", NOW))
    assert house.write(lambda work: work.nodes.renew("node-1", epoch, LATER))
    assert house.write(lambda work: work.nodes.fence("node-1", LATER))
    assert not house.write(lambda work: work.nodes.renew("node-1", epoch, LATER))
