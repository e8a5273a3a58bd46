"""What the database knows that a doctor asks for: only read, and only as much as who asks may know."""

from datetime import datetime, timedelta
from functools import partial

import pytest

from house import DIN, NOW, House
from offhook.domain.breakers import Breaker, BreakerState
from offhook.domain.calls import Reason, TimelineEvent
from offhook.domain.credits import CREDIT
from offhook.domain.diagnosis.checks import Check
from offhook.domain.diagnosis.findings import Verdict
from offhook.domain.routes import INSIDE, Unroutable
from offhook.domain.strangers import Sighting
from offhook.domain.trunk_states import Kind, TrunkState
from offhook.service import breakers, diagnosis, limits, nodes, strangers, subscriptions, trunk_states
from offhook.service.diagnosis import NumberFacts, PlatformFacts, origins_of

TOKYO = "81312345678"
LONDON = "442071234567"


def number(house: House, din: str = DIN, account_id: int | None = None, now: datetime = NOW) -> NumberFacts:
    return house.read(partial(diagnosis.look_at_number, din=din, now=now, account_id=account_id))


def platform(house: House, now: datetime = NOW) -> PlatformFacts:
    return house.read(partial(diagnosis.look_at_platform, node="node-1", now=now))


def test_a_number_that_is_not_in_the_pool_has_no_facts_but_the_trunks(house: House) -> None:
    house.add_trunk("carrier")
    facts = number(house)
    assert facts.dialled is None
    assert [reader.trunk for reader in facts.readers] == ["carrier"]


def test_a_subscribed_number_has_its_holder_its_credit_and_its_last_call(house: House) -> None:
    house.subscribed()
    first, last = house.ring(), house.ring()
    facts = number(house)
    assert facts.holder == "Shop"
    # 1,000, less a month and two held minutes.
    assert facts.available == 348 * CREDIT
    assert facts.last_call is not None
    assert facts.last_call.call_id == last
    for call_id in (first, last):
        house.give_up(call_id)


def test_the_limits_of_a_number_are_its_own_and_its_accounts(house: House) -> None:
    house.subscribed()
    assert number(house).limits == []
    limit_number = partial(limits.limit_number, calls_at_once=0, calls_per_minute=None, spend_per_day=None)
    limit_account = partial(limits.limit_account, calls_at_once=5, calls_per_minute=None, spend_per_day=None)
    house.write(partial(limit_number, din=DIN))
    house.write(partial(limit_account, name="Shop"))
    assert [one.calls_at_once for one in number(house).limits] == [5, 0]
    [troubled] = house.read(partial(diagnosis.troubled_numbers, minimum=0, now=NOW))
    [wrong] = [one for one in troubled.findings if one.code is Check.LIMITS]
    assert wrong.verdict is Verdict.BAD


def test_calls_before_the_subscription_are_another_ones(house: House) -> None:
    din_uid = house.subscribed()
    house.give_up(house.ring())
    house.cancel(din_uid)
    house.subscribe(din_uid, at=NOW + timedelta(hours=1))
    assert number(house).last_call is None


def test_breakers_of_the_account_are_those_of_living_nodes(house: House) -> None:
    house.subscribed()
    house.write(partial(nodes.begin, node="node-1", now=NOW))
    state = BreakerState("node-1", house.shop.id, "https://a.example", Breaker.OPEN, NOW, "timeout", "late")
    house.write(partial(breakers.keep, node="node-1", states=[state], now=NOW))
    assert number(house).breakers == [state]
    assert number(house, now=NOW + timedelta(minutes=1)).breakers == []


def test_calls_for_no_known_number_are_the_operators_alone(house: House) -> None:
    house.subscribed()
    house.admit(house.arrival("05012345678"))
    assert [call.recipient for call in number(house).unknown_calls] == ["05012345678"]
    assert number(house, now=NOW + timedelta(days=8)).unknown_calls == []
    customers = number(house, account_id=house.shop.id)
    assert customers.dialled is not None
    assert customers.dialled.subscription is not None
    assert (customers.unknown_calls, customers.readers) == ((), ())


