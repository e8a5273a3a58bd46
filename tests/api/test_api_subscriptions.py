"""`/voice/dins/subscriptions/`: from taking a number to giving it back."""

from functools import partial

import pytest

from api_house import FIRST_CREDIT, OTHER_SID, OTHER_TOKEN, House
from offhook.service import accounts, api_users, numbers

PATH = "/voice/dins/subscriptions/"
OTHER = (OTHER_SID, OTHER_TOKEN)


def test_a_subscription_looks_as_the_published_api_has_it(house: House) -> None:
    answer = house.post(PATH, form={"din_uid": house.uid(), "action_url": "https://shop.example/calls"})
    assert answer.status_code == 201
    assert answer.json() == {
        "country_code": "81",
        "day_cost": 0.0,
        "din": "815012345678",
        "din_uid": "JP00000000000001",
        "features": ["transfer"],
        "minute_cost": 1,
        "monthly_cost": 650.0,
        "prefix": "50",
        "action_url": "https://shop.example/calls",
        "fallback_url": None,
        "default_action": None,
        "status": "active",
        "subscribed_at": "2026-11-23T06:00:00Z",
        "renews_at": "2026-12-23T06:00:00Z",
        "ended_at": None,
    }


def test_json_and_forms_are_the_same(house: House) -> None:
    answer = house.post(PATH, json={"din_uid": house.uid(), "action_url": None})
    assert answer.status_code == 201
    assert answer.json()["action_url"] is None


def test_the_first_period_is_charged_at_once(house: House) -> None:
    house.subscribe()
    assert house.balance() == FIRST_CREDIT - 650.0


def test_an_account_that_cannot_pay_keeps_its_credit_and_the_number_stays_free(house: House) -> None:
    answer = house.post(PATH, form={"din_uid": house.uid("81312345679")})
    assert answer.status_code == 402
    assert answer.json()["code"] == "not-enough-credit"
    assert "2000 credits are needed" in answer.json()["detail"]
    assert house.balance() == FIRST_CREDIT
    assert house.uid("81312345679")


def test_an_unknown_number_is_a_404(house: House) -> None:
    answer = house.post(PATH, form={"din_uid": "JP99999999999999"})
    assert (answer.status_code, answer.json()["code"]) == (404, "number-not-found")


def test_a_number_for_verified_accounts_is_refused_to_others(house: House) -> None:
    row = {"din": "815099999999", "country_code": "81", "prefix": "50", "monthly_cost": "1", "minute_cost": "1"}
    bring = partial(
        numbers.import_numbers, rows=[{**row, "requires_verification": "yes"}], now=house.now, fresh=lambda: "9" * 14
    )
    house.database.write_now(bring)
    form = {"din_uid": house.uid("815099999999")}
    answer = house.post(PATH, form=form)
    assert (answer.status_code, answer.json()["code"]) == (403, "verification-required")
    house.database.write_now(partial(accounts.verify, name="Shop"))
    subscribed = house.post(PATH, form=form)
    assert (subscribed.status_code, subscribed.json()["features"]) == (201, ["transfer", "verification"])


def test_a_list_is_a_bare_array(house: House) -> None:
    assert house.get(PATH).json() == []
    house.subscribe()
    assert [listed["din"] for listed in house.get(PATH).json()] == ["815012345678"]


def test_one_subscription_can_be_read(house: House) -> None:
    uid = house.subscribe()
    assert house.get(f"{PATH}{uid}/").json()["din_uid"] == uid


def test_urls_are_set_one_by_one_and_taken_back(house: House) -> None:
    uid = house.subscribe()
    house.post(f"{PATH}{uid}/", form={"action_url": "https://a.example/"})
    house.post(f"{PATH}{uid}/", json={"fallback_url": "http://b.example/x", "default_action": 'say en "Goodbye"'})
    changed = house.post(f"{PATH}{uid}/", form={"action_url": ""})
    assert changed.status_code == 200
    assert changed.json()["action_url"] is None
    assert changed.json()["fallback_url"] == "http://b.example/x"
    assert changed.json()["default_action"] == 'say en "Goodbye"'
    assert house.post(f"{PATH}{uid}/", json={"fallback_url": None}).json()["fallback_url"] is None


