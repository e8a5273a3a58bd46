"""Whatever a server answers, it becomes one typed error that says what, where and what to do."""

import json
from collections.abc import Callable

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from canned import TOKEN, WHOLE, Told, page, problem, says
from offhook_client import (
    NO_RETRIES,
    ApiError,
    BadRequest,
    BadValue,
    Client,
    Conflict,
    Forbidden,
    Gone,
    KeyReused,
    NotEnoughCredit,
    NotFound,
    OffhookError,
    Throttled,
    Unauthorized,
    Unavailable,
    UnexpectedAnswer,
)
from offhook_client.answers import Answer, Page, read_audio, reads, reads_list, reads_page
from offhook_client.asks import LARGEST_JSON

LEAVES: list[tuple[int, str, type[ApiError]]] = [
    (400, "malformed-body", BadRequest),
    (401, "wrong-credentials", Unauthorized),
    (402, "not-enough-credit", NotEnoughCredit),
    (403, "verification-required", Forbidden),
    (404, "call-not-found", NotFound),
    (405, "method-not-allowed", ApiError),
    (409, "number-taken", Conflict),
    (410, "recording-gone", Gone),
    (413, "body-too-large", ApiError),
    (415, "unsupported-media-type", ApiError),
    (422, "idempotency-key-reused", KeyReused),
    (429, "throttled", Throttled),
    (500, "internal-error", ApiError),
    (503, "database-away", Unavailable),
]


def error_after(answer: Told) -> OffhookError:
    with pytest.raises(OffhookError) as caught:
        says(answer).client(NO_RETRIES).get_account()
    return caught.value


@pytest.mark.parametrize(("status", "code", "leaf"), LEAVES)
def test_a_problem_becomes_the_leaf_of_its_status(status: int, code: str, leaf: type[ApiError]) -> None:
    error = error_after(problem(status, code))
    assert type(error) is leaf
    assert isinstance(error, ApiError)
    assert (error.status, error.code, error.detail) == (status, code, "It did not work.")
    assert error.help == f"https://offhook.example/docs/errors/{code}"
    assert str(error).startswith(f"GET https://offhook.example/base/account/: {status} {code}: It did not work.")
    assert str(error).endswith(f"See {error.help}")


def test_wrong_fields_are_named_with_their_sentences() -> None:
    error = error_after(httpx2.Response(400, json={"colour": ["There is no such field."], "limit": ["One.", "Two."]}))
    assert isinstance(error, BadRequest)
    assert error.fields == {"colour": ("There is no such field.",), "limit": ("One.", "Two.")}
    assert str(error).endswith(": 400 bad-field: colour: There is no such field. limit: One. Two.")


def test_a_field_may_be_called_detail() -> None:
    error = error_after(httpx2.Response(400, json={"detail": ["There is no such field."]}))
    assert isinstance(error, BadRequest)
    assert list(error.fields) == ["detail"]


def test_a_detail_alone_is_enough() -> None:
    error = error_after(httpx2.Response(401, json={"detail": "Invalid token."}))
    assert isinstance(error, Unauthorized)
    assert error.code == ""
    assert str(error) == "GET https://offhook.example/base/account/: 401: Invalid token. Check sid and token."


@pytest.mark.parametrize(
    "answer",
    [
        page(),
        page(404, "Not Found"),
        page(503, "Maintenance"),
        httpx2.Response(200, text=""),
        httpx2.Response(204),
        httpx2.Response(200, text="pong"),
        httpx2.Response(200, content=b"\xff\xfe\x00"),
        httpx2.Response(200, json=["a list"]),
        httpx2.Response(200, json=None),
        httpx2.Response(200, json={}),
        httpx2.Response(200, json={"name": "Shop", "message": "Hello."}),
        httpx2.Response(200, content=b'{"name": NaN}'),
        httpx2.Response(200, content='{"name": 1}'.encode("utf-16")),
        httpx2.Response(200, content=b'{"name": "\\ud800"}'),
        httpx2.Response(203, json=WHOLE),
        httpx2.Response(206, json=WHOLE),
        httpx2.Response(302, json={"detail": "Moved.", "code": "moved"}),
        httpx2.Response(404, content=b'{"detail": "\\ud800"}'),
        httpx2.Response(200, json="a text"),
        httpx2.Response(200, text="[" * 200_000),
        httpx2.Response(301, headers={"Location": "https://other.example/?secret=1"}),
        httpx2.Response(404, json={"error": "no such page"}),
        httpx2.Response(404, json={"message": ["no such page"]}),
        httpx2.Response(422, json={"detail": [{"loc": ["body"], "msg": "missing"}]}),
        httpx2.Response(400, json={}),
        httpx2.Response(400, json=[]),
        httpx2.Response(500, text="Internal Server Error"),
    ],
    ids=lambda answer: f"{answer.status_code}-{answer.content[:12]!r}",
)
def test_what_is_not_this_api_is_an_unexpected_answer(answer: httpx2.Response) -> None:
    error = error_after(answer)
    assert isinstance(error, UnexpectedAnswer)
    assert error.status == answer.status_code
    assert "GET https://offhook.example/base/account/" in str(error)
    assert "Check that base_url is the address of the platform's API." in str(error)


def test_a_page_is_called_by_its_title() -> None:
    assert "a web page, not JSON, with the title 'It works!'" in str(error_after(page(title=" It\nworks! ")))


