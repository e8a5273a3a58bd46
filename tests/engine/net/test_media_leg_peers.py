"""Whom a leg sends to and whom it hears: one peer, learnt strictly, and nobody else."""

import socket

import pytest

from leg_peers import HOST, Bench, Peer, header, is_readable
from offhook.engine.media.dtmf import press
from offhook.engine.media.learning import RELATED_RUN, WINDOW_S
from offhook.engine.media.report_timing import INTERVAL_S
from offhook.engine.net.media_lifesigns import REFUSED_FOR_S, SILENT_FOR_S
from offhook.engine.net.orders import Digit, FirstIn, Silent


@pytest.fixture
def peer(hall: Bench) -> Peer:
    return hall.peer()


def _received(hall: Bench) -> int:
    return hall.leg.close(hall.now).received


def _hears_only(hall: Bench, peer: Peer, stranger: Peer) -> None:
    """Prove that packets of a third address never reach the leg, and those of the peer do."""
    told = len(hall.told)
    stranger.speak(hall.address, 3)
    assert not is_readable(hall.leg.rtp, 0.0)
    peer.speak(hall.address)
    hall.receive()
    assert len(hall.told) == told
    hall.send()
    assert len(peer.hears()) >= 1
    assert stranger.hears() == []


def first_heard(hall: Bench) -> tuple[str, int]:
    """Return whose packet was the first one, told once and with its RTP header."""
    (first,) = hall.all(FirstIn)
    assert (first.leg, first.at, first.header[:2]) == ("leg", 1000.0, "80")
    return first.address, first.port


def test_the_signalled_address_is_believed_at_its_first_packet(hall: Bench, peer: Peer) -> None:
    hall.meet(peer)
    assert not hall.is_learning()
    assert first_heard(hall) == peer.address
    _hears_only(hall, peer, hall.peer())
    assert _received(hall) == 2


def test_nobody_is_heard_before_it_is_known_who_the_peer_is(hall: Bench, peer: Peer) -> None:
    peer.speak(hall.address)
    hall.receive()
    assert hall.told == []
    assert _received(hall) == 0


def test_what_was_queued_before_the_decision_counts_only_if_it_is_the_peers(hall: Bench, peer: Peer) -> None:
    stranger = hall.peer("127.0.0.2", ssrc=66)
    hall.start(peer)
    peer.speak(hall.address)
    stranger.speak(hall.address, 5)
    peer.speak(hall.address, 2)
    hall.receive()
    assert not is_readable(hall.leg.rtp, 0.0)
    assert first_heard(hall) == peer.address
    assert _received(hall) == 3


def test_a_peer_behind_a_nat_is_learnt_from_a_run_of_packets(hall: Bench, peer: Peer) -> None:
    behind = hall.peer()
    hall.start(peer)
    behind.speak(hall.address, RELATED_RUN)
    hall.receive(RELATED_RUN)
    assert first_heard(hall) == behind.address
    peer.hears()
    hall.send(2)
    assert len(behind.hears()) == 2
    assert peer.hears() == []
    hall.pass_time(5)
    assert behind.reads()


def test_while_learning_it_sends_where_the_description_says(hall: Bench, peer: Peer) -> None:
    stranger = hall.peer("127.0.0.2")
    hall.start(peer)
    stranger.speak(hall.address, 3)
    hall.receive(3)
    hall.send()
    assert len(peer.hears()) == 1
    assert stranger.hears() == []
    assert not hall.all(FirstIn)


def test_a_peer_that_never_speaks_is_where_its_description_says(hall: Bench, peer: Peer) -> None:
    hall.start(peer)
    hall.pass_time(WINDOW_S - 0.1)
    assert hall.is_learning()
    hall.pass_time(0.1)
    assert not hall.is_learning()
    hall.send()
    assert len(peer.hears()) == 1
    stranger = hall.peer()
    stranger.speak(hall.address)
    assert not is_readable(hall.leg.rtp, 0.0)


def test_a_trusted_description_is_connected_at_once(hall: Bench, peer: Peer) -> None:
    stranger = hall.peer()
    hall.connect(hall.order(peer, trust=True))
    stranger.speak(hall.address, RELATED_RUN)
    hall.pass_time(0.0)
    assert not is_readable(hall.leg.rtp, 0.0)
    assert hall.told == []


