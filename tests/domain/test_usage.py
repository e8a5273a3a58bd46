from datetime import UTC, date, datetime, timedelta

import pytest

from offhook.domain.usage import Days, choose_days
from offhook.errors import InputError

TODAY = date(2026, 11, 23)
WEEK = timedelta(days=7)


def test_days_are_those_of_utc_and_half_open() -> None:
    days = Days(date(2026, 11, 1), date(2026, 12, 1))
    assert days.begin == datetime(2026, 11, 1, tzinfo=UTC)
    assert days.end == datetime(2026, 12, 1, tzinfo=UTC)


def test_days_are_cut_into_pieces_that_leave_nothing_out() -> None:
    pieces = list(Days(date(2026, 11, 1), date(2026, 11, 16)).parts(WEEK))
    assert pieces == [
        Days(date(2026, 11, 1), date(2026, 11, 8)),
        Days(date(2026, 11, 8), date(2026, 11, 15)),
        Days(date(2026, 11, 15), date(2026, 11, 16)),
    ]


@pytest.mark.parametrize("until", [date(2026, 11, 1), date(2026, 10, 1)])
def test_no_days_have_no_pieces(until: date) -> None:
    assert list(Days(date(2026, 11, 1), until).parts(WEEK)) == []


def test_the_last_days_of_the_calendar_are_days_too() -> None:
    days = Days(date(9999, 12, 30), date.max)
    assert list(days.parts(WEEK)) == [days]


@pytest.mark.parametrize(
    ("since", "until", "days"),
    [
        (None, None, Days(date(2026, 11, 1), date(2026, 11, 24))),
        (date(2026, 11, 20), None, Days(date(2026, 11, 20), date(2026, 11, 24))),
        # The day before `until` is the last one that is meant, so its month it is.
        (None, date(2026, 11, 1), Days(date(2026, 10, 1), date(2026, 11, 1))),
        (None, date(2026, 10, 15), Days(date(2026, 10, 1), date(2026, 10, 15))),
        (None, date.min, Days(date.min, date.min)),
        (date(2028, 1, 1), date(2029, 1, 1), Days(date(2028, 1, 1), date(2029, 1, 1))),
    ],
)
def test_the_present_month_is_meant_unless_days_are_named(since: date | None, until: date | None, days: Days) -> None:
    assert choose_days(since, until, TODAY) == days


def test_more_than_a_year_is_refused() -> None:
    with pytest.raises(InputError) as refused:
        choose_days(date(2025, 1, 1), date(2026, 1, 3), TODAY)
    assert refused.value.field == "since"
