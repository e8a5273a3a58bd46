import sqlite3
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from io import StringIO
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, make_url, text

from house import NOW, House, audit
from offhook.domain.calls import Status
from offhook.domain.credits import CREDIT
from offhook.domain.legs import Leg
from offhook.domain.routes import Routes
from offhook.domain.rules import PLAIN, RuleChanges
from offhook.service import accounts, callees, calls, notices, recovery, tariffs, trunks, webhooks
from offhook.storage import Database, DatabaseAway, SchemaTooNew, open_database, upgrade
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


def copy_rows(source: Path, target: Path) -> None:
    """Copy what an older schema can hold into a database that has it."""
    with sqlite3.connect(target) as older:
        older.execute("ATTACH ? AS now", (str(source),))
        tables = [name for (name,) in older.execute("SELECT name FROM main.sqlite_master WHERE type = 'table'")]
        for table in tables:
            if table not in ("alembic_version", "version"):
                columns = ", ".join(f'"{row[1]}"' for row in older.execute(f'PRAGMA main.table_info("{table}")'))
                older.execute(f'INSERT INTO main."{table}" ({columns}) SELECT {columns} FROM now."{table}"')
    older.close()


def upgraded(revision: str, house: House, folder: Path) -> Database:
    """Open a database of a revision with the house's rows, and return it when it has the schema of today."""
    path = folder / f"{revision}.db"
    database_of(revision, path)
    copy_rows(house.path, path)
    database = open_database(f"sqlite:///{path}")
    difference = database.read_now(lambda work: compare_metadata(MigrationContext.configure(work.connection), metadata))
    assert difference == []
    return database


def test_what_the_first_schema_held_is_there_after_the_upgrade(tmp_path: Path, sqlite_house: House) -> None:
    sqlite_house.subscribed()
    ended, running = sqlite_house.ring(node=""), sqlite_house.ring(node="")
    sqlite_house.hang_up(ended, 70)
    sqlite_house.answer(running, NOW)
    before = [sqlite_house.call(ended), sqlite_house.call(running)]
    database = upgraded("r0001", sqlite_house, tmp_path)
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


def test_a_running_call_and_its_leg_survive_the_step_to_callees(tmp_path: Path, sqlite_house: House) -> None:
    sqlite_house.add_trunk("tokyo")
    sqlite_house.subscribed()
    call_id = sqlite_house.ring()
    sqlite_house.answer(call_id, NOW, dialog="caller")
    before = sqlite_house.call(call_id)
    database = upgraded("r0002", sqlite_house, tmp_path)
    assert database.read_now(partial(calls.find_call, account_id=None, call_id=call_id)) == before
    assert database.read_now(lambda work: work.legs.of(call_id)) == (Leg(1, None, 0, 0, NOW, "caller"),)
    assert [trunk.pass_caller for trunk in database.read_now(trunks.list_trunks)] == [False]
    assert [account.trunk for account in database.read_now(accounts.list_accounts)] == [""]
    # The call goes on as if it had come under the new schema; only rates were not known then.
    rates = [{"prefix": "81", "minute_cost": "1"}]
    assert database.write_now(partial(tariffs.import_rates, rows=rates)).added == 1
    found = database.write_now(
        lambda work: callees.find_routes(
            work, call_id, 2, "81312345678", came_inside=False, defaults=["tokyo"], now=NOW
        )
    )
    assert isinstance(found, Routes)
    database.read_now(audit)
    (one,) = database.write_now(partial(recovery.lost, node="node-2", now=NOW))
    assert [dialog.dialog for dialog in one.dialogs] == ["caller"]
    assert database.write_now(partial(recovery.settle_lost, call_id=call_id, now=NOW, node="node-2"))
    assert database.read_now(partial(calls.find_call, account_id=None, call_id=call_id)).cost == CREDIT
    database.read_now(audit)
    database.close()


def test_a_trunk_from_before_the_rules_is_read_as_it_always_was(tmp_path: Path, sqlite_house: House) -> None:
    before = sqlite_house.add_trunk("tokyo", pass_caller=True)
    database = upgraded("r0004", sqlite_house, tmp_path)
    (after,) = database.read_now(trunks.list_trunks)
    assert (after, after.rules) == (before, PLAIN)
    told = database.write_now(partial(trunks.change_rules, name="tokyo", changes=RuleChanges(country_code="81")))
    assert database.read_now(trunks.list_trunks) == [told]
    database.close()


