"""What is wrong with the ports and the public address of a machine."""

from dataclasses import replace

import pytest

from offhook.domain.diagnosis.findings import Verdict
from offhook.domain.diagnosis.ports import Port, Toward, judge_public_address, judge_rtp_ports, judge_sip_port

PORT = Port("0.0.0.0:5060", is_taken=True)


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
