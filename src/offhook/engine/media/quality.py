"""How well a leg is heard: the receiver's statistics of RFC 3550 (appendix A.1, A.3, A.8).

`Reception.receive` runs for every packet; its common path is a handful of additions. Without
probation: who may be heard was settled by `learning` before. Sums go over all sources of a leg, because
a peer that restarts its stream is still the same caller; reports are about the present source.
"""

from dataclasses import dataclass

from offhook.engine.media.rtcp import ReportBlock

SEQUENCE_GAP_LIMIT = 3000
"""A jump ahead of this many packets is a restart, not a loss (MAX_DROPOUT of appendix A.1)."""

REORDERING_LIMIT = 100
"""A packet later than this is a stray, not reordered (MAX_MISORDER of appendix A.1)."""

DISCONTINUITY_S = 10.0
"""A change of transit time beyond this is a peer's new clock, not jitter of the network."""

JITTER_GAIN = 1 / 16
"""How much of the jitter one packet decides (RFC 3550 section 6.4.1)."""
SPURT_GAP_S = 0.2
"""What comes in order so long after the packet before it, with the marker, begins to speak (RFC 3551 section 4.1)."""

_NOWHERE = -1
_WRAP = 1 << 32
_HALF = _WRAP >> 1


@dataclass(frozen=True, slots=True)
class Quality:
    """What one direction of a leg was like. `packets` counts duplicates too, as RFC 3550 does.

    A duplicate and a packet out of order are not lost. Nothing here is played, so no buffer decides what came too
    late: a packet up to `REORDERING_LIMIT` behind the newest counts as received, a later one stays lost. `jitter_ms`
    is the present estimate. `first_at` and `last_at` are monotonic seconds, None while nothing came.
    """

    packets: int
    lost: int
    duplicates: int
    reordered: int
    restarts: int
    jitter_ms: float
    longest_gap_ms: float
    first_at: float | None
    last_at: float | None


