"""The bad network does what it is told to, counts it, and does the same again with the same seed."""

import socket
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import groupby

import pytest

from impairment import CALM, OVERTAKEN_MS, Address, Impairment, Relay, Side

MANY = 6_000
PATIENCE_S = 2.0


def fates(impairment: Impairment, seed: int = 1, side: Side = Side.NEAR, many: int = MANY) -> list[tuple[float, ...]]:
    return [impairment.fate(seed, side, number) for number in range(many)]


def part(fates: Sequence[tuple[float, ...]], copies: int) -> float:
    return sum(len(fate) == copies for fate in fates) / len(fates)


@contextmanager
def peer() -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as opened:
        opened.bind(("127.0.0.1", 0))
        opened.settimeout(PATIENCE_S)
        yield opened


@contextmanager
def passage(
    from_near: Impairment = CALM, from_far: Impairment = CALM
) -> Iterator[tuple[socket.socket, Relay, socket.socket]]:
    """Return two peers and the relay between them."""
    with peer() as near, peer() as far, Relay(seed=5, from_near=from_near, from_far=from_far, far=name(far)) as relay:
        yield near, relay, far


def name(opened: socket.socket) -> Address:
    host, port = opened.getsockname()
    return host, port


def heard(who: socket.socket, count: int) -> list[int]:
    return [int(who.recv(100)) for _ in range(count)]


def test_a_calm_network_passes_everything_on_at_once() -> None:
    assert set(fates(CALM)) == {(0.0,)}


@pytest.mark.parametrize("burst", [1, 4])
def test_as_much_is_lost_as_was_asked_for(burst: int) -> None:
    assert part(fates(Impairment(loss=0.05, burst=burst)), 0) == pytest.approx(0.05, abs=0.02)


def test_a_burst_is_never_shorter_than_asked_for() -> None:
    lost = [not fate for fate in fates(Impairment(loss=0.05, burst=4))]
    lengths = [len([*run]) for is_lost, run in groupby(lost) if is_lost]
    # The first may have begun before the first packet, and the last may end after the last one.
    assert min(lengths[1:-1]) == 4


def test_a_network_that_loses_everything_passes_nothing_on() -> None:
    assert set(fates(Impairment(loss=1.0, burst=3))) == {()}


def test_as_many_are_doubled_and_reordered_as_was_asked_for() -> None:
    happened = fates(Impairment(duplication=0.1, reordering=0.2))
    assert part(happened, 2) == pytest.approx(0.1, abs=0.02)
    waits = [fate[0] for fate in happened]
    assert set(waits) == {0.0, OVERTAKEN_MS}
    assert waits.count(OVERTAKEN_MS) / MANY == pytest.approx(0.2, abs=0.02)


def test_each_packet_waits_the_delay_and_at_most_the_jitter_more() -> None:
    waits = [fate[0] for fate in fates(Impairment(delay_ms=40, jitter_ms=10))]
    assert (round(min(waits)), round(max(waits))) == (40, 50)


def test_the_same_seed_makes_the_same_network_and_each_side_has_its_own() -> None:
    storm = Impairment(loss=0.1, burst=2, reordering=0.1, duplication=0.1, jitter_ms=5)
    assert fates(storm, many=500) == fates(storm, many=500)
    assert fates(storm, many=500) != fates(storm, seed=2, many=500)
    assert fates(storm, many=500) != fates(storm, side=Side.FAR, many=500)


def test_the_near_peer_is_learnt_from_its_first_packet_and_answered() -> None:
    with passage() as (near, relay, far):
        near.sendto(b"1", relay.address)
        assert far.recvfrom(100) == (b"1", relay.far_address)
        far.sendto(b"2", relay.far_address)
        assert near.recvfrom(100) == (b"2", relay.address)
        assert [relay.counts[side].received for side in Side] == [1, 1]


def test_what_arrives_is_what_the_seed_says() -> None:
    lossy = Impairment(loss=0.3, duplication=0.2)
    expected = [number for number in range(100) for _ in lossy.fate(5, Side.NEAR, number)]
    with passage(lossy) as (near, relay, far):
        for number in range(100):
            near.sendto(b"%d" % number, relay.address)
        assert heard(far, len(expected)) == expected
        counts = relay.counts[Side.NEAR]
    assert counts.lost == 100 - len(set(expected)) > 0
    assert counts.doubled == len(expected) - len(set(expected)) > 0
    assert counts.reordered == 0


def test_reordered_packets_are_overtaken_and_counted() -> None:
    shuffled = Impairment(reordering=0.3)
    waits = [shuffled.fate(5, Side.NEAR, number)[0] for number in range(20)]
    late = [number for number, wait in enumerate(waits) if wait]
    punctual = [number for number, wait in enumerate(waits) if not wait]
    assert late
    assert late[-1] < punctual[-1]
    with passage(shuffled) as (near, relay, far):
        for number in range(20):
            near.sendto(b"%d" % number, relay.address)
        assert heard(far, 20) == punctual + late
        assert relay.counts[Side.NEAR].reordered == len(late)


def test_the_other_side_may_be_calm() -> None:
    with passage(Impairment(loss=1.0)) as (near, relay, far):
        near.sendto(b"1", relay.address)
        relay.peers[Side.NEAR] = name(near)
        far.sendto(b"2", relay.far_address)
        assert heard(near, 1) == [2]


def test_a_delay_is_kept_to() -> None:
    with passage(Impairment(delay_ms=100)) as (near, relay, far):
        sent_at = time.monotonic()
        near.sendto(b"1", relay.address)
        assert heard(far, 1) == [1]
        assert time.monotonic() - sent_at >= 0.1


def test_a_packet_that_nobody_has_an_address_for_is_counted() -> None:
    with peer() as far, Relay(seed=1, far=name(far)) as relay:
        far.sendto(b"1", relay.far_address)
        deadline = time.monotonic() + PATIENCE_S
        while not relay.counts[Side.FAR].homeless and time.monotonic() < deadline:
            time.sleep(0.01)
        assert relay.counts[Side.FAR].homeless == 1


def test_a_packet_may_be_rewritten_on_its_way() -> None:
    def shout(side: Side, data: bytes) -> bytes:
        return data.upper() if side is Side.NEAR else data

    with peer() as near, peer() as far, Relay(seed=1, far=name(far), rewrite=shout) as relay:
        near.sendto(b"hello", relay.address)
        assert far.recv(100) == b"HELLO"
        far.sendto(b"hello", relay.far_address)
        assert near.recv(100) == b"hello"


def test_a_peer_that_is_gone_does_not_end_the_relay() -> None:
    with passage() as (near, relay, far):
        gone = name(far)
        far.close()
        for _ in range(3):
            near.sendto(b"1", relay.address)
            time.sleep(0.05)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as again:
            again.bind(gone)
            again.settimeout(PATIENCE_S)
            near.sendto(b"2", relay.address)
            assert heard(again, 1) == [2]
