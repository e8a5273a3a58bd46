"""Reports about a leg (RTCP): what it says, what it hears, and the goodbye."""

import pytest

from leg_peers import Bench, Peer, is_readable
from offhook.engine.media import rtcp
from offhook.engine.media.report_timing import INTERVAL_S
from offhook.engine.net.media_lifesigns import SILENT_FOR_S
from offhook.engine.net.orders import Silent

OUR_SSRC = 9


@pytest.fixture
def peer(hall: Bench) -> Peer:
    peer = hall.peer()
    hall.meet(peer)
    return peer


def _last(packets: list[bytes]) -> tuple[rtcp.Report, ...]:
    return rtcp.parse(packets[-1])


def _tell(hall: Bench, peer: Peer, *reports: rtcp.Report) -> None:
    peer.reports.sendto(rtcp.write(reports), hall.reports_address)
    assert is_readable(hall.leg.reports)
    hall.leg.receive_reports(hall.now)


def _about_us(lost: int = 3, jitter: int = 80) -> rtcp.ReportBlock:
    return rtcp.ReportBlock(OUR_SSRC, 10, lost, 1, jitter, 0, 0)


def test_a_leg_that_sends_reports_what_it_sent_and_heard(hall: Bench, peer: Peer) -> None:
    hall.send(4)
    hall.pass_time(5)
    report, description = _last(peer.reads())
    assert isinstance(report, rtcp.SenderReport)
    assert (report.ssrc, report.packets, report.octets, report.timestamp) == (OUR_SSRC, 4, 640, 20 + 640)
    [block] = report.blocks
    assert (block.ssrc, block.highest_sequence, block.lost) == (77, 100, 0)
    assert description == rtcp.SourceDescription(OUR_SSRC, "00000009")


def test_a_leg_that_only_hears_reports_that(hall: Bench, peer: Peer) -> None:
    hall.pass_time(5)
    report, _ = _last(peer.reads())
    assert isinstance(report, rtcp.ReceiverReport)
    assert len(report.blocks) == 1


def test_a_leg_that_heard_nothing_has_nothing_to_tell_of_it(hall: Bench) -> None:
    silent = hall.peer()
    hall.start(silent)
    hall.pass_time(5)
    report, _ = _last(silent.reads())
    assert report == rtcp.ReceiverReport(OUR_SSRC)


def test_reports_come_at_their_interval_and_not_before_the_call(hall: Bench) -> None:
    peer = hall.peer()
    hall.connect(hall.order(peer))
    hall.pass_time(60)
    assert peer.reads() == []
    hall.leg.start(hall.now)
    counts = []
    for _ in range(10):
        hall.pass_time(1.0)
        counts.append(len(peer.reads()))
    assert 2 <= sum(counts) <= 4
    assert max(counts) == 1


def test_what_the_peer_reports_is_told_at_the_end(hall: Bench, peer: Peer) -> None:
    hall.send(50)
    _tell(hall, peer, rtcp.ReceiverReport(77, (_about_us(),)))
    # What is sent after the report is not what it is about.
    hall.send(50)
    closed = hall.leg.close(hall.now)
    assert (closed.peer_lost, closed.peer_expected, closed.sent) == (3, 50, 100)
    assert (closed.peer_lost_lately, closed.peer_jitter_ms, closed.round_trip_ms) == (0.0391, 10.0, None)


def test_a_report_about_somebody_else_tells_nothing_of_us(hall: Bench, peer: Peer) -> None:
    block = rtcp.ReportBlock(12345, 10, 3, 1, 80, 0, 0)
    _tell(hall, peer, rtcp.ReceiverReport(77, (block,)))
    assert hall.leg.close(hall.now).peer_lost is None


def test_the_round_trip_is_measured_from_our_report_and_back(hall: Bench, peer: Peer) -> None:
    hall.send()
    hall.pass_time(5)
    sent, _ = _last(peer.reads())
    assert isinstance(sent, rtcp.SenderReport)
    echo = rtcp.ReportBlock(OUR_SSRC, 0, 0, 1, 0, (sent.ntp >> 16) & 0xFFFFFFFF, 0)
    _tell(hall, peer, rtcp.SenderReport(77, 1 << 40, 0, 1, 160, (echo,)))
    trip = hall.leg.close(hall.now).round_trip_ms
    assert trip is not None
    assert 0 <= trip < 1000


