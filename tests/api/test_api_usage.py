"""`/account/usage/`: what each number was used for, day by day."""

import csv

import pytest

from api_house import OTHER_SID, OTHER_TOKEN, House
from offhook.domain.calls import Reason

PATH = "/account/usage/"
DAY_MINUTES = 24 * 60
SECOND = "81312345678"


@pytest.fixture
def used(house: House) -> House:
    """Use one number on two days and another one on the first of them."""
    house.subscribe()
    house.receive_call("one", 1)
    house.receive_call("two", 2, refusal=Reason.OVERLOAD)
    house.receive_call("three", DAY_MINUTES)
    house.ask("POST", "/voice/dins/subscriptions/", who=(OTHER_SID, OTHER_TOKEN), form={"din_uid": house.uid(SECOND)})
    return house


def _days(house: House, query: str = "") -> list[str]:
    return [line["day"] for line in house.get(PATH + query).json()]


def test_a_line_looks_as_the_api_says(used: House) -> None:
    assert used.get(PATH + "?limit=1").json() == [
        {
            "day": "2026-11-23",
            "din": "815012345678",
            "calls": 2,
            "minutes": 1,
            "seconds": 42,
            "cost": 1.0,
            "subscription_cost": 650.0,
        }
    ]


def test_everybody_sees_their_own(used: House) -> None:
    [line] = used.get(PATH, who=(OTHER_SID, OTHER_TOKEN)).json()
    assert (line["din"], line["calls"], line["subscription_cost"]) == (SECOND, 0, 900.0)


def test_the_present_month_is_told_until_today(used: House) -> None:
    assert _days(used) == ["2026-11-23"]
    used.pass_time(days=1)
    assert _days(used) == ["2026-11-23", "2026-11-24"]
    used.pass_time(days=30)
    assert _days(used) == []


@pytest.mark.parametrize(
    ("query", "days"),
    [
        ("?since=2026-11-24&until=2026-11-25", ["2026-11-24"]),
        ("?since=2026-11-01&until=2026-11-24", ["2026-11-23"]),
        ("?since=2026-01-01&until=2027-01-01", ["2026-11-23", "2026-11-24"]),
        ("?until=2026-12-01", ["2026-11-23", "2026-11-24"]),
        ("?since=2026-11-24&until=2026-11-24", []),
        ("?since=2026-11-24&until=2026-11-01", []),
        ("?until=0001-01-01", []),
    ],
)
def test_days_can_be_named(used: House, query: str, days: list[str]) -> None:
    assert _days(used, query) == days


def test_pages_follow_each_other_by_their_links(used: House) -> None:
    first = used.get(f"{PATH}?since=2026-01-01&until=2027-01-01&limit=1")
    second = used.get(first.links["next"]["url"].removeprefix(used.url))
    assert [line["day"] for line in first.json() + second.json()] == ["2026-11-23", "2026-11-24"]
    assert "Link" not in second.headers


@pytest.mark.parametrize("limit", ["", "&limit=2"])
def test_usage_can_be_had_as_csv(used: House, limit: str) -> None:
    answer = used.get(f"{PATH}?format=csv&since=2026-11-01&until=2026-12-01{limit}")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"] == (
        'attachment; filename="usage-since-2026-11-01-until-2026-12-01.csv"'
    )
    rows = list(csv.DictReader(answer.text.splitlines()))
    lines = used.get(f"{PATH}?since=2026-11-01&until=2026-12-01").json()
    assert rows == [{name: str(value) for name, value in line.items()} for line in lines]


def test_csv_goes_on_after_a_line(used: House) -> None:
    query = "?format=csv&until=2026-12-01&after=2026-11-23-815012345678"
    assert [line[:10] for line in used.get(PATH + query).text.splitlines()[1:]] == ["2026-11-24"]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("?since=2025-11-01&until=2026-11-23", "since"),
        ("?since=2026-11-23T00:00:00Z", "since"),
        ("?since=20261123", "since"),
        ("?until=2026-02-30", "until"),
        ("?until=", "until"),
        ("?after=2026-11-23", "after"),
        ("?after=2026-11-31-815012345678", "after"),
        ("?limit=1001", "limit"),
        ("?format=xml", "format"),
        ("?number=815012345678", "number"),
    ],
)
def test_a_bad_filter_is_a_400_that_names_it(house: House, query: str, field: str) -> None:
    answer = house.get(PATH + query)
    assert answer.status_code == 400
    assert list(answer.json()) == [field]


def test_nothing_is_told_to_strangers(house: House) -> None:
    assert house.get(PATH, who=None).status_code == 401
