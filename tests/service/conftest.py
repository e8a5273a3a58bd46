"""What the tests of the use cases share."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from house import House, audit


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """Open a house with one account of 1,000 credits; its books are audited when the test is over."""
    opened = House(tmp_path / "offhook.db")
    yield opened
    opened.read(audit)
    opened.close()
