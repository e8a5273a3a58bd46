import pytest

from offhook.actionserver import errors as _of_servers  # noqa: F401 - its leaves are asked about
from offhook.audio import errors as _of_sounds  # noqa: F401
from offhook.domain.questions import Event
from offhook.errors import ActionServerError, OffhookError, SoundError
from offhook.language import Code, Script, parse
from offhook.service.urls import OUR_PARAMETERS
from offhook.testkit.findings import Check
from offhook.testkit.questions import CALLERS, EVENTS, PLAIN, Scenario, leads, redirection

ELSEWHERE = "https://shop.example/next"


def script(*lines: str) -> Script:
    found = parse("\n".join(lines)).script
    assert found is not None
    return found


def asked(scenario: Scenario) -> dict[str, str]:
    return dict(scenario.parameters("819012345678", "815012345678", "conformance-1"))


def test_a_plain_question_has_what_every_question_has() -> None:
    assert PLAIN.parameters("819012345678", "815012345678", "conformance-1") == (
        ("caller", "819012345678"),
        ("recipient", "815012345678"),
        ("call_id", "conformance-1"),
        ("event", "incoming"),
        ("trunk", "conformance"),
    )
    assert PLAIN.words == "event=incoming"


def test_every_event_and_every_parameter_of_actions_is_asked_about() -> None:
    every = [PLAIN, *CALLERS, *EVENTS]
    assert {scenario.event for scenario in every} == set(Event)
    # A second try is the same question with one parameter more, which the examination adds.
    assert {name for scenario in every for name in asked(scenario)} == OUR_PARAMETERS - {"attempt"}


def test_every_outcome_of_a_transfer_is_asked_about() -> None:
    outcomes = {asked(scenario)["transfer_status"] for scenario in EVENTS if scenario.check is Check.TRANSFER}
    assert outcomes == {"answered", "busy", "no-answer", "failed", "refused"}


def leaves(kind: type[OffhookError]) -> set[str]:
    return {kind.code}.union(
        *(leaves(below) for below in kind.__subclasses__() if below.__module__ != "offhook.serve.errors")
    )


def test_every_reason_for_a_fallback_is_asked_about() -> None:
    asked_about = {asked(scenario)["reason"] for scenario in EVENTS if scenario.check is Check.FALLBACK}
    # What can go wrong with a server and with a sound; a text's warning keeps nobody from it.
    assert leaves(ActionServerError) | leaves(SoundError) <= asked_about
    assert set(Code) - asked_about == {Code.UNREACHABLE_LINE}
    assert asked_about >= {"action-url-not-set"}


def test_a_caller_without_a_number_has_an_empty_one() -> None:
    anonymous = next(scenario for scenario in CALLERS if scenario.check is Check.ANONYMOUS)
    assert (asked(anonymous)["caller"], asked(anonymous)["anonymous"]) == ("", "1")
    assert anonymous.words == "event=incoming, caller=, anonymous=1"


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["hangup"], {}),
        (["gather"], {Event.GATHER: None}),
        (["gather next=self"], {Event.GATHER: None}),
        ([f"gather next={ELSEWHERE}"], {Event.GATHER: ELSEWHERE}),
        (["transfer 81312345678", "voicemail"], {}),
        (["transfer 81312345678 next=self"], {Event.TRANSFER: None}),
        ([f"voicemail next={ELSEWHERE}"], {Event.VOICEMAIL: ELSEWHERE}),
    ],
)
def test_a_script_leads_to_the_events_that_it_asks_about(lines: list[str], expected: dict[Event, str | None]) -> None:
    assert leads([script(*lines)]) == expected


def test_the_first_script_that_leads_somewhere_says_where() -> None:
    assert leads([script(f"gather next={ELSEWHERE}"), script("gather")]) == {Event.GATHER: ELSEWHERE}


def test_a_script_may_say_to_ask_elsewhere() -> None:
    assert redirection(script("pause 1", f"redirect {ELSEWHERE}")) == ELSEWHERE
    assert redirection(script("hangup")) is None
    assert redirection(None) is None
