from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from offhook.domain.calls import Reason
from offhook.domain.credits import CREDIT
from offhook.domain.limits import Limit, check_rate, check_spending, day_of, minute_of, of_account, of_number

AT = datetime(2026, 11, 23, 23, 59, 30, tzinfo=UTC)
SHOP = Limit(of_account(7), calls_per_minute=2, spend_per_day=10 * CREDIT, minute=minute_of(AT), day=day_of(AT))


def test_without_a_limit_anything_goes() -> None:
    free = Limit(of_number("81"), calls=10**6, minute=minute_of(AT), spent=10**12, day=day_of(AT))
    assert check_rate(free, AT) is None
    assert check_spending(free, 10**12, AT) is None


def test_so_many_calls_may_begin_in_a_minute() -> None:
    assert check_rate(replace(SHOP, calls=1), AT) is None
    exceeded = check_rate(replace(SHOP, calls=2), AT)
    assert exceeded is not None
    assert (exceeded.reason, exceeded.text) == (
        Reason.TOO_MANY_PER_MINUTE,
        "the account takes 2 calls a minute at most",
    )


def test_the_next_minute_begins_anew() -> None:
    assert check_rate(replace(SHOP, calls=2), AT + timedelta(minutes=1)) is None


def test_one_call_a_minute_is_told_as_one() -> None:
    exceeded = check_rate(replace(SHOP, owner=of_number("81"), calls_per_minute=1, calls=1), AT)
    assert exceeded is not None
    assert exceeded.text == "the number takes 1 call a minute at most"


@pytest.mark.parametrize(("spent", "is_allowed"), [(0, True), (9 * CREDIT, True), (9 * CREDIT + 1, False)])
def test_no_more_is_spent_on_a_day_than_allowed(spent: int, is_allowed: bool) -> None:
    exceeded = check_spending(replace(SHOP, spent=spent), CREDIT, AT)
    assert (exceeded is None) == is_allowed


def test_what_was_spent_yesterday_does_not_count() -> None:
    spent = replace(SHOP, spent=10 * CREDIT)
    exceeded = check_spending(spent, CREDIT, AT)
    assert exceeded is not None
    assert (exceeded.reason, exceeded.text) == (
        Reason.SPENT_FOR_TODAY,
        "the account may spend 10 credits a day, of which 10 credits are spent",
    )
    assert check_spending(spent, CREDIT, AT + timedelta(days=1)) is None


def test_what_costs_nothing_is_always_allowed() -> None:
    assert check_spending(replace(SHOP, spend_per_day=0), 0, AT) is None
