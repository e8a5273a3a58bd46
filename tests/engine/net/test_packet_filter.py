"""The filter in the kernel: what it lets through, and that it counts exactly what it does not."""

import socket
from collections.abc import Iterator
from random import Random

import pytest

from leg_peers import is_readable
from offhook.engine.media.rtp import Stream
from offhook.engine.net.packet_filter import SAMPLE_EVERY, PacketFilter

SO_LOCK_FILTER = 44
"""Linux, asm-generic/socket.h: no filter may be attached any more."""

SSRC = 0xFEDCBA98
LIMIT = 2048


class Wire:
    """Two connected sockets, and a source at one end."""

    def __init__(self, host: str) -> None:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self.near, self.far = (socket.socket(family, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK) for _ in range(2))
        self.near.bind((host, 0))
        self.far.bind((host, 0))
        self.near.connect(self.far.getsockname())
        self.far.connect(self.near.getsockname())
        self.filter = PacketFilter(self.near)
        self.stream = Stream(ssrc=SSRC, sequence=1, timestamp=0, payload_type=0)
        self.stream.next_packet(b"")

    def speak(self, packets: int) -> None:
        for _ in range(packets):
            self.far.send(self.stream.next_packet(bytes(160)))

    def reads(self) -> list[tuple[bytes, int]]:
        """Return everything that came, each with how many were dropped before it."""
        found = []
        while is_readable(self.near, 0.0):
            found.append(self.filter.receive(LIMIT))
        return found

    def close(self) -> None:
        self.near.close()
        self.far.close()


@pytest.fixture(params=["127.0.0.1", "::1"])
def wire(request: pytest.FixtureRequest) -> Iterator[Wire]:
    made = Wire(request.param)
    yield made
    made.close()


@pytest.fixture
def filtered(wire: Wire) -> Wire:
    """Return a wire whose filter is there; the next packet has the sequence number 2."""
    assert wire.filter.begin(0, SSRC, 0)
    return wire


def _sequence(packet: bytes) -> int:
    return packet[2] << 8 | packet[3]


def test_samples_come_through_and_the_others_are_counted(filtered: Wire) -> None:
    filtered.speak(3 * SAMPLE_EVERY)
    found = filtered.reads()
    assert [_sequence(packet) for packet, _ in found] == [SAMPLE_EVERY, 2 * SAMPLE_EVERY, 3 * SAMPLE_EVERY]
    assert [dropped for _, dropped in found] == [SAMPLE_EVERY - 2, SAMPLE_EVERY - 1, SAMPLE_EVERY - 1]
    assert filtered.filter.uncounted() == 1


def test_the_place_of_the_sample_is_free(wire: Wire) -> None:
    assert wire.filter.begin(0, SSRC, 3 * SAMPLE_EVERY + 7)
    wire.speak(2 * SAMPLE_EVERY)
    assert [_sequence(packet) for packet, _ in wire.reads()] == [7, 7 + SAMPLE_EVERY]


def test_the_count_is_exact_whatever_is_lost_on_the_way(filtered: Wire) -> None:
    chance = Random(7)
    sent = 0
    for _ in range(5000):
        packet = filtered.stream.next_packet(bytes(160))
        if chance.random() < 0.9:
            filtered.far.send(packet)
            sent += 1
    found = filtered.reads()
    assert len(found) + sum(dropped for _, dropped in found) + filtered.filter.uncounted() == sent
    assert len(found) < sent / 20


def test_everything_else_comes_through(filtered: Wire) -> None:
    filtered.speak(1)
    filtered.far.send(filtered.stream.next_event(b"\x05\x0a\x01\x90", 101, marker=False))
    filtered.stream.mark()
    filtered.speak(1)
    other = Stream(ssrc=1, sequence=3, timestamp=0, payload_type=0)
    other.next_packet(b"")
    others = [
        other.next_packet(bytes(160)),
        b"\x80\xc9\x00\x01\x00\x00\x00\x07",
        b"\x90" + filtered.stream.next_packet(bytes(164))[1:],
        b"?!",
    ]
    for packet in others:
        filtered.far.send(packet)
    found = filtered.reads()
    assert [dropped for _, dropped in found] == [1] + [0] * 5
    assert [packet for packet, _ in found[2:]] == others


def test_what_was_queued_before_is_read_with_nothing_dropped_before_it(wire: Wire) -> None:
    wire.speak(3)
    assert wire.filter.begin(0, SSRC, 0)
    wire.speak(3)
    found = wire.reads()
    assert [dropped for _, dropped in found] == [0, 0, 0]
    assert wire.filter.uncounted() == 3


def test_it_ends_with_every_drop_told_in_its_place(filtered: Wire) -> None:
    filtered.speak(SAMPLE_EVERY)
    filtered.filter.end()
    filtered.speak(2)
    was_counting = filtered.filter.is_counting
    found = filtered.reads()
    assert [dropped for _, dropped in found] == [SAMPLE_EVERY - 2, 1, 0]
    assert (was_counting, filtered.filter.is_counting) == (True, False)
    filtered.filter.end()
    assert filtered.filter.uncounted() == 0


def test_it_ends_at_once_if_nothing_was_dropped(filtered: Wire) -> None:
    filtered.filter.end()
    assert not filtered.filter.is_counting
    filtered.speak(5)
    assert len(filtered.reads()) == 5


def test_it_may_begin_again_with_another_source(filtered: Wire) -> None:
    filtered.speak(2)
    filtered.filter.end()
    filtered.speak(1)
    assert sum(dropped for _, dropped in filtered.reads()) == 2
    assert filtered.filter.begin(8, 5, 0)
    filtered.speak(3)
    assert len(filtered.reads()) == 3


def test_whether_anything_comes_is_seen_without_a_sample(filtered: Wire) -> None:
    assert not filtered.filter.has_moved()
    filtered.speak(1)
    assert filtered.filter.has_moved()
    assert not filtered.filter.has_moved()
    filtered.filter.end()
    filtered.speak(1)
    filtered.reads()
    assert not filtered.filter.has_moved()


def test_another_socket_starts_over_with_what_was_not_counted_told(filtered: Wire) -> None:
    filtered.speak(4)
    assert filtered.filter.forget() == 4
    assert not filtered.filter.is_counting
    assert filtered.filter.forget() == 0


def test_where_the_system_refuses_it_nothing_is_dropped(wire: Wire) -> None:
    wire.near.setsockopt(socket.SOL_SOCKET, SO_LOCK_FILTER, 1)
    assert not wire.filter.begin(0, SSRC, 0)
    wire.filter.end()
    wire.speak(40)
    assert [dropped for _, dropped in wire.reads()] == [0] * 40
    assert (wire.filter.is_counting, wire.filter.uncounted()) == (False, 0)


def test_what_was_dropped_can_be_counted_before_the_next_packet_and_is_counted_once(filtered: Wire) -> None:
    filtered.speak(10)
    assert filtered.filter.catch_up() == 10
    assert filtered.filter.catch_up() == 0
    filtered.filter.end()
    assert not filtered.filter.is_counting
    filtered.speak(1)
    assert filtered.near.recv(LIMIT)
    assert filtered.filter.catch_up() == 0
