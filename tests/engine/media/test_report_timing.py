"""The clocks in reports, and the pace of reports."""

import pytest

from offhook.engine.media.report_timing import interval_s, ntp, round_trip_s
from offhook.engine.media.rtcp import ReportBlock


def block(last_report: int, delay: int) -> ReportBlock:
    return ReportBlock(1, 0, 0, 0, 0, last_report, delay)


def test_reports_come_about_every_five_seconds_and_the_first_one_sooner() -> None:
    assert interval_s(1.0) == pytest.approx(5.0 / 1.21828, rel=1e-5)
    assert interval_s(0.5) == pytest.approx(interval_s(1.5) / 3)
    assert interval_s(1.0, is_first=True) == pytest.approx(interval_s(1.0) / 2)


def test_the_clock_counts_from_1900_in_parts_of_two_to_the_32() -> None:
    assert ntp(0.0) == 2_208_988_800 << 32
    assert ntp(0.5) & 0xFFFFFFFF == 0x80000000


def test_the_clock_begins_anew_in_2036() -> None:
    assert ntp(2_085_978_496.0) == 0


def test_the_round_trip_of_the_rfc_is_found() -> None:
    # RFC 3550 section 6.4.1, figure 2: 6.125 seconds.
    assert round_trip_s(block(0xB705_2000, 0x0005_4000), 0xB44D_B710_8000_0000) == 6.125


def test_a_peer_that_heard_no_report_tells_no_round_trip() -> None:
    assert round_trip_s(block(0, 0), ntp(1e9)) is None


def test_a_delay_longer_than_the_time_that_passed_is_nonsense() -> None:
    sent = ntp(1e9)
    assert round_trip_s(block((sent >> 16) & 0xFFFFFFFF, 5 * 65536), ntp(1e9 + 1)) is None
