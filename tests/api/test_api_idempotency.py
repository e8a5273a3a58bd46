"""`Idempotency-Key`: the same POST twice is done once."""

from base64 import b64encode
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection

import pytest

from api_house import FIRST_CREDIT, OTHER_SID, OTHER_TOKEN, SID, TOKEN, House

PATH = "/voice/dins/subscriptions/"
KEY = {"Idempotency-Key": "order-17"}


def test_the_same_key_and_body_get_the_same_answer(house: House) -> None:
    form = {"din_uid": house.uid()}
    first = house.post(PATH, form=form, headers=KEY)
    house.pass_time(hours=1)
    second = house.post(PATH, form=form, headers=KEY)
    assert (first.status_code, first.text) == (second.status_code, second.text) == (201, first.text)
    assert second.headers["Content-Type"] == "application/json"
    assert house.balance() == FIRST_CREDIT - 650.0


def test_the_same_fields_are_the_same_body_however_they_are_encoded(house: House) -> None:
    fields = {"din_uid": house.uid()}
    first = house.post(PATH, form=fields, headers=KEY)
    assert house.post(PATH.removesuffix("/"), json=fields, headers=KEY).text == first.text


def test_the_same_key_with_another_body_is_a_422(house: House) -> None:
    assert house.post(PATH, form={"din_uid": house.uid()}, headers=KEY).status_code == 201
    answer = house.post(PATH, form={"din_uid": house.uid("4930123456")}, headers=KEY)
    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency-key-reused")


def test_the_same_key_at_another_path_is_a_422(house: House) -> None:
    first, second = house.subscribe(), house.subscribe("4930123456")
    form = {"action_url": "https://shop.example/"}
    assert house.post(f"{PATH}{first}/", form=form, headers=KEY).status_code == 200
    assert house.post(f"{PATH}{second}/", form=form, headers=KEY).status_code == 422


def test_another_account_has_keys_of_its_own(house: House) -> None:
    house.post(PATH, form={"din_uid": house.uid()}, headers=KEY)
    form = {"din_uid": house.uid("4930123456")}
    assert house.post(PATH, form=form, headers=KEY, who=(OTHER_SID, OTHER_TOKEN)).status_code == 201


def test_a_key_is_forgotten_after_a_day(house: House) -> None:
    form = {"din_uid": house.uid()}
    house.post(PATH, form=form, headers=KEY)
    house.pass_time(hours=25)
    assert house.post(PATH, form=form, headers=KEY).status_code == 409


def test_a_refusal_leaves_the_key_free(house: House) -> None:
    form = {"din_uid": house.uid("81312345679")}
    assert house.post(PATH, form=form, headers=KEY).status_code == 402
    assert house.post(PATH, form={"din_uid": house.uid()}, headers=KEY).status_code == 201


def test_many_at_once_charge_once(house: House) -> None:
    form = {"din_uid": house.uid()}
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda _: house.post(PATH, form=form, headers=KEY), range(8)))
    assert {(answer.status_code, answer.text) for answer in answers} == {(201, answers[0].text)}
    assert house.balance() == FIRST_CREDIT - 650.0


@pytest.mark.parametrize("key", ["", "x" * 256])
def test_a_key_that_is_none_is_a_400(house: House, key: str) -> None:
    answer = house.post(PATH, form={"din_uid": house.uid()}, headers={"Idempotency-Key": key})
    assert answer.status_code == 400
    assert list(answer.json()) == ["Idempotency-Key"]


def test_two_keys_are_a_400(house: House) -> None:
    connection = HTTPConnection(house.url.removeprefix("http://"), timeout=10)
    connection.putrequest("POST", PATH)
    for name, value in (
        ("Authorization", f"Basic {b64encode(f'{SID}:{TOKEN}'.encode()).decode()}"),
        ("Idempotency-Key", "one"),
        ("Idempotency-Key", "two"),
        ("Content-Type", "application/x-www-form-urlencoded"),
        ("Content-Length", "9"),
    ):
        connection.putheader(name, value)
    connection.endheaders(b"din_uid=a")
    answer = connection.getresponse()
    assert answer.status == 400
    assert b"Idempotency-Key" in answer.read()
    connection.close()
