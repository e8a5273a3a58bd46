"""`/voice/dins/reservations/`: keep a number for a while before it is subscribed."""

import pytest

from api_house import FIRST_CREDIT, OTHER_SID, OTHER_TOKEN, House

PATH = "/voice/dins/reservations/"
SUBSCRIPTIONS = "/voice/dins/subscriptions/"
OTHER = (OTHER_SID, OTHER_TOKEN)
DIN = "815012345678"


def test_a_reservation_is_a_number_and_its_end(house: House) -> None:
    [number] = house.get(f"/voice/dins/?prefix={DIN}").json()
    answer = house.post(PATH, form={"din_uid": number["din_uid"]})
    assert answer.status_code == 201
    assert answer.json() == {**number, "reserved_until": "2026-11-23T06:30:00Z"}
    assert house.get(PATH).json() == [answer.json()]
    assert house.balance() == FIRST_CREDIT


def test_meanwhile_the_number_is_taken_for_everybody_else(house: House) -> None:
    form = {"din_uid": house.uid()}
    house.post(PATH, json=form)
    for path in (PATH, SUBSCRIPTIONS):
        answer = house.post(path, form=form, who=OTHER)
        assert (answer.status_code, answer.json()["code"]) == (409, "number-taken")
    assert house.get(f"/voice/dins/?prefix={DIN}", who=OTHER).json() == []
    assert house.get(PATH, who=OTHER).json() == []


def test_its_holder_subscribes_it(house: House) -> None:
    form = {"din_uid": house.uid()}
    house.post(PATH, form=form)
    assert house.post(SUBSCRIPTIONS, form=form).status_code == 201
    assert house.get(PATH).json() == []


def test_after_half_an_hour_it_is_free_for_everybody(house: House) -> None:
    form = {"din_uid": house.uid()}
    house.post(PATH, form=form)
    house.pass_time(minutes=30)
    assert house.uid() == form["din_uid"]
    assert house.get(PATH).json() == []
    assert house.post(PATH, form=form, who=OTHER).status_code == 201


def test_to_reserve_again_is_answered_with_the_same_end(house: House) -> None:
    form = {"din_uid": house.uid()}
    first = house.post(PATH, form=form)
    house.pass_time(minutes=20)
    second = house.post(PATH, form=form)
    assert (second.status_code, second.json()) == (200, first.json())


def test_the_same_key_gets_the_same_answer_with_its_status(house: House) -> None:
    form, key = {"din_uid": house.uid()}, {"Idempotency-Key": "basket-4"}
    first = house.post(PATH, form=form, headers=key)
    second = house.post(PATH, form=form, headers=key)
    assert (first.status_code, second.status_code, second.text) == (201, 201, first.text)


def test_a_reservation_is_given_back_once(house: House) -> None:
    uid = house.uid()
    house.post(PATH, form={"din_uid": uid})
    house.pass_time(minutes=1)
    ended = house.delete(f"{PATH}{uid}/")
    assert (ended.status_code, ended.json()["reserved_until"]) == (200, "2026-11-23T06:01:00Z")
    assert house.uid() == uid
    answer = house.delete(f"{PATH}{uid}")
    assert (answer.status_code, answer.json()["code"]) == (404, "reservation-not-found")


def test_anothers_reservation_is_not_there_to_be_given_back(house: House) -> None:
    uid = house.uid()
    house.post(PATH, form={"din_uid": uid})
    assert house.delete(f"{PATH}{uid}/", who=OTHER).status_code == 404
    assert len(house.get(PATH).json()) == 1


def test_too_many_are_refused(house: House) -> None:
    house.add_numbers(*(f"8150000000{number:02d}" for number in range(21)))
    uids = [number["din_uid"] for number in house.get("/voice/dins/?prefix=81500").json()]
    answers = [house.post(PATH, form={"din_uid": uid}) for uid in uids]
    assert [answer.status_code for answer in answers] == [201] * 20 + [409]
    assert answers[-1].json()["code"] == "too-many-reservations"


@pytest.mark.parametrize(
    ("form", "status"),
    [({}, 400), ({"din_uid": ""}, 400), ({"din_uid": "JP1", "minutes": "60"}, 400), ({"din_uid": "JP9"}, 404)],
)
def test_what_cannot_be_reserved_is_said(house: House, form: dict[str, str], status: int) -> None:
    assert house.post(PATH, form=form).status_code == status


def test_there_are_no_filters(house: House) -> None:
    assert house.get(f"{PATH}?country=JP").status_code == 400