def test_a_trunk_on_postgresql_from_before_the_rules_is_read_as_it_always_was(postgres_url: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(upgrade._MIGRATIONS))
    engine = create_engine(make_url(postgres_url).set(drivername="postgresql+psycopg"))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "r0004")
        connection.execute(
            text("INSERT INTO trunks (name, sources, created_at) VALUES ('tokyo', '[\"192.0.2.0/24\"]', now())")
        )
    engine.dispose()
    database = open_database(postgres_url)
    (after,) = database.read_now(trunks.list_trunks)
    assert (after.name, after.sources, after.rules) == ("tokyo", ("192.0.2.0/24",), PLAIN)
    database.close()


def test_a_kept_leg_still_needs_its_call_after_the_step_to_callees(sqlite_house: House) -> None:
    """The step makes the table anew, and must not forget what held its rows together."""
    with sqlite3.connect(sqlite_house.path) as driver:
        (made,) = driver.execute("SELECT sql FROM sqlite_master WHERE name = 'legs'").fetchone()
        (accounts_made,) = driver.execute("SELECT sql FROM sqlite_master WHERE name = 'accounts'").fetchone()
    driver.close()
    assert "CONSTRAINT pk_legs PRIMARY KEY (call_id, leg)" in made
    assert "CONSTRAINT fk_legs_call_id FOREIGN KEY(call_id) REFERENCES calls (call_id)" in made
    assert "REFERENCES trunks (name)" in accounts_made


def test_the_step_to_callees_is_plain_sql_for_postgresql() -> None:
    written = StringIO()
    context = MigrationContext.configure(dialect_name="postgresql", opts={"as_sql": True, "output_buffer": written})
    step = ScriptDirectory(str(upgrade._MIGRATIONS)).get_revision("r0003")
    assert step is not None
    with Operations.context(context):
        step.module.upgrade()
    assert [line for line in written.getvalue().splitlines() if line] == [
        "ALTER TABLE legs ALTER COLUMN dialog DROP NOT NULL;",
        "ALTER TABLE legs ALTER COLUMN answered_at DROP NOT NULL;",
        "ALTER TABLE legs ADD COLUMN callee TEXT;",
        "ALTER TABLE legs ADD COLUMN held_minutes BIGINT DEFAULT '0' NOT NULL;",
        "ALTER TABLE legs ADD COLUMN minute_cost BIGINT DEFAULT '0' NOT NULL;",
        "ALTER TABLE trunks ADD COLUMN pass_caller BOOLEAN DEFAULT false NOT NULL;",
        "ALTER TABLE accounts ADD COLUMN trunk TEXT CONSTRAINT fk_accounts_trunk REFERENCES trunks (name);",
    ]


def test_a_file_that_another_program_holds_is_away_after_the_timeout(tmp_path: Path) -> None:
    path = tmp_path / "offhook.db"
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(DatabaseAway, match="locked"):
        open_database(f"sqlite:///{path}", busy_timeout_s=0.02)
    other.rollback()
    other.close()
    open_database(f"sqlite:///{path}", busy_timeout_s=0.02).close()


def test_what_waits_for_a_webhook_is_delivered_after_the_step_to_events(tmp_path: Path, sqlite_house: House) -> None:
    hook = "https://shop.example/events"
    sqlite_house.write(lambda work: notices.set_contact(work, name="Shop", email=None, webhook_url=hook))
    sqlite_house.write(lambda work: notices.low_credit(work, account_id=1, available=0, minimum=1, now=NOW))
    database = upgraded("r0006", sqlite_house, tmp_path)
    turn = partial(webhooks.take_turn, outcomes=(), busy={}, failing=(), origin=str, now=NOW)
    ids = database.write_now(turn)
    (event,) = database.read_now(partial(webhooks.claimed, ids=ids, now=NOW))
    assert (event.kind, event.target, event.secrets) == ("low-credit", hook, ())
    assert (event.call_id, event.expires_at) == (None, NOW + timedelta(days=1))
    database.close()