class Reception:
    """Statistics of what one leg receives; `clock_rate` is the RTP clock in hertz."""

    __slots__ = (
        "_base",
        "_clock_rate",
        "_discontinuity",
        "_duplicates",
        "_expected_at_report",
        "_expected_before",
        "_first_at",
        "_highest",
        "_jitter",
        "_last_at",
        "_longest_gap",
        "_missing",
        "_received",
        "_received_at_report",
        "_received_before",
        "_reordered",
        "_report_heard",
        "_restart_at",
        "_restarts",
        "_timestamp",
        "_transit",
        "_unseen",
        "ssrc",
    )

    def __init__(self, clock_rate: int = 8000) -> None:
        self.ssrc = _NOWHERE
        self._clock_rate = clock_rate
        self._discontinuity = DISCONTINUITY_S * clock_rate
        self._received = self._duplicates = self._reordered = self._restarts = 0
        # What earlier sources of this leg had sent until the present one began.
        self._expected_before = self._received_before = 0
        self._expected_at_report = self._received_at_report = 0
        # Sequence numbers are extended by their cycles: plain integers that never wrap.
        self._base = 0
        self._highest = -1
        # So many came after it that nobody looked at: as long as nothing tells otherwise, none between them was lost.
        self._unseen = 0
        self._missing: set[int] = set()
        self._restart_at = _NOWHERE
        self._timestamp = _NOWHERE
        self._transit = self._jitter = self._longest_gap = 0.0
        self._first_at: float | None = None
        self._last_at = 0.0
        self._report_heard: tuple[int, float] | None = None

    def receive(self, sequence: int, timestamp: int, ssrc: int, now: float, *, is_timed: bool = True) -> bool:
        """Count one packet; True if it is new, False for a duplicate or a stray.

        A packet of a key is not timed: its timestamp says when the key went down (RFC 4733 section 2.2.1), and the
        sound that many phones send between two of them goes on.
        """
        if ssrc != self.ssrc:
            self._begin(sequence, ssrc, now)
        gap = now - self._last_at
        if gap > self._longest_gap:
            self._longest_gap = gap
        self._last_at = now
        step = (sequence - self._highest) & 0xFFFF
        if step == 1:
            self._highest += 1
        elif not self._place(step, sequence, now):
            return False
        self._received += 1
        # Packets of one timestamp tell nothing about the spacing of the network.
        if is_timed and timestamp != self._timestamp:
            transit = now * self._clock_rate - timestamp
            # RFC 3550 section 6.4.1, around the wrap of the timestamp.
            change = abs((transit - self._transit + _HALF) % _WRAP - _HALF)
            if change < self._discontinuity and self._timestamp != _NOWHERE:
                self._jitter += (change - self._jitter) * JITTER_GAIN
            self._transit = transit
            self._timestamp = timestamp
        return True

    def pass_unseen(self, packets: int, seconds: float) -> None:
        """Count packets that have arrived since the last one but that nobody looks at, and that last so long together.

        What is lost among them is known with the next packet, by its sequence number. Of the time until then that they
        do not fill, it is taken that it was one gap.
        """
        self._received += packets
        self._unseen += packets
        self._last_at += seconds

    def is_newest(self, sequence: int) -> bool:
        """Whether the packet of this number is the last one in order so far."""
        return sequence == self._highest & 0xFFFF

    @property
    def jitter_s(self) -> float:
        """The present estimate of the jitter."""
        return self._jitter / self._clock_rate

    def receive_in_order(self, packets: int, samples: int, seconds: float, jitter_s: float) -> None:
        """Count packets of so many samples right behind the last one, the last of them so long after it.

        Who passed them on has gone on with the jitter from `jitter_s`, and says what it is by now.
        """
        self._received += packets
        self._highest += packets
        self._last_at += seconds
        self._jitter = jitter_s * self._clock_rate
        self._timestamp = (self._timestamp + packets * samples) % _WRAP
        self._transit = self._last_at * self._clock_rate - self._timestamp

    def resume(self, now: float) -> None:
        """Wait for packets anew: that none came until now was agreed on, so it is no gap, nor was the network slow."""
        if self._first_at is not None:
            self._last_at = now
            self._timestamp = _NOWHERE

    def is_pause(self, sequence: int, ssrc: int, now: float) -> bool:
        """Whether a packet with the marker ends a pause that its source made: nothing is missing before it."""
        is_next = (sequence - self._highest - self._unseen) & 0xFFFF == 1
        return is_next and ssrc == self.ssrc and now - self._last_at > SPURT_GAP_S

    def _begin(self, sequence: int, ssrc: int, now: float) -> None:
        """Start over with a new source, or with a source that started over."""
        if self._first_at is None:
            self._first_at = self._last_at = now
        else:
            self._restarts += 1
        self._expected_before += self._highest + self._unseen - self._base + 1
        self._received_before = self._received
        self._expected_at_report = self._received_at_report = 0
        if ssrc != self.ssrc:
            self._report_heard = None
        self.ssrc = ssrc
        self._base = sequence
        self._highest = sequence - 1
        self._unseen = 0
        self._missing.clear()
        self._restart_at = self._timestamp = _NOWHERE
        self._jitter = 0.0

    def _place(self, step: int, sequence: int, now: float) -> bool:
        """Find the place of a packet that is not the next one (appendix A.1)."""
        if 0 < step < SEQUENCE_GAP_LIMIT:
            highest = self._highest + step
            oldest = highest - REORDERING_LIMIT
            self._missing = {number for number in self._missing if number > oldest}
            if not self._unseen:
                self._missing.update(range(max(self._highest + 1, oldest + 1), highest))
            self._highest = highest
            self._unseen = 0
            return True
        if 0 < step <= 0x10000 - REORDERING_LIMIT:
            # Two packets in a row far away mean that the other side restarted without telling.
            if sequence != self._restart_at:
                self._restart_at = (sequence + 1) & 0xFFFF
                return False
            self._begin(sequence, self.ssrc, now)
            self._highest = sequence
            return True
        number = self._highest - (-step & 0xFFFF)
        if number in self._missing:
            self._missing.remove(number)
            self._reordered += 1
            return True
        self._received += 1
        self._duplicates += 1
        return False

    def summary(self) -> Quality:
        """Return what a call's statistics tell."""
        expected = self._expected_before + self._highest + self._unseen - self._base + 1
        return Quality(
            packets=self._received,
            lost=max(0, expected - (self._received - self._duplicates)),
            duplicates=self._duplicates,
            reordered=self._reordered,
            restarts=self._restarts,
            jitter_ms=self._jitter * 1000.0 / self._clock_rate,
            longest_gap_ms=self._longest_gap * 1000.0,
            first_at=self._first_at,
            last_at=None if self._first_at is None else self._last_at,
        )

    def hear_report(self, ntp: int, now: float) -> None:
        """Remember the source's sender report, by its 64-bit NTP timestamp, for the next block."""
        self._report_heard = (ntp >> 16) & 0xFFFFFFFF, now

    def report(self, now: float) -> ReportBlock | None:
        """Return the block about the present source since the last one; None while nothing came."""
        if self._first_at is None:
            return None
        highest = self._highest + self._unseen
        expected = highest - self._base + 1
        received = self._received - self._received_before
        # Appendix A.3: duplicates count as received, so that a loss may be negative.
        expected_lately = expected - self._expected_at_report
        lost_lately = expected_lately - (received - self._received_at_report)
        self._expected_at_report, self._received_at_report = expected, received
        last_report, delay = 0, 0.0
        if self._report_heard is not None:
            last_report, heard_at = self._report_heard
            delay = now - heard_at
        return ReportBlock(
            ssrc=self.ssrc,
            fraction_lost=min(255, (lost_lately << 8) // expected_lately) if lost_lately > 0 else 0,
            lost=max(-0x800000, min(0x7FFFFF, expected - received)),
            highest_sequence=highest & 0xFFFFFFFF,
            jitter=min(0xFFFFFFFF, int(self._jitter)),
            last_report=last_report,
            delay=int(delay * 65_536) & 0xFFFFFFFF,
        )
