"""Units of work that die at a statement of ours to choose: the database refuses it, and all that comes after."""

import sqlite3
from collections.abc import Callable
from typing import TypeVar

from offhook.storage import Work

T = TypeVar("T")


def dying(unit: Callable[[Work], T], steps: int) -> Callable[[Work], T]:
    """Return a unit on SQLite that is refused after so many steps of its statements, a few each; it may live through.

    SQLite asks whether each step of a statement is allowed when it compiles it, and compiles all anew when somebody
    new answers.
    """

    def mortal(work: Work) -> T:
        driver = work.connection.connection.driver_connection
        assert isinstance(driver, sqlite3.Connection)
        left = steps

        def permit(*_what: object) -> int:
            nonlocal left
            left -= 1
            return sqlite3.SQLITE_DENY if left < 0 else sqlite3.SQLITE_OK

        driver.set_authorizer(permit)
        try:
            return unit(work)
        finally:
            driver.set_authorizer(None)

    return mortal
