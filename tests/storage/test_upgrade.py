import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from offhook.service import trunks
from offhook.storage import SchemaTooNew, open_database, upgrade
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
