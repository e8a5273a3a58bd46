"""Phones that send comfort noise, or nothing, while nobody speaks (RFC 3389, RFC 3551 section 4.1)."""

import pytest

from joined_legs import SPEECH, Pair
from leg_peers import Bench, Peer, header, is_readable
from offhook.engine.media.audibility import STOPPED_S, Code
from offhook.engine.media.rtp import FRAME_S
from offhook.engine.net.media_relay import NOISE_S
from offhook.engine.net.orders import Hearing, Silent

NOISE = b"\x40"
PAUSE_S = 12.0


@pytest.fixture
def peer(hall: Bench) -> Peer:
    peer = hall.peer()
    hall.connect(hall.order(peer, noise_type=13))
    hall.leg.start(hall.now)
    hall.leg.expect(hall.now)
    return peer


def _wait(hall: Bench, seconds: float) -> None:
    for _ in range(round(seconds / 0.1)):
        hall.pass_time(0.1)


def _take(hall: Bench) -> None:
    while is_readable(hall.leg.rtp, 0.0):
        hall.leg.receive_rtp(hall.now)


def _speak(hall: Bench, peer: Peer, packets: int, *, marker: bool = False) -> None:
    if marker:
        peer.stream.mark()
    for _ in range(packets):
        hall.now += FRAME_S
        peer.speak(hall.address)
        _take(hall)


def _send_noise(hall: Bench, peer: Peer) -> None:
    peer.rtp.sendto(peer.stream.next_event(NOISE, 13, marker=False), hall.address)
    _take(hall)


def _pause(hall: Bench, peer: Peer, seconds: float) -> None:
    _wait(hall, seconds)
    peer.stream.pause(round(seconds * 8000))


@pytest.mark.parametrize("packets", [10, 400])
def test_a_pause_after_comfort_noise_is_nothing_that_is_missed(hall: Bench, peer: Peer, packets: int) -> None:
    for _ in range(3):
        _speak(hall, peer, packets)
        _send_noise(hall, peer)
        _pause(hall, peer, PAUSE_S)
    _speak(hall, peer, packets)
    assert hall.all(Hearing) == []
    assert hall.all(Silent) == []
    closed = hall.leg.close(hall.now)
    assert (closed.received, closed.lost, closed.duplicates) == (4 * packets + 3, 0, 0)
    assert closed.jitter_ms < 1.0
    assert closed.longest_gap_ms < 200


def test_comfort_noise_that_was_not_agreed_on_is_taken_for_what_it_is(hall: Bench) -> None:
    peer = hall.peer()
    hall.start(peer)
    hall.leg.expect(hall.now)
    _speak(hall, peer, 5)
    _send_noise(hall, peer)
    _pause(hall, peer, PAUSE_S)
    assert hall.all(Hearing) == []
    assert hall.leg.close(hall.now).lost == 0


def test_who_pauses_without_a_word_is_told_of_once_and_then_known_for_it(hall: Bench, peer: Peer) -> None:
    for _ in range(3):
        _speak(hall, peer, 10)
        _pause(hall, peer, PAUSE_S)
    _speak(hall, peer, 10)
    assert [hearing.code for hearing in hall.all(Hearing)] == [Code.STOPPED, Code.AGAIN]
    closed = hall.leg.close(hall.now)
    assert (closed.lost, closed.jitter_ms < 1.0, closed.longest_gap_ms < 200) == (0, True, True)


def test_who_lost_packets_is_not_taken_for_one_who_pauses(hall: Bench, peer: Peer) -> None:
    for _ in range(2):
        _speak(hall, peer, 10, marker=True)
        peer.stream.skip(300, 0)
        _pause(hall, peer, STOPPED_S + 1)
    codes = [hearing.code for hearing in hall.all(Hearing)]
    assert codes == [Code.STOPPED, Code.AGAIN, Code.STOPPED]


def _agree(pair: Pair, left: int | None, right: int | None) -> None:
    pair.left.hall.connect(pair.left.order(noise_type=left))
    pair.right.hall.connect(pair.right.order(noise_type=right))
    pair.join()


def _noise(pair: Pair) -> None:
    pair.left.arrives(pair.left.peer.stream.next_event(NOISE, 13, marker=False))


def test_it_is_passed_on_to_who_knows_it_and_our_silence_does_not_cut_it_short(pair: Pair) -> None:
    _agree(pair, 13, 98)
    pair.left.speaks()
    pair.pass_time(FRAME_S)
    _noise(pair)
    for _ in range(round((NOISE_S - 1) / FRAME_S)):
        pair.turn()
    pair.left.speaks(marker=True)
    packets = pair.right.hears()
    assert [(header(packet)[0], packet[12:]) for packet in packets] == [(0, SPEECH), (98, NOISE), (0, SPEECH)]
    assert [header(packet)[2] for packet in packets] == [11, 12, 13]
    # Time went on meanwhile.
    assert header(packets[2])[3] - header(packets[1])[3] == pytest.approx((NOISE_S - 1) * 8000, abs=320)


def test_after_a_while_our_own_silence_takes_its_place(pair: Pair) -> None:
    _agree(pair, 13, 13)
    pair.left.speaks()
    _noise(pair)
    pair.pass_time(NOISE_S)
    pair.turn()
    assert [header(packet)[0] for packet in pair.right.hears()] == [0, 13, 0]


@pytest.mark.parametrize("codec", ["PCMU", "G722"])
def test_who_does_not_know_it_does_not_get_it(pair: Pair, codec: str) -> None:
    pair.left.hall.connect(pair.left.order(noise_type=13))
    pair.right.hall.connect(pair.right.order(codec=codec))
    pair.join()
    pair.left.speaks()
    _noise(pair)
    pair.left.speaks()
    packets = pair.right.hears()
    assert len({header(packet)[0] for packet in packets}) == 1
    assert [header(packet)[2] for packet in packets] == [11, 12]


def test_it_keeps_its_place_among_what_is_transcoded(pair: Pair) -> None:
    pair.left.hall.connect(pair.left.order(noise_type=13))
    pair.right.hall.connect(pair.right.order(codec="G722", noise_type=13))
    pair.join()
    pair.left.speaks()
    _noise(pair)
    pair.left.speaks(marker=True)
    packets = pair.right.hears()
    assert [header(packet)[0] for packet in packets] == [9, 13, 9]
    assert packets[1][12:] == NOISE
    assert [header(packet)[2] for packet in packets] == [11, 12, 13]
