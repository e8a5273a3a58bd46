"""What numbers were used for, day by day: the same on each kind of database."""

from datetime import UTC, date, datetime, timedelta
from functools import partial

from house import DIN, NOW, House
from offhook.domain.calls import Arrival, Caller, Ending, LegUse, Status
from offhook.domain.credits import CREDIT
from offhook.domain.subscriptions import PERIOD
from offhook.domain.terms import Terms
from offhook.domain.usage import Days, Place, UsageLine
from offhook.service import desk, renewals, usage

OTHER = "815011111111"
DAY = timedelta(days=1)
TODAY = NOW.date()
ALL = Days(TODAY - 30 * DAY, TODAY + 300 * DAY)


def call(house: House, call_id: str, at: datetime, seconds: float | None, din: str = DIN) -> None:
    """Let a call come and talk for so long; None for one that is not answered."""
    arrival = Arrival(call_id, at, "carrier", "192.0.2.1", (din,), Caller("8190", "8190"))
    house.write(lambda work: desk.admit(work, arrival, now=at, terms=house.terms))
    if seconds is None:
        ending = Ending(call_id, Status.CANCELED, None, at + timedelta(seconds=9), None, 0.0)
    else:
        house.write(lambda work: desk.answered(work, call_id, at))
        ending = Ending(call_id, Status.COMPLETED, None, at + timedelta(seconds=seconds), at, seconds)
        for minute in range(2, int(seconds // 60) + 2):
            house.write(partial(desk.extend, call_id=call_id, now=at, minute=minute))
    house.write(lambda work: desk.close(work, ending, (), "node-1", terms=house.terms))


def used(house: House, days: Days = ALL, after: Place | None = None, limit: int = 100) -> list[UsageLine]:
    return house.read(lambda work: usage.usage_page(work, house.shop.id, days, limit=limit, after=after))


def line(
    day: date, din: str = DIN, calls: int = 0, minutes: int = 0, seconds: int = 0, cost: int = 0, subscription: int = 0
) -> UsageLine:
    return UsageLine(day, din, calls, minutes, seconds, cost * CREDIT, subscription * CREDIT)


def test_calls_and_their_minutes_are_added_up(house: House) -> None:
    house.subscribed(monthly="100")
    for number, seconds in enumerate((None, 0.0, 41.5, 60.0, 60.1, 200.0)):
        call(house, f"c{number}", NOW + timedelta(minutes=number), seconds)
    assert used(house) == [line(TODAY, calls=6, minutes=9, seconds=42 + 60 + 61 + 200, cost=9, subscription=100)]


def test_refused_and_running_calls_are_counted_and_nothing_else_of_them(house: House) -> None:
    house.subscribed(monthly="0")
    house.admit(house.arrival(), limits=desk.Limits(calls_per_number=0))
    house.answer(house.ring())
    assert used(house) == [line(TODAY, calls=2)]


def test_transfers_cost_what_they_cost_and_their_minutes_are_no_minutes_of_the_number(house: House) -> None:
    house.subscribed(monthly="0")
    house.add_trunk("out")
    call_id = house.ring()
    house.answer(call_id)
    house.find_routes(call_id, 2, "81312345679", defaults=["out"])
    house.answer(call_id, leg=2)
    house.hang_up(call_id, 50, legs=(LegUse(2, NOW, 40.0),))
    assert used(house) == [line(TODAY, calls=1, minutes=1, seconds=50, cost=2)]


def test_a_day_is_one_of_utc_from_its_first_microsecond_to_its_last(house: House) -> None:
    house.subscribed(monthly="0")
    day = TODAY + 10 * DAY
    midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
    call(house, "before", midnight - timedelta(microseconds=1), 1)
    call(house, "first", midnight, 1)
    call(house, "last", midnight + DAY - timedelta(microseconds=1), 1)
    call(house, "after", midnight + DAY, 1)
    assert [(found.day, found.calls) for found in used(house)] == [(day - DAY, 1), (day, 2), (day + DAY, 1)]
    assert used(house, Days(day, day + DAY)) == [line(day, calls=2, minutes=2, seconds=2, cost=2)]
    assert used(house, Days(day, day)) == []


def test_subscriptions_are_charged_on_the_days_on_which_they_were(house: House) -> None:
    house.subscribed(monthly="100")
    house.subscribed(OTHER, monthly="7")
    late = NOW + 2 * PERIOD + DAY
    house.write(partial(renewals.renew_due, now=late, terms=Terms()))
    assert used(house) == [
        line(TODAY, OTHER, subscription=7),
        line(TODAY, DIN, subscription=100),
        # Two periods had begun until the job ran.
        line(late.date(), OTHER, subscription=14),
        line(late.date(), DIN, subscription=200),
    ]


def test_what_was_given_back_is_less(house: House) -> None:
    din_uid = house.subscribed(monthly="100")
    house.cancel(din_uid, NOW + timedelta(hours=20))
    assert used(house) == [line(TODAY, subscription=100), line(TODAY + DAY, subscription=-100)]


def test_subscriptions_that_have_ended_were_charged_all_the_same(house: House) -> None:
    din_uid = house.subscribed(monthly="100")
    house.write(partial(renewals.renew_due, now=NOW + PERIOD, terms=Terms()))
    house.cancel(din_uid, NOW + PERIOD + DAY)
    house.subscribed(OTHER, monthly="7")
    assert [(found.day, found.din, found.subscription_cost // CREDIT) for found in used(house)] == [
        (TODAY, OTHER, 7),
        (TODAY, DIN, 100),
        (TODAY + PERIOD, DIN, 100),
    ]


def test_what_an_account_gained_or_lost_otherwise_is_no_usage(house: House) -> None:
    assert used(house) == []


def test_nobody_sees_what_others_used(house: House) -> None:
    other = house.open_account("Other", 1000)
    house.subscribe(house.add_number(monthly="100"), other)
    call(house, "c", NOW, 1)
    assert used(house) == []
    [found] = house.read(lambda work: usage.usage_page(work, other.id, ALL, limit=9))
    assert found == line(TODAY, calls=1, minutes=1, seconds=1, cost=1, subscription=100)


def test_pages_go_on_where_the_one_before_ended(house: House) -> None:
    house.subscribed(monthly="1")
    house.subscribed(OTHER, monthly="2")
    for days in (0, 0, 40, 80):
        call(house, f"c{days}-{house.fresh()}", NOW + days * DAY, 1)
    everything = used(house)
    assert len(everything) == 4
    seen: list[UsageLine] = []
    while page := used(house, after=seen[-1].place if seen else None, limit=1):
        seen += page
    assert seen == everything
