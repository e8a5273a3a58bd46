import sqlite3
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine

from house import NOW, House, audit
from offhook.domain.calls import Status
from offhook.domain.credits import CREDIT
from offhook.service import calls, recovery, trunks
from offhook.storage import DatabaseAway, SchemaTooNew, open_database, upgrade
from offhook.storage.schema import metadata


def test_a_new_database_has_every_table_and_a_version(tmp_path: Path) -> None:
    database = open_database(f"sqlite:///{tmp_path}/new.db")
    assert database.read_now(trunks.version) == 1
    difference = database.read_now(lambda work: compare_metadata(MigrationContext.configure(work.connection), metadata))
    assert difference == []
    database.close()


def test_the_newest_step_is_the_one_that_the_program_expects() -> None:
    assert ScriptDirectory(str(upgrade._MIGRATIONS)).get_current_head() == upgrade.HEAD


def test_several_programs_may_create_a_database_at_once(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/shared.db"
    with ThreadPoolExecutor(4) as programs:
        databases = list(programs.map(open_database, [url] * 4))
    assert [database.read_now(trunks.version) for database in databases] == [1] * 4
    for database in databases:
        database.close()


def test_a_schema_of_a_later_program_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "offhook.db"
    open_database(f"sqlite:///{path}").close()
    with sqlite3.connect(path) as later:
        later.execute("UPDATE alembic_version SET version_num = 'r9999'")
    later.close()
    with pytest.raises(SchemaTooNew, match="r9999"):
        open_database(f"sqlite:///{path}")


def database_of(revision: str, path: Path) -> None:
    """Make a database as the program of that revision made it."""
    config = Config()
    config.set_main_option("script_location", str(upgrade._MIGRATIONS))
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
    engine.dispose()


def test_what_the_first_schema_held_is_there_after_the_upgrade(tmp_path: Path, house: House) -> None:
    house.subscribed()
    ended, running = house.ring(node=""), house.ring(node="")
    house.hang_up(ended, 70)
    house.answer(running, NOW)
    before = [house.call(ended), house.call(running)]
    path = tmp_path / "first.db"
    database_of("r0001", path)
    with sqlite3.connect(path) as first:
        first.execute("ATTACH ? AS now", (str(house.path),))
        tables = [name for (name,) in first.execute("SELECT name FROM main.sqlite_master WHERE type = 'table'")]
        for table in tables:
            if table not in ("alembic_version", "version"):
                columns = ", ".join(f'"{row[1]}"' for row in first.execute(f'PRAGMA main.table_info("{table}")'))
                first.execute(f'INSERT INTO main."{table}" ({columns}) SELECT {columns} FROM now."{table}"')
    first.close()

    database = open_database(f"sqlite:///{path}")
    difference = database.read_now(lambda work: compare_metadata(MigrationContext.configure(work.connection), metadata))
    assert difference == []
    after = [partial(calls.find_call, account_id=None, call_id=call.call_id) for call in before]
    assert [database.read_now(find) for find in after] == before
    database.read_now(audit)
    # The call that ran when the old program ended is nobody's: the first new one ends it.
    (one,) = database.write_now(partial(recovery.lost, node="node-1", now=NOW))
    assert (one.call.call_id, one.seen_at, one.dialogs) == (running, NOW, ())
    assert database.write_now(partial(recovery.settle_lost, call_id=running, now=NOW, node="node-1"))
    call = database.read_now(partial(calls.find_call, account_id=None, call_id=running))
    assert (call.status, call.cost) == (Status.FAILED, CREDIT)
    database.read_now(audit)
    database.close()


def test_a_file_that_another_program_holds_is_away_after_the_timeout(tmp_path: Path) -> None:
    path = tmp_path / "offhook.db"
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(DatabaseAway, match="locked"):
        open_database(f"sqlite:///{path}", busy_timeout_s=0.02)
    other.rollback()
    other.close()
    open_database(f"sqlite:///{path}", busy_timeout_s=0.02).close()
