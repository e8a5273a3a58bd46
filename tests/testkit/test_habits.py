import pytest

from offhook.testkit import habits
from offhook.testkit.findings import Check, Verdict
from offhook.testkit.questions import ODD_NAME
from offhook.testkit.replies import Hop, Reply


def says(*lines: str) -> Reply:
    return Reply("asked", (), 12.0, (Hop("http://a/", 200),), "\n".join(lines).encode())


def fails(status: int | None, code: str = "http-status") -> Reply:
    hops = (Hop("http://a/", status),) if status else ()
    return Reply("asked", (), 12.0, hops, None, code, "no answer")


HELLO, BYE = says('say en "Hello"'), says("reject")


def test_the_first_answer_is_all_that_is_needed() -> None:
    assert habits.answer(HELLO, is_signed=False).verdict is Verdict.OK


@pytest.mark.parametrize(
    ("reply", "is_signed", "cure"),
    [
        (says("playbak x"), False, "actions lint"),
        (fails(None, "address-refused"), False, "--allow-private"),
        (fails(403), False, "give its --secret"),
        (fails(403), True, "verify-signature"),
        (fails(405), False, "by GET"),
        (fails(500), False, "server's log"),
    ],
)
def test_a_first_answer_that_is_none_has_its_cure(reply: Reply, is_signed: bool, cure: str) -> None:
    found = habits.answer(reply, is_signed=is_signed)
    assert found.verdict is Verdict.FAILED
    assert cure in found.cure


def test_an_event_must_be_answered_where_the_servers_own_answers_lead_there() -> None:
    assert habits.event(Check.GATHER, [HELLO, BYE], is_led_to=True).verdict is Verdict.OK
    found = habits.event(Check.GATHER, [HELLO, fails(500)], is_led_to=True)
    assert found.verdict is Verdict.FAILED
    assert found.sentence == "1 of 2 questions about keys that were pressed got no usable answer"
    assert habits.event(Check.GATHER, [fails(500)], is_led_to=False).verdict is Verdict.WARNING
    assert "fallback URL" in habits.event(Check.FALLBACK, [fails(500)], is_led_to=False).cure


def test_odd_callers_must_be_answered() -> None:
    assert habits.caller(Check.ANONYMOUS, HELLO).verdict is Verdict.OK
    assert "Such callers exist" in habits.caller(Check.ANONYMOUS, fails(500)).cure
    assert "Quote" in habits.caller(Check.NAME, says('say en "Hello Ann "Bo""')).cure


def quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def test_a_name_may_be_said_only_as_it_was_sent() -> None:
    for line in ("say en", "gather say en", "voicemail say en"):
        found = habits.caller(Check.NAME, says(f"{line} {quoted(f'Hello {ODD_NAME}')}"))
        assert (found.verdict, "said as it was sent" in found.sentence) == (Verdict.OK, True)
    changed = habits.caller(Check.NAME, says(f"say en {quoted('Hello ' + ODD_NAME.replace('+', ' '))}"))
    assert changed.verdict is Verdict.WARNING
    assert changed.details == (f"sent: {ODD_NAME}", f"said: Hello {ODD_NAME.replace('+', ' ')}")


def test_a_name_need_not_be_said_at_all() -> None:
    for line in ("gather", "voicemail", "playback http://a/Ben.mp3"):
        assert habits.caller(Check.NAME, says(line)).sentence == "a caller with an odd name is answered"


def test_parameters_that_nobody_knows_are_to_be_overlooked() -> None:
    assert habits.unknown_parameters([HELLO, HELLO], HELLO).verdict is Verdict.OK
    assert habits.unknown_parameters([HELLO, HELLO], BYE).verdict is Verdict.WARNING
    assert habits.unknown_parameters([HELLO], fails(400)).verdict is Verdict.FAILED
    # Whose answers differ anyway does not do so because of the parameter.
    assert habits.unknown_parameters([HELLO, BYE], says("hangup")).verdict is Verdict.OK


def test_the_same_question_gets_the_same_answer() -> None:
    assert habits.repeated(HELLO, HELLO).verdict is Verdict.OK
    assert habits.repeated(HELLO, fails(409)).verdict is Verdict.FAILED
    found = habits.repeated(HELLO, BYE)
    assert found.details == ('first: say en "Hello"', "again: reject busy")


def test_right_signatures_are_to_be_taken() -> None:
    assert habits.signed(HELLO).verdict is Verdict.OK
    assert habits.signed(fails(403)).verdict is Verdict.FAILED
    assert habits.rotated([HELLO, HELLO]).verdict is Verdict.OK
    assert habits.rotated([fails(403), HELLO]).verdict is Verdict.WARNING


@pytest.mark.parametrize(
    ("reply", "verdict"),
    [
        (fails(403), Verdict.OK),
        (BYE, Verdict.OK),
        (says("hangup"), Verdict.OK),
        (HELLO, Verdict.WARNING),
        (says('say en "Other"'), Verdict.WARNING),
        (fails(500), Verdict.WARNING),
        (fails(None, "timeout"), Verdict.WARNING),
    ],
)
def test_what_is_not_signed_rightly_is_to_be_refused(reply: Reply, verdict: Verdict) -> None:
    assert habits.refused(Check.UNSIGNED, "without a signature", [reply], HELLO).verdict is verdict


def test_a_server_that_rejects_everybody_refuses_nobody() -> None:
    assert habits.refused(Check.UNSIGNED, "without a signature", [BYE], BYE).verdict is Verdict.WARNING
