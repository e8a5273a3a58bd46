"""`GET /voice/dins/`: the free numbers."""

import pytest

from api_house import House


def _dins(house: House, query: str) -> list[str]:
    return [number["din"] for number in house.get(f"/voice/dins/{query}").json()]


def test_a_number_looks_as_the_published_api_has_it(house: House) -> None:
    answer = house.get("/voice/dins/?prefix=8150")
    assert answer.status_code == 200
    assert answer.json() == [
        {
            "country_code": "81",
            "day_cost": 0.0,
            "din": "815012345678",
            "din_uid": "JP00000000000001",
            "features": ["transfer"],
            "minute_cost": 1,
            "monthly_cost": 650.0,
            "prefix": "50",
        }
    ]
    assert '"minute_cost":1,"monthly_cost":650.0' in answer.text


def test_a_price_with_a_fraction_keeps_it(house: House) -> None:
    [number] = house.get("/voice/dins/?prefix=81312345678").json()
    assert number["minute_cost"] == 1.5


def test_a_subscribed_number_is_not_found_any_more(house: House) -> None:
    house.subscribe()
    assert _dins(house, "?prefix=8150") == []


@pytest.mark.parametrize(
    ("query", "dins"),
    [
        ("?max_minute_cost=1", ["4930123456", "81312345679", "815012345678"]),
        ("?max_minute_cost=0", ["4930123456"]),
        ("?features=transfer&country=JP&max_minute_cost=1.0&max_monthly_cost=650", ["815012345678"]),
        ("?features=transfer,verification", []),
    ],
)
def test_prices_and_features_narrow_the_search(house: House, query: str, dins: list[str]) -> None:
    assert _dins(house, query) == dins


def test_pages_follow_each_other_by_their_links(house: House) -> None:
    seen: list[str] = []
    path = "/voice/dins/?limit=3"
    while path:
        answer = house.get(path)
        seen += [number["din"] for number in answer.json()]
        path = answer.links.get("next", {}).get("url", "").removeprefix(house.url)
    assert seen == ["4930123456", "81312345678", "81312345679", "815012345678"]


def test_a_last_page_that_is_full_has_no_next(house: House) -> None:
    assert "Link" not in house.get("/voice/dins/?limit=4").headers


def test_a_link_keeps_the_filters(house: House) -> None:
    answer = house.get("/voice/dins?country=JP&limit=1")
    assert answer.links["next"]["url"] == f"{house.url}/voice/dins/?country=JP&limit=1&after=81312345678"


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("?colour=red", "colour"),
        ("?country=jp", "country"),
        ("?country=QQ", "country"),
        ("?prefix=81a", "prefix"),
        ("?prefix=", "prefix"),
        ("?prefix=81&prefix=49", "prefix"),
        ("?contains=%00", "contains"),
        ("?contains=%ff", "contains"),
        ("?contains=٣", "contains"),
        ("?max_monthly_cost=-1", "max_monthly_cost"),
        ("?max_monthly_cost=1e3", "max_monthly_cost"),
        ("?max_monthly_cost=NaN", "max_monthly_cost"),
        ("?max_monthly_cost=0.0000001", "max_monthly_cost"),
        ("?max_monthly_cost=9999999999999", "max_monthly_cost"),
        ("?max_minute_cost=much", "max_minute_cost"),
        ("?max_minute_cost=9999999999999", "max_minute_cost"),
        ("?features=", "features"),
        ("?features=fax", "features"),
        ("?features=transfer,fax", "features"),
        ("?features=transfer&features=verification", "features"),
        ("?limit=0", "limit"),
        ("?limit=1001", "limit"),
        ("?limit=many", "limit"),
        ("?after=JP00000000000001", "after"),
    ],
)
def test_a_bad_filter_is_a_400_that_names_it(house: House, query: str, field: str) -> None:
    answer = house.get(f"/voice/dins/{query}")
    assert answer.status_code == 400
    [(name, [sentence])] = answer.json().items()
    assert name == field
    assert not sentence[0].islower()
    assert sentence.endswith(".")