def test_a_number_of_another_account_is_nobodys(house: House) -> None:
    house.subscribed()
    other = house.open_account("Other")
    facts = number(house, account_id=other.id)
    assert facts.dialled is not None
    assert facts.dialled.subscription is None
    assert (facts.holder, facts.available, facts.last_call) == ("", 0, None)


def test_a_platform_has_its_nodes_trunks_strangers_and_last_calls(house: House) -> None:
    house.write(partial(nodes.begin, node="node-1", now=NOW))
    house.write(partial(nodes.begin, node="node-2", now=NOW - timedelta(days=2)))
    house.add_trunk("carrier")
    state = TrunkState("node-1", "carrier", Kind.GATEWAY, False, "no answer", NOW)
    house.write(partial(trunk_states.keep, node="node-1", states=[state], now=NOW))
    sighting = Sighting("192.0.2.9", "INVITE sip:1@x SIP/2.0", 1, NOW, NOW)
    house.write(partial(strangers.note, node="node-1", sightings=[sighting], now=NOW))
    house.subscribed()
    house.give_up(house.ring())
    facts = platform(house)
    assert facts.seen_at == NOW
    assert facts.heard == [("node-1", NOW)]
    assert [trunk.name for trunk in facts.trunks] == ["carrier"]
    assert facts.states == {"carrier": [state]}
    assert [one.address for one in facts.strangers] == ["192.0.2.9"]
    assert len(facts.recent) == 1
    assert platform(house, NOW + timedelta(days=2)).recent == []


def test_the_packets_of_answered_calls_are_those_that_were_counted(house: House) -> None:
    house.subscribed()
    counted, uncounted, short = house.ring(), house.ring(), house.ring()
    quality = TimelineEvent(1.0, "quality", "no sound came", data={"received": {"packets": 0}})
    for call_id, seconds, events in ((counted, 10, (quality,)), (uncounted, 10, ()), (short, 1, (quality,))):
        house.answer(call_id)
        house.hang_up(call_id, seconds, *events)
    assert platform(house).packets == {counted: 0}


def test_targets_are_judged_without_holding_anything(house: House) -> None:
    house.subscribed()
    house.add_trunk("first")
    house.add_trunk("second")
    house.write(partial(nodes.begin, node="node-1", now=NOW))
    down = TrunkState("node-1", "second", Kind.GATEWAY, False, "no answer", NOW)
    house.write(partial(trunk_states.keep, node="node-1", states=[down], now=NOW))
    before = house.credit()
    found = house.read(
        partial(
            diagnosis.look_at_targets,
            numbers=(TOKYO, LONDON, DIN),
            recipient=DIN,
            account_id=house.shop.id,
            defaults=("first", "second"),
            now=NOW,
        )
    )
    assert found[TOKYO] == (("first", "second"), ("second",))
    refused, _ = found[LONDON]
    assert isinstance(refused, Unroutable)
    assert refused.reason is Reason.DESTINATION_REFUSED
    assert found[DIN] == ((INSIDE,), ())
    assert house.credit() == before


def test_numbers_with_trouble_are_found_without_asking_anybody(house: House) -> None:
    well = house.subscribed("815012345671", monthly="1")
    house.subscribed("815012345672", monthly="1")
    point = partial(
        subscriptions.set_urls, account_id=house.shop.id, din_uid=well, action_url="https://a.example/calls"
    )
    house.write(point)
    [troubled] = house.read(partial(diagnosis.troubled_numbers, minimum=0, now=NOW))
    assert troubled.din == "815012345672"
    assert [finding.code.value for finding in troubled.findings] == ["action-url-set"]
    poor = house.read(partial(diagnosis.troubled_numbers, minimum=2000 * CREDIT, now=NOW))
    assert {finding.code.value for one in poor for finding in one.findings} == {"action-url-set", "credit"}


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://A.example/calls?x=1", "https://a.example"),
        ("http://a.example:8080?x", "http://a.example:8080"),
        ("http://user:pass@a.example/#ct=1", "http://a.example"),
    ],
)
def test_origins_are_named_as_breakers_name_them(url: str, origin: str) -> None:
    assert origins_of(url, None, "") == {origin}
