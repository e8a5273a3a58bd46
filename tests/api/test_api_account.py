"""`/account/` and `/account/ledger/`: credit, and what moved it."""

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
