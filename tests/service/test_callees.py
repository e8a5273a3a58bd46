"""Whom a call may be transferred to, by which ways, and what is held for it."""

from dataclasses import replace

import pytest

from house import DIN, NOW, House
from offhook.domain.calls import LegUse, Reason
from offhook.domain.credits import CREDIT, PostingKind
from offhook.domain.errors import CallNotFound
from offhook.domain.peers import check_peer
from offhook.domain.routes import INSIDE, Route, Routes, Unroutable
from offhook.domain.subscriptions import SubscriptionStatus
from offhook.service import accounts, trunks

TOKYO = "81312345678"
LONDON = "442071234567"
SEND = "sip:192.0.2.1:5060"


@pytest.fixture
def call_id(house: House) -> str:
    """Let a call ring at a Japanese number whose minute is a credit; 349 are left."""
    house.subscribed()
    return house.ring()


def trunks_of(routes: Routes | Unroutable) -> list[str]:
    assert isinstance(routes, Routes)
    return [way.trunk for way in routes.ways]


def reason_of(house: House, routes: Routes | Unroutable) -> Reason:
    """Return why there is no route, after checking that no more than the caller's minute is held."""
    assert isinstance(routes, Unroutable)
    assert house.credit().held <= CREDIT
    return routes.reason


def test_a_callee_in_the_country_of_the_number_is_called_through_a_trunk(house: House, call_id: str) -> None:
    house.add_trunk("tokyo", SEND, pass_caller=True)
    house.add_trunk("osaka", SEND)
    assert house.find_routes(call_id, 2, TOKYO, defaults=["osaka", "tokyo"]) == Routes(
        (Route("osaka", SEND, passes_caller=False), Route("tokyo", SEND, passes_caller=True)),
        minute_cost=CREDIT,
        held_minutes=1,
    )


def test_the_first_minute_is_held_once_however_often_it_is_asked_for(house: House, call_id: str) -> None:
    house.add_trunk("tokyo")
    first = house.find_routes(call_id, 2, TOKYO, defaults=["tokyo"])
    assert house.find_routes(call_id, 2, TOKYO, defaults=["tokyo"]) == first
    assert (house.credit().held, house.credit().available) == (2 * CREDIT, 348 * CREDIT)
    assert house.ledger(limit=1)[0].posting.id == f"{call_id}:leg2:hold:1"
    house.find_routes(call_id, 3, TOKYO, defaults=["tokyo"])
    assert house.credit().held == 3 * CREDIT


def test_minutes_held_meanwhile_are_told_when_it_is_asked_again(house: House, call_id: str) -> None:
    house.add_trunk("tokyo")
    house.find_routes(call_id, 2, TOKYO, defaults=["tokyo"])
    assert house.extend(call_id, leg=2)
    again = house.find_routes(call_id, 2, TOKYO, defaults=["tokyo"])
    assert isinstance(again, Routes)
    assert again.held_minutes == 2


def test_the_numbers_trunk_comes_before_the_accounts_and_that_before_the_operators(house: House) -> None:
    for name in ("a", "b", "c", "numbers", "accounts"):
        house.add_trunk(name)
    house.add_trunk("deaf", send=None)
    row = {"din": DIN, "country_code": "81", "prefix": "50", "monthly_cost": "0", "minute_cost": "1"}
    house.import_rows(row | {"trunk": "numbers"})
    dialled = house.read(lambda work: work.numbers.dialled(DIN))
    assert dialled is not None
    house.subscribe(dialled.number.din_uid)
    house.write(lambda work: accounts.route(work, name="Shop", trunk="accounts"))
    routes = house.find_routes(house.ring(), 2, TOKYO, defaults=["gone", "c", "deaf", "accounts", "a", "c"])
    assert trunks_of(routes) == ["numbers", "accounts", "c", "a"]


def test_a_trunk_that_only_calls_in_is_no_way_out(house: House, call_id: str) -> None:
    house.add_trunk("deaf", send=None)
    house.write(lambda work: accounts.route(work, name="Shop", trunk="deaf"))
    routes = house.find_routes(call_id, 2, TOKYO, defaults=["deaf"])
    assert reason_of(house, routes) is Reason.NO_ROUTE
    assert isinstance(routes, Unroutable)
    assert "offhook trunks add" in routes.text
    assert "`routes`" in routes.text


