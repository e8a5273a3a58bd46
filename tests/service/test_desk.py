from dataclasses import replace
from datetime import timedelta

import pytest

from house import DIN, NOW, House
from offhook.domain.calls import Admission, Ending, Reason, Refusal, Status, TimelineEvent
from offhook.domain.credits import CREDIT, PostingKind
from offhook.domain.errors import CallNotFound
from offhook.domain.rules import NumberFrom, TrunkRules
from offhook.domain.subscriptions import SubscriptionStatus
from offhook.service import desk, subscriptions
from offhook.service.desk import Limits

EVENT = TimelineEvent(12.4, "action-requested", "asked https://shop.example/", None, {"attempt": 1})


def kinds(house: House) -> list[PostingKind]:
    return [line.posting.kind for line in reversed(house.ledger())][2:]


def refusal_of(house: House, outcome: Admission | Refusal) -> Reason:
    """Return why a call was refused, after checking that the log says the same and nothing is held."""
    assert isinstance(outcome, Refusal)
    call = house.call(outcome.call_id)
    assert (call.status, call.reason) == (Status.REFUSED, outcome.reason.value)
    assert call.ended_at == call.started_at
    assert (call.held_minutes, call.cost, house.credit().held) == (0, 0, 0)
    return outcome.reason


def test_an_admitted_call_knows_whom_to_ask_and_holds_its_first_minute(house: House) -> None:
    din_uid = house.subscribed()
    house.write(
        lambda work: subscriptions.set_urls(
            work,
            account_id=house.shop.id,
            din_uid=din_uid,
            action_url="https://shop.example/",
            fallback_url="http://b.example",
        )
    )
    admission = house.admit(house.arrival("+81-50-1234-5678"))
    assert admission == Admission(
        call_id="call-0",
        account_id=house.shop.id,
        recipient=DIN,
        action_url="https://shop.example/",
        fallback_url="http://b.example",
        default_action=None,
        minute_cost=CREDIT,
        held_minutes=1,
        language="en",
        max_seconds=350 * 60,
    )
    credit = house.credit()
    assert (credit.available, credit.held, credit.balance) == (349 * CREDIT, CREDIT, 350 * CREDIT)
    call = house.call("call-0")
    assert (call.status, call.api_user, call.recipient, call.action_url) == (
        Status.RINGING,
        "Shop",
        DIN,
        "https://shop.example/",
    )


def test_the_number_is_found_in_any_place_where_it_was_dialled(house: House) -> None:
    house.add_number("815099999999")
    house.subscribed()
    admission = house.admit(house.arrival("gateway", "+815099999999", f"00{DIN}"))
    assert isinstance(admission, Admission)
    assert admission.recipient == DIN


def test_an_unknown_number_is_refused_and_says_what_was_tried(house: House) -> None:
    outcome = house.admit(house.arrival("alice\x00", "+815012345678", "00815012345678", "110"))
    assert refusal_of(house, outcome) is Reason.UNKNOWN_NUMBER
    assert isinstance(outcome, Refusal)
    assert (outcome.recipient, outcome.tried) == (DIN, (DIN,))


JAPAN = TrunkRules(country_code="81")


@pytest.mark.parametrize("dialled", ["05012345678", "+815012345678", "815012345678", "00815012345678"])
def test_a_trunks_rules_decide_which_number_was_dialled(house: House, dialled: str) -> None:
    house.subscribed()
    admission = house.admit(replace(house.arrival(dialled), rules=JAPAN))
    assert isinstance(admission, Admission)
    assert admission.recipient == DIN


def test_a_refusal_names_every_form_that_was_tried_or_why_there_is_none(house: House) -> None:
    bare = replace(JAPAN, national_prefixes=("0", ""))
    outcome = house.admit(replace(house.arrival("8112345678"), rules=bare))
    assert isinstance(outcome, Refusal)
    assert outcome.text == "no number of the pool was dialled; tried 8112345678, 818112345678"
    assert outcome.tried == ("8112345678", "818112345678")
    national = house.admit(house.arrival("05012345678"))
    assert isinstance(national, Refusal)
    assert national.text.endswith("'05012345678' has no country code, and the rules of the trunk name none")
    nothing = house.admit(replace(house.arrival(), dialled=()))
    assert isinstance(nothing, Refusal)
    assert (nothing.text, nothing.recipient) == ("no number of the pool was dialled", "")


@pytest.mark.parametrize(
    ("dialled", "near", "rules"), [("05012345678", DIN, "--country-code 81"), ("05099999999", "", "")]
)
def test_a_refusal_names_the_number_that_was_perhaps_meant(house: House, dialled: str, near: str, rules: str) -> None:
    house.subscribed()
    outcome = house.admit(house.arrival("alice", dialled))
    assert isinstance(outcome, Refusal)
    assert (outcome.near, outcome.rules) == (near, rules)


