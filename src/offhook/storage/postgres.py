"""How a PostgreSQL database is opened, and what its refusals mean.

Connections are in autocommit mode, as those to SQLite are: transactions are begun and ended by hand.
"""

from sqlalchemy import URL, Engine, create_engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from offhook.storage.errors import DatabaseAway, DriverMissing

CONNECTIONS = 8
"""More would wait for each other at the accounts' rows; PostgreSQL allows 100 in all unless told otherwise."""

CONNECT_TIMEOUT_S = 5
SILENT_SERVER_MS = 10_000
"""After so long without an acknowledgement (TCP_USER_TIMEOUT) a server is gone, and not only slow."""

SERIALIZATION_FAILURE = "40001"
DEADLOCK_DETECTED = "40P01"
UNIQUE_VIOLATION = "23505"


def engine_of(url: URL, busy_timeout_s: float, *, is_lasting: bool = True) -> Engine:
    """Return an engine whose connections belong to whoever opens them. Raises DriverMissing."""
    lock_timeout_ms = max(1, round(busy_timeout_s * 1000))
    options = f"-c timezone=UTC -c lock_timeout={lock_timeout_ms}"
    if not is_lasting:
        options += " -c synchronous_commit=off"
    try:
        return create_engine(
            url,
            poolclass=NullPool,
            isolation_level="AUTOCOMMIT",
            connect_args={
                "application_name": "offhook",
                "connect_timeout": CONNECT_TIMEOUT_S,
                "tcp_user_timeout": SILENT_SERVER_MS,
                # The driver forgets all that is prepared when it sees a ROLLBACK, ours (`postgres_line`) with its own.
                "prepare_threshold": None,
                "options": options,
            },
        )
    except ModuleNotFoundError as error:
        raise DriverMissing from error


def must_run_again(error: Exception) -> bool:
    """Tell whether a unit met another one on its way, and will find its work done, or the way free, if run again.

    Two units that note the same fact at the same time are no defect: neither can see the other's row before its
    commit, so the second learns of it by the unique index, and then reads what stands there.
    """
    return _state(error) in (SERIALIZATION_FAILURE, DEADLOCK_DETECTED, UNIQUE_VIOLATION)


def _state(error: Exception) -> str | None:
    """Return the SQLSTATE that stands behind an error."""
    if isinstance(error, DatabaseAway) and isinstance(error.__cause__, Exception):
        error = error.__cause__
    cause = error.orig if isinstance(error, DBAPIError) else error
    return getattr(cause, "sqlstate", None)
