"""Who may be heard: honest callers behind every kind of router, and those who want their place."""

import pytest

from offhook.engine.media.learning import (
    CANDIDATES_LIMIT,
    WINDOW_PACKETS,
    WINDOW_PACKETS_S,
    WINDOW_S,
    Address,
    Decision,
    Learner,
    Policy,
    Why,
)

STARTED = 1000.0
# A caller behind a router: the description names an address of its own network.
SIGNALLED = ("192.168.1.10", 4000)
SIGNALLING_IP = "192.0.2.20"
STRANGER = ("203.0.113.5", 7000)
ATTACKER = ("198.51.100.66", 6666)


def learner(policy: Policy = Policy.LEARN) -> Learner:
    return Learner(SIGNALLED, SIGNALLING_IP, policy, STARTED)


def speak(
    machine: Learner,
    source: Address,
    count: int,
    *,
    after: float = 0.0,
    every: float = 0.02,
    first: int = 100,
    ssrc: int = 1,
    step: int = 1,
    payload_type_ok: bool = True,
) -> Decision | None:
    """Let a source send packets and return the decision, if one of them brought it."""
    for number in range(count):
        decision = machine.receive(
            source, (first + number * step) & 0xFFFF, ssrc, payload_type_ok, STARTED + after + number * every
        )
        if decision is not None:
            return decision
    return None


def test_the_signalled_address_is_believed_at_its_first_packet() -> None:
    machine = learner()
    assert speak(machine, SIGNALLED, 1) == Decision(SIGNALLED, Why.SIGNALLED)


def test_nothing_changes_after_the_decision() -> None:
    machine = learner()
    speak(machine, SIGNALLED, 1)
    assert speak(machine, ATTACKER, 200, ssrc=6) is None
    assert speak(machine, SIGNALLED, 5) is None
    assert machine.tick(STARTED + 10) is None
    assert machine.deadline() is None
    assert machine.decision == Decision(SIGNALLED, Why.SIGNALLED)


@pytest.mark.parametrize("source", [(SIGNALLED[0], 4242), (SIGNALLING_IP, 4000)])
def test_a_related_address_needs_four_packets_in_sequence(source: Address) -> None:
    machine = learner()
    assert speak(machine, source, 3, first=65533) is None
    assert speak(machine, source, 1, first=0, after=0.06) == Decision(source, Why.RELATED)


def test_a_related_address_may_send_its_four_packets_at_once() -> None:
    machine = learner()
    decision = speak(machine, (SIGNALLING_IP, 5000), 4, every=0.0)
    assert decision == Decision((SIGNALLING_IP, 5000), Why.RELATED)


def test_gaps_and_other_sources_break_a_run_and_doubles_do_not() -> None:
    source = (SIGNALLING_IP, 5000)
    machine = learner()
    assert speak(machine, source, 3, first=100) is None
    assert speak(machine, source, 3, first=110, after=0.1) is None
    assert speak(machine, source, 3, first=113, ssrc=2, after=0.2) is None
    assert speak(machine, source, 5, first=115, ssrc=2, step=0, after=0.3) is None
    assert speak(machine, source, 1, first=116, ssrc=2, after=0.4) == Decision(source, Why.RELATED)


def test_packets_of_a_wrong_payload_type_prove_nothing() -> None:
    machine = learner()
    assert speak(machine, SIGNALLED, 20, payload_type_ok=False) is None
    assert speak(machine, STRANGER, 60, payload_type_ok=False) is None
    assert machine.tick(STARTED + WINDOW_S) == Decision(SIGNALLED, Why.NOBODY)


def test_a_caller_behind_a_router_is_taken_when_its_fifty_packets_were_spoken() -> None:
    machine = learner()
    assert speak(machine, STRANGER, 50) is None
    assert machine.deadline() == STARTED + WINDOW_PACKETS_S
    assert speak(machine, STRANGER, 1, first=150, after=1.0) == Decision(STRANGER, Why.STRANGER)


def test_a_caller_of_few_packets_is_taken_at_the_end_of_the_window() -> None:
    machine = learner()
    assert speak(machine, STRANGER, 8) is None
    assert machine.deadline() == STARTED + WINDOW_S
    assert machine.tick(STARTED + WINDOW_S - 0.001) is None
    assert machine.tick(STARTED + WINDOW_S) == Decision(STRANGER, Why.STRANGER)


def test_a_packet_after_the_window_brings_the_decision_too() -> None:
    machine = learner()
    speak(machine, STRANGER, 10)
    assert speak(machine, ATTACKER, 1, after=WINDOW_S) == Decision(STRANGER, Why.STRANGER)


def test_the_signalled_address_is_taken_if_nobody_speaks_well_enough() -> None:
    machine = learner()
    assert speak(machine, STRANGER, 7) is None
    assert machine.tick(STARTED + WINDOW_S) == Decision(SIGNALLED, Why.NOBODY)


def test_the_signalled_address_is_taken_if_nobody_speaks_at_all() -> None:
    assert learner().tick(STARTED + WINDOW_S) == Decision(SIGNALLED, Why.NOBODY)


