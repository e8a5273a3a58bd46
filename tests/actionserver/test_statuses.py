"""What a developer is told to do about a status."""

import pytest

from offhook.actionserver.statuses import advice, refusal


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (201, "answers 200"),
        (204, "hangup"),
        (206, "answers 200"),
        (302, "a Location"),
        (304, "caching"),
        (400, "hosts that they do not know"),
        (404, "path of the URL"),
        (405, "GET"),
        (410, "path of the URL"),
        (418, "answers 200"),
        (429, "as often as calls come"),
        (500, "its program failed"),
        (502, "program behind it"),
        (503, "overloaded"),
        (504, "program behind it"),
        (521, "content delivery network"),
        (599, "its program failed"),
    ],
)
def test_a_status_has_an_advice_of_its_own(status: int, words: str) -> None:
    assert words in advice(status, is_signed=False, wants_login=False)


@pytest.mark.parametrize("status", [401, 403])
def test_who_refuses_a_signed_request_may_look_at_its_signature(status: int) -> None:
    assert "verify-signature" in advice(status, is_signed=True, wants_login=False)


@pytest.mark.parametrize("status", [401, 403])
def test_who_refuses_an_unsigned_request_learns_that_it_is_unsigned(status: int) -> None:
    assert "not signed until" in advice(status, is_signed=False, wants_login=False)


def test_a_login_is_what_keeps_us_out_whether_we_sign_or_not() -> None:
    assert "login" in advice(401, is_signed=True, wants_login=True)


def test_a_redirect_that_leads_nowhere_is_told_as_such() -> None:
    assert refusal(302) == "answered with status 302 and no Location"
    assert refusal(404) == "answered with status 404"
