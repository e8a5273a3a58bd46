"""A document of rules: what it may say, what is wrong with others, and that it is written in one way only."""

import json
from copy import deepcopy
from datetime import date
from functools import reduce
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offhook.domain.hosted_rules.callers import Callers
from offhook.domain.hosted_rules.document import read_rules, write_rules
from offhook.domain.hosted_rules.hours import Interval
from offhook.domain.hosted_rules.rules import Allow, Block, HostedRules, SpecialDate
from offhook.errors import InputError
from rule_documents import OFFICE, Document, documents

WORKDAY = (Interval(540, 720), Interval(780, 1020))
RULES = HostedRules(
    zone=ZoneInfo("Asia/Tokyo"),
    open="transfer 81312345678",
    closed='say en "We are closed."',
    block=Block(Callers(frozenset({"4930*", "819011111111"})), "reject declined"),
    allow=Allow(Callers(frozenset({"81*"})), "reject busy", 'say en "Welcome back."'),
    dates=(
        SpecialDate(date(2026, 12, 24), date(2026, 12, 24), (Interval(540, 720),), 'say en "Merry Christmas!"'),
        SpecialDate(date(2026, 12, 29), date(2027, 1, 3), closed='say en "A happy new year!"'),
    ),
    week=(WORKDAY, (), (), (), (Interval(540, 1020), Interval(1320, 1560)), (), ()),
)
REMOVED = object()


def changed(*path: str | int, to: Any) -> Document:
    """Return the office's rules with one thing changed, added or taken away."""
    document = deepcopy(OFFICE)
    *way, last = path
    place: Any = reduce(lambda inside, step: inside[step], way, document)  # type: ignore[index]  # of any kind
    if to is REMOVED:
        del place[last]
    else:
        place[last] = to
    return document


def refusal(document: object) -> tuple[str, str]:
    with pytest.raises(InputError) as refused:
        read_rules(document)
    return refused.value.field, refused.value.sentence


def test_a_document_says_all_that_rules_can() -> None:
    assert read_rules(OFFICE) == RULES
    assert write_rules(RULES) == OFFICE


def test_a_document_needs_no_more_than_what_happens() -> None:
    rules = read_rules({"open": "reject"})
    assert rules == HostedRules(ZoneInfo("UTC"), "reject")
    assert write_rules(rules) == {"time_zone": "UTC", "open": "reject"}


def test_what_withheld_numbers_get_is_written_too() -> None:
    document = {"time_zone": "UTC", "anonymous": {"script": "reject"}, "open": "hangup"}
    assert write_rules(read_rules(document)) == document


def test_everything_is_written_in_one_way() -> None:
    document = changed("block", "callers", to=["+81 90-1111-1111", "4930*", "819011111111"])
    document["dates"].reverse()
    document["hours"] = {
        "friday": ["22:00-02:00", "09:00-17:00"],
        "sunday": [],
        "monday": ["13:00-17:00", "09:00-12:00"],
    }
    document["closed"] += "\r\n\r\n"
    document["dates"][1]["last_date"] = document["dates"][1]["date"]
    assert json.dumps(write_rules(read_rules(document))) == json.dumps(OFFICE)


@given(documents())
def test_what_was_written_is_read_as_the_same_rules(document: Document) -> None:
    rules = read_rules(document)
    written = write_rules(rules)
    assert read_rules(json.loads(json.dumps(written))) == rules
    assert json.dumps(write_rules(read_rules(written))) == json.dumps(written)


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12) | st.just("09:00-17:00"),
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(st.text(max_size=6), inside, max_size=3),
    max_leaves=6,
)
PLACES = [
    *((name,) for name in OFFICE),
    *(("block", "callers"), ("block", "callers", 0), ("allow", "otherwise"), ("dates", 0), ("dates", 0, "hours")),
    *(("dates", 0, "date"), ("dates", 1, "last_date"), ("hours", "monday"), ("hours", "friday", 0)),
]


@given(st.sampled_from(PLACES), anything)
def test_whatever_stands_in_a_place_is_read_or_refused_by_name(path: tuple[str | int, ...], value: object) -> None:
    document = changed(*path, to=value)
    try:
        rules = read_rules(document)
    except InputError as refused:
        field = refused.field
    else:
        field = "rules"
        assert read_rules(write_rules(rules)) == rules
    assert field.partition(".")[0].partition("[")[0] in {*OFFICE, "anonymous", "rules"}


