"""When reports are sent, and the clocks inside them (RFC 3550 sections 4, 6.3.1 and 6.4.1)."""

from offhook.engine.media.rtcp import ReportBlock

INTERVAL_S = 5.0
"""The least average interval. One call has two members and 400 bytes a second for reports, which
would allow more of them, so that the least is what holds (RFC 3550 section 6.2)."""

_NTP_OF_1970 = 2_208_988_800
# RFC 3550 section 6.3.1: e - 3/2 makes up for the timers that are put off.
_COMPENSATION = 2.71828182845904523536 - 1.5


def interval_s(factor: float, *, is_first: bool = False) -> float:
    """Return the seconds until the next report; `factor` is a chance between 0.5 and 1.5.

    The first one may come after half the time, so that a peer is known early (section 6.2).
    """
    return (INTERVAL_S / 2 if is_first else INTERVAL_S) * factor / _COMPENSATION


def ntp(clock_s: float) -> int:
    """Return a wall clock, in seconds since 1970, as a 64-bit NTP timestamp of the present era."""
    return int((clock_s + _NTP_OF_1970) * 0x100000000) & 0xFFFFFFFFFFFFFFFF


def round_trip_s(block: ReportBlock, ntp_now: int) -> float | None:
    """Return how long a packet travels to the peer and back, from a block about what we sent.

    `ntp_now` is `ntp` at the arrival of the block. None if the peer has heard no report of ours yet,
    or if its numbers are no time that can have passed.
    """
    if block.last_report == 0:
        return None
    units = ((ntp_now >> 16) - block.last_report - block.delay) & 0xFFFFFFFF
    return units / 65_536 if units < 0x80000000 else None
