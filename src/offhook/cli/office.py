"""The house's database for one command."""

import sys
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

    settings = Settings.load()
    made = office.file_to_make(settings.database)
    with office.open_office(settings) as database:
        if made is not None and sys.stderr.isatty():
            # Typed in another folder than the platform's, a command finds nothing, and nobody would know why.
            print(
                f"note: {made.resolve()} was not there and is made; a platform in another folder has its own",
                file=sys.stderr,
            )
        yield database
