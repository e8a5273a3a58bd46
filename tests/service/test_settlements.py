"""A call with callees is settled leg by leg, each from its own answer, and once."""

from datetime import datetime, timedelta

import pytest

from house import NOW, House
from offhook.domain.calls import Ending, LegUse, Status
from offhook.domain.credits import CREDIT
from offhook.domain.legs import Leg
from offhook.domain.recovery import LONGEST_DIALOG
from offhook.service import desk

TOKYO = "81312345678"


def after(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


@pytest.fixture
def call_id(house: House) -> str:
    """Let a call be answered, and two callees ring."""
    house.add_trunk("tokyo")
    house.subscribed()
    call_id = house.ring()
    house.answer(call_id)
    for leg in (2, 3):
        house.find_routes(call_id, leg, TOKYO, defaults=["tokyo"])
    return call_id


def posted(house: House, call_id: str) -> dict[str, int]:
    """Return what the end of a call posted: amounts by the end of their ids."""
    ids = {line.posting.id.removeprefix(call_id + ":"): line.posting.amount for line in house.ledger()}
    return {name: amount for name, amount in ids.items() if name.endswith(("settle", "release", "transfer-minutes"))}


def test_each_leg_is_charged_what_it_used(house: House, call_id: str) -> None:
    for _ in range(2):
        assert house.extend(call_id)
        assert house.extend(call_id, leg=2)
    house.hang_up(call_id, 130, legs=(LegUse(2, after(20), 110),))
    assert posted(house, call_id) == {
        "settle": 3 * CREDIT,
        "leg2:transfer-minutes": 2 * CREDIT,
        "leg2:release": CREDIT,
        "leg3:release": CREDIT,
    }
    call = house.call(call_id)
    assert (call.cost, call.duration_s) == (5 * CREDIT, 130)
    assert house.credit().held == 0
    assert house.timeline(call_id) == []
    assert house.legs(call_id) == ()


def test_a_callee_that_answered_is_charged_even_if_the_caller_was_not_answered(house: House) -> None:
    house.add_trunk("tokyo")
    house.subscribed()
    call_id = house.ring()
    house.find_routes(call_id, 2, TOKYO, defaults=["tokyo"])
    house.answer(call_id, after(4), leg=2)
    ending = Ending(call_id, Status.CANCELED, None, after(9), None, 0.0, (LegUse(2, after(4), 5.0),))
    house.write(lambda work: desk.close(work, ending, (), "node-1"))
    assert posted(house, call_id) == {"release": CREDIT, "leg2:transfer-minutes": CREDIT}
    assert (house.call(call_id).cost, house.call(call_id).answered_at) == (CREDIT, None)


def test_an_answer_on_record_counts_even_if_the_end_does_not_mention_it(house: House, call_id: str) -> None:
    assert house.extend(call_id, minute=4)
    assert house.extend(call_id, leg=3)
    house.answer(call_id, after(10), leg=2)
    house.answer(call_id, after(50), leg=3)
    house.hang_up(call_id, 120)
    # Leg 2 was up for 110 seconds but held one minute; leg 3 for 70 and held two.
    assert posted(house, call_id) == {
        "settle": 2 * CREDIT,
        "release": 2 * CREDIT,
        "leg2:transfer-minutes": CREDIT,
        "leg3:transfer-minutes": 2 * CREDIT,
    }
    assert house.timeline(call_id) == []


def test_a_second_close_changes_nothing(house: House, call_id: str) -> None:
    house.hang_up(call_id, 30, legs=(LegUse(2, NOW, 30),))
    before = (house.call(call_id), house.ledger())
    house.hang_up(call_id, 500, legs=(LegUse(2, NOW, 500), LegUse(3, NOW, 500)))
    house.give_up(call_id)
    assert (house.call(call_id), house.ledger()) == before


def test_more_use_than_a_leg_held_is_an_alarm_of_that_leg_and_not_a_cost(house: House, call_id: str) -> None:
    house.hang_up(call_id, 61, legs=(LegUse(2, NOW, 61), LegUse(3, NOW, 59)))
    assert house.call(call_id).cost == 3 * CREDIT
    first, second = house.timeline(call_id)
    assert (first.code, first.data) == ("held-exceeded", {"used": 2, "held": 1})
    assert (second.code, second.data) == ("held-exceeded", {"used": 2, "held": 1, "leg": 2})
    assert "(leg 2)" in second.text


def test_a_leg_that_answered_after_its_hold_was_given_back_costs_nothing_and_alarms(house: House, call_id: str) -> None:
    house.give_back(call_id, 2)
    house.answer(call_id, after(3), leg=2, dialog="late")
    house.hang_up(call_id, 10, legs=(LegUse(2, after(3), 7), LegUse(9, after(3), 7)))
    assert house.call(call_id).cost == CREDIT
    assert [event.data.get("leg") for event in house.timeline(call_id)] == [2, 9]
    assert "leg2:transfer-minutes" not in posted(house, call_id)


def test_a_legs_minutes_are_held_by_name_and_once(house: House, call_id: str) -> None:
    for _ in range(2):
        assert house.extend(call_id, 2, leg=2)
    assert house.credit().held == 4 * CREDIT
    assert house.extend(call_id, 4, leg=2)
    assert [leg.held_minutes for leg in house.legs(call_id)] == [4, 1]
    assert house.call(call_id).held_minutes == 1


def test_a_leg_is_not_extended_beyond_credit_nor_if_it_is_unknown(house: House) -> None:
    house.add_trunk("tokyo")
    house.subscribed(monthly="997")
    call_id = house.ring()
    house.find_routes(call_id, 2, TOKYO, defaults=["tokyo"])
    assert not house.extend(call_id, leg=3)
    assert house.extend(call_id, leg=2)
    assert not house.extend(call_id, leg=2)
    assert not house.extend(call_id)
    assert house.credit().available == 0
    house.hang_up(call_id, 5)
    assert not house.extend(call_id, leg=2)


def test_the_answer_of_a_callee_is_on_record_with_its_dialog(house: House, call_id: str) -> None:
    house.answer(call_id, after(4), dialog="callee", leg=2)
    house.answer(call_id, after(9), dialog="again", leg=2)
    assert house.legs(call_id)[0] == Leg(2, TOKYO, 1, CREDIT, after(4), "callee")


@pytest.mark.parametrize("dialog", [None, "x" * (LONGEST_DIALOG + 1)])
def test_an_answer_without_a_dialog_to_keep_is_on_record_all_the_same(
    house: House, call_id: str, dialog: str | None
) -> None:
    house.answer(call_id, after(4), dialog=dialog, leg=2)
    assert house.legs(call_id)[0].answered_at == after(4)
    assert house.legs(call_id)[0].dialog is None
    assert [event.code for event in house.timeline(call_id)] == ([] if dialog is None else ["dialog-too-long"])


def test_a_callees_answer_after_the_end_is_ignored(house: House, call_id: str) -> None:
    house.hang_up(call_id, 5)
    house.answer(call_id, after(6), dialog="late", leg=2)
    assert house.legs(call_id) == ()
