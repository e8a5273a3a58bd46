"""Bring a database to the schema of this program, whatever it has now: nothing, or an older one."""

import sqlite3
from pathlib import Path

from sqlalchemy import Connection, inspect, text

from offhook.storage.errors import SchemaTooNew

HEAD = "r0004"
"""The newest revision under `migrations`, told here so that a start with nothing to do skips Alembic."""

_MIGRATIONS = Path(__file__).parent / "migrations"


def upgrade(connection: Connection, driver: sqlite3.Connection) -> None:
    """Create or upgrade the tables in one transaction; raises SchemaTooNew.

    Two programs may do it at the same time: the second waits, and then finds nothing to do.
    """
    if _revision(connection) == HEAD:
        return
    driver.execute("BEGIN IMMEDIATE")
    try:
        _migrate(connection, _revision(connection))
        driver.execute("COMMIT")
    finally:
        # Nothing is left to roll back after the commit.
        driver.rollback()


def _revision(connection: Connection) -> str | None:
    # Asked anew each time: another program may have made the tables a moment ago.
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def _migrate(connection: Connection, revision: str | None) -> None:
    # Alembic is slow to import, and almost every start goes without it.
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    # ConfigParser reads a single % as the beginning of a substitution.
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if revision is not None and revision not in known:
        raise SchemaTooNew(revision)
    command.upgrade(config, "head")
