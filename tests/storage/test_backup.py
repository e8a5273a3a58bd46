"""A copy of a database is whole, of one moment, and takes nobody's place."""

import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pytest

from house import empty_database
from offhook.errors import SetupError
from offhook.service import accounts
from offhook.storage import Work, open_database
from offhook.storage.backup import back_up
from offhook.storage.errors import DatabaseAway


@pytest.fixture
def url(tmp_path: Path) -> str:
    (tmp_path / "offhook.db").write_bytes(empty_database())
    return f"sqlite:///{tmp_path}/offhook.db"


def opened(work: Work, name: str = "Shop") -> int:
    now = datetime(2026, 11, 23, tzinfo=UTC)
    return accounts.create_account(work, name=name, credit=0, sid=name, token="token", now=now).id


def names(url: str) -> list[str]:
    database = open_database(url)
    try:
        return [one.name for one in database.read_now(accounts.list_accounts)]
    finally:
        database.close()


def test_a_copy_has_what_is_not_in_the_file_yet(url: str, tmp_path: Path) -> None:
    database = open_database(url)
    database.write_now(opened)
    # The database is open, so what was committed stands in its log: copying the file would lose it.
    assert (tmp_path / "offhook.db-wal").stat().st_size
    copy = tmp_path / "copy.db"
    assert back_up(url, copy) == copy.stat().st_size
    database.write_now(lambda work: opened(work, "Later"))
    database.close()
    assert names(f"sqlite:///{copy}") == ["Shop"]
    assert copy.stat().st_mode & 0o077 == 0


def test_a_copy_is_one_file(url: str, tmp_path: Path) -> None:
    back_up(url, tmp_path / "copy.db")
    assert sorted(path.name for path in tmp_path.glob("*copy*")) == ["copy.db"]


def test_what_is_there_stays(url: str, tmp_path: Path) -> None:
    (tmp_path / "copy.db").write_text("precious")
    with pytest.raises(SetupError, match="is there already"):
        back_up(url, tmp_path / "copy.db")
    assert (tmp_path / "copy.db").read_text() == "precious"


def test_without_a_database_nothing_is_written(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="there is no file"):
        back_up(f"sqlite:///{tmp_path}/none.db", tmp_path / "copy.db")
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_cannot_be_written_is_told(url: str, tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="cannot be written"):
        back_up(url, tmp_path / "nowhere" / "copy.db")


def test_postgresql_has_its_own_programs(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="only a SQLite database") as refused:
        back_up("postgresql://db.example/offhook", tmp_path / "copy.db")
    assert "pg_dump" in refused.value.hint


def test_of_a_spoilt_database_there_is_no_copy(url: str, tmp_path: Path) -> None:
    (tmp_path / "offhook.db").write_bytes(b"SQLite format 3\0" + b"\xff" * 4096)
    with pytest.raises(DatabaseAway):
        back_up(url, tmp_path / "copy.db")
    assert not (tmp_path / "copy.db").exists()
    # What breaks later is found as well: an index that does not have a row of its table.
    (tmp_path / "offhook.db").write_bytes(empty_database())
    with sqlite3.connect(tmp_path / "offhook.db") as spoilt:
        spoilt.execute("CREATE TABLE a (b)")
        spoilt.execute("CREATE INDEX c ON a (b)")
        spoilt.execute("INSERT INTO a VALUES (1)")
        spoilt.execute("PRAGMA writable_schema = 1")
        spoilt.execute("UPDATE sqlite_schema SET rootpage = 2 WHERE name = 'c'")
    spoilt.close()
    with pytest.raises(DatabaseAway):
        back_up(url, tmp_path / "copy.db")
    assert not (tmp_path / "copy.db").exists()
