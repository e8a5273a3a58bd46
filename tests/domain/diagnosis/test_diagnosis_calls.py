"""What the calls of the past tell."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from offhook.domain.calls import Call, Caller, Status
from offhook.domain.diagnosis.calls import (
    Reader,
    answered_of,
    is_likely_form,
    judge_audio,
    judge_calls,
    judge_forms,
    judge_strangers,
    judge_trunk,
    usual_forms,
)
from offhook.domain.diagnosis.findings import Verdict
from offhook.domain.rules import PLAIN
from offhook.domain.strangers import Stranger
from offhook.domain.trunk_states import Kind, TrunkState
from offhook.domain.trunks import Trunk

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
DIN = "815012345678"
CALL = Call(
    call_id="c1",
    account_id=1,
    api_user="Shop",
    trunk="carrier",
    source="203.0.113.5:5060",
    direction="inbound",
    caller=Caller("819012345678", ""),
    recipient=DIN,
    action_url=None,
    status=Status.COMPLETED,
    reason=None,
    started_at=NOW,
    answered_at=NOW,
    ended_at=NOW,
    duration_s=1,
    minute_cost=0,
    held_minutes=0,
    cost=0,
    node="n",
)
JAPAN = replace(PLAIN, country_code="81")


def test_the_last_call_is_told_with_its_trunk_only_to_the_operator() -> None:
    found = judge_calls(CALL)
    assert found.verdict is Verdict.GOOD
    assert "2026-11-27 12:00:00 UTC through carrier from 203.0.113.5:5060" in found.sentence
    assert "carrier" not in judge_calls(CALL, names_trunk=False).sentence
    assert judge_calls(None).verdict is Verdict.UNKNOWN


@pytest.mark.parametrize("names_trunk", [True, False])
def test_a_last_call_that_failed_is_warned_about(names_trunk: bool) -> None:
    refused = replace(CALL, status=Status.REFUSED, reason="no-credit")
    found = judge_calls(refused, names_trunk=names_trunk)
    assert found.verdict is Verdict.WARNING
    assert "no-credit" in found.sentence
    assert ("offhook calls show c1" in found.cure) is names_trunk


def test_a_call_that_ended_for_a_reason_and_well_tells_it() -> None:
    assert judge_calls(replace(CALL, reason="credit-ended")).sentence.endswith("completed (credit-ended)")


@pytest.mark.parametrize(
    ("dialled", "is_likely"),
    [("05012345678", True), ("+815012345678", True), ("2345678", True), ("345678", False), ("05012345679", False)],
)
def test_the_last_seven_digits_make_a_form_likely(dialled: str, is_likely: bool) -> None:
    assert is_likely_form(dialled, DIN) is is_likely


def test_letters_are_no_form() -> None:
    assert not is_likely_form("sip:2345678", DIN)


def test_the_usual_forms_are_whole_from_abroad_and_national() -> None:
    assert usual_forms(DIN, "81", PLAIN) == ("+815012345678", DIN, "00815012345678", "05012345678")


def test_each_trunk_tells_which_forms_it_may_write() -> None:
    found = judge_forms(DIN, "81", [Reader("plain", PLAIN), Reader("japan", JAPAN)], [])
    assert found.verdict is Verdict.GOOD
    assert found.data["forms"] == {
        "plain": ["+815012345678", DIN, "00815012345678"],
        "japan": ["+815012345678", DIN, "00815012345678", "05012345678"],
    }


def test_a_form_that_came_and_that_nobody_reads_is_wrong_and_has_its_rule() -> None:
    lost = replace(CALL, recipient="05012345678", reason="unknown-number", call_id="c2")
    older = replace(lost, started_at=NOW - timedelta(days=1), call_id="c0")
    other = replace(lost, recipient="0312345679", call_id="c3")
    found = judge_forms(DIN, "81", [Reader("carrier", PLAIN)], [older, lost, other])
    assert found.verdict is Verdict.BAD
    assert found.data["call_id"] == "c2"
    assert "carrier dialled 05012345678" in found.sentence
    assert "offhook trunks set carrier --country-code 81" in found.cure
    assert judge_forms(DIN, "81", [Reader("carrier", PLAIN)], [other]).verdict is Verdict.GOOD


def test_a_form_that_is_read_by_now_is_lost_no_more_nor_is_one_of_a_trunk_that_is_gone() -> None:
    lost = replace(CALL, recipient="05012345678", reason="unknown-number")
    assert judge_forms(DIN, "81", [Reader("carrier", JAPAN)], [lost]).verdict is Verdict.GOOD
    assert judge_forms(DIN, "81", [Reader("other", PLAIN)], [lost]).verdict is Verdict.GOOD


def test_without_a_trunk_no_call_can_come() -> None:
    assert judge_forms(DIN, "81", [], []).verdict is Verdict.BAD


def test_calls_without_audio_are_a_cross_once_they_are_most_or_the_latest() -> None:
    heard = replace(CALL, duration_s=10, call_id="h")
    silent, mute = replace(heard, reason="no-rtp", call_id="s"), replace(heard, call_id="m")
    packets = {"h": 500, "m": 0}
    assert judge_audio([], packets).verdict is Verdict.UNKNOWN
    assert judge_audio([heard, heard], packets).verdict is Verdict.GOOD
    assert judge_audio([heard, heard, silent], packets).verdict is Verdict.WARNING
    for calls in ([silent, heard, heard], [mute, heard, heard], [heard, silent, mute]):
        found = judge_audio(calls, packets)
        assert found.verdict is Verdict.BAD
        assert found.data["call_id"] in ("s", "m")


def test_only_answered_calls_that_are_over_and_lasted_tell_of_audio() -> None:
    lasted = replace(CALL, duration_s=10)
    others = [replace(lasted, answered_at=None), replace(lasted, ended_at=None), replace(lasted, duration_s=2)]
    assert answered_of([*others, lasted]) == [lasted]
    assert judge_audio(others, {"c1": 0}).verdict is Verdict.UNKNOWN
    assert len(answered_of([lasted] * 50)) == 10


CARRIER = Trunk(1, "carrier", ("203.0.113.0/24",), "sip:gw.example")
UP = TrunkState("n", "carrier", Kind.GATEWAY, True, "", NOW)


def test_a_trunk_is_what_its_nodes_say() -> None:
    down = replace(UP, is_up=False, text="no answer", kind=Kind.REGISTRATION)
    assert judge_trunk(CARRIER, [UP], []).verdict is Verdict.GOOD
    found = judge_trunk(CARRIER, [UP, down, replace(down, since=NOW - timedelta(hours=1), text="403")], [])
    assert found.verdict is Verdict.BAD
    assert "11:00:00 UTC: 403" in found.sentence


def test_a_trunk_tells_when_it_last_brought_a_call() -> None:
    calls = [CALL, replace(CALL, started_at=NOW - timedelta(hours=1)), replace(CALL, trunk="other")]
    found = judge_trunk(CARRIER, [UP], calls)
    assert found.data["last_call_at"] == "2026-11-27T12:00:00+00:00"
    assert found.sentence.endswith("it last brought a call 2026-11-27 12:00:00 UTC")
    assert judge_trunk(CARRIER, [UP], calls[2:]).sentence.endswith("it brought none of the last calls")


@pytest.mark.parametrize(
    ("trunk", "verdict"),
    [
        (replace(CARRIER, send=None), Verdict.GOOD),
        (replace(CARRIER, send=None, registers=True), Verdict.UNKNOWN),
        (replace(CARRIER, rules=replace(PLAIN, check_every_s=0)), Verdict.UNKNOWN),
        (CARRIER, Verdict.UNKNOWN),
    ],
)
def test_a_trunk_of_which_nothing_is_known_says_why(trunk: Trunk, verdict: Verdict) -> None:
    found = judge_trunk(trunk, [], [])
    assert found.verdict is verdict
    assert ("--check-every" in found.cure) is (trunk.rules.check_every_s == 0)


def test_strangers_that_call_are_told_and_scanners_of_last_week_are_not() -> None:
    def stranger(address: str, first_line: str = "INVITE sip:1@x SIP/2.0", hours: int = 1) -> Stranger:
        return Stranger(address, first_line, 3, NOW, NOW - timedelta(hours=hours), ("n",))

    old, options = stranger("192.0.2.1", hours=48), stranger("192.0.2.2", "OPTIONS sip:x SIP/2.0")
    assert judge_strangers([old, options], NOW).verdict is Verdict.GOOD
    found = judge_strangers([stranger(f"192.0.2.{host}") for host in range(3, 8)], NOW)
    assert found.verdict is Verdict.WARNING
    assert found.sentence.endswith("and 2 more")
    assert "--source 192.0.2.3/32" in found.cure
    assert "more" not in judge_strangers([stranger("192.0.2.3")], NOW).sentence
