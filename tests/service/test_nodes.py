from datetime import datetime, timedelta

from house import NOW, House
from offhook.service import nodes

NODE = "tokyo/192.0.2.7:5060"


def begin(house: House, node: str = NODE, at: datetime = NOW) -> int:
    return house.write(lambda work: nodes.begin(work, node=node, now=at))


def renew(house: House, epoch: int, at: datetime = NOW) -> bool:
    return house.write(lambda work: nodes.renew(work, node=NODE, epoch=epoch, now=at))


def test_each_begin_under_a_name_takes_its_next_epoch(house: House) -> None:
    assert [begin(house) for _ in range(3)] == [1, 2, 3]
    assert begin(house, "osaka") == 1


def test_a_heartbeat_is_remembered(house: House) -> None:
    epoch = begin(house)
    assert renew(house, epoch, NOW + timedelta(seconds=5))
    assert house.read(lambda work: work.nodes.seen_at(NODE)) == NOW + timedelta(seconds=5)


def test_a_node_whose_epoch_was_taken_is_told_so_and_leaves_no_sign(house: House) -> None:
    zombie = begin(house)
    epoch = begin(house, at=NOW + timedelta(seconds=1))
    assert not renew(house, zombie, NOW + timedelta(seconds=60))
    assert renew(house, epoch, NOW + timedelta(seconds=2))
    assert house.read(lambda work: work.nodes.seen_at(NODE)) == NOW + timedelta(seconds=2)


def test_a_node_that_never_began_has_no_epoch(house: House) -> None:
    assert not renew(house, 1)
    assert house.read(lambda work: work.nodes.seen_at(NODE)) is None


def test_a_dead_node_is_given_up_three_beats_after_its_last() -> None:
    assert nodes.DEAD_AFTER_S == 3 * nodes.HEARTBEAT_S
