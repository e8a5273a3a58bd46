"""Opening hours on ordinary days, over midnight, and when clocks are put forward and back."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offhook.domain.hosted_rules.hours import DAY_MINUTES, WHOLE_DAY, Interval, is_running, read_intervals
from offhook.errors import InputError

BERLIN, NEW_YORK, TOKYO = map(ZoneInfo, ("Europe/Berlin", "America/New_York", "Asia/Tokyo"))
# When a zone's clock changes: forward, back, by half an hour, at midnight and over it, and by a whole day.
CHANGES = {
    BERLIN: ("2026-03-29T01:00", "2026-10-25T01:00"),
    NEW_YORK: ("2026-03-08T07:00", "2026-11-01T06:00"),
    ZoneInfo("Australia/Lord_Howe"): ("2026-04-04T15:00", "2026-10-03T15:30"),
    ZoneInfo("America/Havana"): ("2026-03-08T05:00", "2026-11-01T05:00"),
    ZoneInfo("America/Sao_Paulo"): ("2018-02-18T02:00", "2018-11-04T03:00"),
    ZoneInfo("America/St_Johns"): ("2006-04-02T03:31", "2006-10-29T02:31"),
    ZoneInfo("Pacific/Apia"): ("2011-12-30T10:00",),
    TOKYO: ("2026-01-01T00:00",),
}


@st.composite
def moments_in_zones(draw: st.DrawFn) -> tuple[datetime, ZoneInfo]:
    """Draw a zone and a moment, most often one beside a change of its clock."""
    zone = draw(st.sampled_from(list(CHANGES)))
    change = datetime.fromisoformat(draw(st.sampled_from(CHANGES[zone]))).replace(tzinfo=UTC)
    return change + draw(st.timedeltas(timedelta(hours=-50), timedelta(hours=50))), zone


intervals = st.builds(
    lambda opens, length: Interval(opens, opens + length),
    st.integers(0, DAY_MINUTES - 1),
    st.integers(1, DAY_MINUTES - 1),
)


def hours(written: str) -> Interval:
    [interval] = read_intervals("hours", [written])
    return interval


def stretch(written: str, day: date, zone: ZoneInfo) -> tuple[str, str]:
    """Return when hours begin and end, in UTC: minute by minute, and in one piece."""
    first = datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(days=1)
    minutes = [first + timedelta(minutes=minute) for minute in range(4 * DAY_MINUTES)]
    within = [at for at in minutes if is_running(hours(written), day, at, zone)]
    assert within, "it never opens"
    assert within[-1] - within[0] == timedelta(minutes=len(within) - 1)
    return f"{within[0]:%d %H:%M}", f"{within[-1] + timedelta(minutes=1):%d %H:%M}"


def test_hours_begin_with_their_first_minute_and_end_before_their_last_one() -> None:
    day, zone = date(2026, 11, 23), TOKYO
    nine, five = datetime(2026, 11, 23, 9, tzinfo=zone), datetime(2026, 11, 23, 17, tzinfo=zone)
    tick = timedelta.resolution
    told = [is_running(hours("09:00-17:00"), day, at, zone) for at in (nine - tick, nine, five - tick, five)]
    assert told == [False, True, True, False]


@pytest.mark.parametrize(
    ("written", "begin", "end"),
    [
        ("09:00-17:30", "23 00:00", "23 08:30"),
        ("22:00-02:00", "23 13:00", "23 17:00"),
        ("09:00-24:00", "23 00:00", "23 15:00"),
        ("09:00-00:00", "23 00:00", "23 15:00"),
        ("00:00-24:00", "22 15:00", "23 15:00"),
    ],
)
def test_hours_are_those_of_the_zone(written: str, begin: str, end: str) -> None:
    assert stretch(written, date(2026, 11, 23), TOKYO) == (begin, end)


@pytest.mark.parametrize(
    ("written", "begin", "end"),
    [
        # At 2:00 (01:00 UTC) the clock jumps to 3:00.
        ("01:00-05:00", "29 00:00", "29 03:00"),
        ("02:30-05:00", "29 01:00", "29 03:00"),
        ("01:00-02:30", "29 00:00", "29 01:00"),
        ("02:00-03:01", "29 01:00", "29 01:01"),
        ("03:00-05:00", "29 01:00", "29 03:00"),
    ],
)
def test_in_spring_what_lies_in_the_lost_hour_happens_when_the_clock_jumps(written: str, begin: str, end: str) -> None:
    assert stretch(written, date(2026, 3, 29), BERLIN) == (begin, end)


def test_hours_inside_the_lost_hour_are_lost() -> None:
    jump = datetime(2026, 3, 29, 1, tzinfo=UTC)
    minutes = [jump + timedelta(minutes=minute) for minute in range(-120, 120)]
    assert not any(is_running(hours("02:10-02:50"), date(2026, 3, 29), at, BERLIN) for at in minutes)


@pytest.mark.parametrize(
    ("written", "begin", "end"),
    [
        # At 3:00 (01:00 UTC) it is 2:00 again: the hour before and the hour after are the same on the clock.
        ("01:00-05:00", "24 23:00", "25 04:00"),
        ("01:00-02:00", "24 23:00", "25 00:00"),
        ("01:00-02:30", "24 23:00", "25 01:30"),
        ("01:00-03:00", "24 23:00", "25 02:00"),
        ("02:00-03:00", "25 00:00", "25 02:00"),
        ("02:10-02:40", "25 00:10", "25 01:40"),
        ("02:30-05:00", "25 00:30", "25 04:00"),
        ("03:00-05:00", "25 02:00", "25 04:00"),
    ],
)
def test_in_autumn_the_hour_that_comes_twice_is_one_stretch(written: str, begin: str, end: str) -> None:
    assert stretch(written, date(2026, 10, 25), BERLIN) == (begin, end)


def test_a_night_is_an_hour_longer_or_shorter_when_the_clock_changes_in_it() -> None:
    assert stretch("22:00-04:00", date(2026, 3, 7), NEW_YORK) == ("08 03:00", "08 08:00")
    assert stretch("22:00-04:00", date(2026, 10, 31), NEW_YORK) == ("01 02:00", "01 09:00")


@given(intervals, moments_in_zones())
def test_whatever_the_clock_shows_inside_the_hours_is_inside(
    interval: Interval, when: tuple[datetime, ZoneInfo]
) -> None:
    at, zone = when
    shown = at.astimezone(zone)
    minute, day = shown.hour * 60 + shown.minute, shown.date()
    if interval.opens <= minute < interval.closes:
        assert is_running(interval, day, at, zone)
    if interval.opens <= minute + DAY_MINUTES < interval.closes:
        assert is_running(interval, day - timedelta(days=1), at, zone)


@given(intervals, moments_in_zones(), st.lists(st.integers(0, 3 * DAY_MINUTES), min_size=3, max_size=3).map(sorted))
def test_hours_are_in_one_piece(interval: Interval, when: tuple[datetime, ZoneInfo], minutes: list[int]) -> None:
    at, zone = when
    first = at - timedelta(days=1)
    early, middle, late = (
        is_running(interval, at.astimezone(zone).date(), first + timedelta(minutes=minute), zone) for minute in minutes
    )
    assert middle or not (early and late)


@given(moments_in_zones())
def test_every_moment_lies_in_the_day_that_the_calendar_shows(when: tuple[datetime, ZoneInfo]) -> None:
    at, zone = when
    assert is_running(WHOLE_DAY, at.astimezone(zone).date(), at, zone)


@given(intervals)
def test_hours_are_read_as_they_are_written(interval: Interval) -> None:
    assert hours(str(interval)) == interval


def test_hours_of_a_day_stand_in_their_order() -> None:
    assert [str(one) for one in read_intervals("hours", ["22:00-02:00", "13:00-17:00", "09:00-13:00"])] == [
        "09:00-13:00",
        "13:00-17:00",
        "22:00-02:00",
    ]


@pytest.mark.parametrize(
    ("written", "field", "sentence"),
    [
        (["9:00-17:00"], "hours[0]", "'9:00-17:00' is not of the form 09:00-17:30"),
        (["09:00-17:00", 9], "hours[1]", "'9' is not of the form"),
        (["09:00-17:60"], "hours[0]", "there is no 17:60"),
        (["09:00-24:01"], "hours[0]", "there is no 24:01"),
        (["24:00-02:00"], "hours[0]", "nothing opens at 24:00"),
        (["09:00-09:00"], "hours[0]", "09:00-09:00 has no length"),
        (["09:00-13:00", "12:00-17:00"], "hours", "09:00-13:00 and 12:00-17:00 overlap"),
        (["22:00-02:00", "23:00-24:00"], "hours", "22:00-02:00 and 23:00-24:00 overlap"),
        ([f"{hour:02}:00-{hour:02}:30" for hour in range(9)], "hours", "a day has at most 8 of them"),
    ],
)
def test_what_no_day_can_have_is_refused(written: list[object], field: str, sentence: str) -> None:
    with pytest.raises(InputError) as refused:
        read_intervals("hours", written)
    assert refused.value.field == field
    assert refused.value.sentence.startswith(sentence)