def test_another_country_is_refused_by_name(house: House, call_id: str) -> None:
    house.add_trunk("tokyo")
    routes = house.find_routes(call_id, 2, LONDON, defaults=["tokyo"])
    assert reason_of(house, routes) is Reason.DESTINATION_REFUSED
    assert isinstance(routes, Unroutable)
    assert routes.text == f"+{LONDON} is in GB, and the account may call: JP"


@pytest.mark.parametrize("number", ["80012345678", "9991234567", "7"])
def test_what_belongs_to_no_country_is_refused(house: House, call_id: str, number: str) -> None:
    house.add_trunk("tokyo")
    routes = house.find_routes(call_id, 2, number, defaults=["tokyo"])
    assert reason_of(house, routes) is Reason.DESTINATION_REFUSED
    assert isinstance(routes, Unroutable)
    assert "of no country" in routes.text


def test_a_number_of_no_country_cannot_be_left_towards_its_like(house: House) -> None:
    house.add_trunk("tokyo")
    house.subscribed("80012345678", monthly="0")
    routes = house.find_routes(house.ring("80012345678"), 2, "80012345679", defaults=["tokyo"])
    assert reason_of(house, routes) is Reason.DESTINATION_REFUSED


def test_countries_that_share_a_code_are_two(house: House) -> None:
    house.add_trunk("tokyo")
    house.set_rates(("1", "1"))
    house.subscribed("12125551234", monthly="0")
    call_id = house.ring("12125551234")
    assert reason_of(house, house.find_routes(call_id, 2, "14165551234", defaults=["tokyo"])) is (
        Reason.DESTINATION_REFUSED
    )
    assert trunks_of(house.find_routes(call_id, 2, "13105551234", defaults=["tokyo"])) == ["tokyo"]


def test_a_subscribed_number_of_the_pool_is_connected_inside_wherever_it_is(house: House, call_id: str) -> None:
    house.add_trunk("tokyo")
    house.subscribed(LONDON, monthly="1")
    routes = house.find_routes(call_id, 2, LONDON, defaults=["tokyo"])
    assert routes == Routes((Route(INSIDE, None, passes_caller=True),), minute_cost=CREDIT, held_minutes=1)


def test_a_call_is_connected_inside_once(house: House, call_id: str) -> None:
    house.subscribed(LONDON, monthly="1")
    routes = house.find_routes(call_id, 2, LONDON, came_inside=True)
    assert reason_of(house, routes) is Reason.NO_ROUTE
    assert isinstance(routes, Unroutable)
    assert "not connected inside again" in routes.text


def test_a_call_that_came_inside_may_still_leave_through_a_trunk(house: House, call_id: str) -> None:
    house.add_trunk("tokyo")
    assert trunks_of(house.find_routes(call_id, 2, TOKYO, came_inside=True, defaults=["tokyo"])) == ["tokyo"]


def test_a_number_of_the_pool_that_nobody_subscribes_is_not_called_outside_either(house: House, call_id: str) -> None:
    house.add_trunk("tokyo")
    house.add_number(TOKYO, monthly="1")
    routes = house.find_routes(call_id, 2, TOKYO, defaults=["tokyo"])
    assert reason_of(house, routes) is Reason.NO_ROUTE
    assert isinstance(routes, Unroutable)
    assert "nobody subscribes" in routes.text


def test_a_number_in_grace_is_not_reached_inside(house: House, call_id: str) -> None:
    subscription = house.subscribe(house.add_number(TOKYO, monthly="1"))
    house.write(lambda work: work.subscriptions.save(replace(subscription, status=SubscriptionStatus.GRACE)))
    routes = house.find_routes(call_id, 2, TOKYO)
    assert reason_of(house, routes) is Reason.NO_ROUTE
    assert isinstance(routes, Unroutable)
    assert "subscription is in grace" in routes.text
    assert "nobody subscribes" not in routes.text


def test_without_credit_for_a_minute_nobody_is_called(house: House) -> None:
    house.add_trunk("tokyo")
    house.subscribed(monthly="998.5")
    call_id = house.ring()
    assert reason_of(house, house.find_routes(call_id, 2, TOKYO, defaults=["tokyo"])) is Reason.NO_CREDIT
    assert house.legs(call_id) == ()
    house.write(lambda work: accounts.top_up(work, name="Shop", amount=CREDIT, reference=None, now=NOW))
    assert trunks_of(house.find_routes(call_id, 2, TOKYO, defaults=["tokyo"])) == ["tokyo"]


