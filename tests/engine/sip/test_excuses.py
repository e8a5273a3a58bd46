"""What a refusal says beside its status."""

import pytest

from offhook.engine.sip.excuses import LONGEST, said_in
from offhook.engine.sip.message import Response


def refusal(phrase: str, **headers: list[str]) -> Response:
    return Response(503, phrase, {name.title(): values for name, values in headers.items()}, b"", 1, "INVITE")


@pytest.mark.parametrize(
    ("reason", "warning", "said"),
    [
        ([], [], "Service Unavailable"),
        (
            ['Q.850;cause=34;text="No circuit available"'],
            [],
            "Service Unavailable, Q.850 cause 34: No circuit available",
        ),
        (["SIP;cause=580", "q.850 ; cause = 1"], [], "Service Unavailable, Q.850 cause 1"),
        (['Q.850;text="no cause"'], [], "Service Unavailable"),
        (["SIP;cause=600"], [], "Service Unavailable"),
        (
            [],
            ["no warning", '305 gw.example "Incompatible media format"'],
            "Service Unavailable, Incompatible media format",
        ),
        ([], ['399 x "Service Unavailable"'], "Service Unavailable"),
        (['Q.850;cause=16;text=""'], ['399 x ""'], "Service Unavailable, Q.850 cause 16"),
    ],
)
def test_reason_and_warning_say_more_than_the_phrase(reason: list[str], warning: list[str], said: str) -> None:
    assert said_in(refusal("Service Unavailable", reason=reason, warning=warning)) == said


def test_a_refusal_without_any_words_says_nothing() -> None:
    assert said_in(refusal("")) == ""


def test_foreign_words_are_made_fit_for_people_and_cut() -> None:
    said = said_in(refusal("No\x00", warning=[f'399 x "{"y" * 1000}"']))
    assert said == f"No\N{REPLACEMENT CHARACTER}, {'y' * LONGEST}"
