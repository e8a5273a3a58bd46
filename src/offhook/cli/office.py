"""The house's database for one command."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from offhook.service.ports import Database


@contextmanager
def open_office() -> "Iterator[Database]":
    """Open the database that the settings name. Raises SetupError, DatabaseAway."""
    from offhook.config import Settings
    from offhook.serve import office

    with office.open_office(Settings.load()) as database:
        yield database
