import asyncio
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from house import NOW, House, empty_file
from offhook.domain.errors import AccountNotFound
from offhook.errors import SetupError
from offhook.service import accounts, audit, trunks
from offhook.storage import DatabaseAway, Work, open_database
from postgres import PrivateServer

WITHOUT_DRIVER = """
import sys
sys.modules["psycopg"] = None
from offhook.storage import open_database
from offhook.storage.errors import DriverMissing
try:
    open_database("postgresql://127.0.0.1/offhook")
except DriverMissing as error:
    print(error.hint)
"""


def add_trunk(work: Work) -> str:
    return trunks.add_trunk(work, name="carrier", sources=("192.0.2.1",), send=None, now=NOW).name


async def test_a_write_is_seen_by_the_reads_that_follow(house: House) -> None:
    assert await house.database.write(add_trunk) == "carrier"
    assert [trunk.name for trunk in await house.database.read(trunks.list_trunks)] == ["carrier"]


async def test_what_a_unit_raises_reaches_its_caller(house: House) -> None:
    with pytest.raises(AccountNotFound):
        await house.database.read(lambda work: accounts.summary(work, 99))
    with pytest.raises(AccountNotFound):
        await house.database.write(lambda work: accounts.summary(work, 99))


async def test_many_units_at_once_all_come_back(house: House) -> None:
    async def pay(number: int) -> int:
        summary = await house.database.write(
            lambda work: accounts.top_up(work, name="Shop", amount=1, reference=str(number), now=NOW)
        )
        return summary.balance

    balances = await asyncio.gather(*(pay(number) for number in range(100)))
    assert len(set(balances)) == 100


async def test_reads_run_beside_each_other_and_beside_a_writer(sqlite_house: House) -> None:
    with sqlite3.connect(sqlite_house.path, isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        other.execute("DELETE FROM api_users")
        reads = [sqlite_house.database.read(lambda work: work.api_users.by_sid("sid-Shop")) for _ in range(8)]
        users = await asyncio.gather(*reads)
        other.execute("ROLLBACK")
    assert all(users)


def test_a_read_sees_one_moment(house: House) -> None:
    def twice(work: Work) -> tuple[int, int]:
        before = trunks.version(work)
        house.write(add_trunk)
        return before, trunks.version(work)

    before, after = house.read(twice)
    assert before == after
    assert house.read(trunks.version) == before + 1


def test_a_read_cannot_write(house: House) -> None:
    with pytest.raises(DatabaseAway, match=r"read-?only"):
        house.read(add_trunk)


def test_two_programs_share_a_file(sqlite_house: House) -> None:
    other = open_database(f"sqlite:///{sqlite_house.path}")
    other.write_now(add_trunk)
    assert [trunk.name for trunk in sqlite_house.read(trunks.list_trunks)] == ["carrier"]
    other.close()


def test_a_database_locked_for_too_long_is_away_and_comes_back(tmp_path: Path) -> None:
    house = House(empty_file(tmp_path / "offhook.db"), busy_timeout_s=0.01)
    with sqlite3.connect(house.path, isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(DatabaseAway, match="locked"):
            house.write(add_trunk)
        other.execute("ROLLBACK")
    assert house.write(add_trunk) == "carrier"
    house.close()


@pytest.mark.parametrize(("is_lasting", "is_said"), [(True, "2"), (False, "1")])
def test_who_does_its_work_again_need_not_wait_for_the_disk(tmp_path: Path, is_lasting: bool, is_said: str) -> None:
    assert said(empty_file(tmp_path / "offhook.db"), "PRAGMA synchronous", is_lasting=is_lasting) == is_said


def test_on_postgresql_it_need_not_either(mortal_postgres: PrivateServer) -> None:
    mortal_postgres.create_database("lasting")
    url = mortal_postgres.url("lasting")
    assert said(url, "SHOW synchronous_commit", is_lasting=True) == "on"
    assert said(url, "SHOW synchronous_commit", is_lasting=False) == "off"


def said(url: str, ask: str, *, is_lasting: bool) -> str:
    database = open_database(url, is_lasting=is_lasting)
    answer = database.write_now(lambda work: work.connection.exec_driver_sql(ask).scalar_one())
    database.close()
    return str(answer)


def test_a_commit_that_was_told_survives_a_loss_of_power(sqlite_house: House) -> None:
    def pragma(work: Work, name: str) -> object:
        return work.connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()

    assert sqlite_house.write(lambda work: pragma(work, "synchronous")) == 2
    assert sqlite_house.write(lambda work: pragma(work, "journal_mode")) == "wal"
    assert sqlite_house.write(lambda work: pragma(work, "foreign_keys")) == 1


def test_postgresql_without_its_driver_says_how_to_get_it() -> None:
    """In a process of its own, in which the driver cannot be imported."""
    asked = subprocess.run([sys.executable, "-c", WITHOUT_DRIVER], capture_output=True, text=True, check=True)
    assert asked.stdout == "pip install 'psycopg[binary]>=3.3,<4'\n"


def test_a_file_that_is_no_database_is_away(tmp_path: Path) -> None:
    path = tmp_path / "letter.txt"
    path.write_text("Dear Sir or Madam, " * 100)
    with pytest.raises(DatabaseAway, match="not a database"):
        open_database(f"sqlite:///{path}")
    assert path.read_text().startswith("Dear")


def test_a_folder_that_is_not_there_is_away(tmp_path: Path) -> None:
    with pytest.raises(DatabaseAway, match="unable to open"):
        open_database(f"sqlite:///{tmp_path}/nowhere/offhook.db")


def test_a_folder_in_the_place_of_the_file_is_away(tmp_path: Path) -> None:
    with pytest.raises(DatabaseAway):
        open_database(f"sqlite:///{tmp_path}")


@pytest.mark.parametrize("url", ["", "offhook.db", "sqlite://", "sqlite:///:memory:", "mysql://host/offhook"])
def test_a_url_that_names_no_file_is_refused_with_an_example(url: str) -> None:
    with pytest.raises(SetupError) as refused:
        open_database(url)
    assert "sqlite:///" in refused.value.hint


def test_a_connection_works_as_before_once_the_books_were_read_through(house: House) -> None:
    """A cursor that the server keeps is for the long reading alone: for a change there is none."""

    def unit(work: Work) -> None:
        assert not audit.verify(work).findings
        work.accounts.route(house.shop.id, "")

    house.write(unit)