def test_the_peers_report_is_answered_in_ours(hall: Bench, peer: Peer) -> None:
    _tell(hall, peer, rtcp.SenderReport(77, 0x0000_1234_5678_0000, 0, 1, 160))
    hall.pass_time(3)
    report, _ = _last(peer.reads())
    assert isinstance(report, rtcp.ReceiverReport)
    assert (report.blocks[0].last_report, report.blocks[0].delay) == (0x12345678, 3 * 65_536)


def test_a_goodbye_is_said_by_whoever_has_spoken(hall: Bench, peer: Peer) -> None:
    hall.send()
    hall.leg.close(hall.now)
    *_, goodbye = _last(peer.reads())
    assert goodbye == rtcp.Goodbye((OUR_SSRC,))


def test_who_has_not_spoken_says_no_goodbye(hall: Bench, peer: Peer) -> None:
    hall.leg.close(hall.now)
    assert peer.reads() == []


def test_the_peers_goodbye_does_not_end_the_call(hall: Bench, peer: Peer) -> None:
    _tell(hall, peer, rtcp.ReceiverReport(77), rtcp.Goodbye((77,)))
    assert not hall.all(Silent)
    peer.speak(hall.address)
    hall.receive()
    assert hall.leg.close(hall.now).received == 2


def test_reports_keep_a_silent_call_alive(hall: Bench, peer: Peer) -> None:
    hall.pass_time(SILENT_FOR_S - 1)
    _tell(hall, peer, rtcp.ReceiverReport(77))
    hall.pass_time(SILENT_FOR_S - 1)
    assert not hall.all(Silent)


def test_a_strangers_reports_count_for_nothing(hall: Bench, peer: Peer) -> None:
    stranger = hall.peer("127.0.0.2")
    hall.pass_time(SILENT_FOR_S)
    _tell(hall, stranger, rtcp.ReceiverReport(77, (_about_us(),)))
    hall.pass_time(INTERVAL_S)
    assert len(hall.all(Silent)) == 1
    assert hall.leg.close(hall.now).peer_lost is None


@pytest.mark.parametrize("data", [b"", b"\x80", b"\x80\xc9\xff\xff", b"x" * 200])
def test_what_is_no_report_is_nothing(hall: Bench, peer: Peer, data: bytes) -> None:
    peer.reports.sendto(data, hall.reports_address)
    assert is_readable(hall.leg.reports)
    hall.leg.receive_reports(hall.now)
    assert hall.leg.close(hall.now).peer_lost is None


def test_on_a_shared_port_reports_go_and_come_beside_the_sound(hall: Bench) -> None:
    peer = hall.peer()
    hall.connect(hall.order(peer, mux=True))
    hall.leg.start(hall.now)
    peer.speak(hall.address)
    hall.receive()
    peer.rtp.sendto(rtcp.write([rtcp.ReceiverReport(77, (_about_us(),))]), hall.address)
    hall.receive()
    hall.send()
    peer.hears()
    hall.pass_time(5)
    assert isinstance(_last(peer.hears())[0], rtcp.SenderReport)
    assert peer.reads() == []
    closed = hall.leg.close(hall.now)
    assert (closed.received, closed.peer_lost) == (1, 3)


def test_a_peer_behind_a_nat_on_the_last_port_gets_no_reports_and_hurts_nobody(hall: Bench) -> None:
    signalled, last = hall.peer(), hall.peer()
    hall.start(signalled)
    last.rtp.close()
    last.rtp = hall.bind("127.0.0.1", 65_535)
    last.speak(hall.address, 4)
    hall.receive(4)
    hall.send()
    hall.pass_time(5)
    assert len(last.hears()) == 1
    hall.leg.close(hall.now)