@pytest.mark.parametrize("packet", [b"", b"\x80", b"\x00" * 40, b"not rtp, although long enough for it"])
def test_what_is_no_rtp_is_nothing(hall: Bench, peer: Peer, packet: bytes) -> None:
    hall.start(peer)
    peer.rtp.sendto(packet, hall.address)
    hall.receive()
    assert hall.is_learning()
    hall.meet(peer)
    peer.rtp.sendto(packet, hall.address)
    hall.receive()
    assert _received(hall) == 1


def test_a_read_without_anything_to_read_is_harmless(hall: Bench, peer: Peer) -> None:
    hall.leg.receive_rtp(hall.now)
    hall.leg.receive_reports(hall.now)
    hall.meet(peer)
    hall.leg.receive_rtp(hall.now)
    assert not hall.all(Silent)


def test_a_new_description_is_learnt_anew_on_the_same_port(hall: Bench, peer: Peer) -> None:
    hall.meet(peer)
    hall.send(2)
    moved = hall.peer(ssrc=78)
    hall.connect(hall.order(moved))
    assert hall.leg.rtp.getsockname() == hall.address
    assert hall.watched == [hall.leg.rtp.fileno()]
    peer.hears()
    hall.send()
    assert [header(packet)[2] for packet in moved.hears()] == [12]
    moved.speak(hall.address)
    hall.receive()
    assert not hall.is_learning()
    assert peer.hears() == []
    _hears_only(hall, moved, peer)


def test_the_same_description_again_does_not_open_the_door(hall: Bench, peer: Peer) -> None:
    hall.meet(peer)
    hall.connect(hall.order(peer))
    assert not hall.is_learning()
    assert hall.watched == []
    _hears_only(hall, peer, hall.peer())


def test_a_description_that_changes_while_learning_starts_over(hall: Bench, peer: Peer) -> None:
    hall.start(peer)
    other = hall.peer(ssrc=78)
    hall.connect(hall.order(other))
    assert hall.watched == []
    other.speak(hall.address)
    hall.receive()
    _hears_only(hall, other, peer)


def test_a_call_on_hold_sends_nothing_and_goes_on_where_it_was(hall: Bench, peer: Peer) -> None:
    hall.meet(peer)
    hall.connect(hall.order(peer, sends=False))
    held = hall.leg.sends
    hall.connect(hall.order(peer))
    assert (held, hall.leg.sends) == (False, True)
    _hears_only(hall, peer, hall.peer())


@pytest.mark.parametrize("nowhere", [("0.0.0.0", 4000), (HOST, 0)])
def test_the_old_hold_names_nobody_and_changes_nobody(hall: Bench, peer: Peer, nowhere: tuple[str, int]) -> None:
    hall.meet(peer)
    hall.connect(hall.order(peer, address=nowhere, sends=False))
    assert not hall.is_learning()
    hall.connect(hall.order(peer))
    _hears_only(hall, peer, hall.peer())


def test_an_address_that_cannot_be_connected_ends_one_call_and_not_the_worker(hall: Bench, peer: Peer) -> None:
    hall.connect(hall.order(peer, address=("127.255.255.255", 4000), trust=True))
    hall.leg.start(hall.now)
    hall.pass_time(0.0)
    [silent] = hall.all(Silent)
    assert silent.text.startswith("nothing can be sent to 127.255.255.255:4000")
    peer.speak(hall.address, 2)
    hall.receive(2)
    hall.send(2)
    assert _received(hall) == 0


def test_a_key_is_told_once_however_often_its_packets_say_it(hall: Bench, peer: Peer) -> None:
    hall.meet(peer)
    for digit in "5#":
        for pulse in press(digit, 200):
            peer.rtp.sendto(peer.stream.next_event(pulse.payload, 101, marker=pulse.marker), hall.address)
            hall.receive()
        peer.stream.pause(1600)
    assert hall.all(Digit) == [Digit("leg", "5"), Digit("leg", "#")]


def test_keys_are_heard_only_by_the_type_that_was_agreed_on(hall: Bench, peer: Peer) -> None:
    hall.connect(hall.order(peer, event_type=None))
    peer.speak(hall.address)
    hall.receive()
    for pulse in press("5", 100):
        peer.rtp.sendto(peer.stream.next_event(pulse.payload, 101, marker=pulse.marker), hall.address)
        hall.receive()
    assert not hall.all(Digit)