def test_a_free_number_transfers_without_credit(house: House) -> None:
    house.add_trunk("tokyo")
    house.set_rates(("81", "0"))
    house.subscribed(monthly="1000", minute="0")
    call_id = house.ring()
    assert trunks_of(house.find_routes(call_id, 2, TOKYO, defaults=["tokyo"])) == ["tokyo"]
    assert house.extend(call_id)
    assert house.extend(call_id, leg=2)
    house.hang_up(call_id, 100, legs=(LegUse(2, NOW, 100),))
    assert house.call(call_id).cost == 0
    assert house.timeline(call_id) == []


def test_a_call_that_is_over_reaches_nobody(house: House, call_id: str) -> None:
    house.add_trunk("tokyo")
    house.give_up(call_id)
    assert reason_of(house, house.find_routes(call_id, 2, TOKYO, defaults=["tokyo"])) is Reason.NO_ROUTE
    refused = house.admit(house.arrival("815099999999"))
    assert reason_of(house, house.find_routes(refused.call_id, 2, TOKYO, defaults=["tokyo"])) is Reason.NO_ROUTE


def test_a_call_that_never_came_is_not_found(house: House) -> None:
    with pytest.raises(CallNotFound):
        house.find_routes("never-was", 2, TOKYO)


def test_the_callers_leg_is_nobodys_callee(house: House, call_id: str) -> None:
    with pytest.raises(ValueError, match="from 2"):
        house.find_routes(call_id, 1, TOKYO)


def test_a_leg_that_was_not_answered_gives_its_hold_back_once(house: House, call_id: str) -> None:
    house.add_trunk("tokyo")
    for leg in (2, 3):
        house.find_routes(call_id, leg, TOKYO, defaults=["tokyo"])
    assert house.extend(call_id, leg=2)
    house.give_back(call_id, 2)
    (line,) = house.ledger(limit=1)
    assert (line.posting.id, line.posting.kind, line.posting.amount) == (
        f"{call_id}:leg2:release",
        PostingKind.RELEASE,
        2 * CREDIT,
    )
    assert house.credit().held == 2 * CREDIT
    before = house.ledger()
    house.give_back(call_id, 2)
    assert house.ledger() == before


def test_a_leg_that_gave_its_hold_back_is_used_no_more(house: House, call_id: str) -> None:
    house.add_trunk("tokyo")
    house.find_routes(call_id, 2, TOKYO, defaults=["tokyo"])
    house.give_back(call_id, 2)
    before = house.ledger()
    assert not house.extend(call_id, leg=2)
    assert reason_of(house, house.find_routes(call_id, 2, TOKYO, defaults=["tokyo"])) is Reason.NO_ROUTE
    assert house.ledger() == before
    house.hang_up(call_id, 5)
    assert house.call(call_id).cost == CREDIT


def test_a_leg_calls_one_callee_only(house: House, call_id: str) -> None:
    house.add_trunk("tokyo")
    house.find_routes(call_id, 2, TOKYO, defaults=["tokyo"])
    other = house.find_routes(call_id, 2, "81312345679", defaults=["tokyo"])
    assert isinstance(other, Unroutable)
    assert "another leg" in other.text


def test_unknown_and_answered_legs_give_nothing_back(house: House, call_id: str) -> None:
    house.add_trunk("tokyo")
    house.find_routes(call_id, 2, TOKYO, defaults=["tokyo"])
    house.answer(call_id, leg=2)
    house.answer(call_id, dialog="caller")
    before = (house.ledger(), house.legs(call_id))
    for leg in (1, 2, 3):
        house.give_back(call_id, leg)
    house.give_back("never-was", 2)
    assert (house.ledger(), house.legs(call_id)) == before


def test_nothing_is_given_back_twice_after_the_end(house: House, call_id: str) -> None:
    house.add_trunk("tokyo")
    house.find_routes(call_id, 2, TOKYO, defaults=["tokyo"])
    house.hang_up(call_id, 5)
    before = house.ledger()
    house.give_back(call_id, 2)
    assert house.ledger() == before


def test_a_trunk_whose_peer_registers_here_is_a_way_out_without_an_address(house: House, call_id: str) -> None:
    peer = check_peer("anna", "correct horse battery")
    house.write(lambda work: trunks.add_trunk(work, name="desk", sources=(), send=None, now=NOW, peer=peer))
    routes = house.find_routes(call_id, 2, TOKYO, defaults=["desk"])
    assert isinstance(routes, Routes)
    assert [(way.trunk, way.send) for way in routes.ways] == [("desk", None)]
