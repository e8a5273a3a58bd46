"""A leg to which nobody listens reads samples of its caller's audio, and misses nothing that matters."""

import socket

import pytest

from leg_peers import Bench, Peer, bench, header, is_readable
from offhook.engine.media import rtcp
from offhook.engine.media.dtmf import press
from offhook.engine.media.rtp import FRAME_S, Stream
from offhook.engine.net.media_lifesigns import SILENT_FOR_S
from offhook.engine.net.media_samples import SETTLED_AFTER_S
from offhook.engine.net.orders import Closed, Digit, Silent
from offhook.engine.net.packet_filter import SAMPLE_EVERY

TEN_SAMPLES = 10 * SAMPLE_EVERY
SO_LOCK_FILTER = 44
"""Linux, asm-generic/socket.h: no filter may be attached any more."""


@pytest.fixture
def peer(hall: Bench) -> Peer:
    """Return a peer that has spoken long enough: only samples of what it says from now on are read."""
    peer = hall.peer()
    hall.meet(peer)
    hall.now += SETTLED_AFTER_S
    peer.stream.skip(0, round(SETTLED_AFTER_S * 8000))
    _speak(hall, peer, 1)
    return peer


def _speak(hall: Bench, peer: Peer, packets: int, *, lost: range = range(0)) -> int:
    """Let the peer speak in time; return how many packets were read."""
    read = 0
    for number in range(packets):
        packet = peer.stream.next_packet(bytes(160))
        hall.now += FRAME_S
        if number not in lost:
            peer.rtp.sendto(packet, hall.address)
        read += _read(hall)
    return read


def _read(hall: Bench) -> int:
    read = 0
    while is_readable(hall.leg.rtp, 0.0):
        hall.leg.receive_rtp(hall.now)
        read += 1
    return read


def _place(hall: Bench) -> int:
    """Return which packet of every so many is the sample."""
    return hall.port // 2 % SAMPLE_EVERY


def _close(hall: Bench) -> Closed:
    return hall.leg.close(hall.now)


def test_at_first_everything_is_read(hall: Bench) -> None:
    peer = hall.peer()
    hall.meet(peer)
    assert _speak(hall, peer, round(SETTLED_AFTER_S / FRAME_S) - 2) == round(SETTLED_AFTER_S / FRAME_S) - 2


def test_then_samples_are_enough_and_the_statistics_stay_exact(hall: Bench, peer: Peer) -> None:
    # A sample may be among the lost ones.
    assert _speak(hall, peer, TEN_SAMPLES, lost=range(100, 110)) in (9, 10)
    closed = _close(hall)
    assert (closed.received, closed.lost) == (2 + TEN_SAMPLES - 10, 10)
    assert closed.jitter_ms < 0.01
    # The second before the samples had no packets, which is the longest gap but for the ten.
    assert closed.longest_gap_ms == pytest.approx((SETTLED_AFTER_S + FRAME_S) * 1000)


def test_a_gap_between_samples_is_seen(hall: Bench) -> None:
    peer = hall.peer()
    hall.meet(peer)
    _speak(hall, peer, SAMPLE_EVERY)
    _speak(hall, peer, 2 * SAMPLE_EVERY, lost=range(10, 20))
    assert _close(hall).longest_gap_ms == pytest.approx(220)


def test_reports_are_exact_too(hall: Bench, peer: Peer) -> None:
    _speak(hall, peer, TEN_SAMPLES, lost=range(100, 110))
    hall.pass_time(5)
    report = rtcp.parse(peer.reads()[-1])[0]
    assert isinstance(report, rtcp.ReceiverReport)
    [block] = report.blocks
    assert block.lost == 10
    # What came since the last sample is in the next report.
    assert 0 <= peer.stream.sequence - 1 - block.highest_sequence < SAMPLE_EVERY


def test_keys_are_never_dropped(hall: Bench, peer: Peer) -> None:
    _speak(hall, peer, 40)
    for pulse in press("8", 100):
        peer.rtp.sendto(peer.stream.next_event(pulse.payload, 101, marker=pulse.marker), hall.address)
        _read(hall)
    peer.stream.skip(0, 800)
    assert hall.all(Digit) == [Digit("leg", "8")]
    assert _speak(hall, peer, 2 * SAMPLE_EVERY) == 2
    closed = _close(hall)
    assert (closed.received, closed.lost) == (2 + 40 + 4 + 2 * SAMPLE_EVERY, 0)


