"""What a dead node leaves behind is found and ended once, whoever looks, however often, and dies meanwhile."""

from datetime import datetime, timedelta

import pytest

from house import NOW, House
from offhook.domain.calls import Ending, Reason, Refusal, Status
from offhook.domain.credits import CREDIT, PostingKind
from offhook.domain.errors import CallNotFound
from offhook.domain.holds import open_holds
from offhook.domain.legs import Leg
from offhook.domain.recovery import LONGEST_DIALOG, LegDialog, LostCall
from offhook.service import desk, nodes, recovery

A, B = "node-1", "node-2"
DIALOG = '{"call_id":"x","cseq":1}'


def after(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def begin(house: House, node: str = A, seconds: float = 0) -> int:
    return house.write(lambda work: nodes.begin(work, node=node, now=after(seconds)))


def beat(house: House, epoch: int, seconds: float, node: str = A) -> bool:
    return house.write(lambda work: nodes.renew(work, node=node, epoch=epoch, now=after(seconds)))


def lost(house: House, node: str = A, seconds: float = 0) -> list[LostCall]:
    return house.write(lambda work: recovery.lost(work, node=node, now=after(seconds)))


def settle(house: House, call_id: str, node: str = A, seconds: float = 0) -> bool:
    return house.write(lambda work: recovery.settle_lost(work, call_id=call_id, now=after(seconds), node=node))


def recover(house: House, node: str = A, seconds: float = 0) -> list[str]:
    """Do what a node does, and return the calls that it ended."""
    ids = [one.call.call_id for one in lost(house, node, seconds)]
    return [call_id for call_id in ids if settle(house, call_id, node, seconds)]


def held_open(house: House) -> dict[str, int]:
    return dict(open_holds(line.posting for line in house.ledger()))


def test_a_started_server_finds_the_calls_of_its_predecessor(house: House) -> None:
    house.subscribed()
    epoch = begin(house)
    ringing, spoken = house.ring(), house.ring()
    house.answer(spoken, after(2), dialog=DIALOG)
    assert beat(house, epoch, 10)
    begin(house, seconds=12)
    assert lost(house, seconds=12) == [
        LostCall(house.call(ringing), (), after(10)),
        LostCall(house.call(spoken), (LegDialog(1, DIALOG),), after(10)),
    ]


def test_a_lost_call_ends_as_failed_and_says_why(house: House) -> None:
    house.subscribed()
    epoch = begin(house)
    call_id = house.ring()
    house.answer(call_id, after(2), dialog=DIALOG)
    assert beat(house, epoch, 10)
    begin(house, seconds=60)
    assert recover(house, seconds=60) == [call_id]
    call = house.call(call_id)
    assert (call.status, call.reason, call.node) == (Status.FAILED, Reason.NODE_LOST.value, A)
    assert (call.answered_at, call.ended_at, call.duration_s, call.cost) == (after(2), after(10), 8, CREDIT)
    (said,) = house.timeline(call_id)
    assert (said.at_ms, said.kind, said.code) == (10_000.0, "ended", "node-lost")
    assert said.data == {
        "node": A,
        "seen_at": after(10).isoformat(),
        "settled_at": after(60).isoformat(),
        "settled_by": A,
    }
    assert house.credit().held == 0
    assert held_open(house) == {}


def test_a_call_lost_while_it_rang_costs_nothing(house: House) -> None:
    house.subscribed()
    begin(house)
    call_id = house.ring()
    begin(house, seconds=60)
    assert recover(house, seconds=60) == [call_id]
    call = house.call(call_id)
    assert (call.status, call.cost, call.duration_s, call.ended_at) == (Status.FAILED, 0, 0, NOW)
    assert house.ledger(limit=1)[0].posting.kind is PostingKind.RELEASE
    assert (house.credit().available, house.credit().held) == (350 * CREDIT, 0)


@pytest.mark.parametrize(
    ("heard", "held", "cost"),
    [(0, 3, 1), (3, 3, 1), (62, 3, 1), (63, 3, 2), (150, 3, 3), (500, 3, 3), (500, 1, 1)],
)
def test_a_lost_call_is_charged_until_its_node_was_last_heard(house: House, heard: float, held: int, cost: int) -> None:
    house.subscribed()
    epoch = begin(house)
    call_id = house.ring()
    house.answer(call_id, after(2))
    for _ in range(held - 1):
        assert house.extend(call_id)
    assert beat(house, epoch, heard)
    begin(house, seconds=3600)
    recover(house, seconds=3600)
    assert house.call(call_id).cost == cost * CREDIT
    assert house.credit().balance == (350 - cost) * CREDIT
    # `held-exceeded` would be an alarm beside it.
    assert len(house.timeline(call_id)) == 1


def test_a_lost_call_is_settled_once_however_often_it_is_tried(house: House) -> None:
    house.subscribed()
    begin(house)
    call_id = house.ring()
    house.answer(call_id)
    begin(house, seconds=20)
    assert settle(house, call_id, B)
    before = (house.call(call_id), house.ledger(), house.timeline(call_id))
    assert not settle(house, call_id, A, 90)
    assert not settle(house, call_id, B, 90)
    assert lost(house, seconds=90) == []
    assert (house.call(call_id), house.ledger(), house.timeline(call_id)) == before


def test_a_recovery_that_died_begins_again_and_charges_the_same(house: House) -> None:
    house.subscribed()
    epoch = begin(house)
    first, second = house.ring(), house.ring()
    for call_id in (first, second):
        house.answer(call_id)
        assert house.extend(call_id)
    assert beat(house, epoch, 50)
    begin(house, seconds=600)
    assert settle(house, first, seconds=600)
    # The new server beat, dies here, and a third one comes.
    epoch = begin(house, seconds=700)
    assert beat(house, epoch, 800)
    begin(house, seconds=900)
    assert recover(house, seconds=900) == [second]
    assert house.call(first).cost == house.call(second).cost == CREDIT
    assert house.call(second).ended_at == after(50)


def test_a_server_that_runs_never_finds_its_own_calls(house: House) -> None:
    house.subscribed()
    begin(house)
    call_id = house.ring()
    # The database was away: no beat was written for a minute.
    assert lost(house, seconds=60) == []
    assert not settle(house, call_id, A, 60)
    assert not settle(house, call_id, B, 60)
    house.hang_up(call_id, 10)
    assert house.call(call_id).status is Status.COMPLETED


def test_calls_of_another_node_are_lost_after_its_silence(house: House) -> None:
    house.subscribed()
    begin(house, A)
    epoch = begin(house, B)
    call_id = house.ring(node=B)
    assert beat(house, epoch, 5, B)
    assert lost(house, A, 20.0) == []
    assert [one.call.call_id for one in lost(house, A, 20.1)] == [call_id]
    # Every node sees it, also one that came later.
    assert [one.call.call_id for one in lost(house, "node-3", 20.1)] == [call_id]
    assert settle(house, call_id, A, 21)
    said = house.timeline(call_id)[0]
    assert said.data["settled_by"] == A
    assert "node-1 settled" in said.text
    assert house.call(call_id).node == B


def test_a_node_declared_dead_is_fenced(house: House) -> None:
    house.subscribed()
    begin(house, A)
    epoch = begin(house, B)
    house.ring(node=B)
    lost(house, A, 60)
    assert not beat(house, epoch, 61, B)
    again = begin(house, B, 62)
    lost(house, A, 62)
    assert beat(house, again, 63, B)


def test_a_silent_node_without_calls_is_left_alone(house: House) -> None:
    house.subscribed()
    epoch = begin(house, B)
    house.hang_up(house.ring(node=B), 5)
    assert lost(house, A, 600) == []
    assert beat(house, epoch, 601, B)


def test_new_calls_of_a_restarted_node_are_not_lost_with_the_old_ones(house: House) -> None:
    house.subscribed()
    begin(house, B)
    old = house.ring(node=B)
    begin(house, B, 30)
    new = house.ring(node=B)
    assert [one.call.call_id for one in lost(house, A, 31)] == [old]
    assert not settle(house, new, A, 31)


@pytest.mark.parametrize("successor", [True, False])
def test_a_call_of_a_node_that_was_never_heard_costs_one_started_minute(house: House, successor: bool) -> None:
    house.subscribed()
    spoken, ringing = house.ring(node="old"), house.ring(node="old")
    house.answer(spoken, after(3))
    assert house.extend(spoken)
    if successor:
        begin(house, "old", 600)
    assert recover(house, A, 600) == [spoken, ringing]
    assert (house.call(spoken).cost, house.call(spoken).ended_at) == (CREDIT, after(3))
    assert (house.call(ringing).cost, house.call(ringing).ended_at) == (0, NOW)
    assert held_open(house) == {}


def test_a_zombie_may_end_its_call_itself_while_it_is_not_settled(house: House) -> None:
    house.subscribed()
    begin(house, B)
    call_id = house.ring(node=B)
    assert [one.call.call_id for one in lost(house, A, 60)] == [call_id]
    house.hang_up(call_id, 30)
    assert not settle(house, call_id, A, 61)
    assert house.call(call_id).status is Status.COMPLETED


def test_what_a_zombie_says_of_a_settled_call_changes_nothing(house: House) -> None:
    house.subscribed()
    begin(house, B)
    call_id = house.ring(node=B)
    assert recover(house, A, 60) == [call_id]
    before = (house.call(call_id), house.ledger(), house.timeline(call_id))
    house.answer(call_id, after(61), dialog=DIALOG)
    assert not house.extend(call_id)
    house.hang_up(call_id, 30)
    assert (house.call(call_id), house.ledger(), house.timeline(call_id)) == before
    assert house.legs(call_id) == ()


def test_refused_and_ended_calls_are_never_lost(house: House) -> None:
    house.subscribed()
    begin(house)
    refused = house.admit(house.arrival("815099999999"))
    assert isinstance(refused, Refusal)
    ended = house.ring()
    house.hang_up(ended, 5)
    begin(house, seconds=20)
    assert lost(house, seconds=20) == []
    assert house.call(refused.call_id).node == A


def test_a_call_that_never_came_cannot_be_settled(house: House) -> None:
    with pytest.raises(CallNotFound):
        settle(house, "never-was")


def test_every_leg_that_was_answered_can_be_hung_up(house: House) -> None:
    house.subscribed()
    begin(house)
    call_id = house.ring()
    house.answer(call_id, after(4), dialog="callee", leg=2)
    assert house.call(call_id).status is Status.RINGING
    house.answer(call_id, after(5), dialog="caller")
    begin(house, seconds=20)
    (found,) = lost(house, seconds=20)
    assert found.dialogs == (LegDialog(1, "caller"), LegDialog(2, "callee"))


def test_a_callee_that_rings_can_be_canceled_until_it_is_given_up(house: House) -> None:
    house.subscribed()
    house.add_trunk("tokyo")
    begin(house)
    for call_id in (house.ring(), house.ring()):
        house.find_routes(call_id, 2, "81312345678", defaults=["tokyo"])
        house.rings(call_id, 2, "invite")
    house.give_back(call_id, 2)
    begin(house, seconds=20)
    waiting, over = lost(house, seconds=20)
    assert (waiting.dialogs, over.dialogs) == ((LegDialog(2, "invite"),), ())


def test_an_answer_told_twice_keeps_the_first_dialog(house: House) -> None:
    house.subscribed()
    call_id = house.ring()
    house.answer(call_id, after(4), dialog="first")
    house.answer(call_id, after(9), dialog="second")
    assert house.legs(call_id) == (Leg(1, None, 0, 0, after(4), "first"),)
    assert house.call(call_id).answered_at == after(4)


def test_dialogs_are_forgotten_when_the_call_ends(house: House) -> None:
    house.subscribed()
    call_id, other = house.ring(), house.ring()
    for each in (call_id, other):
        house.answer(each, dialog=DIALOG)
    house.hang_up(call_id, 10)
    assert house.legs(call_id) == ()
    assert house.legs(other) == (Leg(1, None, 0, 0, NOW, DIALOG),)


def test_a_dialog_too_long_is_told_and_the_answer_counts_all_the_same(house: House) -> None:
    house.subscribed()
    call_id = house.ring()
    house.answer(call_id, after(2), dialog="x" * LONGEST_DIALOG)
    other = house.ring()
    house.answer(other, after(2), dialog="x" * (LONGEST_DIALOG + 1))
    assert len(house.legs(call_id)) == 1
    assert house.legs(other) == ()
    assert house.call(other).answered_at == after(2)
    (said,) = house.timeline(other)
    assert (said.at_ms, said.code, said.data) == (2000.0, "dialog-too-long", {"bytes": LONGEST_DIALOG + 1})


def test_an_end_without_an_answer_is_not_charged_though_a_callee_answered(house: House) -> None:
    house.subscribed()
    call_id = house.ring()
    house.answer(call_id, after(1), dialog="callee", leg=2)
    ending = Ending(call_id, Status.CANCELED, None, after(3), None, 0.0)
    house.write(lambda work: desk.close(work, ending, (), A))
    assert house.call(call_id).cost == 0


def test_every_leg_of_a_lost_call_is_settled_from_its_own_answer(house: House) -> None:
    house.add_trunk("tokyo")
    house.subscribed()
    epoch = begin(house)
    call_id = house.ring()
    for leg in (2, 3, 4):
        house.find_routes(call_id, leg, "81312345678", defaults=["tokyo"])
    house.answer(call_id, after(2), dialog="caller")
    assert house.extend(call_id, 4, leg=2)
    house.answer(call_id, after(20), dialog="callee", leg=2)
    house.answer(call_id, after(30), leg=3)
    assert beat(house, epoch, 100)
    begin(house, seconds=3600)
    (found,) = lost(house, seconds=3600)
    assert found.dialogs == (LegDialog(1, "caller"), LegDialog(2, "callee"))
    assert recover(house, seconds=3600) == [call_id]
    # The caller's minute ended at 62 s, leg 2 was up from 20 to 100, leg 3 from 30 to 90, and leg 4 rang.
    posted = {line.posting.id.removeprefix(call_id + ":"): line.posting.amount for line in house.ledger()}
    assert {name: amount for name, amount in posted.items() if "hold" not in name and "leg" in name} == {
        "leg2:transfer-minutes": 2 * CREDIT,
        "leg2:release": 2 * CREDIT,
        "leg3:transfer-minutes": CREDIT,
        "leg4:release": CREDIT,
    }
    assert (house.call(call_id).ended_at, house.call(call_id).cost) == (after(62), 4 * CREDIT)
    assert len(house.timeline(call_id)) == 1
    assert held_open(house) == {}
    assert house.legs(call_id) == ()
    assert not settle(house, call_id, B, 3600)


def test_a_call_lost_while_callees_rang_costs_nothing(house: House) -> None:
    house.add_trunk("tokyo")
    house.subscribed()
    begin(house)
    call_id = house.ring()
    house.find_routes(call_id, 2, "81312345678", defaults=["tokyo"])
    begin(house, seconds=60)
    assert recover(house, seconds=60) == [call_id]
    assert house.call(call_id).cost == 0
    assert (house.credit().available, house.credit().held) == (350 * CREDIT, 0)