def test_a_change_of_nothing_is_refused(house: House) -> None:
    answer = house.post(f"{PATH}{house.subscribe()}/")
    assert answer.status_code == 400
    assert "name at least one of" in answer.json()["action_url"][0]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("action_url", "ftp://a.example/"),
        ("action_url", "https://me:secret@a.example/"),
        ("action_url", "https://a.example/?caller=1"),
        ("action_url", "https:///nowhere"),
        ("action_url", "https://a.example/" + "x" * 2000),
        ("fallback_url", "nowhere"),
        ("default_action", "playbak https://a.example/x.mp3"),
        ("din", "815012345678"),
    ],
)
def test_a_bad_field_is_a_400_that_names_it(house: House, field: str, value: str) -> None:
    uid = house.subscribe()
    answer = house.post(f"{PATH}{uid}/", form={field: value})
    assert answer.status_code == 400
    assert list(answer.json()) == [field]
    assert house.get(f"{PATH}{uid}/").json()["action_url"] is None


def test_giving_back_within_a_day_pays_back_and_frees_the_number(house: House) -> None:
    uid = house.subscribe()
    house.pass_time(hours=23)
    ended = house.delete(f"{PATH}{uid}/")
    assert ended.status_code == 200
    assert (ended.json()["status"], ended.json()["ended_at"]) == ("ended", "2026-11-24T05:00:00Z")
    assert house.balance() == FIRST_CREDIT
    assert house.uid() == uid


def test_giving_back_later_costs_the_period_and_the_number_rests(house: House) -> None:
    uid = house.subscribe()
    house.pass_time(days=2)
    assert house.delete(f"{PATH}{uid}/").status_code == 200
    assert house.balance() == FIRST_CREDIT - 650.0
    assert house.get("/voice/dins/?prefix=8150").json() == []
    house.pass_time(days=31)
    assert house.uid() == uid


def test_a_number_is_given_back_once(house: House) -> None:
    uid = house.subscribe()
    house.delete(f"{PATH}{uid}/")
    assert house.delete(f"{PATH}{uid}/").status_code == 404
    assert house.balance() == FIRST_CREDIT


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_another_accounts_subscription_does_not_exist(house: House, method: str) -> None:
    uid = house.subscribe()
    form = {"action_url": "https://evil.example/"} if method == "POST" else None
    answer = house.ask(method, f"{PATH}{uid}/", who=OTHER, form=form)
    assert (answer.status_code, answer.json()["code"]) == (404, "subscription-not-found")
    assert house.get(f"{PATH}{uid}/").json()["action_url"] is None


@pytest.mark.parametrize("uid", ["JP99999999999999", "%00", "%ff%fe", "..%2f..", "x" * 5000, "%F0%9F%93%9E"])
def test_a_uid_that_nobody_has_is_a_404(house: House, uid: str) -> None:
    answer = house.get(f"{PATH}{uid}/")
    assert answer.status_code == 404
    assert set(answer.json()) == {"detail", "code", "help"}


def test_the_log_of_calls_will_name_who_subscribed(house: House) -> None:
    house.database.write_now(
        partial(api_users.add_user, account="Shop", nickname="Till", sid="till", token="t", now=house.now)
    )
    house.subscribe(who=("till", "t"))
    house.subscribe("4930123456")

    def nickname(din: str) -> str:
        dialled = house.database.read_now(lambda work: work.numbers.dialled(din))
        assert dialled is not None
        return dialled.api_user

    assert (nickname("815012345678"), nickname("4930123456")) == ("Till", "Shop")
