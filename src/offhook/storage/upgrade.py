"""Bring a database to the schema of this program, whatever it has now: nothing, or an older one."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import DBAPIError

from offhook.storage.errors import SchemaTooNew
from offhook.storage.words import say

HEAD = "r0012"
"""The newest revision under `migrations`, told here so that a start with nothing to do skips Alembic."""

_MIGRATIONS = Path(__file__).parent / "migrations"


_LOCK = 0x0FF400C


def upgrade(connection: Connection) -> None:
    """Create or upgrade the tables in one transaction; raises SchemaTooNew.

    Two programs may do it at the same time: the second waits, and then finds nothing to do. The connection
    must leave transactions to us.
    """
    if revision(connection) == HEAD:
        return
    with _alone(connection):
        _migrate(connection, revision(connection))


@contextmanager
def _alone(connection: Connection) -> Iterator[None]:
    """Run what is inside in a transaction that no other program's upgrade can be beside."""
    is_sqlite = connection.dialect.name == "sqlite"
    say(connection, "BEGIN IMMEDIATE" if is_sqlite else "BEGIN")
    try:
        if not is_sqlite:
            # Another one's whole upgrade may take longer than a unit may wait for a row.
            say(connection, "SET LOCAL lock_timeout = 0")
            say(connection, f"SELECT pg_advisory_xact_lock({_LOCK})")
        yield
    except BaseException:
        # SQLite itself ends the whole transaction for a full disk.
        with suppress(DBAPIError):
            say(connection, "ROLLBACK")
        raise
    say(connection, "COMMIT")


def revision(connection: Connection) -> str | None:
    """Return the revision that the database has now, None if it has no tables of ours."""
    # Asked anew each time: another program may have made the tables a moment ago.
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def is_known(present: str) -> bool:
    """Tell whether a revision is one of this program's, or of an older one's."""
    if present == HEAD:
        return True
    from alembic.script import ScriptDirectory

    return present in {script.revision for script in ScriptDirectory(str(_MIGRATIONS)).walk_revisions()}


def _migrate(connection: Connection, present: str | None) -> None:
    # Alembic is slow to import, and almost every start goes without it.
    from alembic import command
    from alembic.config import Config

    if present is not None and not is_known(present):
        raise SchemaTooNew(present)
    config = Config()
    # ConfigParser reads a single % as the beginning of a substitution.
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