def test_a_new_source_is_read_as_a_whole_and_sampled_again(hall: Bench, peer: Peer) -> None:
    _speak(hall, peer, 40)
    peer.stream = Stream(ssrc=99, sequence=5000, timestamp=0, payload_type=0)
    assert _speak(hall, peer, 12) == 12
    assert _speak(hall, peer, TEN_SAMPLES) < 20
    closed = _close(hall)
    assert (closed.received, closed.lost) == (2 + 40 + 12 + TEN_SAMPLES, 0)


def test_a_source_that_jumps_is_read_as_a_whole(hall: Bench, peer: Peer) -> None:
    _speak(hall, peer, 40)
    peer.stream.skip(20_000, 0)
    # The first sample tells it.
    while not _speak(hall, peer, 1):
        pass
    before = peer.stream.packets
    assert _speak(hall, peer, 12) == 12
    closed = _close(hall)
    assert closed.received == pytest.approx(before + 12, abs=1)


def test_other_terms_are_read_as_a_whole_first(hall: Bench, peer: Peer) -> None:
    hall.connect(hall.order(peer, codec="PCMA"))
    peer.stream.switch(8)
    assert _speak(hall, peer, 12) == 12
    assert _speak(hall, peer, TEN_SAMPLES) < 30


def test_a_join_hears_everything_and_a_part_samples(hall: Bench, peer: Peer) -> None:
    with bench() as other:
        callee = other.peer(ssrc=78)
        other.meet(callee)
        _speak(hall, peer, 40)
        hall.leg.join(other.leg, hall.now)
        assert _speak(hall, peer, 200) == 200
        passed = callee.hears()
        assert len(passed) == 200
        assert [header(packet)[2] for packet in passed] == list(range(10, 210))
        hall.leg.part(hall.now)
        _speak(hall, peer, 60)
        assert _speak(hall, peer, TEN_SAMPLES) == 10
    closed = _close(hall)
    assert (closed.received, closed.lost) == (2 + 40 + 200 + 60 + TEN_SAMPLES, 0)


def test_what_waited_in_the_socket_at_a_join_is_not_passed_on(hall: Bench, peer: Peer) -> None:
    with bench() as other:
        callee = other.peer(ssrc=78)
        other.meet(callee)
        # A sample, and two more that the filter drops.
        peer.stream.skip((_place(hall) - peer.stream.sequence) % SAMPLE_EVERY, 0)
        peer.speak(hall.address, 3)
        hall.leg.join(other.leg, hall.now)
        assert _speak(hall, peer, 1) == 2
        assert len(callee.hears()) == 1
        assert _speak(hall, peer, 1) == 1
        assert len(callee.hears()) == 1


def test_a_new_description_counts_what_the_old_socket_dropped(hall: Bench, peer: Peer) -> None:
    _speak(hall, peer, 10)
    moved = hall.peer(ssrc=79)
    hall.connect(hall.order(moved))
    assert _speak(hall, moved, 10) == 10
    assert _close(hall).received == 2 + 10 + 10


def test_a_source_with_few_packets_is_alive_without_a_sample(hall: Bench, peer: Peer) -> None:
    for _ in range(10):
        peer.stream.skip(peer.stream.sequence % SAMPLE_EVERY == _place(hall), 0)
        peer.speak(hall.address)
        hall.pass_time(SILENT_FOR_S / 3)
    assert not hall.all(Silent)
    hall.pass_time(SILENT_FOR_S)
    hall.pass_time(SILENT_FOR_S)
    assert hall.all(Silent)


def test_a_system_that_cannot_filter_reads_everything(hall: Bench) -> None:
    hall.leg.rtp.setsockopt(socket.SOL_SOCKET, SO_LOCK_FILTER, 1)
    peer = hall.peer()
    hall.meet(peer)
    assert _speak(hall, peer, 200) == 200
    assert _close(hall).received == 201
