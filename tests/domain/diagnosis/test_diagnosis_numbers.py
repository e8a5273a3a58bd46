"""What is wrong with a number before anybody is asked."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from offhook.domain.breakers import Breaker, BreakerState
from offhook.domain.credits import CREDIT
from offhook.domain.diagnosis.findings import Verdict
from offhook.domain.diagnosis.numbers import (
    judge_action_url,
    judge_credit,
    judge_left_alone,
    judge_limits,
    judge_subscription,
)
from offhook.domain.limits import Limit, day_of, minute_of
from offhook.domain.numbers import Number
from offhook.domain.subscriptions import Dialled, Subscription, SubscriptionStatus

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
ROOM = Limit("number:1", 10, 10, 10)
DIN = "815012345678"
NUMBER = Number(1, DIN, "JPx", "81", "50", 650 * CREDIT, 2 * CREDIT, "")
HELD = Subscription(
    id=1,
    account_id=1,
    number=NUMBER,
    action_url="https://a.example/",
    fallback_url=None,
    default_action=None,
    status=SubscriptionStatus.ACTIVE,
    subscribed_at=NOW - timedelta(days=5),
    renews_at=NOW + timedelta(days=25),
    ended_at=None,
    paid=650 * CREDIT,
)


def test_a_subscribed_number_names_who_holds_it() -> None:
    found = judge_subscription(DIN, Dialled(NUMBER, HELD), "Shop")
    assert found.verdict is Verdict.GOOD
    assert found.sentence == "+815012345678 is subscribed by Shop until 2026-12-22"
    assert "by" not in judge_subscription(DIN, Dialled(NUMBER, HELD), "").sentence


@pytest.mark.parametrize(
    ("dialled", "reason"),
    [
        (None, "unknown-number"),
        (Dialled(NUMBER, None), "not-subscribed"),
        (Dialled(NUMBER, replace(HELD, status=SubscriptionStatus.GRACE)), "grace-period"),
    ],
)
def test_a_number_that_takes_no_calls_says_why(dialled: Dialled | None, reason: str) -> None:
    found = judge_subscription(DIN, dialled, "Shop")
    assert found.verdict is Verdict.BAD
    assert found.data["reason"] == reason
    assert found.cure


def test_a_grace_period_tells_its_end_and_what_pays_it() -> None:
    in_grace = replace(HELD, status=SubscriptionStatus.GRACE, grace_until=NOW + timedelta(days=3))
    found = judge_subscription(DIN, Dialled(NUMBER, in_grace), "")
    assert "until 2026-11-30 12:00" in found.sentence
    assert "650" in found.cure


def test_a_password_in_a_url_is_not_told() -> None:
    held = replace(HELD, action_url="https://me:sesame@a.example/x?to=c@d", fallback_url="http://sesame@b.example")
    assert judge_action_url(held, has_rules=False).sentence == (
        "its calls ask https://a.example/x?to=c@d, then http://b.example"
    )
    only = replace(held, action_url=None)
    assert judge_action_url(only, has_rules=False).sentence.endswith("its calls go on with http://b.example")


@pytest.mark.parametrize(
    ("limits", "verdict", "words"),
    [
        ((), Verdict.GOOD, "neither the number nor its account has a limit"),
        ((Limit("account:1", 5, 5, 5),), Verdict.GOOD, "the limits of the account let a call in"),
        ((Limit("number:1", calls_at_once=0),), Verdict.BAD, "the number takes no calls: its limit is 0 at once"),
        ((ROOM, Limit("account:1", calls_per_minute=0)), Verdict.BAD, "the account takes no calls: its limit is 0 a"),
        ((Limit("number:1", spend_per_day=9, day=day_of(NOW), spent=9),), Verdict.BAD, "the number may spend"),
        # What was spent yesterday is in nobody's way.
        ((Limit("number:1", spend_per_day=9, day=day_of(NOW) - 1, spent=9),), Verdict.GOOD, "the number let a call in"),
        ((ROOM, Limit("account:1", None, 2, minute=minute_of(NOW), calls=2)), Verdict.WARNING, "this minute has had"),
    ],
)
def test_limits_that_let_no_call_in_are_told(limits: tuple[Limit, ...], verdict: Verdict, words: str) -> None:
    found = judge_limits(limits, 1, NOW)
    assert found.verdict is verdict
    assert words in found.sentence
    assert ("reason" in found.data) is (verdict is not Verdict.GOOD)


def test_a_call_that_costs_nothing_needs_no_room_in_the_day() -> None:
    assert judge_limits((Limit("number:1", spend_per_day=0),), 0, NOW).verdict is Verdict.GOOD


def test_what_a_call_finds_to_do() -> None:
    assert judge_action_url(HELD, has_rules=False).sentence == "its calls ask https://a.example/"
    both = replace(HELD, fallback_url="https://b.example/")
    assert judge_action_url(both, has_rules=False).sentence.endswith("then https://b.example/")
    nothing = replace(HELD, action_url=None)
    assert judge_action_url(nothing, has_rules=True).verdict is Verdict.GOOD
    assert judge_action_url(nothing, has_rules=False).verdict is Verdict.BAD
    for rest in (replace(nothing, fallback_url="https://b.example/"), replace(nothing, default_action="hangup")):
        assert judge_action_url(rest, has_rules=False).verdict is Verdict.WARNING


@pytest.mark.parametrize(
    ("available", "minimum", "verdict", "minutes"),
    [
        (1000, 50, Verdict.GOOD, 500),
        (19, 0, Verdict.WARNING, 9),
        (49, 50, Verdict.BAD, 24),
        (1, 0, Verdict.BAD, 0),
    ],
)
def test_credit_is_told_in_minutes(available: int, minimum: int, verdict: Verdict, minutes: int) -> None:
    found = judge_credit(NUMBER, HELD, available * CREDIT, minimum * CREDIT, NOW)
    assert (found.verdict, found.data["minutes"]) == (verdict, minutes)


def test_a_free_number_needs_no_credit() -> None:
    found = judge_credit(replace(NUMBER, minute_cost=0), HELD, 0, 50 * CREDIT, NOW)
    assert (found.verdict, found.data["minutes"]) == (Verdict.GOOD, None)
    assert "cost nothing" in found.sentence


def test_a_renewal_that_is_near_and_cannot_be_paid_is_warned_about() -> None:
    near = replace(HELD, renews_at=NOW + timedelta(days=2))
    found = judge_credit(NUMBER, near, 600 * CREDIT, 0, NOW)
    assert found.verdict is Verdict.WARNING
    assert "2026-11-29" in found.sentence
    assert judge_credit(NUMBER, near, 650 * CREDIT, 0, NOW).verdict is Verdict.GOOD


def test_a_server_that_nodes_leave_alone_is_told_with_its_last_failure() -> None:
    def state(origin: str, minutes: int) -> BreakerState:
        return BreakerState("n", 1, origin, Breaker.OPEN, NOW + timedelta(minutes=minutes), "timeout", "too slow")

    states = [state("https://a.example", 1), state("https://a.example", 2), state("https://b.example", 3)]
    found = judge_left_alone({"https://a.example"}, states)
    assert found.verdict is Verdict.BAD
    assert "until 12:02:00 UTC: too slow" in found.sentence
    assert found.data == {"reason": "breaker-open", "failure": "timeout"}
    assert judge_left_alone({"https://c.example"}, states).verdict is Verdict.GOOD
