"""What may pass is tried again, as often and as long as was said, and never done twice."""

import json
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import httpx2
import pytest

from canned import WHOLE, page, problem, says
from offhook_client import (
    BadValue,
    Conflict,
    ConnectionBroken,
    HostNotFound,
    NotFound,
    OffhookError,
    Retries,
    Throttled,
    Unavailable,
    UnexpectedAnswer,
)
from offhook_client.wire import retry_after_s

DONE = httpx2.Response(200, json=WHOLE)


def test_a_throttled_request_is_sent_again_when_the_server_said() -> None:
    asked = says(problem(429, "throttled", Retry_After="7"), DONE)
    asked.client().get_account()
    assert len(asked.requests) == 2
    assert asked.slept == [7.0]


def test_after_the_last_try_the_error_says_when_to_come_back() -> None:
    asked = says(problem(429, "throttled", Retry_After="2"))
    with pytest.raises(Throttled) as caught:
        asked.client().get_account()
    assert caught.value.retry_after_s == 2.0
    assert len(asked.requests) == 3
    assert asked.slept == [2.0, 2.0]


def test_nobody_waits_longer_than_was_allowed() -> None:
    asked = says(problem(503, "database-away", Retry_After="20"))
    with pytest.raises(Unavailable):
        asked.client().get_account()
    assert asked.slept == [20.0]


def test_a_wait_that_does_not_fit_is_not_begun() -> None:
    asked = says(problem(429, "throttled", Retry_After="3600"))
    with pytest.raises(Throttled):
        asked.client().get_account()
    assert not asked.slept


def test_without_a_time_the_waits_grow() -> None:
    asked = says(problem(503, "not-ready"))
    with pytest.raises(Unavailable):
        asked.client(Retries(tries=4, backoff_s=0.25)).get_account()
    assert asked.slept == [0.25, 0.5, 1.0]


def test_a_page_of_a_proxy_in_maintenance_is_waited_for_too() -> None:
    asked = says(page(503))
    with pytest.raises(UnexpectedAnswer):
        asked.client().get_account()
    assert len(asked.requests) == 3


@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 409, 410, 422, 500])
def test_what_does_not_pass_is_not_tried_again(status: int) -> None:
    asked = says(problem(status, "some-code", Retry_After="1"))
    with pytest.raises(OffhookError):
        asked.client().get_account()
    assert len(asked.requests) == 1


def test_a_key_whose_first_try_is_still_at_work_is_waited_for() -> None:
    asked = says(httpx2.ReadError(""), problem(409, "idempotency-key-in-progress"), DONE)
    asked.client().reserve_din("uid")
    assert len(asked.requests) == 3
    with pytest.raises(Conflict):
        says(problem(409, "idempotency-key-in-progress")).client().reserve_din("uid")


def test_a_broken_connection_is_tried_again_with_the_same_key() -> None:
    asked = says(httpx2.ReadError(""), problem(503, "database-away"), DONE)
    asked.client().subscribe_din("uid", "https://shop.example/")
    keys = {request.headers["Idempotency-Key"] for request in asked.requests}
    bodies = {request.content for request in asked.requests}
    assert len(asked.requests) == 3
    assert len(keys) == len(bodies) == 1
    assert asked.slept == [0.5, 1.0]


def test_each_call_of_a_method_has_a_key_of_its_own_unless_it_is_given() -> None:
    asked = says(DONE)
    client = asked.client()
    client.reserve_din("uid")
    client.reserve_din("uid")
    client.reserve_din("uid", idempotency_key="order-17")
    first, second, third = (request.headers["Idempotency-Key"] for request in asked.requests)
    assert first != second
    assert third == "order-17"


def test_every_post_has_a_key_and_nothing_else_has() -> None:
    asked = says(DONE)
    client = asked.client()
    client.reserve_din("uid")
    client.subscribe_din("uid")
    client.set_action_url("uid", None)
    client.set_urls("uid", fallback_url=None)
    client.direct_call("c", "hangup")
    client.hang_up_call("c")
    client.mark_recording("r")
    client.set_signing([])
    client.rotate_signing_secret()
    assert {request.method for request in asked.requests} == {"POST"}
    assert len({request.headers["Idempotency-Key"] for request in asked.requests}) == 9
    del asked.requests[:]
    client.set_rules("uid", {})
    client.get_account()
    client.unsubscribe_din("uid")
    assert not any("Idempotency-Key" in request.headers for request in asked.requests)


@pytest.mark.parametrize("key", ["", " ", "a\nb", "é", "x" * 256])
def test_a_key_that_no_header_can_hold_is_refused(key: str) -> None:
    with pytest.raises(BadValue, match="idempotency key"):
        says(DONE).client().reserve_din("uid", idempotency_key=key)


def test_a_broken_connection_that_stays_broken_is_the_error() -> None:
    asked = says(httpx2.ReadError(""))
    with pytest.raises(ConnectionBroken):
        asked.client().unsubscribe_din("uid")
    assert len(asked.requests) == 3


def test_a_host_that_there_is_not_is_asked_once() -> None:
    missing = httpx2.ConnectError("")
    missing.__cause__ = __import__("socket").gaierror()
    asked = says(missing)
    with pytest.raises(HostNotFound):
        asked.client().get_account()
    assert len(asked.requests) == 1


async def test_the_async_client_does_the_same() -> None:
    asked = says(httpx2.ReadError(""), problem(429, "throttled", Retry_After="3"), DONE)
    async with asked.async_client() as client:
        await client.reserve_din("uid")
    assert len({request.headers["Idempotency-Key"] for request in asked.requests}) == 1
    assert asked.slept == [0.5, 3.0]
    gone = says(problem(404, "call-not-found"))
    with pytest.raises(NotFound):
        await gone.async_client().get_call("c")


def test_retry_after_is_seconds_or_a_date() -> None:
    now = datetime(2026, 11, 23, 6, tzinfo=UTC)
    at = format_datetime(now + timedelta(seconds=9), usegmt=True)
    assert retry_after_s("12", now.timestamp()) == 12.0
    assert retry_after_s(at, now.timestamp()) == 9.0
    assert retry_after_s(at, now.timestamp() + 60) == 0.0
    assert retry_after_s("9" * 5000, 0) == 9_999_999_999.0
    for nonsense in ("", "soon", "-1", "1.5", "Mon, 99 Nov 2026 06:00:00 GMT"):
        assert retry_after_s(nonsense, 0) is None


@pytest.mark.parametrize("wrong", [{"tries": 0}, {"total_wait_s": -1.0}, {"backoff_s": float("nan")}])
def test_retries_that_make_no_sense_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(BadValue):
        Retries(**json.loads(json.dumps(wrong)))
