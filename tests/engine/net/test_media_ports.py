"""Pairs of ports, and how long they rest."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from free_ports import udp_range
from offhook.engine.net.media_ports import REST_S, PortPairs

HOST = "127.0.0.1"


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as made:
        yield made


class Hall:
    """So many pairs, and a clock."""

    def __init__(self, stack: ExitStack, pairs: int) -> None:
        low, high = udp_range(2 * pairs)
        self.even = range(low, high, 2)
        self.pairs = PortPairs(self.even)
        self.now = 100.0
        self._stack = stack
        self._open: dict[int, tuple[socket.socket, socket.socket]] = {}

    def bind(self) -> int:
        pair = self.pairs.bind(HOST, self.now)
        for one in pair:
            self._stack.enter_context(one)
        port: int = pair[0].getsockname()[1]
        assert pair[1].getsockname()[1] == port + 1
        self._open[port] = pair
        return port

    def free(self, port: int) -> None:
        for one in self._open.pop(port):
            one.close()
        self.pairs.free(port, self.now)


def test_a_pair_that_was_freed_rests_while_there_are_others(stack: ExitStack) -> None:
    hall = Hall(stack, 3)
    first = hall.bind()
    hall.free(first)
    assert first not in {hall.bind(), hall.bind()}


def test_it_is_used_again_once_it_has_rested(stack: ExitStack) -> None:
    hall = Hall(stack, 3)
    first = hall.bind()
    second = hall.bind()
    hall.free(first)
    hall.free(second)
    hall.now += REST_S
    assert {hall.bind(), hall.bind(), hall.bind()} == set(hall.even)


def test_one_that_still_rests_is_taken_when_no_other_is_free_the_longest_rested_first(stack: ExitStack) -> None:
    hall = Hall(stack, 3)
    first, second, _ = (hall.bind() for _ in range(3))
    hall.free(second)
    hall.now += 1
    hall.free(first)
    assert [hall.bind(), hall.bind()] == [second, first]


def test_ports_of_somebody_else_are_passed_over(stack: ExitStack) -> None:
    hall = Hall(stack, 2)
    foreign = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
    foreign.bind((HOST, hall.even[0] + 1))
    assert hall.bind() == hall.even[1]
    with pytest.raises(OSError, match="every port of the range is in use"):
        hall.bind()


def test_an_address_that_is_not_ours_is_told_as_such(stack: ExitStack) -> None:
    hall = Hall(stack, 2)
    with pytest.raises(OSError, match="assign"):
        hall.pairs.bind("192.0.2.1", hall.now)
