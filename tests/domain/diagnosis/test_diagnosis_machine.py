"""What is wrong with the machine that a node runs on."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from offhook.domain.diagnosis.findings import Verdict
from offhook.domain.diagnosis.machine import Clock, Disk, judge_clock, judge_disk, nodes_ahead

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
GIB = 1024**3
ROOMY = Disk("data", 10 * GIB, 20 * GIB, 100_000)


@pytest.mark.parametrize(
    ("disk", "verdict"),
    [
        (ROOMY, Verdict.GOOD),
        (replace(ROOMY, free_files=None), Verdict.GOOD),
        (replace(ROOMY, free_bytes=GIB // 2), Verdict.WARNING),
        (replace(ROOMY, free_bytes=GIB // 20), Verdict.BAD),
        (replace(ROOMY, free_files=10), Verdict.BAD),
        (replace(ROOMY, problem="Read-only file system"), Verdict.BAD),
    ],
)
def test_a_disk_needs_room_for_bytes_and_files(disk: Disk, verdict: Verdict) -> None:
    assert judge_disk(disk).verdict is verdict


@pytest.mark.parametrize(
    ("clock", "verdict", "words"),
    [
        (Clock(True, {}), Verdict.GOOD, "no other clock was seen"),
        (Clock(True, {"the database": 1.0}), Verdict.GOOD, "agrees with the database"),
        (Clock(None, {}), Verdict.UNKNOWN, "does not say"),
        (Clock(False, {}), Verdict.WARNING, "nobody synchronises"),
        (Clock(False, {"the database": 0.1}), Verdict.UNKNOWN, "nobody synchronises"),
        (Clock(True, {"the database": 0.1, "the action server": -5.0}), Verdict.WARNING, "5 s behind ours"),
        (Clock(True, {"the database": 90.0}), Verdict.BAD, "90 s ahead of ours"),
    ],
)
def test_a_clock_is_as_good_as_others_that_are_known(clock: Clock, verdict: Verdict, words: str) -> None:
    found = judge_clock(clock)
    assert found.verdict is verdict
    assert words in found.sentence


def test_a_heartbeat_in_our_future_is_a_clock_that_is_ahead() -> None:
    heard = [("a", NOW + timedelta(seconds=30)), ("b", NOW + timedelta(seconds=1)), ("c", NOW - timedelta(seconds=5))]
    assert nodes_ahead(heard, NOW) == {"the node a": 30.0}
