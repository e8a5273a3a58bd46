"""What several tests of a leg begin with."""

from collections.abc import Iterator

import pytest

from leg_peers import Bench, bench


@pytest.fixture
def hall() -> Iterator[Bench]:
    with bench() as made:
        yield made
