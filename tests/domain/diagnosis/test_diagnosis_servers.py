"""What is wrong with an action server and with what it answers."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from offhook.domain.calls import Reason
from offhook.domain.diagnosis.findings import Verdict
from offhook.domain.diagnosis.servers import (
    LONGEST_SHOWN,
    Flaw,
    Heard,
    Knock,
    Reach,
    Trouble,
    judge_language,
    judge_outcome,
    judge_reach,
    judge_sound,
    judge_text,
    judge_transfer,
    servers_clock,
)
from offhook.domain.questions import Answer, Failure, Times, Try
from offhook.domain.routes import Unroutable
from offhook.domain.sounds import Making, Source

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
GOOD, UNKNOWN, WARNING, BAD = Verdict
OPEN, SHUT = Knock("192.0.2.1", 12.0, 30.0), Knock("192.0.2.2", trouble=Trouble("connect-failed", "refused", "Start."))
REFUSED = Trouble("address-refused", "10.0.0.1 is private", "Use another.")
WELL = Reach("a.example", 5.0, ("192.0.2.1",), (), (OPEN,), NOW + timedelta(days=60))
TRY = Try("https://a.example/", 1, 200, 40.0)
MADE = Making(Source.FETCHED, 60.2, 20.3, 4512)


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
    ("outcome", "verdict"),
    [
        (Answer(b"hangup", (TRY,)), GOOD),
        (Answer(b"hangup", (replace(TRY, elapsed_ms=2500.0),)), WARNING),
        # What waits is the caller, and for all of it.
        (Answer(b"hangup", (replace(TRY, status=302, elapsed_ms=1500.0), replace(TRY, elapsed_ms=1500.0))), WARNING),
        (Answer(b"hangup", (replace(TRY, status=None), replace(TRY, attempt=2))), WARNING),
        (Answer(b"hangup", (replace(TRY, warning="bad-override: x"),)), WARNING),
        (Failure("http-status", "404", (replace(TRY, status=404),)), BAD),
        (Failure("bad-url", "no", ()), BAD),
    ],
)
def test_an_answer_is_200_at_once_and_in_time(outcome: Answer | Failure, verdict: Verdict) -> None:
    assert judge_outcome(outcome).verdict is verdict


def test_the_last_try_tells_first_byte_and_status_and_all_of_them_the_time() -> None:
    moved = replace(TRY, status=302, elapsed_ms=10.0, times=Times(first_byte_ms=9.0))
    found = judge_outcome(Answer(b"", (moved, replace(TRY, times=Times(first_byte_ms=25.0)))))
    assert found.sentence == "it answers 200 in 50 ms, first byte 25 ms after the request"
    assert (found.data["first_byte_ms"], found.data["status"], found.data["attempts"]) == (25.0, 200, 2)
    nobody = judge_outcome(Failure("timeout", "late", (moved, replace(TRY, status=None))))
    assert (nobody.data["reason"], nobody.data["first_byte_ms"], nobody.data["status"]) == ("timeout", None, None)


def test_what_came_instead_of_an_answer_is_shown() -> None:
    refused = replace(TRY, status=500, headers=(("Server", "tiny"),), body="Traceback:\n  boom\n")
    found = judge_outcome(Failure("http-status", "a.example answered 500.", (refused,)))
    assert found.sentence == "a.example answered 500.\nWhat came begins: Traceback: boom"
    assert (found.data["headers"], found.data["body"]) == ({"Server": "tiny"}, "Traceback:\n  boom\n")
    long = judge_outcome(Failure("http-status", "no.", (replace(refused, body="x" * 300),)))
    assert long.sentence == f"no.\nWhat came begins: {'x' * LONGEST_SHOWN}..."
    assert judge_outcome(Failure("http-status", "no.", (replace(refused, body=" \n"),))).sentence == "no."


def test_an_answer_that_never_ends_tells_when_it_began() -> None:
    begun = replace(TRY, code="timeout", times=Times(first_byte_ms=3.2))
    assert judge_outcome(Failure("timeout", "Late.", (begun,))).sentence == (
        "Late.\nIts headers came 3 ms after the request, with status 200."
    )
    assert judge_outcome(Failure("timeout", "Late.", (replace(begun, status=None),))).sentence == "Late."


@pytest.mark.parametrize(("told", "ahead"), [((), None), ((None,), None), ((5, 7), 7), ((-5, None), -5)])
def test_the_clock_is_the_one_of_who_spoke_last(told: tuple[int | None, ...], ahead: int | None) -> None:
    assert servers_clock(Failure("timeout", "late", tuple(replace(TRY, skew_s=skew) for skew in told))) == ahead


def test_a_server_that_is_not_reached_has_one_cross_and_not_two() -> None:
    found = judge_outcome(Failure("connect-failed", "refused", ()), is_reached=False)
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
        (Heard("playback x", 1500, MADE), GOOD),
        (Heard("playback x", 0, MADE), BAD),
        (Heard("playback x", trouble=Trouble("sound-not-found", "404")), BAD),
    ],
)
def test_a_sound_lasts(heard: Heard, verdict: Verdict) -> None:
    assert judge_sound(heard).verdict is verdict


def test_a_sound_tells_its_steps_as_a_timeline_does() -> None:
    found = judge_sound(Heard("playback x", 1500, MADE))
    assert found.sentence == "playback x lasts 1.5 s: 4,512 bytes fetched in 60 ms, decoded in 20 ms"
    assert found.data == {"length_ms": 1500, "ready_ms": 80.5, "fetch_ms": 60.2, "make_ms": 20.3, "bytes": 4512}


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