def test_what_the_engine_says_of_its_refusal_is_told(house: House) -> None:
    full = "2 calls run on this node, as many as the setting `calls_per_node` allows"
    outcome = house.admit(replace(house.arrival(refusal=Reason.OVERLOAD), because=full))
    assert isinstance(outcome, Refusal)
    assert outcome.text == full


@pytest.mark.parametrize(
    ("elsewhere", "near", "rules", "header"),
    [
        ((NumberFrom.TO, f"+{DIN}"), DIN, "--number-from to", "To"),
        ((NumberFrom.DIVERSION, "05012345678"), DIN, "--number-from diversion --country-code 81", "Diversion"),
        ((NumberFrom.P_CALLED_PARTY_ID, "+81599999999"), "", "", ""),
    ],
)
def test_a_refusal_names_the_header_in_which_the_number_stands(
    house: House, elsewhere: tuple[NumberFrom, str], near: str, rules: str, header: str
) -> None:
    house.subscribed()
    outcome = house.admit(replace(house.arrival("alice", "trunk42"), elsewhere=(elsewhere,)))
    assert isinstance(outcome, Refusal)
    assert (outcome.near, outcome.rules, outcome.near_in) == (near, rules, header)


def test_the_first_form_that_is_subscribed_goes_before_one_that_is_not(house: House) -> None:
    house.add_number("8112345678")
    house.subscribed("818112345678")
    bare = replace(JAPAN, national_prefixes=("",))
    admission = house.admit(replace(house.arrival("8112345678"), rules=bare))
    assert isinstance(admission, Admission)
    assert admission.recipient == "818112345678"


def test_what_was_no_number_at_all_is_on_record_as_dialled(house: House) -> None:
    outcome = house.admit(house.arrival("alice\x00"))
    assert refusal_of(house, outcome) is Reason.UNKNOWN_NUMBER
    assert house.call(outcome.call_id).recipient == "alice\ufffd"
    assert house.call(outcome.call_id).account_id is None


def test_a_number_that_nobody_subscribes_is_refused(house: House) -> None:
    din_uid = house.add_number()
    assert refusal_of(house, house.admit(house.arrival())) is Reason.NOT_SUBSCRIBED
    house.subscribe(din_uid)
    house.cancel(din_uid)
    assert refusal_of(house, house.admit(house.arrival())) is Reason.NOT_SUBSCRIBED


def test_a_subscription_in_grace_takes_no_calls(house: House) -> None:
    subscription = house.subscribe(house.add_number())
    house.write(lambda work: work.subscriptions.save(replace(subscription, status=SubscriptionStatus.GRACE)))
    assert refusal_of(house, house.admit(house.arrival())) is Reason.IN_GRACE


def test_without_credit_for_a_minute_a_call_is_refused(house: House) -> None:
    house.subscribed(monthly="999.5")
    outcome = house.admit(house.arrival())
    assert refusal_of(house, outcome) is Reason.NO_CREDIT
    assert house.call(outcome.call_id).account_id == house.shop.id


def test_a_free_number_takes_calls_without_credit(house: House) -> None:
    house.subscribed(monthly="1000", minute="0")
    call_id = house.ring()
    assert house.extend(call_id)
    house.hang_up(call_id, 100)
    assert house.call(call_id).cost == 0
    assert kinds(house) == []


def test_what_the_engine_refuses_is_recorded_with_its_account(house: House) -> None:
    house.subscribed()
    outcome = house.admit(house.arrival(refusal=Reason.NO_COMMON_CODEC))
    assert refusal_of(house, outcome) is Reason.NO_COMMON_CODEC
    assert house.call(outcome.call_id).account_id == house.shop.id


def test_calls_are_limited_by_number_and_by_account(house: House) -> None:
    house.subscribed("815011111111", monthly="1")
    house.subscribed("815022222222", monthly="1")
    limits = Limits(calls_per_number=1, calls_per_account=2)
    first = house.admit(house.arrival("815011111111"), limits)
    assert isinstance(first, Admission)
    second = house.admit(house.arrival("815011111111"), limits)
    assert isinstance(second, Refusal)
    assert second.reason is Reason.TOO_MANY_CALLS
    assert isinstance(house.admit(house.arrival("815022222222"), limits), Admission)
    wider = replace(limits, calls_per_number=5)
    assert isinstance(house.admit(house.arrival("815011111111"), wider), Refusal)
    house.give_up(first.call_id)
    assert isinstance(house.admit(house.arrival("815011111111"), wider), Admission)


def test_a_call_is_charged_by_the_minutes_it_began(house: House) -> None:
    house.subscribed(minute="1.5")
    call_id = house.ring()
    house.answer(call_id)
    assert house.call(call_id).status is Status.IN_PROGRESS
    assert house.extend(call_id)
    assert house.extend(call_id)
    house.hang_up(call_id, 60.2, EVENT)
    call = house.call(call_id)
    assert (call.status, call.duration_s, call.cost, call.node) == (Status.COMPLETED, 61, 3 * CREDIT, "node-1")
    assert kinds(house) == [
        PostingKind.CALL_HOLD,
        PostingKind.HOLD_EXTENSION,
        PostingKind.HOLD_EXTENSION,
        PostingKind.SETTLE,
        PostingKind.RELEASE,
    ]
    assert house.credit().balance == 347 * CREDIT
    assert house.timeline(call_id) == [EVENT]


