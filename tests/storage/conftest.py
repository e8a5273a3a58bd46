"""What the tests of the database share."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from house import House


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """Open a house with one account of 1,000 credits."""
    opened = House(tmp_path / "offhook.db")
    yield opened
    opened.close()
