"""Who is asked after whom, and what."""

from dataclasses import replace
from datetime import datetime

import pytest

from call_machine import ARRIVAL, FREE
from offhook.domain.calls import Admission, Caller
from offhook.domain.hosted_rules.decision import Decision, Rule
from offhook.engine.call.chain import Apologise, AskUrl, Chain, UseText

FULL = replace(
    FREE,
    fallback_url="https://b.example/",
    default_action='say en "Later"',
    secrets=("new", "old"),
)


def _chain(admission: Admission = FULL, caller: Caller = ARRIVAL.caller) -> Chain:
    return Chain(replace(ARRIVAL, caller=caller), admission, until=18.0, requests=50)


def _parameters(caller: Caller) -> dict[str, str]:
    first = _chain(caller=caller).next("", 0.0)
    assert isinstance(first, AskUrl)
    return dict(first.question.parameters)


def test_the_whole_chain_in_order() -> None:
    chain = _chain()
    first, second = chain.next("", 0.0), chain.next("timeout", 8.0)
    assert isinstance(first, AskUrl)
    assert isinstance(second, AskUrl)
    assert (first.question.url, second.question.url) == (FULL.action_url, FULL.fallback_url)
    assert chain.next("http-status", 9.0) == UseText('say en "Later"')
    assert chain.next("sound-timeout", 14.0) == Apologise()
    assert chain.next("sound-timeout", 19.0) is None


def test_rules_of_the_subscription_come_before_all_that_is_left() -> None:
    local = datetime.fromisoformat("2026-11-23T15:00:00.25+09:00")
    decision = Decision("reject", Rule.BLOCK, "81* is on the block list", local)
    chain = _chain(replace(FULL, action_url=None, decision=decision))
    data = {"rule": "block", "local_time": "2026-11-23T15:00:00+09:00"}
    assert chain.next("", 0.0) == UseText("reject", "rule-decided", "block: 81* is on the block list", data)
    fallback = chain.next("sound-not-found", 1.0)
    assert isinstance(fallback, AskUrl)
    assert (fallback.question.url, dict(fallback.question.parameters)["reason"]) == (
        FULL.fallback_url,
        "sound-not-found",
    )


def test_the_action_url_is_asked_as_the_wire_contract_says() -> None:
    link = _chain().next("", 0.0)
    assert isinstance(link, AskUrl)
    assert link.question.parameters == (
        ("caller", "81900000001"),
        ("recipient", "81345678901"),
        ("call_id", "c-1"),
        ("event", "incoming"),
        ("trunk", "carrier"),
    )
    assert link.question.secrets == ("new", "old")


def test_the_fallback_url_is_told_what_failed() -> None:
    chain = _chain()
    chain.next("", 0.0)
    link = chain.next("timeout", 8.0)
    assert isinstance(link, AskUrl)
    told = dict(link.question.parameters)
    assert (told["event"], told["reason"]) == ("fallback", "timeout")


@pytest.mark.parametrize(
    ("caller", "expected"),
    [
        (Caller("", "", anonymous=True), {"caller": "", "anonymous": "1"}),
        (Caller("", "1234567890123456789"), {"caller": "", "caller_raw": "1234567890123456789"}),
        (Caller("", ""), {"caller": ""}),
        (Caller("4930", "+4930", name="Zoë"), {"caller": "4930", "caller_name": "Zoë"}),
    ],
)
def test_callers_are_told_as_far_as_they_are_known(caller: Caller, expected: dict[str, str]) -> None:
    told = _parameters(caller)
    names = ("caller", "caller_raw", "caller_name", "anonymous")
    assert {name: told[name] for name in names if name in told} == expected


def test_what_else_is_known_of_a_call_is_told_under_the_names_of_the_contract() -> None:
    arrival = replace(ARRIVAL, forwarded_from="81312345678", verstat="TN-Validation-Passed", signatures=("a.b.c",))
    link = Chain(arrival, FULL, until=18.0, requests=50).next("", 0.0)
    assert isinstance(link, AskUrl)
    assert link.question.parameters[4:] == (
        ("forwarded_from", "81312345678"),
        ("verstat", "TN-Validation-Passed"),
        ("trunk", "carrier"),
    )


def test_what_is_not_set_up_is_left_out() -> None:
    chain = _chain(replace(FREE, action_url=None))
    assert chain.next("action-url-not-set", 0.0) == Apologise()
    assert chain.next("", 0.0) is None


def test_urls_are_left_out_once_their_time_is_over() -> None:
    chain = _chain()
    chain.next("", 0.0)
    assert chain.next("timeout", 18.0) == UseText('say en "Later"')


def test_an_answered_caller_only_gets_the_apology() -> None:
    chain = _chain()
    chain.next("", 0.0)
    chain.only_apology()
    assert chain.next("sound-not-found", 1.0) == Apologise()
    assert chain.next("", 1.0) is None


def test_a_question_says_whose_it_is_and_where_it_may_be_signed() -> None:
    admission = replace(FULL, account_id=7, signed_origins=("https://api.example",))
    link = Chain(ARRIVAL, admission, until=18.0, requests=50).next("", 0.0)
    assert isinstance(link, AskUrl)
    assert link.question.account_id == 7
    assert link.question.homes == (FULL.action_url, FULL.fallback_url, "https://api.example")