@pytest.mark.parametrize(
    ("document", "field", "sentence"),
    [
        (None, "rules", "this is not an object"),
        ([OFFICE], "rules", "this is not an object"),
        (changed("closing", to="reject"), "closing", "there is no such field"),
        (changed("x" * 100, to=1), "x" * 40, "there is no such field"),
        (changed("block", "name", to="x"), "block.name", "there is no such field"),
        (changed("allow", "name", to="x"), "allow.name", "there is no such field"),
        (changed("dates", 1, "name", to="x"), "dates[1].name", "there is no such field"),
        (changed("hours", "holiday", to=[]), "hours.holiday", "there is no such field"),
        (changed("closed", to=None), "closed", "this is null"),
        (changed("time_zone", to="Tokyo"), "time_zone", "'Tokyo' is no time zone"),
        (changed("time_zone", to=REMOVED), "time_zone", "hours and dates need one"),
        (changed("open", to=REMOVED), "open", "this script is missing"),
        (changed("closed", to=REMOVED), "closed", "this script is missing: it runs outside"),
        (changed("block", to="4930*"), "block", "this is not an object"),
        (changed("block", "callers", to="4930*"), "block.callers", "this is not a list"),
        (changed("block", "callers", to=REMOVED), "block.callers", "there are 1 to 500 of them"),
        (changed("block", "callers", 0, to="all"), "block.callers[0]", "'all' is not 1 to 15 digits"),
        (changed("block", "script", to=REMOVED), "block.script", "this script is missing"),
        (changed("block", "script", to=["reject"]), "block.script", "a script is a text"),
        (changed("block", "script", to=" \r\n"), "block.script", "the script is empty"),
        (changed("block", "script", to="reject\x00"), "block.script", "control characters"),
        (changed("block", "script", to="reject \ud800"), "block.script", "control characters"),
        (changed("block", "script", to="#" + "あ" * 2731), "block.script", "a script is at most 8192 bytes"),
        (changed("allow", "otherwise", to=REMOVED), "allow.otherwise", "this script is missing"),
        (changed("anonymous", to={"script": "reject"}), "anonymous", "an anonymous caller is in no allow list"),
        (changed("anonymous", to={"text": "reject"}), "anonymous.script", "this script is missing"),
        (changed("anonymous", to={"script": "reject", "x": 1}), "anonymous.x", "there is no such field"),
        (changed("dates", to={}), "dates", "this is not a list"),
        (changed("dates", 0, to="2026-12-24"), "dates[0]", "this is not an object"),
        (changed("dates", 0, "date", to=REMOVED), "dates[0].date", "'None' is not a date"),
        (changed("dates", 0, "date", to="20261224"), "dates[0].date", "'20261224' is not a date from 1970 to 2199"),
        (changed("dates", 0, "date", to="2200-01-01"), "dates[0].date", "'2200-01-01' is not a date from 1970 to 2199"),
        (changed("dates", 0, "date", to="2027-02-29"), "dates[0].date", "there is no 2027-02-29 in the calendar"),
        (changed("dates", 0, "date", to="2027-01-03"), "dates", "2027-01-03 stands in two of them"),
        (changed("dates", 1, "last_date", to="2026-12-28"), "dates[1].last_date", "it comes before 2026-12-29"),
        (changed("dates", 1, "open", to="reject"), "dates[1].open", "there are no hours in which"),
        (changed("dates", 0, "hours", 0, to="9-12"), "dates[0].hours[0]", "'9-12' is not of the form"),
        (changed("dates", to=[{"date": "2027-01-01"}] * 201), "dates", "there are at most 200 of them"),
        (changed("hours", to=[]), "hours", "this is not an object"),
        (changed("hours", to={"monday": []}), "hours", "no day has hours"),
        (changed("hours", "monday", to="09:00-17:00"), "hours.monday", "this is not a list"),
        (changed("hours", "friday", 1, to="x"), "hours.friday[1]", "'x' is not of the form"),
    ],
)
def test_what_is_wrong_is_named_by_its_place(document: object, field: str, sentence: str) -> None:
    told = refusal(document)
    assert told[0] == field
    assert told[1].startswith(sentence)


def test_a_closed_script_is_needed_only_where_something_can_be_closed() -> None:
    special = {"time_zone": "UTC", "open": "reject", "dates": [{"date": "2026-12-31"}]}
    assert refusal(special)[0] == "closed"
    special["dates"] = [{"date": "2026-12-31", "closed": "hangup"}]
    assert write_rules(read_rules(special))["dates"] == [{"date": "2026-12-31", "closed": "hangup"}]
