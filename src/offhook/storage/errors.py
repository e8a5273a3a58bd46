"""What can go wrong with a database, in the house's own words."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import exc

from offhook.errors import OffhookError, SetupError

DRIVER = "psycopg[binary]>=3.3,<4"
"""What pip is asked for, as in `pyproject.toml`."""


class DatabaseAway(OffhookError):
    """The database cannot do its work now: locked too long, disk full, file unreadable."""

    code = "database-away"


class SchemaTooNew(SetupError):
    code = "schema-too-new"

    def __init__(self, revision: str) -> None:
        super().__init__(
            f"the database has the schema {revision!r}, which this program does not know",
            hint="start the version of Offhook that wrote it, or a later one",
        )


class DriverMissing(SetupError):
    code = "driver-missing"

    def __init__(self) -> None:
        super().__init__("PostgreSQL needs the driver psycopg, which is not installed", hint=f"pip install '{DRIVER}'")


@contextmanager
def told() -> Iterator[None]:
    """Raise DatabaseAway in place of the driver's errors; broken constraints stay what they are."""
    try:
        yield
    except exc.IntegrityError:
        raise
    except (exc.DBAPIError, exc.TimeoutError, sqlite3.Error) as error:
        raise away(error) from error


def away(error: Exception) -> DatabaseAway:
    """Say in one sentence what the driver said, without the statement and its parameters."""
    if isinstance(error, DatabaseAway):
        return error
    cause = error.orig if isinstance(error, exc.DBAPIError) else error
    return DatabaseAway(
        f"the database cannot be used: {cause}",
        hint="look whether the database runs, at its disk (full, read-only?) and at programs that hold it locked",
    )
