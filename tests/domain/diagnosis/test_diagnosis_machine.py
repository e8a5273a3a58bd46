"""What is wrong with the machine that a node runs on."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from offhook.domain.diagnosis.findings import Verdict
from offhook.domain.diagnosis.machine import (
    Clock,
    Disk,
    Load,
    Port,
    Toward,
    judge_clock,
    judge_disk,
    judge_load,
    judge_node,
    judge_others,
    judge_public_address,
    judge_readiness,
    judge_rtp_ports,
    judge_sip_port,
    nodes_ahead,
)

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
GIB = 1024**3
ROOMY = Disk("data", 10 * GIB, 20 * GIB, 100_000)
PORT = Port("0.0.0.0:5060", is_taken=True)


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


@pytest.mark.parametrize(
    ("ago_s", "verdict", "words"),
    [(3, Verdict.GOOD, "3 s ago"), (60, Verdict.BAD, "60 s"), (600, Verdict.BAD, "10 min"), (9000, Verdict.BAD, "2 h")],
)
def test_a_node_lives_by_its_heartbeat(ago_s: int, verdict: Verdict, words: str) -> None:
    found = judge_node("n", NOW - timedelta(seconds=ago_s), NOW, 15.0)
    assert found.verdict is verdict
    assert words in found.sentence


def test_a_node_that_never_ran_is_dead() -> None:
    assert judge_node("n", None, NOW, 15.0).verdict is Verdict.BAD


def test_other_nodes_are_told_for_a_day() -> None:
    heard = [
        ("own", NOW),
        ("living", NOW - timedelta(seconds=1)),
        ("silent", NOW - timedelta(hours=3)),
        ("gone", NOW - timedelta(days=2)),
    ]
    found = judge_others(heard, "own", NOW, 15.0)
    assert [(one.verdict, one.sentence.split(",")[1].strip()) for one in found] == [
        (Verdict.GOOD, "living"),
        (Verdict.WARNING, "silent"),
    ]


@pytest.mark.parametrize(
    ("status", "is_alive", "verdict"),
    [
        (200, True, Verdict.GOOD),
        (503, True, Verdict.BAD),
        (None, True, Verdict.BAD),
        (None, False, Verdict.UNKNOWN),
    ],
)
def test_readiness_is_what_the_node_says(status: int | None, is_alive: bool, verdict: Verdict) -> None:
    assert judge_readiness("http://x/readyz", status, "media", is_alive=is_alive).verdict is verdict


@pytest.mark.parametrize(
    ("load", "verdict", "words"),
    [
        (Load({"0": 0.1, "1": 0.2}, 0.003, is_overloaded=False), Verdict.GOOD, "2 media workers, busy for 20%"),
        (Load({"0": 0.8}, 0.003, is_overloaded=False), Verdict.WARNING, "its media worker, busy for 80%"),
        (Load({}, 0.4, is_overloaded=True), Verdict.BAD, "the node is 400 ms late"),
    ],
)
def test_workers_have_time_for_more_calls(load: Load, verdict: Verdict, words: str) -> None:
    found = judge_load(load)
    assert found.verdict is verdict
    assert words in found.sentence


@pytest.mark.parametrize(
    ("port", "is_alive", "verdict"),
    [
        (PORT, True, Verdict.GOOD),
        (replace(PORT, was_asked=True, answered=200), True, Verdict.GOOD),
        (replace(PORT, was_asked=True), True, Verdict.BAD),
        (replace(PORT, is_taken=False), True, Verdict.BAD),
        (replace(PORT, is_taken=False), False, Verdict.GOOD),
        (replace(PORT, is_taken=False), None, Verdict.GOOD),
        (PORT, False, Verdict.BAD),
        (PORT, None, Verdict.UNKNOWN),
        (replace(PORT, problem="Permission denied"), True, Verdict.BAD),
    ],
)
def test_the_sip_port_is_taken_exactly_while_the_node_lives(
    port: Port, is_alive: bool | None, verdict: Verdict
) -> None:
    assert judge_sip_port(port, is_alive=is_alive).verdict is verdict


@pytest.mark.parametrize(
    ("pairs", "taken", "workers", "verdict"),
    [
        (100, 0, 2, Verdict.GOOD),
        (100, 95, 2, Verdict.WARNING),
        (100, 100, 2, Verdict.BAD),
        (1, 0, 2, Verdict.BAD),
        (100, None, 2, Verdict.UNKNOWN),
    ],
)
def test_calls_need_pairs_of_rtp_ports(pairs: int, taken: int | None, workers: int, verdict: Verdict) -> None:
    assert judge_rtp_ports("10000-10199", pairs, taken, workers).verdict is verdict


FAR, NEAR = Toward("carrier", "10.0.0.5", is_far=True), Toward("office", "10.0.0.5", is_far=False)


@pytest.mark.parametrize(
    ("public", "toward", "verdict"),
    [
        (None, [], Verdict.GOOD),
        (None, [NEAR], Verdict.GOOD),
        (None, [replace(FAR, own="8.8.8.8")], Verdict.GOOD),
        (None, [NEAR, FAR], Verdict.BAD),
        ("8.8.8.8", [FAR], Verdict.GOOD),
        ("9.9.9.9", [FAR], Verdict.GOOD),
        ("10.0.0.5", [FAR], Verdict.WARNING),
    ],
)
def test_trunks_in_the_internet_must_be_told_an_address_that_they_reach(
    public: str | None, toward: list[Toward], verdict: Verdict
) -> None:
    assert judge_public_address(public, "0.0.0.0:5060", {"10.0.0.5", "8.8.8.8"}, toward).verdict is verdict
