"""A copy of a SQLite database as it is at one moment, made beside running calls.

The file alone is no copy: what was committed last stands in its write-ahead log. PostgreSQL has programs of its own.
"""

import sqlite3
from contextlib import closing
from pathlib import Path

from offhook.errors import SetupError
from offhook.storage.database import BUSY_TIMEOUT_S, database_file
from offhook.storage.errors import DatabaseAway, told


def back_up(url: str, target: Path) -> int:
    """Write a whole copy to `target`, which must not be there, and return its bytes.

    Raises SetupError (also for PostgreSQL, and if there is no such file), DatabaseAway.
    """
    source = database_file(url)
    if source is None:
        raise SetupError("only a SQLite database is copied so", hint="copy PostgreSQL with its own pg_dump")
    if not source.is_file():
        raise SetupError(
            f"there is no file {source}", hint="run this in the platform's folder, or set OFFHOOK_DATABASE"
        )
    if target.exists():
        raise SetupError(f"{target} is there already", hint="name a new file: a copy takes no other one's place")
    begun = target.with_name(f".{target.name}.part")
    try:
        begun.unlink(missing_ok=True)
        begun.touch(mode=0o600, exist_ok=False)
        with told():
            _copy(source, begun)
        begun.replace(target)
    except OSError as error:
        raise SetupError(f"{target} cannot be written: {error.strerror}", hint="choose another place") from error
    finally:
        begun.unlink(missing_ok=True)
    return target.stat().st_size


def _copy(source: Path, begun: Path) -> None:
    with (
        closing(sqlite3.connect(f"{source.resolve().as_uri()}?mode=ro", uri=True, timeout=BUSY_TIMEOUT_S)) as original,
        closing(sqlite3.connect(begun)) as copy,
    ):
        # All pages in one step are pages of one moment; writers go on in the log meanwhile.
        original.backup(copy)
        # The copy has to be whole by itself, without a log beside it.
        copy.execute("PRAGMA journal_mode = DELETE")
        [said] = copy.execute("PRAGMA quick_check(1)").fetchone()
    if said != "ok":
        raise DatabaseAway(f"the copy of {source} is not sound: {said}", hint="look at the disk of the database")
