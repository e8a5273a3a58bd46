"""The office: the database of a node for commands that change or read it and end.

A running node may use the same database at the same time and learns of changes within 2 s.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from offhook.config import Settings
from offhook.serve.folders import make_data_folder
from offhook.service.ports import Database
from offhook.storage import backup, open_database
from offhook.storage.database import database_file
from offhook.storage.inspection import Schema, inspect_database


def inspect(url: str) -> Schema:
    """Return the schema of a database without changing it. Raises SetupError, SchemaTooNew, DatabaseAway."""
    return inspect_database(url)


def file_to_make(url: str) -> Path | None:
    """Return the SQLite file that opening this database would make; None if it is there, or is no file."""
    file = database_file(url)
    return None if file is None or file.exists() else file


def back_up(url: str, target: Path) -> int:
    """Copy a SQLite database to a new file; see `storage.backup`. Raises SetupError, DatabaseAway."""
    return backup.back_up(url, target)


@contextmanager
def open_office(settings: Settings) -> Iterator[Database]:
    """Open the database for as long as the context lasts, creating or upgrading it first.

    Raises:
        SetupError: The folder or the database cannot be used.
        DatabaseAway: The database cannot do its work now.
    """
    make_data_folder(settings.data_folder)
    database = open_database(settings.database)
    try:
        yield database
    finally:
        database.close()
