"""Reports about one leg's media (RTCP): what we tell the peer, and what the peer told us."""

from time import time as wall_clock

from offhook.engine.media import rtcp
from offhook.engine.media.errors import MalformedRtcp
from offhook.engine.media.quality import Reception
from offhook.engine.media.report_timing import ntp, round_trip_s
from offhook.engine.media.rtp import Stream
from offhook.engine.net.orders import Closed


class Reporting:
    """Both directions of one leg: `stream` is what it sends, `reception` what it hears.

    What the peer says about our stream is None until it says something. `hear` wants the stream to be true to what has
    been sent.
    """

    def __init__(self, stream: Stream, reception: Reception) -> None:
        self.peer_lost: int | None = None
        self.peer_expected: int | None = None
        self.peer_lost_lately: float | None = None
        self.peer_jitter_ms: float | None = None
        self.round_trip_ms: float | None = None
        self._stream = stream
        self._reception = reception

    def write(self, now: float, *, is_last: bool = False) -> bytes:
        """Return the next compound (RFC 3550 section 6.1); the last one says goodbye."""
        stream = self._stream
        block = self._reception.report(now)
        blocks = (block,) if block is not None else ()
        report: rtcp.Report
        if stream.packets:
            report = rtcp.SenderReport(
                stream.ssrc, ntp(wall_clock()), stream.timestamp, stream.packets, stream.octets, blocks
            )
        else:
            report = rtcp.ReceiverReport(stream.ssrc, blocks)
        endings = [rtcp.Goodbye((stream.ssrc,))] if is_last else []
        return rtcp.write([report, rtcp.SourceDescription(stream.ssrc, f"{stream.ssrc:08x}"), *endings])

    def hear(self, packet: bytes, now: float) -> bool:
        """Take what the peer reports; False if it is no report."""
        try:
            reports = rtcp.parse(packet)
        except MalformedRtcp:
            return False
        for report in reports:
            if isinstance(report, rtcp.SenderReport):
                self._reception.hear_report(report.ntp, now)
            if isinstance(report, rtcp.SenderReport | rtcp.ReceiverReport):
                for block in report.blocks:
                    self._hear_of_us(block)
        return True

    def closed(self, leg: str, *, late: int, odd: dict[str, object]) -> Closed:
        """Return what the leg was like in the end, in both directions. The stream has to be true to what was sent."""
        quality = self._reception.summary()
        return Closed(
            leg=leg,
            sent=self._stream.packets,
            received=quality.packets,
            lost=quality.lost,
            duplicates=quality.duplicates,
            reordered=quality.reordered,
            jitter_ms=round(quality.jitter_ms, 2),
            longest_gap_ms=round(quality.longest_gap_ms, 1),
            peer_lost=self.peer_lost,
            peer_expected=self.peer_expected,
            peer_lost_lately=self.peer_lost_lately,
            peer_jitter_ms=self.peer_jitter_ms,
            round_trip_ms=self.round_trip_ms,
            late=late,
            odd=odd,
        )

    def _hear_of_us(self, block: rtcp.ReportBlock) -> None:
        if block.ssrc == self._stream.ssrc:
            self.peer_lost = block.lost
            # What was sent until now: the peer's own count would begin at a packet that only it knows.
            self.peer_expected = self._stream.packets
            self.peer_lost_lately = round(block.fraction_lost / 256, 4)
            # The clock of G.711 runs at 8,000 Hz: eight units are a millisecond.
            self.peer_jitter_ms = round(block.jitter / 8, 2)
            trip = round_trip_s(block, ntp(wall_clock()))
            self.round_trip_ms = None if trip is None else round(trip * 1000, 2)
