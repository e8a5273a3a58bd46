"""What the tests of the use cases share."""

from collections.abc import Iterator

import pytest

from house import House, audit


@pytest.fixture
def house(database_url: str) -> Iterator[House]:
    """Open a house with one account of 1,000 credits, on each kind of database; its books are audited at the end."""
    opened = House(database_url)
    yield opened
    opened.read(audit)
    opened.close()
