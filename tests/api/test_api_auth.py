"""Who is let in: with which token, from where, and what whoever is not learns from it."""

from functools import partial

import pytest
import requests

from api_house import SID, TOKEN, House
from offhook.domain.accounts import ApiUser
from offhook.service import api_users

TILL = ("till", "till-token")
OFFICE = "192.0.2.7"
ELSEWHERE = "198.51.100.7"


@pytest.fixture
def till(house: House) -> ApiUser:
    """Add a second user to the account, who may come from the office alone."""
    sid, token = TILL
    add = partial(
        api_users.add_user,
        account="Shop",
        nickname="Till",
        sid=sid,
        token=token,
        now=house.now,
        networks=("192.0.2.0/24", "2001:db8::/32"),
    )
    return house.database.write_now(add)


def come(house: House, address: str | None, who: tuple[str, str] = TILL) -> requests.Response:
    """Ask as the proxy of this machine does for a visitor from this address; directly if None."""
    return house.get("/account/", who=who, headers={"X-Forwarded-For": address} if address else None)


def told(answer: requests.Response) -> tuple[int, bytes, dict[str, str]]:
    """Return all that an answer tells but the time of day."""
    return answer.status_code, answer.content, {name: text for name, text in answer.headers.items() if name != "date"}


@pytest.mark.parametrize("address", [OFFICE, f"::ffff:{OFFICE}", "2001:db8::7", f"{ELSEWHERE}, {OFFICE}"])
def test_a_user_is_let_in_from_its_networks(house: House, till: ApiUser, address: str) -> None:
    assert come(house, address).status_code == 200


@pytest.mark.parametrize("address", [None, ELSEWHERE, "2001:db9::7", f"{OFFICE}, {ELSEWHERE}", "office"])
def test_the_wrong_address_is_answered_as_wrong_credentials_are(
    house: House, till: ApiUser, address: str | None
) -> None:
    refused = told(come(house, address))
    assert refused[0] == 401
    assert refused == told(come(house, address, ("till", "wrong"))) == told(come(house, address, ("nobody", "t")))


def test_an_address_binds_one_user_and_not_its_account(house: House, till: ApiUser) -> None:
    assert come(house, ELSEWHERE, (SID, TOKEN)).status_code == 200


def test_a_user_who_is_disabled_is_out_at_once_and_the_others_are_not(house: House, till: ApiUser) -> None:
    assert come(house, OFFICE).status_code == 200
    house.database.write_now(partial(api_users.disable, sid="till"))
    assert told(come(house, OFFICE)) == told(come(house, OFFICE, ("till", "wrong")))
    assert come(house, OFFICE, (SID, TOKEN)).status_code == 200


def test_a_rotated_token_is_good_for_a_day_more(house: House) -> None:
    house.database.write_now(partial(api_users.rotate, sid=SID, token="new-token", now=house.now))
    assert [house.get("/account/", who=(SID, token)).status_code for token in (TOKEN, "new-token")] == [200, 200]
    house.pass_time(hours=24)
    assert [house.get("/account/", who=(SID, token)).status_code for token in (TOKEN, "new-token")] == [401, 200]


def test_all_users_of_an_account_see_the_same(house: House, till: ApiUser) -> None:
    house.subscribe()
    for path in ("/account/", "/account/ledger/", "/voice/dins/subscriptions/", "/voice/calls/"):
        seen = house.get(path, who=TILL, headers={"X-Forwarded-For": OFFICE})
        assert (seen.status_code, seen.json()) == (200, house.get(path).json())
