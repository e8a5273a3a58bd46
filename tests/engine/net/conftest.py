"""What several tests of a leg begin with."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from joined_legs import Pair
from leg_peers import Bench, bench


@pytest.fixture
def hall() -> Iterator[Bench]:
    with bench() as made:
        yield made


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as made:
        yield made


@pytest.fixture
def pair(stack: ExitStack) -> Pair:
    """Return two legs, not joined, whose peers are known; each has sent one packet (sequence 10, timestamp 20)."""
    made = Pair(stack)
    made.meet()
    return made
