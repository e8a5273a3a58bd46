"""What is wrong with an action server and with what it answers."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from offhook.domain.calls import Reason
from offhook.domain.diagnosis.findings import Verdict
from offhook.domain.diagnosis.servers import (
    Exchange,
    Flaw,
    Heard,
    Knock,
    Reach,
    Trouble,
    judge_exchange,
    judge_language,
    judge_reach,
    judge_sound,
    judge_text,
    judge_transfer,
)
from offhook.domain.questions import Answer, Failure, Try
from offhook.domain.routes import Unroutable

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
GOOD, UNKNOWN, WARNING, BAD = Verdict
OPEN, SHUT = Knock("192.0.2.1", 12.0, 30.0), Knock("192.0.2.2", trouble=Trouble("connect-failed", "refused", "Start."))
REFUSED = Trouble("address-refused", "10.0.0.1 is private", "Use another.")
WELL = Reach("a.example", 5.0, ("192.0.2.1",), (), (OPEN,), NOW + timedelta(days=60))
TRY = Try("https://a.example/", 1, 200, 40.0)


def verdicts(reach: Reach) -> tuple[Verdict, ...]:
    return tuple(finding.verdict for finding in judge_reach(reach, NOW))


def test_the_way_to_a_server_is_three_findings_with_their_times() -> None:
    resolves, allowed, reachable = judge_reach(WELL, NOW)
    assert resolves.sentence == "a.example resolves to 192.0.2.1 in 5 ms"
    assert allowed.verdict is GOOD
    assert reachable.sentence == "a.example takes connections: connect 12 ms, TLS 30 ms"
    assert reachable.data["certificate_until"] == "2027-01-26T12:00:00+00:00"


def test_customers_are_not_told_addresses() -> None:
    resolves, *_ = judge_reach(WELL, NOW, names_addresses=False)
    assert resolves.sentence == "a.example resolves in 5 ms"
    assert resolves.data["addresses"] == 1


def test_an_address_needs_no_dns_and_http_no_tls() -> None:
    plain = replace(WELL, dns_ms=None, knocks=(replace(OPEN, tls_ms=None),), certificate_until=None)
    resolves, _, reachable = judge_reach(plain, NOW)
    assert resolves.sentence == "a.example needs no DNS"
    assert reachable.sentence == "a.example takes connections: connect 12 ms"


@pytest.mark.parametrize(
    ("reach", "expected"),
    [
        (Reach("a.example", trouble=Trouble("dns-failed", "no such name")), (BAD, UNKNOWN, UNKNOWN)),
        (replace(WELL, knocks=(), refused=(REFUSED,)), (GOOD, BAD, UNKNOWN)),
        (replace(WELL, refused=(REFUSED,)), (GOOD, WARNING, GOOD)),
        (replace(WELL, knocks=(SHUT,)), (GOOD, GOOD, BAD)),
        (replace(WELL, knocks=(SHUT, OPEN)), (GOOD, GOOD, WARNING)),
        (replace(WELL, certificate_until=NOW + timedelta(days=2)), (GOOD, GOOD, WARNING)),
    ],
)
def test_the_first_stage_that_fails_is_the_cross(reach: Reach, expected: tuple[Verdict, ...]) -> None:
    assert verdicts(reach) == expected


def test_a_failure_keeps_its_code_and_its_own_cure() -> None:
    *_, reachable = judge_reach(replace(WELL, knocks=(SHUT,)), NOW)
    assert (reachable.data["reason"], reachable.cure) == ("connect-failed", "Start.")


@pytest.mark.parametrize(
    ("outcome", "elapsed_ms", "verdict"),
    [
        (Answer(b"hangup", (TRY,)), 40.0, GOOD),
        (Answer(b"hangup", (TRY,)), 2500.0, WARNING),
        (Answer(b"hangup", (replace(TRY, status=None), replace(TRY, attempt=2))), 40.0, WARNING),
        (Answer(b"hangup", (replace(TRY, warning="bad-override: x"),)), 40.0, WARNING),
        (Failure("http-status", "404", (replace(TRY, status=404),)), 40.0, BAD),
        (Failure("bad-url", "no", ()), 40.0, BAD),
    ],
)
def test_an_answer_is_200_at_once_and_in_time(outcome: Answer | Failure, elapsed_ms: float, verdict: Verdict) -> None:
    assert judge_exchange(Exchange(outcome, elapsed_ms)).verdict is verdict


def test_an_exchange_tells_its_first_byte_and_status() -> None:
    found = judge_exchange(Exchange(Answer(b"", (TRY,)), 40.0, 25.0))
    assert "first byte 25 ms" in found.sentence
    assert (found.data["first_byte_ms"], found.data["status"]) == (25.0, 200)
    assert judge_exchange(Exchange(Failure("timeout", "late", ()), 5.0)).data["reason"] == "timeout"


def test_a_server_that_is_not_reached_has_one_cross_and_not_two() -> None:
    found = judge_exchange(Exchange(Failure("connect-failed", "refused", ()), 5.0), is_reached=False)
    assert (found.verdict, found.data["reason"], found.cure) == (UNKNOWN, "connect-failed", "")


def test_a_mistake_is_shown_with_its_caret_and_errors_come_first() -> None:
    error, hint = Flaw("unknown-verb", "playbak\n^^^^^^^", True), Flaw("unreachable-line", "pause 1\n^", False)
    assert judge_text([], "hangup\n").sentence == "the text is right: hangup"
    assert judge_text([], None).verdict is GOOD
    found = judge_text([hint, error], None)
    assert (found.verdict, found.data["reason"]) == (BAD, "unknown-verb")
    assert found.sentence.startswith("playbak\n^^^^^^^")
    assert found.sentence.endswith("(2 mistakes in all)")
    assert judge_text([hint], "pause 1\n").verdict is WARNING


@pytest.mark.parametrize(
    ("heard", "verdict"),
    [
        (Heard("playback x", 1500, 80.0), GOOD),
        (Heard("playback x", 0, 80.0), BAD),
        (Heard("playback x", trouble=Trouble("sound-not-found", "404")), BAD),
    ],
)
def test_a_sound_lasts(heard: Heard, verdict: Verdict) -> None:
    assert judge_sound(heard).verdict is verdict


def test_a_language_has_a_voice() -> None:
    assert judge_language("say en", "pico").sentence == "say en is spoken by pico"
    found = judge_language("say zh", Trouble("language-not-installed", "none"))
    assert (found.verdict, found.data["reason"]) == (BAD, "language-not-installed")


@pytest.mark.parametrize("names_trunks", [True, False])
@pytest.mark.parametrize(
    ("found", "down", "verdict"),
    [
        (("a", "b"), (), GOOD),
        (("a", "b"), ("a",), WARNING),
        (("a",), ("a", "c"), BAD),
        (Unroutable(Reason.DESTINATION_REFUSED, "no rate of trunk a covers it"), (), BAD),
    ],
)
def test_a_callee_needs_a_way_that_is_up(
    found: Unroutable | tuple[str, ...], down: tuple[str, ...], verdict: Verdict, names_trunks: bool
) -> None:
    finding = judge_transfer("4930123456", found, down, names_trunks=names_trunks)
    assert finding.verdict is verdict
    if not names_trunks:
        assert "trunk" not in finding.sentence
        assert "through" not in finding.sentence
        assert "trunks" not in finding.data
