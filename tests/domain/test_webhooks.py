"""What an event looks like, when it is tried again, and how many are sent at once."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from offhook.domain.calls import Call, Caller, Status
from offhook.domain.credits import CREDIT
from offhook.domain.notices import NoticeKind
from offhook.domain.webhooks import (
    AT_ONCE,
    PER_FAILING_ORIGIN,
    PER_ORIGIN,
    PER_TURN,
    Event,
    document,
    fact_of,
    name_of,
    next_try,
    share,
)

AT = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
CALL = Call(
    call_id="call-1",
    account_id=1,
    api_user="Shop",
    trunk="carrier",
    source="192.0.2.1:5060",
    direction="inbound",
    caller=Caller("819012345678", "+819012345678"),
    recipient="815012345678",
    action_url=None,
    status=Status.COMPLETED,
    reason=None,
    started_at=AT,
    answered_at=AT + timedelta(seconds=2),
    ended_at=AT + timedelta(seconds=44),
    duration_s=42,
    minute_cost=CREDIT,
    held_minutes=1,
    cost=CREDIT,
    node="node-1",
)


def event(kind: NoticeKind, call: Call | None = CALL, **data: object) -> Event:
    return Event(
        id=7,
        fact=fact_of(kind, "call-1"),
        kind=kind,
        account="Shop",
        target="https://shop.example/events",
        subject="" if call else "Low credit",
        text="" if call else "5 credits are left.",
        data=data,
        created_at=AT,
        expires_at=AT + timedelta(days=1),
        attempts=1,
        call_id="call-1",
        call=call,
        secrets=("secret",),
    )


def test_an_event_of_a_call_says_what_was_known_at_its_moment() -> None:
    told = [document(event(kind))["data"] for kind in (NoticeKind.CALL_INCOMING, NoticeKind.CALL_ANSWERED)]
    came = {
        "call_id": "call-1",
        "direction": "inbound",
        "caller": "819012345678",
        "recipient": "815012345678",
        "start_time": "2026-11-23T06:00:00Z",
    }
    assert told == [came, {**came, "answer_time": "2026-11-23T06:00:02Z"}]


def test_the_end_of_a_call_says_what_it_came_to() -> None:
    whole = document(event(NoticeKind.CALL_ENDED, quality={"round_trip_ms": 20.0}))
    assert (whole["event"], whole["at"], whole["account"]) == ("call.ended", "2026-11-23T06:00:00Z", "Shop")
    data = whole["data"]
    assert isinstance(data, dict)
    assert [data[name] for name in ("status", "reason", "duration", "cost", "quality")] == [
        "completed",
        None,
        42,
        1.0,
        {"round_trip_ms": 20.0},
    ]
    assert (data["answer_time"], data["end_time"]) == ("2026-11-23T06:00:02Z", "2026-11-23T06:00:44Z")


def test_the_end_of_an_unanswered_call_has_no_answer() -> None:
    data = document(event(NoticeKind.CALL_ENDED, replace(CALL, answered_at=None)))["data"]
    assert isinstance(data, dict)
    assert data["answer_time"] is None


def test_a_notice_is_told_in_words_as_well() -> None:
    whole = document(event(NoticeKind.LOW_CREDIT, None, available=5.0))
    assert (whole["event"], whole["subject"], whole["text"], whole["data"]) == (
        "credit.low",
        "Low credit",
        "5 credits are left.",
        {"available": 5.0},
    )


def test_kinds_have_the_names_of_events() -> None:
    assert name_of(NoticeKind.NUMBER_RELEASED) == "subscription.released"
    assert all("." in name_of(kind) for kind in NoticeKind)


def test_an_id_belongs_to_the_fact_and_not_to_the_row() -> None:
    first = event(NoticeKind.CALL_ENDED)
    assert first.uid == replace(first, id=8, attempts=3).uid
    assert first.uid != event(NoticeKind.CALL_ANSWERED).uid
    assert len(first.uid) == 36


@pytest.mark.parametrize(("attempts", "pause_s"), [(0, 5), (1, 5), (2, 30), (7, 7200), (50, 7200)])
def test_pauses_become_longer_and_differ(attempts: int, pause_s: float) -> None:
    expires_at = AT + timedelta(days=1)
    tries = [next_try(attempts, AT, expires_at, chance) for chance in (0.0, 0.5, 1.0)]
    assert [(later - AT).total_seconds() for later in tries if later] == pytest.approx(
        [pause_s * 0.8, pause_s, pause_s * 1.2]
    )


def test_what_would_be_too_late_is_given_up() -> None:
    expires_at = AT + timedelta(days=1)
    assert next_try(9, expires_at - timedelta(hours=2), expires_at, 0.5) == expires_at
    assert next_try(9, expires_at - timedelta(hours=1), expires_at, 0.5) is None


def test_an_origin_has_so_many_places_whatever_its_targets() -> None:
    origins = {"https://a/1": "a", "https://a/2": "a", "https://b/": "b"}
    shares = share(origins, {"a": PER_ORIGIN - 3}, ())
    assert shares == {"https://b/": PER_ORIGIN, "https://a/1": 3}


def test_an_origin_that_fails_has_few_places() -> None:
    assert share({"https://a/": "a"}, {}, ["a"]) == {"https://a/": PER_FAILING_ORIGIN}
    assert share({"https://a/": "a"}, {"a": PER_ORIGIN}, ["a"]) == {}


def test_all_together_have_so_many_places() -> None:
    many = {f"https://{number}/": str(number) for number in range(100)}
    assert sum(share(many, {}, ()).values()) == PER_TURN
    assert sum(share(many, {"x": AT_ONCE - 3}, ()).values()) == 3
    assert share(many, {"x": AT_ONCE}, ()) == {}
    few_each = share(many, {}, map(str, range(100)))
    assert len(few_each) == PER_TURN // PER_FAILING_ORIGIN
