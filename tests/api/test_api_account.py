"""`/account/` and `/account/ledger/`: credit, and what moved it."""

import csv

import pytest

from api_house import FIRST_CREDIT, OTHER_SID, OTHER_TOKEN, House


def test_an_account_looks_as_the_api_says(house: House) -> None:
    assert house.get("/account/").json() == {
        "name": "Shop",
        "balance": 1000.0,
        "held": 0.0,
        "available": 1000.0,
        "minimum_credit": 50.0,
    }


def test_the_ledger_tells_the_newest_first(house: House) -> None:
    house.subscribe()
    charge, first = house.get("/account/ledger/").json()
    assert set(charge) == {"id", "at", "kind", "amount", "balance", "din", "call_id", "text"}
    assert (charge["kind"], charge["amount"], charge["balance"]) == ("subscription", -650.0, 350.0)
    assert (charge["din"], charge["at"]) == ("815012345678", "2026-11-23T06:00:00Z")
    assert (first["kind"], first["amount"], first["balance"]) == ("top-up", 1000.0, 1000.0)


def test_amounts_add_up_to_the_balance(house: House) -> None:
    uid = house.subscribe()
    house.delete(f"/voice/dins/subscriptions/{uid}/")
    house.subscribe("4930123456")
    postings = house.get("/account/ledger/").json()
    assert sum(posting["amount"] for posting in postings) == house.balance() == FIRST_CREDIT - 5.25


def test_pages_follow_each_other_by_their_links(house: House) -> None:
    uid = house.subscribe()
    house.delete(f"/voice/dins/subscriptions/{uid}/")
    first = house.get("/account/ledger/?limit=2")
    second = house.get(first.links["next"]["url"].removeprefix(house.url))
    assert [posting["kind"] for posting in first.json() + second.json()] == ["rebate", "subscription", "top-up"]
    assert "Link" not in second.headers


def test_every_account_sees_its_own(house: House) -> None:
    house.subscribe()
    assert house.get("/account/", who=(OTHER_SID, OTHER_TOKEN)).json()["balance"] == FIRST_CREDIT
    assert len(house.get("/account/ledger/", who=(OTHER_SID, OTHER_TOKEN)).json()) == 1


def test_the_ledger_is_read_between_two_moments(house: House) -> None:
    uid = house.subscribe()
    house.pass_time(hours=1)
    house.delete(f"/voice/dins/subscriptions/{uid}/")
    begin, hour_later = "2026-11-23T06:00:00.123456Z", "2026-11-23T07:00:00.123456Z"

    def kinds(query: str) -> list[str]:
        return [posting["kind"] for posting in house.get(f"/account/ledger/{query}").json()]

    assert kinds(f"?since={hour_later}") == ["rebate"]
    assert kinds(f"?until={hour_later}") == ["subscription", "top-up"]
    assert kinds(f"?since={begin}&until={hour_later}&limit=1") == ["subscription"]
    assert kinds(f"?since={hour_later}&until={hour_later}") == []
    assert kinds(f"?until={begin}") == []


def test_the_ledger_can_be_had_as_csv(house: House) -> None:
    house.subscribe()
    for answer in (
        house.get("/account/ledger/?format=csv"),
        house.get("/account/ledger/", headers={"Accept": "text/csv"}),
        house.get("/account/ledger/?format=csv&limit=2"),
    ):
        assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
        assert "Link" not in answer.headers
        charge, first = csv.DictReader(answer.text.splitlines())
        posting = house.get("/account/ledger/").json()[0]
        assert charge == {name: "" if value is None else str(value) for name, value in posting.items()}
        assert (charge["amount"], first["amount"]) == ("-650.0", "1000.0")


def test_a_page_of_the_ledger_as_csv_leads_to_the_next_one(house: House) -> None:
    house.subscribe()
    first = house.get("/account/ledger/?format=csv&limit=1")
    second = house.get(first.links["next"]["url"].removeprefix(house.url))
    kinds = [line.split(",")[2] for line in (first.text + second.text).splitlines()]
    assert kinds == ["kind", "subscription", "kind", "top-up"]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("?since=2026-11-23", "since"),
        ("?until=yesterday", "until"),
        ("?limit=0", "limit"),
        ("?limit=%2B1&format=csv", "limit"),
        ("?format=pdf", "format"),
    ],
)
def test_a_bad_filter_of_the_ledger_is_a_400_that_names_it(house: House, query: str, field: str) -> None:
    answer = house.get(f"/account/ledger/{query}")
    assert answer.status_code == 400
    assert list(answer.json()) == [field]
