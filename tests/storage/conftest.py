"""What the tests of the database share: a house on each kind of database."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from house import House, empty_file


@pytest.fixture
def house(database_url: str) -> Iterator[House]:
    """Open a house with one account of 1,000 credits, once on SQLite and once on PostgreSQL."""
    opened = House(database_url)
    yield opened
    opened.close()


@pytest.fixture
def sqlite_house(tmp_path: Path) -> Iterator[House]:
    """Open a house on SQLite, for what is so only there."""
    opened = House(empty_file(tmp_path / "offhook.db"))
    yield opened
    opened.close()


@pytest.fixture
def postgres_house(furnished_postgres_url: str) -> Iterator[House]:
    """Open a house on PostgreSQL, for what is so only there."""
    opened = House(furnished_postgres_url)
    yield opened
    opened.close()
