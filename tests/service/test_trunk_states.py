"""How trunks fare, over real databases: what each node says, for as long as it lives."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import partial

from house import NOW, House
from offhook.domain.trunk_states import Kind, TrunkState
from offhook.service import nodes, trunk_states

SECOND = timedelta(seconds=1)


def state(
    node: str, trunk: str = "tokyo", kind: Kind = Kind.GATEWAY, *, is_up: bool = True, since: datetime = NOW
) -> TrunkState:
    return TrunkState(node, trunk, kind, is_up, "answered 200", since)


def keep(house: House, node: str, states: Iterable[TrunkState], now: datetime = NOW) -> None:
    house.write(lambda work: trunk_states.keep(work, node=node, states=list(states), now=now))


def shown(house: House, now: datetime = NOW) -> dict[str, list[TrunkState]]:
    return house.read(lambda work: trunk_states.list_states(work, now=now))


def furnish(house: House, *living: str) -> None:
    house.add_trunk("osaka")
    house.add_trunk("tokyo")
    for node in living:
        house.write(partial(nodes.begin, node=node, now=NOW))


def test_what_a_node_knows_takes_the_place_of_what_it_knew(house: House) -> None:
    furnish(house, "node-1")
    keep(house, "node-1", [state("node-1"), state("node-1", kind=Kind.REGISTRATION), state("node-1", "osaka")])
    assert {name: len(states) for name, states in shown(house).items()} == {"osaka": 1, "tokyo": 2}
    down = state("node-1", is_up=False, since=NOW + SECOND)
    keep(house, "node-1", [down])
    assert shown(house) == {"tokyo": [down]}
    keep(house, "node-1", [])
    assert shown(house) == {}


def test_nodes_stand_side_by_side_the_one_that_has_known_it_for_longest_in_front(house: House) -> None:
    furnish(house, "node-1", "node-2")
    keep(house, "node-1", [state("node-1", since=NOW + SECOND), state("node-1", kind=Kind.REGISTRATION)])
    keep(house, "node-2", [state("node-2", is_up=False)])
    found = [(one.kind, one.node) for one in shown(house)["tokyo"]]
    assert found == [(Kind.GATEWAY, "node-2"), (Kind.GATEWAY, "node-1"), (Kind.REGISTRATION, "node-1")]


def test_a_node_that_is_gone_says_nothing_and_is_forgotten_in_the_end(house: House) -> None:
    furnish(house, "node-1", "node-2")
    keep(house, "node-1", [state("node-1")])
    keep(house, "never-begun", [state("never-begun")])
    assert [one.node for one in shown(house)["tokyo"]] == ["node-1"]
    assert shown(house, NOW + (nodes.DEAD_AFTER_S + 1) * SECOND) == {}
    house.write(lambda work: nodes.begin(work, node="node-2", now=NOW + 2 * trunk_states.KEPT))
    keep(house, "node-2", [state("node-2")], now=NOW + trunk_states.KEPT + SECOND)
    left = house.read(lambda work: work.trunk_states.of_nodes_heard_since(NOW))
    assert [one.node for one in left] == ["node-2"]


def test_a_trunk_that_nobody_knows_has_no_state(house: House) -> None:
    furnish(house, "node-1")
    keep(house, "node-1", [state("node-1"), state("node-1", "kyoto")])
    assert list(shown(house)) == ["tokyo"]
