from datetime import timedelta

import pytest

from house import NOW, House
from offhook.domain.calls import Arrival, Caller, CallFilters, Ending, Status, TimelineEvent
from offhook.domain.errors import CallNotFound
from offhook.service import calls, desk, subscriptions


def come(house: House, call_id: str, minute: int, dialled: str, caller: str) -> None:
    at = NOW + timedelta(minutes=minute)
    arrival = Arrival(call_id, at, "carrier", "192.0.2.1", (dialled,), Caller(caller, caller))
    house.write(lambda work: desk.admit(work, arrival, now=at))


@pytest.fixture
def log(house: House) -> House:
    """Fill the log with five calls, one a minute, of which one goes to nobody."""
    house.subscribed("815011111111", monthly="1")
    house.subscribed("815022222222", monthly="1")
    come(house, "a", 0, "815011111111", "8190")
    come(house, "b", 1, "815022222222", "8190")
    come(house, "c", 2, "815099999999", "8190")
    come(house, "d", 3, "815011111111", "8170")
    come(house, "e", 3, "815011111111", "8170")
    house.hang_up("a", 300)
    house.write(lambda work: desk.close(work, Ending("b", Status.FAILED, "no-rtp", NOW, None, 0.0), (), "node-1"))
    return house


def ids(house: House, filters: CallFilters, before: str | None = None, limit: int = 100) -> str:
    page = house.read(lambda work: calls.list_calls(work, house.shop.id, filters, limit=limit, before=before))
    return "".join(call.call_id for call in page)


def test_calls_are_listed_newest_first(log: House) -> None:
    assert ids(log, CallFilters()) == "edba"


def test_the_operator_sees_the_calls_of_nobody_too(log: House) -> None:
    page = log.read(lambda work: calls.list_calls(work, None, CallFilters()))
    assert "".join(call.call_id for call in page) == "edcba"


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        (CallFilters(since=NOW + timedelta(minutes=1)), "edb"),
        (CallFilters(until=NOW + timedelta(minutes=1)), "a"),
        (CallFilters(recipient="815011111111"), "eda"),
        (CallFilters(caller="8190"), "ba"),
        (CallFilters(status=Status.RINGING), "ed"),
        (CallFilters(reason="no-rtp"), "b"),
        (CallFilters(caller="8190", status=Status.COMPLETED), "a"),
    ],
)
def test_filters_narrow_the_log(log: House, filters: CallFilters, expected: str) -> None:
    assert ids(log, filters) == expected


def test_the_log_goes_on_where_the_last_page_ended(log: House) -> None:
    assert ids(log, CallFilters(), limit=1) == "e"
    assert ids(log, CallFilters(), before="e", limit=2) == "db"
    assert ids(log, CallFilters(), before="b") == "a"
    assert ids(log, CallFilters(), before="never-was") == ""


def test_a_call_is_found_by_its_account_alone(log: House) -> None:
    assert log.read(lambda work: calls.find_call(work, log.shop.id, "a")).call_id == "a"


def test_nobody_finds_the_calls_of_others_or_of_nobody(log: House) -> None:
    stranger = log.shop.id + 1
    with pytest.raises(CallNotFound):
        log.read(lambda work: calls.find_call(work, stranger, "a"))
    with pytest.raises(CallNotFound):
        log.read(lambda work: calls.timeline(work, log.shop.id, "c"))
    with pytest.raises(CallNotFound):
        log.read(lambda work: calls.find_call(work, None, "never-was"))


@pytest.mark.parametrize(
    ("dialled", "told"),
    [
        ("815011111111", f" since {NOW:%Y-%m-%d} at {NOW + timedelta(minutes=4):%H:%M} UTC, 1 min before the call"),
        ("815033333333", ""),
    ],
)
def test_a_call_to_a_number_that_was_given_up_is_told_since_when_it_is_free(
    house: House, dialled: str, told: str
) -> None:
    house.add_number("815033333333")
    din_uid = house.subscribed("815011111111", monthly="1")
    gone = NOW + timedelta(minutes=4)
    house.write(lambda work: subscriptions.cancel(work, account_id=house.shop.id, din_uid=din_uid, now=gone))
    come(house, "late", 5, dialled, "8190")
    ending = Ending("late", Status.REFUSED, "not-subscribed", NOW + timedelta(minutes=5), None, 0.0)
    refused = TimelineEvent(0.0, "refused", "nobody subscribes the number", "not-subscribed")
    house.write(lambda work: desk.close(work, ending, (refused,), "node-1"))
    why = house.read(lambda work: calls.explanation(work, None, "late")).why
    assert why.sentence == f"The call was refused: nobody subscribes +{dialled}{told}."
    assert house.read(lambda work: work.subscriptions.last_end(dialled, NOW)) is None
