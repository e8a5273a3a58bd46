"""Breakers, over real databases: what each node says, for as long as it lives."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import partial

from house import NOW, House
from offhook.domain.breakers import Breaker, BreakerState
from offhook.service import breakers, nodes

SECOND = timedelta(seconds=1)


def state(house: House, node: str = "node-1", origin: str = "https://a.example") -> BreakerState:
    return BreakerState(node, house.shop.id, origin, Breaker.OPEN, NOW + 10 * SECOND, "timeout", "it kept us waiting")


def keep(house: House, node: str, states: Iterable[BreakerState], now: datetime = NOW) -> None:
    house.write(lambda work: breakers.keep(work, node=node, states=list(states), now=now))


def shown(house: House, now: datetime = NOW, account_id: int | None = None) -> list[BreakerState]:
    listed = partial(breakers.list_breakers, account_id=account_id or house.shop.id, now=now)
    return house.read(listed)


def test_what_a_node_knows_takes_the_place_of_what_it_knew(house: House) -> None:
    house.write(partial(nodes.begin, node="node-1", now=NOW))
    first, second = state(house), state(house, origin="https://b.example")
    keep(house, "node-1", [second, first])
    assert shown(house) == [first, second]
    keep(house, "node-1", [second])
    assert shown(house) == [second]
    keep(house, "node-1", [])
    assert shown(house) == []


def test_an_account_sees_its_own_of_all_nodes_that_live(house: House) -> None:
    other = house.open_account("Other")
    for node in ("node-1", "node-2"):
        house.write(partial(nodes.begin, node=node, now=NOW))
    keep(house, "node-2", [state(house, "node-2")])
    keep(house, "node-1", [state(house)])
    keep(house, "never-begun", [state(house, "never-begun")])
    assert [one.node for one in shown(house)] == ["node-1", "node-2"]
    assert shown(house, account_id=other.id) == []
    assert shown(house, NOW + (nodes.DEAD_AFTER_S + 1) * SECOND) == []


def test_what_a_node_knew_that_is_long_gone_is_forgotten(house: House) -> None:
    house.write(partial(nodes.begin, node="node-1", now=NOW))
    keep(house, "node-1", [state(house)])
    house.write(partial(nodes.begin, node="node-2", now=NOW + 2 * breakers.KEPT))
    keep(house, "node-2", [], now=NOW + breakers.KEPT + SECOND)
    assert house.read(lambda work: work.breakers.of_nodes_heard_since(house.shop.id, NOW)) == []
