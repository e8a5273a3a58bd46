from dataclasses import replace

import pytest
from sqlalchemy.exc import IntegrityError

from house import NOW, House
from offhook.domain.credits import CREDIT, Hold, hold, payment, settle
from offhook.domain.errors import NotEnoughCredit


def test_the_same_fact_twice_is_one_posting(house: House) -> None:
    posting = payment(house.shop.id, CREDIT, fact="bank-1", at=NOW, text="")
    assert house.write(lambda work: work.ledger.post(posting))
    assert not house.write(lambda work: work.ledger.post(posting))
    assert not house.write(lambda work: work.ledger.post(replace(posting, amount=7)))
    assert house.credit().balance == 1001 * CREDIT


def test_a_hold_that_cannot_be_paid_writes_nothing(house: House) -> None:
    dear = hold(Hold("c", house.shop.id, "81", minutes=0, minute_cost=1001 * CREDIT), 1, NOW)

    with pytest.raises(NotEnoughCredit) as refused:
        house.write(lambda work: work.ledger.post(dear))
    assert refused.value.needed == 1001 * CREDIT
    assert len(house.ledger()) == 1


def test_a_hold_never_goes_below_zero_either(house: House) -> None:
    (posting,) = settle(Hold("c", house.shop.id, "81", minutes=1, minute_cost=1), 1, NOW)
    with pytest.raises(NotEnoughCredit):
        house.write(lambda work: work.ledger.post(posting))


@pytest.mark.parametrize("statement", ["UPDATE postings SET amount = 0", "DELETE FROM postings"])
def test_postings_are_never_changed(house: House, statement: str) -> None:
    with pytest.raises(IntegrityError, match="postings are never changed"):
        house.write(lambda work: work.connection.exec_driver_sql(statement).close())
    assert len(house.ledger()) == 1


def test_the_tables_themselves_refuse_a_negative_balance(house: House) -> None:
    with pytest.raises(IntegrityError, match="available_is_never_negative"):
        house.write(lambda work: work.connection.exec_driver_sql("UPDATE balances SET available = -1").close())
