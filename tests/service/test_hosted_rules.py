"""Rules in place of an action URL: kept, served and tried; a call does what they say, and its timeline says why."""

import json
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count

import pytest

from house import DIN, NOW, House
from offhook.domain.calls import Admission, Caller
from offhook.domain.errors import RulesNotFound, RulesUrlNotFound, SubscriptionNotFound
from offhook.domain.hosted_rules.decision import Decision, Rule
from offhook.domain.hosted_rules.kept import KeptRules, hash_rules_token
from offhook.errors import InputError
from offhook.service import hosted_rules, subscriptions
from offhook.service.hosted_rules import Hosted
from rule_documents import OFFICE, Document

SIMPLE: Document = {"time_zone": "UTC", "open": "reject"}
tokens = (f"secret-{number}" for number in count())


def put(house: House, din_uid: str, document: object, account_id: int | None = None) -> Hosted:
    owner = house.shop.id if account_id is None else account_id
    return house.write(
        lambda work: hosted_rules.set_rules(
            work, account_id=owner, din_uid=din_uid, document=document, fresh=lambda: next(tokens)
        )
    )


def find(house: House, din_uid: str) -> Hosted:
    return house.read(lambda work: hosted_rules.find_rules(work, account_id=house.shop.id, din_uid=din_uid))


def take_away(house: House, din_uid: str) -> Hosted:
    return house.write(lambda work: hosted_rules.take_away_rules(work, account_id=house.shop.id, din_uid=din_uid))


def by_token(house: House, token: str) -> KeptRules:
    return house.read(lambda work: hosted_rules.by_token(work, token=token))


def point_at(house: House, din_uid: str, action_url: str | None) -> None:
    house.write(
        lambda work: subscriptions.set_urls(work, account_id=house.shop.id, din_uid=din_uid, action_url=action_url)
    )


def admission(house: House, caller: Caller | None = None, at: datetime = NOW) -> Admission:
    arrival = replace(house.arrival(), at=at)
    admitted = house.admit(arrival if caller is None else replace(arrival, caller=caller))
    assert isinstance(admitted, Admission)
    return admitted


def test_rules_are_kept_in_their_one_form_and_their_secret_stays(house: House) -> None:
    din_uid = house.subscribed()
    first = put(house, din_uid, OFFICE | {"closed": 'say en "We are closed."\r\n'})
    assert first.document == OFFICE
    second = put(house, din_uid, SIMPLE)
    assert second == Hosted(SIMPLE, first.token) == find(house, din_uid)
    assert "secret" not in repr(second)


def test_rules_are_served_by_their_secret_as_long_as_they_are_there(house: House) -> None:
    din_uid = house.subscribed()
    token = put(house, din_uid, SIMPLE).token
    kept = by_token(house, token)
    assert (json.loads(kept.document), kept.token) == (SIMPLE, token)
    assert take_away(house, din_uid) == Hosted(SIMPLE, token)
    for missing in (token, hash_rules_token(token), ""):
        with pytest.raises(RulesUrlNotFound):
            by_token(house, missing)
    with pytest.raises(RulesNotFound):
        find(house, din_uid)
    with pytest.raises(RulesNotFound):
        take_away(house, din_uid)
    assert put(house, din_uid, SIMPLE).token != token


def test_rules_end_with_their_subscription(house: House) -> None:
    din_uid = house.subscribed()
    token = put(house, din_uid, SIMPLE).token
    house.cancel(din_uid)
    with pytest.raises(RulesUrlNotFound):
        by_token(house, token)
    house.subscribe(din_uid)
    with pytest.raises(RulesNotFound):
        find(house, din_uid)


def test_another_accounts_subscription_does_not_exist(house: House) -> None:
    din_uid = house.subscribed()
    other = house.open_account("Other")
    with pytest.raises(SubscriptionNotFound):
        put(house, din_uid, SIMPLE, other.id)
    put(house, din_uid, SIMPLE)
    with pytest.raises(SubscriptionNotFound):
        house.read(lambda work: hosted_rules.find_rules(work, account_id=other.id, din_uid=din_uid))