def test_a_press_during_which_the_payload_type_changes_is_one_press(hall: Bench, peer: Peer) -> None:
    hall.meet(peer)
    pulses = list(press("5", 300))
    for place, pulse in enumerate(pulses):
        if place == 3:
            hall.connect(hall.order(peer, event_type=97))
        number = 101 if place < 3 else 97
        peer.rtp.sendto(peer.stream.next_event(pulse.payload, number, marker=pulse.marker), hall.address)
        hall.receive()
    peer.stream.pause(2400)
    assert hall.all(Digit) == [Digit("leg", "5")]
    for number in (101, 97):
        # The old number says nothing any more.
        pulse = next(press("6", 100))
        peer.rtp.sendto(peer.stream.next_event(pulse.payload, number, marker=pulse.marker), hall.address)
        hall.receive()
        assert len(hall.all(Digit)) == (1 if number == 101 else 2)


def _refuse(hall: Bench, seconds: float) -> None:
    """Send for a while to a peer that is gone, reading the errors as the worker does: both ways."""
    until = hall.now + seconds
    reads = False
    while hall.now < until:
        hall.leg.outlet.send(hall.now)
        reads = not reads
        if reads:
            hall.leg.receive_rtp(hall.now)
        hall.now += 0.5


@pytest.mark.parametrize("reads_first", [True, False])
def test_nobody_at_the_peers_address_is_loss_until_it_has_lasted(hall: Bench, peer: Peer, reads_first: bool) -> None:
    hall.meet(peer)
    peer.rtp.close()
    began = hall.now
    while not hall.all(Silent):
        hall.leg.outlet.send(hall.now)
        if reads_first:
            hall.leg.receive_rtp(hall.now)
        hall.now += 0.5
        assert hall.now - began < 2 * REFUSED_FOR_S
    assert hall.now - began > REFUSED_FOR_S
    assert hall.all(Silent)[0].text.startswith("nobody listens at 127.0.0.1:")
    _refuse(hall, REFUSED_FOR_S)
    assert len(hall.all(Silent)) == 1


def test_a_peer_that_comes_back_was_never_gone(hall: Bench, peer: Peer) -> None:
    hall.meet(peer)
    address = peer.address
    peer.rtp.close()
    _refuse(hall, REFUSED_FOR_S - 1)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as back:
        back.bind(address)
        hall.leg.receive_rtp(hall.now)
        back.sendto(peer.stream.next_packet(bytes(160)), hall.address)
        hall.receive()
    _refuse(hall, REFUSED_FOR_S - 1)
    assert not hall.all(Silent)


def test_refusals_far_apart_are_no_outage(hall: Bench, peer: Peer) -> None:
    hall.meet(peer)
    peer.rtp.close()
    for _ in range(5):
        hall.leg.outlet.send(hall.now)
        hall.leg.receive_rtp(hall.now)
        hall.now += REFUSED_FOR_S
    assert not hall.all(Silent)


def test_a_peer_that_falls_silent_is_told_once(hall: Bench, peer: Peer) -> None:
    hall.meet(peer)
    hall.pass_time(SILENT_FOR_S)
    assert not hall.all(Silent)
    hall.pass_time(INTERVAL_S)
    hall.pass_time(INTERVAL_S)
    [silent] = hall.all(Silent)
    assert silent.text == "neither sound nor reports came for 300 s"


def test_silence_on_hold_is_expected(hall: Bench, peer: Peer) -> None:
    hall.meet(peer)
    hall.connect(hall.order(peer, sends=False))
    hall.pass_time(2 * SILENT_FOR_S)
    hall.connect(hall.order(peer))
    hall.pass_time(SILENT_FOR_S)
    assert not hall.all(Silent)


def test_the_end_tells_what_was_heard(hall: Bench, peer: Peer) -> None:
    hall.meet(peer)
    for lost in (False, True, False, False):
        hall.now += 0.02
        packet = peer.stream.next_packet(bytes(160))
        if not lost:
            peer.rtp.sendto(packet, hall.address)
            hall.receive()
    closed = hall.leg.close(hall.now)
    assert (closed.received, closed.lost, closed.jitter_ms) == (4, 1, 0.0)
    assert closed.longest_gap_ms == 40.0