@pytest.mark.parametrize(
    ("signalled_ip", "signalling_ip"),
    [
        ("192.0.2.10", "192.0.2.20"),
        ("127.0.0.1", "127.0.0.1"),
        ("10.0.0.1", "10.0.0.2"),
        ("10.0.0.1", "127.0.0.1"),
        ("2001:db8::1", "2001:db8::2"),
        ("fc00::1", "fe80::2"),
    ],
)
def test_nobody_takes_the_place_of_a_caller_who_only_listens_at_a_reachable_address(
    signalled_ip: str, signalling_ip: str
) -> None:
    machine = Learner((signalled_ip, 4000), signalling_ip, Policy.LEARN, STARTED)
    assert speak(machine, ATTACKER, 140) is None
    assert machine.tick(STARTED + WINDOW_S) == Decision((signalled_ip, 4000), Why.NOBODY)


@pytest.mark.parametrize(
    ("signalled_ip", "signalling_ip"),
    [("10.0.0.1", "192.0.2.20"), ("100.64.0.1", "192.0.2.20"), ("fc00::1", "2001:db8::2")],
)
def test_a_caller_behind_any_kind_of_router_is_learnt(signalled_ip: str, signalling_ip: str) -> None:
    machine = Learner((signalled_ip, 4000), signalling_ip, Policy.LEARN, STARTED)
    speak(machine, STRANGER, 10)
    assert machine.tick(STARTED + WINDOW_S) == Decision(STRANGER, Why.STRANGER)


def test_a_trunk_can_forbid_learning() -> None:
    machine = learner(Policy.SIGNALLED)
    assert machine.deadline() == STARTED
    assert machine.tick(STARTED) == Decision(SIGNALLED, Why.POLICY)
    assert speak(learner(Policy.SIGNALLED), STRANGER, 1) == Decision(SIGNALLED, Why.POLICY)


@pytest.mark.parametrize("head_start", [1, 3, 8, 49])
def test_an_attacker_who_is_first_does_not_get_the_callers_place(head_start: int) -> None:
    # CVE-2017-14099: the first packet that arrived won the stream.
    machine = learner()
    assert speak(machine, ATTACKER, head_start, ssrc=6) is None
    assert speak(machine, SIGNALLED, 1, after=head_start * 0.02) == Decision(SIGNALLED, Why.SIGNALLED)


def test_an_attacker_who_is_first_does_not_get_the_place_of_a_related_caller() -> None:
    machine = learner()
    assert speak(machine, ATTACKER, 40, ssrc=6) is None
    assert speak(machine, (SIGNALLED[0], 61000), 4, after=0.8) == Decision((SIGNALLED[0], 61000), Why.RELATED)


def test_a_flood_neither_shortens_the_window_nor_makes_a_run() -> None:
    machine = learner()
    assert speak(machine, ATTACKER, 5 * WINDOW_PACKETS, ssrc=6, every=0.0001) is None
    assert speak(machine, STRANGER, 10, after=0.1) is None
    assert machine.deadline() == STARTED + WINDOW_PACKETS_S
    assert machine.tick(STARTED + WINDOW_PACKETS_S) == Decision(STRANGER, Why.STRANGER)


def test_a_flood_alone_leaves_the_signalled_address() -> None:
    machine = learner()
    assert speak(machine, ATTACKER, 5000, ssrc=6, every=0.0001) is None
    assert machine.tick(STARTED + WINDOW_S) == Decision(SIGNALLED, Why.NOBODY)


def test_of_two_strangers_the_longer_run_wins() -> None:
    machine = learner()
    speak(machine, ATTACKER, 9, ssrc=6)
    speak(machine, STRANGER, 12)
    assert machine.tick(STARTED + WINDOW_S) == Decision(STRANGER, Why.STRANGER)


def test_two_equal_strangers_are_as_good_as_none() -> None:
    machine = learner()
    speak(machine, ATTACKER, 12, ssrc=6)
    speak(machine, STRANGER, 12)
    assert machine.tick(STARTED + WINDOW_S) == Decision(SIGNALLED, Why.NOBODY)


def test_packets_out_of_sequence_make_no_stranger_a_caller() -> None:
    machine = learner()
    assert speak(machine, ATTACKER, 45, ssrc=6, step=7) is None
    assert machine.tick(STARTED + WINDOW_S) == Decision(SIGNALLED, Why.NOBODY)


def test_forged_sources_do_not_crowd_out_the_related_ones() -> None:
    machine = learner()
    for number in range(10 * CANDIDATES_LIMIT):
        assert speak(machine, ("198.51.100.1", 1024 + number), 1) is None
    assert speak(machine, STRANGER, 10, after=0.1) is None
    assert speak(machine, (SIGNALLING_IP, 5000), 4, after=0.3) == Decision((SIGNALLING_IP, 5000), Why.RELATED)


def test_a_new_description_is_learnt_anew() -> None:
    first = learner()
    speak(first, SIGNALLED, 1)
    moved = ("192.0.2.99", 8000)
    second = Learner(moved, SIGNALLING_IP, Policy.LEARN, STARTED + 60)
    assert second.receive(SIGNALLED, 101, 1, True, STARTED + 60.1) is None
    assert second.receive(moved, 102, 1, True, STARTED + 60.2) == Decision(moved, Why.SIGNALLED)
