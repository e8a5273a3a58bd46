from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offhook.domain.credits import (
    CREDIT,
    Effect,
    Hold,
    PostingKind,
    charge,
    effect,
    from_credits,
    hold,
    in_words,
    payment,
    rebate,
    settle,
    spell,
    started_minutes,
    to_credits,
)
from offhook.errors import InputError

AT = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "micro"),
    [
        ("650", 650 * CREDIT),
        (" 0.25 ", 250_000),
        ("0", 0),
        (0.1, 100_000),
        (7, 7 * CREDIT),
        (Decimal("0.000001"), 1),
        (1e-6, 1),
        ("1000000000", 1_000_000_000 * CREDIT),
        ("1.50000000", 1_500_000),
    ],
)
def test_credits_are_read_exactly(written: str | float | Decimal, micro: int) -> None:
    assert from_credits(written) == micro


@pytest.mark.parametrize(
    "written",
    [
        "",
        "-1",
        "+1",
        "NaN",
        "Infinity",
        "1_000",
        "0.0000001",
        "1000000001",
        "1,5",
        "１",
        "1e99",
        float("nan"),
        "9" * 60,
        "1.000000" + "0" * 30 + "1",
    ],
)
def test_what_is_no_amount_of_credits_is_refused(written: str | float) -> None:
    with pytest.raises(InputError) as refused:
        from_credits(written)
    assert refused.value.field == "credit"


@given(st.integers(0, 10**15))
def test_an_amount_spelled_is_read_back_the_same(micro: int) -> None:
    assert from_credits(spell(micro)) == micro


def test_one_credit_is_told_in_the_singular() -> None:
    assert [in_words(micro) for micro in (1_000_000, 250_000, 2_000_000)] == ["1 credit", "0.25 credits", "2 credits"]


def test_money_leaves_as_a_number_of_credits() -> None:
    assert to_credits(650_500_000) == 650.5


@pytest.mark.parametrize(("seconds", "minutes"), [(0.0, 1), (59.9, 1), (60.0, 1), (60.1, 2), (3600.0, 60)])
def test_every_minute_begun_counts(seconds: float, minutes: int) -> None:
    assert started_minutes(seconds) == minutes


def test_a_payment_adds_to_what_can_be_spent() -> None:
    assert effect(payment(7, 5, fact="f", at=AT, text="")) == Effect(available=5, held=0)


def test_a_rebate_undoes_a_charge() -> None:
    paid = effect(charge(7, 5, kind=PostingKind.RENEWAL, fact="f", at=AT, din="81", text=""))
    back = effect(rebate(7, 5, fact="g", at=AT, din="81", text=""))
    assert paid == Effect(available=-5, held=0)
    assert back == Effect(available=5, held=0)


def test_a_hold_moves_credit_inside_the_account() -> None:
    first = hold(Hold("c", 7, "81", minutes=0, minute_cost=3), 1, AT)
    second = hold(Hold("c", 7, "81", minutes=1, minute_cost=3), 2, AT)
    assert effect(first) == effect(second) == Effect(available=-3, held=3)
    assert (first.kind, second.kind) == (PostingKind.CALL_HOLD, PostingKind.HOLD_EXTENSION)
    assert (first.id, second.id) == ("c:hold:1", "c:hold:2")


@given(held=st.integers(0, 300), used=st.integers(0, 400), cost=st.integers(0, 10**9))
def test_a_settlement_empties_the_hold_and_never_charges_more(held: int, used: int, cost: int) -> None:
    postings = settle(Hold("c", 7, "81", minutes=held, minute_cost=cost), used, AT)
    effects = [effect(posting) for posting in postings]
    assert sum(one.held for one in effects) == -held * cost
    assert sum(one.available for one in effects) == max(0, held - used) * cost
    assert all(posting.amount > 0 for posting in postings)


def test_a_settlement_says_what_was_charged_and_what_came_back() -> None:
    charged, released = settle(Hold("c", 7, "81", minutes=3, minute_cost=CREDIT // 2), 1, AT)
    assert (charged.id, charged.text) == ("c:settle", "1 minute charged at 0.5 credits")
    assert (released.id, released.text) == ("c:release", "2 minutes given back at 0.5 credits")


def test_a_callees_leg_has_postings_of_its_own_in_the_hold_of_its_call() -> None:
    leg = Hold("c", 7, "81", minutes=3, minute_cost=CREDIT, leg=2)
    first, second = hold(leg, 1, AT), hold(leg, 2, AT)
    charged, released = settle(leg, 1, AT)
    assert [one.id for one in (first, second, charged, released)] == [
        "c:leg2:hold:1",
        "c:leg2:hold:2",
        "c:leg2:transfer-minutes",
        "c:leg2:release",
    ]
    assert {first.target, charged.source, released.source} == {"hold:c"}
    assert (first.kind, second.kind) == (PostingKind.CALL_HOLD, PostingKind.HOLD_EXTENSION)
    assert first.text == "1 credit held for minute 1 of the transfer (leg 2)"
    assert charged.text == "1 minute of the transfer (leg 2) charged at 1 credit"
    assert released.text == "2 minutes of the transfer (leg 2) given back at 1 credit"
