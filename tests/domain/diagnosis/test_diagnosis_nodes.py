"""What is wrong with nodes."""

from datetime import UTC, datetime, timedelta

import pytest

from offhook.domain.diagnosis.findings import Verdict
from offhook.domain.diagnosis.nodes import Load, judge_load, judge_node, judge_others, judge_readiness

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)


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


@pytest.mark.parametrize("is_alive", [True, False])
def test_a_port_that_another_web_server_has_is_a_cross(is_alive: bool) -> None:
    found = judge_readiness("http://x/readyz", 200, None, is_alive=is_alive)
    assert found.verdict is Verdict.BAD
    assert found.sentence == "it is not the API of Offhook that answers at http://x/readyz"


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