@pytest.mark.parametrize("status", [300, 302, 399])
def test_a_redirect_says_where_to_but_not_its_query(status: int) -> None:
    said = str(error_after(httpx2.Response(status, headers={"Location": "https://other.example/login?next=secret"})))
    assert "a redirect to https://other.example/login, which is not followed" in said
    assert "secret" not in said


def test_a_list_of_what_are_no_objects_is_unexpected() -> None:
    with pytest.raises(UnexpectedAnswer):
        list(says(httpx2.Response(200, json=[1, 2])).client().get_din_list())


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["detail", "code", "a"]), inner),
    max_leaves=6,
)


@given(
    st.integers(100, 599),
    st.one_of(st.binary(max_size=50), JSON.map(lambda value: json.dumps(value).encode())),
    st.dictionaries(st.sampled_from(["link", "location", "content-type"]), st.text(max_size=20)),
)
def test_whatever_is_answered_nothing_but_our_errors_is_raised(
    status: int, body: bytes, headers: dict[str, str]
) -> None:
    answer = Answer("GET https://offhook.example/", status, headers, body)
    for read in (reads(dict), reads_list(dict), reads_page(dict), read_audio):
        outcome = outcome_of(read, answer)
        if isinstance(outcome, OffhookError):
            assert str(outcome).startswith(f"GET https://offhook.example/: {status}")
        else:
            assert answer.is_success
            assert isinstance(outcome, dict | list | Page | bytes)


def outcome_of(read: Callable[[Answer], object], answer: Answer) -> object:
    try:
        return read(answer)
    except OffhookError as error:
        return error


def test_an_answer_without_end_is_cut_off() -> None:
    answer = httpx2.Response(200, content=(b" " * 1024 * 1024 for _ in range(1000)))
    assert "longer than 16,777,216 bytes" in str(error_after(answer))
    longest = httpx2.Response(200, content=json.dumps(WHOLE).encode().ljust(LARGEST_JSON))
    assert says(longest).client().get_account() == WHOLE


def test_audio_is_bytes_and_nothing_else_is_audio() -> None:
    sound = httpx2.Response(200, content=b"RIFF", headers={"Content-Type": "audio/wav"})
    assert says(sound).client().get_recording_audio("r1") == b"RIFF"
    with pytest.raises(UnexpectedAnswer):
        says(page()).client().get_recording_audio("r1", "mp3")
    with pytest.raises(BadValue, match="no audio as 'ogg'"):
        says(sound).client().get_recording_audio("r1", "ogg")  # type: ignore[arg-type] # that is the mistake
    with pytest.raises(Gone):
        says(problem(410, "recording-gone")).client().get_recording_audio("r1")


@pytest.mark.parametrize(
    "url",
    [
        "offhook.example",
        "ftp://offhook.example",
        "https://",
        "https://shop:secret@offhook.example",
        "https://offhook.example/?a=b",
        "https://offhook.example/#a",
        "https://exa mple/",
        "https://offhook.example:port/",
        "",
    ],
)
def test_a_wrong_base_url_is_said_at_once(url: str) -> None:
    with pytest.raises(BadValue, match="base_url") as caught:
        Client(url, "sid", TOKEN)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("sid", "token"),
    [("", TOKEN), ("a:b", TOKEN), ("s\n", TOKEN), ("sid", ""), ("sid", TOKEN + "\n"), ("sid", "\udcff")],
)
def test_credentials_that_http_cannot_carry_are_said_at_once(sid: str, token: str) -> None:
    with pytest.raises(BadValue) as caught:
        Client("https://offhook.example", sid, token)
    assert TOKEN not in str(caught.value)


@pytest.mark.parametrize("timeout_s", [0, -1, float("nan"), float("inf")])
def test_a_time_that_never_comes_is_said_at_once(timeout_s: float) -> None:
    with pytest.raises(BadValue, match="timeout_s"):
        Client("https://offhook.example", "sid", TOKEN, timeout_s)


@pytest.mark.parametrize("uid", ["", ".", "..", "a/timeline", "a\\b"])
def test_an_id_cannot_lead_elsewhere(uid: str) -> None:
    asked = says(httpx2.Response(200, json=WHOLE))
    with pytest.raises(BadValue, match="is no id"):
        asked.client().unsubscribe_din(uid)
    assert not asked.requests


def test_an_id_is_percent_encoded() -> None:
    asked = says(httpx2.Response(200, json=WHOLE))
    asked.client().get_call("a b?c#d%é")
    assert asked.requests[0].url.raw_path == b"/base/voice/calls/a%20b%3Fc%23d%25%C3%A9/"


def test_rules_that_are_no_json_are_refused_before_they_are_sent() -> None:
    asked = says(httpx2.Response(200, json=WHOLE))
    with pytest.raises(BadValue, match="JSON"):
        asked.client().set_rules("uid", {"open": object()})
    with pytest.raises(BadValue, match="JSON"):
        asked.client().set_rules("uid", {"open": float("nan")})
    assert not asked.requests


def test_only_what_is_given_is_sent_and_none_takes_away() -> None:
    asked = says(httpx2.Response(200, json=WHOLE))
    client = asked.client()
    client.set_urls("uid", fallback_url=None)
    client.set_urls("uid", action_url="https://shop.example/", default_action="hangup")
    client.set_action_url("uid", None)
    assert [json.loads(request.content) for request in asked.requests] == [
        {"fallback_url": None},
        {"action_url": "https://shop.example/", "default_action": "hangup"},
        {"action_url": None},
    ]