def test_what_is_wrong_with_a_document_or_a_script_is_refused_and_changes_nothing(house: House) -> None:
    din_uid = house.subscribed()
    put(house, din_uid, SIMPLE)
    for wrong, field in ((SIMPLE | {"opne": "reject"}, "opne"), (SIMPLE | {"open": "rejekt"}, "open")):
        with pytest.raises(InputError) as refused:
            put(house, din_uid, wrong)
        assert refused.value.field == field
    assert find(house, din_uid).document == SIMPLE


def test_rules_and_an_action_url_refuse_each_other_in_both_orders(house: House) -> None:
    din_uid = house.subscribed()
    point_at(house, din_uid, "https://shop.example/")
    with pytest.raises(InputError, match="rules stand in place of one") as refused:
        put(house, din_uid, SIMPLE)
    assert refused.value.field == "action_url"
    point_at(house, din_uid, None)
    put(house, din_uid, SIMPLE)
    with pytest.raises(InputError, match="which stand in place of an action URL") as refused:
        point_at(house, din_uid, "https://shop.example/")
    assert refused.value.field == "action_url"
    # To take away what is not there is no wish for one.
    point_at(house, din_uid, None)
    take_away(house, din_uid)
    point_at(house, din_uid, "https://shop.example/")
    assert admission(house).action_url == "https://shop.example/"


def test_a_call_is_decided_when_it_is_admitted_as_the_preview_says(house: House) -> None:
    din_uid = house.subscribed()
    put(house, din_uid, OFFICE)
    # NOW is Monday 15:00 in Tokyo.
    later = NOW + timedelta(hours=3)
    for caller, at in (
        (Caller("819012345678", "+819012345678"), NOW),
        (Caller("4930123", "+4930123"), NOW),
        (Caller("", "", anonymous=True), later),
    ):
        decided = admission(house, caller, at).decision
        tried = house.read(
            lambda work, at=at, caller=caller: hosted_rules.preview(  # type: ignore[misc]  # bound at once
                work,
                account_id=house.shop.id,
                din_uid=din_uid,
                at=at,
                caller=caller.number,
                anonymous=caller.anonymous,
            )
        )
        assert decided == tried
    assert admission(house, Caller("4930123", "")).decision == Decision(
        "reject declined",
        Rule.BLOCK,
        "4930123 is, by 4930*, on the block list",
        NOW,
    )


def test_the_next_call_knows_of_new_rules_and_of_none(house: House) -> None:
    din_uid = house.subscribed()
    put(house, din_uid, SIMPLE)
    put(house, din_uid, SIMPLE | {"open": "hangup"})
    decided = admission(house).decision
    assert decided is not None
    assert decided.script == "hangup"
    take_away(house, din_uid)
    assert admission(house).decision is None


@pytest.mark.parametrize(
    ("document", "told"),
    [
        ("no JSON", "the hosted rules cannot be read: rules: what is kept is no JSON"),
        (
            '{"time_zone": "Moon/Base", "open": "reject"}',
            "the hosted rules cannot be read: time_zone: 'Moon/Base' is no",
        ),
    ],
)
def test_rules_that_cannot_be_read_leave_the_call_to_the_rest_of_its_chain(
    house: House, document: str, told: str
) -> None:
    din_uid = house.subscribed()
    put(house, din_uid, SIMPLE)
    dialled = house.read(lambda work: work.numbers.dialled(DIN))
    assert dialled is not None
    assert dialled.subscription is not None
    id_ = dialled.subscription.id
    house.write(lambda work: work.hosted_rules.change(id_, document))
    admitted = admission(house)
    assert admitted.decision is None
    [event] = house.timeline(admitted.call_id)
    assert (event.kind, event.code) == ("rules-failed", "rules-unreadable")
    assert event.text.startswith(told)
