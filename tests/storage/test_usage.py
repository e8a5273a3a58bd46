"""How usage is read: by indexes, and by the days of UTC whatever zone a connection is in."""

from datetime import UTC, date, datetime, timedelta
from functools import partial

from sqlalchemy.dialects import sqlite

from house import DIN, House
from offhook.domain.calls import Arrival, Caller
from offhook.domain.usage import Days, UsageLine
from offhook.service import desk
from offhook.storage import Work
from offhook.storage.usage import LINES

DAY = date(2026, 11, 25)
MIDNIGHT = datetime(2026, 11, 25, tzinfo=UTC)


def test_sqlite_reads_no_table_from_end_to_end(sqlite_house: House) -> None:
    words = str(LINES.compile(dialect=sqlite.dialect()))
    values = tuple("2026" for _ in range(words.count("?")))

    def explain(work: Work) -> list[str]:
        return [row[-1] for row in work.connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {words}", values)]

    plan = sqlite_house.read(explain)
    assert any(
        "ix_calls_account_id_started_at (account_id=? AND started_at>? AND started_at<?)" in step for step in plan
    )
    assert any("SEARCH postings USING INDEX sqlite_autoindex_postings_1 (id=?)" in step for step in plan)
    assert any("SEARCH subscriptions USING INDEX ix_subscriptions_account_id" in step for step in plan)
    tables = ("calls", "postings", "subscriptions")
    assert not [step for step in plan if step.startswith(tuple(f"SCAN {table}" for table in tables))]


def test_the_zone_of_a_connection_to_postgresql_does_not_count(postgres_house: House) -> None:
    postgres_house.subscribed(monthly="0")
    for number, at in enumerate((MIDNIGHT, MIDNIGHT + timedelta(hours=23, minutes=59))):
        arrival = Arrival(str(number), at, "carrier", "192.0.2.1", (DIN,), Caller("8190", "8190"))
        postgres_house.write(partial(desk.admit, arrival=arrival, now=arrival.at))

    def read(work: Work) -> list[UsageLine]:
        work.connection.exec_driver_sql("SET LOCAL timezone = 'Asia/Tokyo'").close()
        return work.usage.lines(postgres_house.shop.id, Days(DAY, DAY + timedelta(days=1)))

    assert [(line.day, line.calls) for line in postgres_house.read(read)] == [(DAY, 2)]
