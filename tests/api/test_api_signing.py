"""`/account/signing/` and `/account/breakers/`: how requests are signed, and who is left alone."""

from datetime import timedelta
from functools import partial

from api_house import BEGIN, OTHER_SID, OTHER_TOKEN, SID, House
from offhook.domain.breakers import Breaker, BreakerState
from offhook.service import breakers, nodes, signing

PATH = "/account/signing/"
UNSIGNED: dict[str, object] = {"signed": False, "previous_secret_until": None, "sign_origins": []}


def shop(house: House) -> int:
    user = house.database.read_now(lambda work: work.api_users.by_sid(SID))
    assert user is not None
    return user.account_id


def secrets(house: House) -> tuple[str, ...]:
    found = house.database.read_now(partial(signing.signing_of, account_id=shop(house)))
    return found.secrets(house.now)


def test_a_secret_is_shown_once_and_the_old_one_signs_for_a_day(house: House) -> None:
    assert house.get(PATH).json() == UNSIGNED
    first = house.post(f"{PATH}secret/")
    assert first.status_code == 201
    assert first.json() == {**UNSIGNED, "signed": True, "secret": first.json()["secret"]}
    second = house.post(f"{PATH}secret/").json()
    assert second["previous_secret_until"] == "2026-11-24T06:00:00Z"
    assert secrets(house) == (second["secret"], first.json()["secret"])
    assert "secret" not in house.get(PATH).json()
    house.pass_time(hours=24)
    assert secrets(house) == (second["secret"],)
    assert house.get(PATH).json() == {**UNSIGNED, "signed": True}


def test_a_secret_that_others_know_is_dropped_at_once(house: House) -> None:
    house.post(f"{PATH}secret/")
    dropped = house.post(f"{PATH}secret/", form={"old_secret": "drop"}).json()
    assert secrets(house) == (dropped["secret"],)
    assert house.post(f"{PATH}secret/", form={"old_secret": "burn"}).status_code == 400
    assert house.delete(f"{PATH}secret/").json() == UNSIGNED
    assert secrets(house) == ()


def test_a_repeated_request_for_a_secret_makes_one(house: House) -> None:
    headers = {"Idempotency-Key": "rotation-1"}
    first, again = (house.post(f"{PATH}secret/", headers=headers).json() for _ in range(2))
    assert first == again
    assert secrets(house) == (first["secret"],)


def test_origins_are_listed_and_what_is_none_is_refused(house: House) -> None:
    wish = {"sign_origins": "https://API.example.com, http://[::1]:8000"}
    listed = house.post(PATH, json=wish).json()["sign_origins"]
    assert listed == house.get(PATH).json()["sign_origins"] == ["https://api.example.com", "http://[::1]:8000"]
    refused = house.post(PATH, form={"sign_origins": "https://a.example/path"})
    assert refused.status_code == 400
    assert list(refused.json()) == ["sign_origins"]
    assert house.get(PATH).json()["sign_origins"] == listed
    assert house.post(PATH, form={"sign_origins": ""}).json() == UNSIGNED
    assert house.post(PATH).status_code == 400


def test_breakers_are_shown_to_their_account_alone(house: House) -> None:
    assert house.get("/account/breakers/").json() == []
    state = BreakerState(
        "node-1",
        shop(house),
        "https://a.example",
        Breaker.OPEN,
        BEGIN + timedelta(seconds=10),
        "timeout",
        "a.example kept us waiting for more than 5 s.",
    )
    house.database.write_now(partial(nodes.begin, node="node-1", now=BEGIN))
    house.database.write_now(partial(breakers.keep, node="node-1", states=[state], now=BEGIN))
    assert house.get("/account/breakers/").json() == [
        {
            "origin": "https://a.example",
            "state": "open",
            "retry_at": "2026-11-23T06:00:10Z",
            "code": "timeout",
            "text": "a.example kept us waiting for more than 5 s.",
            "node": "node-1",
        }
    ]
    assert house.get("/account/breakers/", who=(OTHER_SID, OTHER_TOKEN)).json() == []
