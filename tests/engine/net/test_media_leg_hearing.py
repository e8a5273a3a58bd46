"""A leg tells that its peer cannot be heard, when it is so, and that it can be again; on hold nobody is missed."""

from dataclasses import replace

import pytest

from joined_legs import Pair
from leg_peers import Bench, Peer, is_readable
from offhook.engine.media import rtcp
from offhook.engine.media.audibility import NOT_YET_S, STOPPED_S, Code
from offhook.engine.media.rtp import FRAME_S
from offhook.engine.net.media_samples import SETTLED_AFTER_S
from offhook.engine.net.orders import FirstIn, Hearing, Silent
from offhook.engine.net.packet_filter import SAMPLE_EVERY

LOOK_S = 0.1


@pytest.fixture
def peer(hall: Bench) -> Peer:
    """Return a peer that has been answered and has not spoken."""
    peer = hall.peer()
    hall.start(peer)
    hall.leg.expect(hall.now)
    return peer


def _wait(hall: Bench, seconds: float) -> None:
    for _ in range(round(seconds / LOOK_S)):
        hall.pass_time(LOOK_S)


def _speak(hall: Bench, peer: Peer, seconds: float) -> None:
    """Let the peer speak in time; whatever can be read is read, as the worker does."""
    for number in range(round(seconds / FRAME_S)):
        peer.speak(hall.address)
        hall.now += FRAME_S
        while is_readable(hall.leg.rtp, 0.0):
            hall.leg.receive_rtp(hall.now)
        if number % 5 == 0:
            hall.leg.look_after(hall.now, 1.0)


def _codes(hall: Bench) -> list[str]:
    return [hearing.code for hearing in hall.all(Hearing)]


def test_a_caller_who_sends_nothing_is_told_of_once(hall: Bench, peer: Peer) -> None:
    _wait(hall, NOT_YET_S - LOOK_S)
    assert _codes(hall) == []
    _wait(hall, 60)
    [told] = hall.all(Hearing)
    assert told.code == Code.NOT_YET
    assert told.still_s == pytest.approx(NOT_YET_S, abs=LOOK_S)
    # It ends nothing by itself.
    assert not hall.all(Silent)


def test_when_it_sends_after_all_the_first_packet_says_so(hall: Bench, peer: Peer) -> None:
    _wait(hall, 10)
    _speak(hall, peer, 1)
    assert _codes(hall) == [Code.NOT_YET]
    assert len(hall.all(FirstIn)) == 1


def test_before_the_answer_nobody_is_missed(hall: Bench) -> None:
    hall.start(hall.peer())
    _wait(hall, 60)
    assert _codes(hall) == []


def test_reports_are_no_sound(hall: Bench, peer: Peer) -> None:
    for _ in range(4):
        peer.reports.sendto(rtcp.write([rtcp.ReceiverReport(77)]), hall.reports_address)
        assert is_readable(hall.leg.reports)
        hall.leg.receive_reports(hall.now)
        _wait(hall, 1)
    assert _codes(hall) == [Code.NOT_YET]


@pytest.mark.parametrize("spoken_s", [0.2, SETTLED_AFTER_S + 1.0, 3.0 * SAMPLE_EVERY * FRAME_S])
def test_a_caller_who_falls_silent_is_told_of_however_closely_it_was_looked_at(
    hall: Bench, peer: Peer, spoken_s: float
) -> None:
    _speak(hall, peer, spoken_s)
    assert _codes(hall) == []
    _wait(hall, 30)
    [told] = hall.all(Hearing)
    assert told.code == Code.STOPPED
    # Between two samples the kernel counts what comes, so that the moment is known though nobody read the packets.
    assert told.still_s == pytest.approx(STOPPED_S, abs=2 * LOOK_S)
    _speak(hall, peer, 2)
    assert _codes(hall) == [Code.STOPPED, Code.AGAIN]
    assert hall.all(Hearing)[1].still_s == pytest.approx(30 + FRAME_S, abs=LOOK_S)


def test_a_caller_who_speaks_is_not_missed_while_only_samples_are_read(hall: Bench, peer: Peer) -> None:
    _speak(hall, peer, 20)
    assert _codes(hall) == []


@pytest.mark.parametrize(("sends", "receives"), [(False, True), (False, False), (True, False)])
def test_on_hold_silence_is_not_told_and_is_no_gap(hall: Bench, peer: Peer, sends: bool, receives: bool) -> None:
    _speak(hall, peer, 1)
    hall.connect(replace(hall.order(peer), sends=sends, receives=receives))
    _wait(hall, 60)
    assert _codes(hall) == []
    hall.connect(hall.order(peer))
    _wait(hall, 1)
    _speak(hall, peer, 1)
    assert _codes(hall) == []
    closed = hall.leg.close(hall.now)
    assert closed.longest_gap_ms == pytest.approx(1000 + FRAME_S * 1000, abs=1)
    assert closed.jitter_ms < 1
    assert (closed.received, closed.lost) == (100, 0)


def test_who_is_heard_again_before_the_hold_is_known_to_be_over_was_not_missed(hall: Bench, peer: Peer) -> None:
    _speak(hall, peer, 1)
    hall.connect(hall.order(peer, sends=False))
    _wait(hall, 60)
    _speak(hall, peer, 0.1)
    hall.connect(hall.order(peer))
    _speak(hall, peer, 1)
    closed = hall.leg.close(hall.now)
    assert closed.longest_gap_ms == pytest.approx(FRAME_S * 1000, abs=1)
    assert (closed.received, closed.lost) == (105, 0)


def test_who_stays_silent_after_a_hold_is_told_of(hall: Bench, peer: Peer) -> None:
    _speak(hall, peer, 1)
    hall.connect(hall.order(peer, sends=False))
    _wait(hall, 60)
    hall.connect(hall.order(peer))
    _wait(hall, STOPPED_S + 1)
    assert _codes(hall) == [Code.STOPPED]


def test_joined_legs_hear_of_each_peer_by_itself(pair: Pair) -> None:
    left, right = pair.left, pair.right
    left.leg.join(right.leg, pair.now)
    for side in (left, right):
        side.leg.expect(pair.now)
    for number in range(500):
        left.speaks()
        if number < 250:
            right.speaks()
        for side in (left, right):
            side.hall.now += FRAME_S
            if number % 5 == 0:
                side.leg.look_after(pair.now, 1.0)
    assert _codes(left.hall) == []
    # The right one has been still for five seconds less one look.
    right.hall.pass_time(5 * FRAME_S)
    [told] = right.hall.all(Hearing)
    assert told.code == Code.STOPPED
    assert told.still_s == pytest.approx(STOPPED_S, abs=2 * LOOK_S)
    right.speaks()
    assert _codes(right.hall) == [Code.STOPPED, Code.AGAIN]
