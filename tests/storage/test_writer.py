import sqlite3
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager

import pytest

from house import House
from offhook.storage import DatabaseAway, Work
from offhook.storage.sqlite_store import SqliteStore
from offhook.storage.writer import LARGEST_GROUP, Writer

PATIENCE_S = 10


@pytest.fixture
def house(sqlite_house: House) -> House:
    """Return a house on SQLite: only there is one writer."""
    return sqlite_house


def writer_of(house: House) -> Writer:
    store = house.database._store
    assert isinstance(store, SqliteStore)
    return store.writer


def names(house: House) -> list[str]:
    """Read what a second connection, outside the house, sees."""
    with sqlite3.connect(house.path) as other:
        return [name for (name,) in other.execute("SELECT name FROM trunks ORDER BY id")]


def adding(house: House, name: str) -> Callable[[Work], str]:
    def unit(work: Work) -> str:
        work.connection.exec_driver_sql(
            "INSERT INTO trunks (name, sources, created_at) VALUES (?, '[]', '2026-11-23 06:00:00.000000')", (name,)
        )
        return name

    return unit


def failing(house: House, name: str) -> Callable[[Work], str]:
    def unit(work: Work) -> str:
        adding(house, name)(work)
        raise ZeroDivisionError(name)

    return unit


@contextmanager
def one_group(house: House) -> Iterator[Callable[[Callable[[Work], str]], Future[str]]]:
    """Keep the writer busy, so that all units submitted inside are waiting and make one group."""
    started, release = threading.Event(), threading.Event()

    def busy(_work: Work) -> None:
        started.set()
        assert release.wait(PATIENCE_S)

    writer_of(house).submit(busy)
    assert started.wait(PATIENCE_S)
    try:
        yield writer_of(house).submit
    finally:
        release.set()


def test_nobody_else_sees_a_unit_before_its_groups_commit(house: House) -> None:
    reached, go_on = threading.Event(), threading.Event()

    def last(_work: Work) -> str:
        reached.set()
        assert go_on.wait(PATIENCE_S)
        return "last"

    with one_group(house) as submit:
        first, second = submit(adding(house, "one")), submit(last)
    assert reached.wait(PATIENCE_S)
    # The first unit has been done and its savepoint released; only the group's commit is missing.
    assert names(house) == []
    assert not first.done()
    go_on.set()
    assert (first.result(PATIENCE_S), second.result(PATIENCE_S)) == ("one", "last")
    assert names(house) == ["one"]


def test_a_group_that_cannot_be_committed_leaves_nothing_and_fails_every_unit(house: House) -> None:
    def breaks_the_commit(work: Work) -> str:
        # The driver checks this broken reference at the commit and not before.
        work.connection.exec_driver_sql("PRAGMA defer_foreign_keys=ON")
        work.connection.exec_driver_sql("INSERT INTO call_events (call_id, part, events) VALUES ('never-was', 0, '')")
        return "done"

    with one_group(house) as submit:
        futures = [submit(adding(house, "one")), submit(breaks_the_commit), submit(adding(house, "two"))]
        futures.append(submit(failing(house, "three")))
    for future in futures:
        with pytest.raises(DatabaseAway):
            future.result(PATIENCE_S)
    assert names(house) == []
    # The writer lives on.
    assert house.write(adding(house, "four")) == "four"
    assert names(house) == ["four"]


def test_a_unit_that_raises_leaves_nothing_while_its_group_goes_on(house: House) -> None:
    with one_group(house) as submit:
        before, wrong, after = (
            submit(adding(house, "before")),
            submit(failing(house, "wrong")),
            submit(adding(house, "after")),
        )
    with pytest.raises(ZeroDivisionError, match="wrong"):
        wrong.result(PATIENCE_S)
    assert (before.result(PATIENCE_S), after.result(PATIENCE_S)) == ("before", "after")
    assert names(house) == ["before", "after"]


def test_what_waits_is_committed_together(house: House) -> None:
    commits: list[str] = []
    house.write(lambda work: writer_of(house)._driver.set_trace_callback(commits.append))
    with one_group(house) as submit:
        futures = [submit(adding(house, f"trunk-{number}")) for number in range(LARGEST_GROUP + 1)]
    for future in futures:
        future.result(PATIENCE_S)
    house.write(lambda work: writer_of(house)._driver.set_trace_callback(None))
    # The unit that began to listen, the busy one, a full group, and the one that found no room in it.
    assert commits.count("COMMIT") == 4
    assert len(names(house)) == LARGEST_GROUP + 1


def test_a_full_disk_is_told_and_nothing_is_torn(house: House) -> None:
    def full(work: Work) -> str:
        pages = work.connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        work.connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")
        for number in range(1000):
            adding(house, f"{number}-" + "x" * 2000)(work)
        return "done"

    with pytest.raises(DatabaseAway, match="full"):
        house.write(full)
    assert names(house) == []
    house.write(lambda work: work.connection.exec_driver_sql("PRAGMA max_page_count=1000000").close())
    house.write(adding(house, "room"))
    assert names(house) == ["room"]


def test_a_unit_dropped_before_its_turn_never_runs(house: House) -> None:
    with one_group(house) as submit:
        dropped, kept = submit(adding(house, "dropped")), submit(adding(house, "kept"))
        assert dropped.cancel()
    kept.result(PATIENCE_S)
    assert names(house) == ["kept"]


def test_closing_finishes_what_is_queued_and_takes_nothing_more(house: House) -> None:
    with one_group(house) as submit:
        queued = submit(adding(house, "queued"))
        closer = threading.Thread(target=house.close)
        closer.start()
    closer.join(PATIENCE_S)
    assert queued.result(PATIENCE_S) == "queued"
    with pytest.raises(DatabaseAway, match="closed"):
        house.write(adding(house, "late"))
    house.close()
    assert names(house) == ["queued"]
