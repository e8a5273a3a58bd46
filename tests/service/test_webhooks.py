"""Events are written with their facts, each once; claimed in the order of their call; tried again and given up."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial

import pytest

from house import NOW, House
from offhook.domain.calls import Reason, Refusal, TimelineEvent
from offhook.domain.errors import AccountNotFound
from offhook.domain.notices import Notice, NoticeKind
from offhook.domain.webhooks import KEPT_DELIVERED, KEPT_GIVEN_UP, LEASE, Backlog, Event, Outcome
from offhook.errors import InputError
from offhook.service import desk, notices, recovery, signing, webhooks
from offhook.storage import Work

HOOK = "https://shop.example/events"
OLD, NEW = "the-old-secret-01", "the-new-secret-02"


class NotToBe(Exception):
    """What a unit of work fails with."""


def use_webhook(house: House, url: str | None = HOOK) -> None:
    house.write(lambda work: notices.set_contact(work, name="Shop", email=None, webhook_url=url))


def claim(house: House, *outcomes: Outcome, seconds: float = 0) -> list[Event]:
    turn = partial(
        webhooks.take_turn,
        outcomes=outcomes,
        busy={},
        failing=(),
        origin=lambda url: url,
        now=NOW + timedelta(seconds=seconds),
    )
    ids = house.write(turn)
    return house.read(lambda work: webhooks.claimed(work, ids=ids, now=NOW + timedelta(seconds=seconds)))


def failure(event: Event, seconds: float) -> Outcome:
    return Outcome(event, "it did not answer", NOW + timedelta(seconds=seconds))


def listed(house: House, *, undelivered: bool = False) -> list[Notice]:
    return house.read(lambda work: webhooks.list_events(work, name="Shop", limit=100, undelivered=undelivered))


def kinds(events: Sequence[Event | Notice]) -> list[str]:
    return [event.kind.value for event in events]


def whole_call(house: House) -> str:
    call_id = house.ring()
    house.answer(call_id)
    house.hang_up(call_id, 42, TimelineEvent(42000.0, "quality", "it sounded well", None, {"codec": "PCMU"}))
    return call_id


def test_a_call_is_told_from_its_coming_to_its_end_and_each_once(house: House) -> None:
    use_webhook(house)
    house.subscribed()
    call_id = whole_call(house)
    house.answer(call_id)
    house.hang_up(call_id, 50)
    assert kinds(listed(house))[::-1] == ["call.incoming", "call.answered", "call.ended"]


def test_an_account_without_a_webhook_is_told_nothing(house: House) -> None:
    house.subscribed()
    whole_call(house)
    assert listed(house) == []


def test_a_second_answer_is_not_told_again(house: House) -> None:
    use_webhook(house)
    house.subscribed()
    call_id = house.ring()
    house.answer(call_id)
    house.answer(call_id, NOW + timedelta(seconds=1))
    house.answer(call_id, leg=2)
    assert kinds(listed(house)) == ["call.answered", "call.incoming"]


def test_an_answer_after_the_end_is_not_told(house: House) -> None:
    use_webhook(house)
    house.subscribed()
    call_id = house.ring()
    house.give_up(call_id)
    house.answer(call_id)
    assert kinds(listed(house)) == ["call.ended", "call.incoming"]


def test_a_refused_call_is_told_by_its_end_alone(house: House) -> None:
    use_webhook(house)
    house.subscribed()
    refused = house.admit(house.arrival(), limits=desk.Limits(calls_per_number=0))
    assert isinstance(refused, Refusal)
    house.give_up(refused.call_id)
    (event,) = claim(house)
    assert event.call is not None
    assert (event.kind, event.call.status, event.call.reason) == ("call.ended", "refused", Reason.TOO_MANY_CALLS)


def test_what_a_unit_does_not_commit_is_not_told(house: House) -> None:
    use_webhook(house)
    house.subscribed()
    arrival = house.arrival()

    def admit_and_fail(work: Work) -> None:
        desk.admit(work, arrival, now=NOW, terms=house.terms)
        raise NotToBe

    with pytest.raises(NotToBe):
        house.write(admit_and_fail)
    assert listed(house) == []


def test_the_end_knows_the_call_and_its_quality(house: House) -> None:
    use_webhook(house)
    house.subscribed()
    call_id = whole_call(house)
    (incoming,) = claim(house)
    (answered,) = claim(house, Outcome(incoming))
    (ended,) = claim(house, Outcome(answered), seconds=42)
    assert ended.call == house.call(call_id)
    assert (ended.data, ended.account, ended.target) == ({"quality": {"codec": "PCMU"}}, "Shop", HOOK)
    assert claim(house, Outcome(ended), seconds=10**6) == []
    assert all(event.sent_at is not None for event in listed(house))


def test_events_of_one_call_wait_for_each_other_and_those_of_others_do_not(house: House) -> None:
    use_webhook(house)
    house.subscribed()
    first, second = whole_call(house), whole_call(house)
    heads = claim(house, seconds=60)
    assert [(event.call_id, event.kind) for event in heads] == [(first, "call.incoming"), (second, "call.incoming")]
    assert claim(house, seconds=60) == []
    (next_one,) = claim(house, failure(heads[0], 600), Outcome(heads[1]), seconds=60)
    assert (next_one.call_id, next_one.kind) == (second, "call.answered")
    # Those behind the one that failed come back with it, and after it.
    (last,) = claim(house, Outcome(next_one), seconds=599)
    assert (last.call_id, last.kind) == (second, "call.ended")
    (again,) = claim(house, Outcome(last), seconds=600)
    assert (again.call_id, again.kind, again.attempts, again.uid) == (first, "call.incoming", 2, heads[0].uid)


def test_when_an_event_is_given_up_the_next_one_of_its_call_goes_on(house: House) -> None:
    use_webhook(house)
    house.subscribed()
    whole_call(house)
    (incoming,) = claim(house)
    (answered,) = claim(house, Outcome(incoming, "no", None))
    assert answered.kind == "call.answered"
    (given_up,) = [event for event in listed(house, undelivered=True) if event.next_at is None]
    assert (given_up.kind, given_up.error, given_up.sent_at) == ("call.incoming", "no", None)


def test_what_a_dead_node_had_claimed_comes_back(house: House) -> None:
    use_webhook(house)
    house.subscribed()
    house.ring()
    (first,) = claim(house)
    assert claim(house, seconds=LEASE.total_seconds() - 1) == []
    (again,) = claim(house, seconds=LEASE.total_seconds())
    assert (again.id, again.attempts) == (first.id, 2)
    # The node that was only slow has delivered it: that stands, whatever the other one comes to.
    claim(house, Outcome(first), failure(again, 900), seconds=LEASE.total_seconds())
    assert listed(house, undelivered=True) == []


def test_nodes_that_claim_at_once_share_the_events(house: House) -> None:
    use_webhook(house)
    house.subscribed()
    for _ in range(20):
        house.ring()
    with ThreadPoolExecutor(4) as nodes:
        claimed = [event.id for found in nodes.map(lambda _node: claim(house), range(8)) for event in found]
    assert len(claimed) == len(set(claimed)) == 20


def test_a_target_has_no_more_places_than_its_share(house: House) -> None:
    use_webhook(house)
    house.subscribed()
    for _ in range(5):
        house.ring()
    turn = partial(webhooks.take_turn, outcomes=(), failing=(HOOK,), origin=lambda url: url, now=NOW)
    assert len(house.write(partial(turn, busy={}))) == 2
    assert house.write(partial(turn, busy={HOOK: 2})) == []


def test_a_lost_call_ends_once_whoever_finds_it(house: House) -> None:
    use_webhook(house)
    house.subscribed()
    call_id = house.ring(node="dead")
    house.answer(call_id)
    later = NOW + timedelta(days=3)
    house.write(lambda work: work.calls.lose("dead", NOW + timedelta(seconds=61)))
    for node in ("node-1", "node-2"):
        house.write(partial(recovery.settle_lost, call_id=call_id, now=later, node=node))
    ended = [event for event in listed(house) if event.kind == "call.ended"]
    # It happened just now, and has its day from now on, however long nobody was there.
    assert [(event.created_at, event.next_at) for event in ended] == [(later, later)]
    assert house.call(call_id).reason == "node-lost"


def test_a_voicemail_has_its_place_among_the_events_of_its_call(house: House) -> None:
    use_webhook(house)
    house.subscribed()
    call_id = house.ring()
    house.write(
        lambda work: notices.tell(
            work,
            account_id=house.shop.id,
            kind=NoticeKind.NUMBER_RELEASED,
            fact="recording:1",
            subject="A message",
            text="of 7 seconds",
            data={"call_id": call_id},
            now=NOW,
        )
    )
    house.give_up(call_id)
    (incoming,) = claim(house)
    (message,) = claim(house, Outcome(incoming))
    (ended,) = claim(house, Outcome(message))
    assert (message.subject, message.call, ended.kind) == ("A message", None, "call.ended")


def test_a_target_that_is_gone_is_told_nothing_any_more(house: House) -> None:
    use_webhook(house)
    house.subscribed()
    whole_call(house)
    (incoming,) = claim(house)
    assert claim(house, Outcome(incoming, "it answered 410", None, is_gone=True)) == []
    assert {event.error for event in listed(house, undelivered=True)} == {"it answered 410"}
    assert house.read(lambda work: work.notices.contact(house.shop.id)).webhook_url == ""
    house.ring()
    assert len(listed(house)) == 3


def test_what_waited_for_a_day_is_given_up_by_the_clock(house: House) -> None:
    use_webhook(house)
    house.subscribed()
    house.ring()
    assert house.write(partial(webhooks.tidy, now=NOW + timedelta(hours=23))) == 0
    assert house.write(partial(webhooks.tidy, now=NOW + timedelta(hours=24))) == 1
    (event,) = listed(house, undelivered=True)
    assert (event.next_at, event.error) == (None, "it was not delivered within a day")


def test_what_was_given_up_is_sent_again_when_somebody_asks_for_it(house: House) -> None:
    use_webhook(house)
    house.subscribed()
    house.ring()
    (event,) = claim(house)
    late = timedelta(days=2)
    claim(house, Outcome(event, "no", None))
    use_webhook(house, "https://new.example/")
    assert house.write(partial(webhooks.retry, name="Shop", now=NOW + late)) == 1
    (again,) = claim(house, seconds=late.total_seconds())
    assert (again.target, again.attempts, again.uid) == ("https://new.example/", 1, event.uid)
    assert again.expires_at == NOW + late + timedelta(days=1)


def test_what_waits_goes_where_the_webhook_goes(house: House) -> None:
    use_webhook(house)
    house.subscribed()
    house.ring()
    use_webhook(house, "https://new.example/")
    (event,) = claim(house)
    assert event.target == "https://new.example/"
    use_webhook(house, None)
    assert claim(house, seconds=10**6) == []
    with pytest.raises(InputError, match="webhook"):
        house.write(partial(webhooks.retry, name="Shop", now=NOW))


def test_old_events_are_forgotten_and_their_facts_are_not_told_again(house: House) -> None:
    use_webhook(house)
    house.subscribed()
    house.ring()
    other = house.ring()
    one, two = claim(house)
    claim(house, Outcome(one), Outcome(two, "no", None))
    house.write(partial(webhooks.forget, now=NOW + KEPT_DELIVERED + timedelta(seconds=1)))
    assert [event.error for event in listed(house)] == ["no"]
    house.write(partial(webhooks.forget, now=NOW + KEPT_GIVEN_UP + timedelta(seconds=1)))
    assert listed(house) == []
    house.give_up(other)
    house.give_up(other)
    assert kinds(listed(house)) == ["call.ended"]


def test_the_backlog_is_counted_with_its_age(house: House) -> None:
    use_webhook(house)
    house.subscribed()
    assert house.read(webhooks.backlog) == Backlog(0, None)
    house.ring()
    house.ring()
    assert house.read(webhooks.backlog) == Backlog(2, NOW)
    assert house.read(partial(webhooks.are_due, now=NOW))
    assert not house.read(partial(webhooks.are_due, now=NOW - timedelta(seconds=1)))


def test_events_are_signed_like_requests_with_the_secrets_of_their_account(house: House) -> None:
    use_webhook(house)
    house.subscribed()
    house.ring()
    for secret in (OLD, NEW):
        house.write(partial(signing.rotate_secret, account_id=house.shop.id, secret=secret, now=NOW))
    (event,) = claim(house)
    assert event.secrets == (NEW, OLD)
    assert NEW not in repr(event)


def test_events_of_an_account_without_a_secret_go_unsigned(house: House) -> None:
    use_webhook(house)
    house.subscribed()
    house.ring()
    (event,) = claim(house)
    assert event.secrets == ()


def test_only_an_account_has_events(house: House) -> None:
    with pytest.raises(AccountNotFound):
        house.write(partial(webhooks.retry, name="Nobody", now=NOW))
    assert house.read(lambda work: webhooks.list_events(work, name=None, limit=1, undelivered=False)) == []