def test_the_ledger_tells_a_call_by_what_it_cost(house: House) -> None:
    house.subscribed()
    house.hang_up(house.ring(), 10)
    settle, hold = house.ledger(limit=2)
    assert (hold.change, hold.posting.amount, hold.balance) == (0, CREDIT, 350 * CREDIT)
    assert (settle.change, settle.balance, settle.posting.call_id) == (-CREDIT, 349 * CREDIT, "call-0")


def test_an_unanswered_call_costs_nothing(house: House) -> None:
    house.subscribed()
    call_id = house.ring()
    house.give_up(call_id)
    assert kinds(house) == [PostingKind.CALL_HOLD, PostingKind.RELEASE]
    assert house.credit().available == 350 * CREDIT
    assert house.call(call_id).answered_at is None


def test_an_answer_counts_even_if_the_end_does_not_mention_it(house: House) -> None:
    house.subscribed()
    call_id = house.ring()
    house.answer(call_id)
    ending = Ending(call_id, Status.FAILED, "worker-died", NOW + timedelta(seconds=5), None, 0.0)
    house.write(lambda work: desk.close(work, ending, (), "node-1"))
    assert house.call(call_id).cost == CREDIT


def test_a_second_close_changes_nothing(house: House) -> None:
    house.subscribed()
    call_id = house.ring()
    house.hang_up(call_id, 10, EVENT)
    before = (house.call(call_id), house.ledger(), house.timeline(call_id))
    house.hang_up(call_id, 500, EVENT, EVENT)
    house.give_up(call_id)
    assert (house.call(call_id), house.ledger(), house.timeline(call_id)) == before


def test_more_use_than_was_held_is_an_alarm_and_not_a_cost(house: House) -> None:
    house.subscribed()
    call_id = house.ring()
    house.hang_up(call_id, 61, EVENT)
    assert house.call(call_id).cost == CREDIT
    alarm = house.timeline(call_id)[-1]
    assert (alarm.kind, alarm.code, alarm.at_ms) == ("alarm", "held-exceeded", 61_000.0)
    assert alarm.data == {"used": 2, "held": 1}


def test_a_minute_is_held_once_however_often_it_is_asked_for(house: House) -> None:
    house.subscribed()
    call_id = house.ring()
    assert house.extend(call_id, minute=2)
    assert house.extend(call_id, minute=2)
    assert house.credit().held == 2 * CREDIT
    assert house.extend(call_id, minute=4)
    assert house.call(call_id).held_minutes == 4


def test_a_call_is_not_extended_beyond_its_credit(house: House) -> None:
    house.subscribed(monthly="998")
    call_id = house.ring()
    assert house.extend(call_id)
    assert not house.extend(call_id)
    assert house.call(call_id).held_minutes == 2
    assert house.credit().available == 0


def test_an_ended_or_refused_call_holds_nothing_more(house: House) -> None:
    house.subscribed()
    call_id = house.ring()
    house.hang_up(call_id, 10)
    assert not house.extend(call_id)
    refused = house.admit(house.arrival("815099999999"))
    assert not house.extend(refused.call_id)


def test_an_answer_after_the_end_is_ignored(house: House) -> None:
    house.subscribed()
    call_id = house.ring()
    house.give_up(call_id)
    house.answer(call_id)
    assert house.call(call_id).status is Status.CANCELED


def test_a_refused_call_keeps_its_reason_and_gets_its_timeline(house: House) -> None:
    refused = house.admit(house.arrival())
    ending = Ending(refused.call_id, Status.FAILED, "no-rtp", NOW, None, 0.0)
    house.write(lambda work: desk.close(work, ending, [EVENT], "node-1"))
    assert refusal_of(house, refused) is Reason.UNKNOWN_NUMBER
    assert house.timeline(refused.call_id) == [EVENT]


def test_notes_stand_in_the_timeline_in_the_order_of_time(house: House) -> None:
    house.subscribed()
    call_id = house.ring()
    early, late = replace(EVENT, at_ms=1.0, text="Grüße 日本 \ud800"), replace(EVENT, at_ms=99.0)
    house.write(lambda work: desk.note(work, call_id, [late]))
    house.write(lambda work: desk.note(work, call_id, [early]))
    house.hang_up(call_id, 10, EVENT)
    assert house.timeline(call_id) == [early, EVENT, late]


def test_a_call_that_never_came_is_not_found(house: House) -> None:
    with pytest.raises(CallNotFound):
        house.extend("never-was")
    with pytest.raises(CallNotFound):
        house.give_up("never-was")
    with pytest.raises(CallNotFound):
        house.write(lambda work: desk.note(work, "never-was", [EVENT]))
