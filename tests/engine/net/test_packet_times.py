"""Packets of 10 to 60 ms, heard and sent: by a leg alone, and from one leg to another."""

from dataclasses import replace
from pathlib import Path

import pytest

from joined_legs import Pair
from leg_peers import Bench, header, is_readable
from offhook.engine.media.g711 import ULAW_TO_ALAW
from offhook.engine.net.orders import Closed, Finished, Play

TIMES = [10, 20, 30, 40, 50, 60]
SOUND = bytes(place * 7 & 0xFF for place in range(9600))
"""1.2 s: whole packets of every length."""


def _size(packet_ms: int) -> int:
    return 8 * packet_ms


@pytest.mark.parametrize("packet_ms", TIMES)
def test_a_sound_is_sent_in_packets_as_the_peer_wants_them(hall: Bench, tmp_path: Path, packet_ms: int) -> None:
    sound = tmp_path / "sound.pcmu"
    sound.write_bytes(SOUND + b"\x01")
    peer, size = hall.peer(), _size(packet_ms)
    hall.connect(replace(hall.order(peer), packet_ms=packet_ms))
    hall.leg.start(hall.now)
    hall.play(Play("leg", "1:0", str(sound), None, "PCMU", 1))
    count = len(SOUND) // size + 1
    for _ in range(count + 3):
        hall.leg.outlet.send(hall.now)
        hall.now += packet_ms / 1000
    packets = peer.hears()
    assert b"".join(packet[12:] for packet in packets) == (SOUND + b"\x01").ljust(size * (count + 3), b"\xff")
    assert {len(packet) for packet in packets} == {12 + size}
    assert [header(packet)[2:4] for packet in packets] == [(10 + n, 20 + n * size) for n in range(count + 3)]
    assert hall.all(Finished) == [Finished("leg", "1:0", 0)]


def test_a_sound_goes_on_where_it_was_when_the_peer_wants_other_packets(hall: Bench, tmp_path: Path) -> None:
    sound = tmp_path / "sound.pcmu"
    sound.write_bytes(SOUND)
    peer = hall.peer()
    hall.start(peer)
    hall.play(Play("leg", "1:0", str(sound), None, "PCMU", 1))
    hall.send(6)
    hall.connect(replace(hall.order(peer, codec="PCMA"), packet_ms=60))
    hall.send(2)
    packets = peer.hears()
    assert b"".join(packet[12:] for packet in packets[:6]) == SOUND[:960]
    assert b"".join(packet[12:] for packet in packets[6:]) == SOUND[960:1920].translate(ULAW_TO_ALAW)
    assert [header(packet)[3] for packet in packets[5:]] == [20 + 800, 20 + 960, 20 + 1440]


@pytest.mark.parametrize("packet_ms", TIMES)
def test_packets_of_every_length_are_heard_without_loss_or_jitter(hall: Bench, packet_ms: int) -> None:
    peer = hall.peer()
    hall.meet(peer)
    for _ in range(20):
        hall.now += packet_ms / 1000
        peer.rtp.sendto(peer.stream.next_packet(bytes(_size(packet_ms))), hall.address)
        # Once nobody listens, most of it is counted in the kernel.
        while is_readable(hall.leg.rtp, 0.0):
            hall.leg.receive_rtp(hall.now)
    closed: Closed = hall.leg.close(hall.now)
    assert (closed.received, closed.lost, closed.duplicates) == (21, 0, 0)
    # The first packet had 20 ms and not `packet_ms`: that alone is a change of transit.
    assert closed.jitter_ms < 3.0


@pytest.mark.parametrize("theirs_ms", TIMES)
@pytest.mark.parametrize("ours_ms", TIMES)
@pytest.mark.parametrize("codec", ["PCMU", "PCMA"])
def test_what_comes_in_packets_of_one_length_leaves_in_those_that_the_other_wants(
    pair: Pair, theirs_ms: int, ours_ms: int, codec: str
) -> None:
    pair.right.hall.connect(replace(pair.right.order(codec=codec), packet_ms=ours_ms))
    pair.join()
    size = _size(theirs_ms)
    for at in range(0, len(SOUND), size):
        pair.left.speaks(SOUND[at : at + size])
        pair.pass_time(theirs_ms / 1000)
    packets = pair.right.hears()
    heard = b"".join(packet[12:] for packet in packets)
    assert heard == (SOUND if codec == "PCMU" else SOUND.translate(ULAW_TO_ALAW))
    assert {len(packet) for packet in packets} == {12 + _size(ours_ms)}
    # The first leaves when it is full, and the line has gone on until then.
    begins = 180 + size * ((ours_ms - 1) // theirs_ms)
    assert [header(packet)[2:4] for packet in packets] == [
        (11 + n, begins + n * _size(ours_ms)) for n in range(len(packets))
    ]
    # The first is the one by which the peer was learnt.
    assert pair.left.leg.close(pair.now).received == 1 + len(SOUND) // size


def test_a_loss_between_packets_of_different_lengths_stays_visible(pair: Pair) -> None:
    pair.right.hall.connect(replace(pair.right.order(), packet_ms=10))
    pair.join()
    pair.left.speaks(SOUND[:160])
    pair.left.peer.stream.next_packet(SOUND[160:320])
    pair.pass_time(0.04)
    pair.left.speaks(SOUND[320:480])
    packets = pair.right.hears()
    assert [header(packet)[2] for packet in packets] == [11, 12, 15, 16]
    assert [header(packet)[3] for packet in packets] == [180, 260, 500, 580]
