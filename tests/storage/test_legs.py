from datetime import timedelta

from sqlalchemy.dialects import postgresql
from sqlalchemy.sql.elements import CompilerElement

from house import NOW, House
from offhook.domain.legs import Leg
from offhook.storage import legs
from offhook.storage.prepared import Prepared

CALLEE = Leg(2, "81312345678", 1, 5, None, None)


def ring(house: House) -> str:
    house.subscribed()
    return house.ring()


def keep(house: House, call_id: str, leg: Leg) -> None:
    house.write(lambda work: work.legs.keep(call_id, leg))


def test_a_leg_is_kept_before_its_answer_and_once(house: House) -> None:
    call_id = ring(house)
    for leg in (CALLEE, Leg(2, "81312345679", 7, 7, NOW, "late")):
        keep(house, call_id, leg)
    assert house.legs(call_id) == (CALLEE,)
    assert house.read(lambda work: work.legs.get(call_id, 2)) == CALLEE
    assert house.read(lambda work: work.legs.get(call_id, 3)) is None


def test_no_leg_is_kept_of_a_call_that_ended_or_never_came(house: House) -> None:
    call_id = ring(house)
    house.give_up(call_id)
    keep(house, call_id, CALLEE)
    keep(house, "never-was", CALLEE)
    assert house.legs(call_id) == house.legs("never-was") == ()


def test_the_first_answer_stands_and_a_dialog_may_come_later(house: House) -> None:
    call_id, later = ring(house), NOW + timedelta(seconds=9)
    assert not house.write(lambda work: work.legs.answered(call_id, 2, NOW, None))
    keep(house, call_id, CALLEE)
    assert house.write(lambda work: work.legs.answered(call_id, 2, NOW, None))
    assert house.write(lambda work: work.legs.answered(call_id, 2, later, "dialog"))
    assert house.legs(call_id) == (Leg(2, "81312345678", 1, 5, NOW, "dialog"),)


def test_what_cancels_a_ringing_leg_is_the_last_attempts_and_goes_with_the_answer(house: House) -> None:
    call_id = ring(house)
    keep(house, call_id, CALLEE)
    house.write(lambda work: work.legs.rings(call_id, 2, "first route"))
    house.write(lambda work: work.legs.rings(call_id, 2, "second route"))
    assert house.legs(call_id) == (Leg(2, "81312345678", 1, 5, None, "second route"),)
    house.write(lambda work: work.legs.answered(call_id, 2, NOW, None))
    house.write(lambda work: work.legs.rings(call_id, 2, "too late"))
    assert house.legs(call_id) == (Leg(2, "81312345678", 1, 5, NOW, None),)


def test_legs_that_are_taken_are_told_in_their_order(house: House) -> None:
    call_id, other = ring(house), house.ring()
    for number in (3, 1, 2):
        keep(house, call_id, Leg(number, None, 0, 0, None, None))
    keep(house, other, CALLEE)
    call, taken = house.write(lambda work: work.legs.take(call_id))
    assert call is not None
    assert (call.call_id, [leg.leg for leg in taken]) == (call_id, [1, 2, 3])
    assert house.write(lambda work: work.legs.take(call_id)) == (call, ())
    assert house.write(lambda work: work.legs.take("nobody's")) == (None, ())
    assert house.legs(other) == (CALLEE,)


def test_every_statement_is_one_for_postgresql_too() -> None:
    statements = [one.statement for one in vars(legs).values() if isinstance(one, Prepared)]
    assert len(statements) == 8
    for statement in statements:
        assert isinstance(statement, CompilerElement)
        assert str(statement.compile(dialect=postgresql.dialect()))  # type: ignore[no-untyped-call]
