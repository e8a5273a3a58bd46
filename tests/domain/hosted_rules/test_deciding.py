"""Which rule decides about a call, in which order they are asked, and what is said about it."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offhook.domain.hosted_rules.deciding import decide
from offhook.domain.hosted_rules.decision import Decision, Rule
from offhook.domain.hosted_rules.document import read_rules
from offhook.domain.hosted_rules.rules import WEEKDAYS, scripts_of
from rule_documents import FIRST_DAY, OFFICE, Document, documents

BY_TIME = {name: OFFICE[name] for name in ("time_zone", "dates", "hours", "open", "closed")}
FRIEND = "819012345678"
OPEN, CLOSED = OFFICE["open"], OFFICE["closed"]


def decision(document: Document, at: str, caller: str = FRIEND, *, anonymous: bool = False) -> Decision:
    return decide(read_rules(document), datetime.fromisoformat(at).astimezone(UTC), caller, anonymous)


def told(document: Document, at: str, caller: str = FRIEND, *, anonymous: bool = False) -> tuple[str, Rule, str]:
    decided = decision(document, at, caller, anonymous=anonymous)
    return decided.script, decided.rule, decided.why


NOON = "2026-11-23T11:00+09:00"


def test_a_blocked_caller_is_told_so_whatever_else_is_right() -> None:
    why = "493012345 is, by 4930*, on the block list"
    assert told(OFFICE, NOON, "493012345") == ("reject declined", Rule.BLOCK, why)
    assert told(OFFICE, NOON, "819011111111")[2] == "819011111111 is on the block list"


def test_the_block_list_comes_before_the_allow_list() -> None:
    assert decision(OFFICE, NOON, "819011111111").rule is Rule.BLOCK
    assert told(OFFICE, NOON) == ('say en "Welcome back."', Rule.ALLOW, f"{FRIEND} is, by 81*, on the allow list")


@pytest.mark.parametrize(
    ("caller", "anonymous", "why"),
    [
        ("15550100", False, "15550100 is not on the allow list"),
        ("", False, "a caller without a number is not on the allow list"),
        ("", True, "a caller who withheld the number is not on the allow list"),
        # Whoever is anonymous is in no list, even where the number is known.
        (FRIEND, True, "a caller who withheld the number is not on the allow list"),
    ],
)
def test_where_there_is_an_allow_list_others_get_the_script_for_others(caller: str, anonymous: bool, why: str) -> None:
    assert told(OFFICE, NOON, caller, anonymous=anonymous) == ("reject busy", Rule.ALLOW, why)


def test_an_allow_list_without_a_script_leaves_its_callers_to_the_other_rules() -> None:
    document = BY_TIME | {"allow": {"callers": ["81*"], "otherwise": "reject busy"}}
    assert decision(document, NOON).rule is Rule.HOURS


def test_who_withheld_the_number_is_told_so_before_the_hours() -> None:
    document = BY_TIME | {"anonymous": {"script": "reject unavailable"}}
    why = "the caller withheld the number"
    assert told(document, NOON, "", anonymous=True) == ("reject unavailable", Rule.ANONYMOUS, why)
    assert decision(document, NOON, "").rule is Rule.HOURS


@pytest.mark.parametrize(
    ("at", "script", "rule", "why"),
    [
        (NOON, OPEN, Rule.HOURS, "open: Monday 09:00-12:00, and in Asia/Tokyo it is Monday 2026-11-23 11:00"),
        (
            "2026-11-23T12:30+09:00",
            CLOSED,
            Rule.HOURS,
            "closed: Monday's hours are 09:00-12:00, 13:00-17:00, and in Asia/Tokyo it is Monday 2026-11-23 12:30",
        ),
        (
            "2026-11-23T18:00+00:00",
            CLOSED,
            Rule.HOURS,
            "closed: Tuesday has no hours, and in Asia/Tokyo it is Tuesday 2026-11-24 03:00",
        ),
        (
            "2026-11-28T01:59+09:00",
            OPEN,
            Rule.HOURS,
            "open: Friday 22:00-02:00, and in Asia/Tokyo it is Saturday 2026-11-28 01:59",
        ),
        (
            "2026-12-24T09:00+09:00",
            'say en "Merry Christmas!"',
            Rule.DATES,
            "open: 09:00-12:00 on 2026-12-24, a special date, and in Asia/Tokyo it is Thursday 2026-12-24 09:00",
        ),
        (
            "2026-12-24T12:00+09:00",
            CLOSED,
            Rule.DATES,
            "closed: 2026-12-24 is a special date, open 09:00-12:00, and in Asia/Tokyo it is Thursday 2026-12-24 12:00",
        ),
        (
            "2027-01-03T23:59+09:00",
            'say en "A happy new year!"',
            Rule.DATES,
            "closed: 2027-01-03 is a special date, closed all day, and in Asia/Tokyo it is Sunday 2027-01-03 23:59",
        ),
        (
            "2027-01-04T09:00+09:00",
            OPEN,
            Rule.HOURS,
            "open: Monday 09:00-12:00, and in Asia/Tokyo it is Monday 2027-01-04 09:00",
        ),
    ],
)
def test_dates_and_hours_are_those_of_the_zone(at: str, script: str, rule: Rule, why: str) -> None:
    assert told(BY_TIME, at) == (script, rule, why)


def test_the_moment_is_shown_as_the_zones_clock_shows_it() -> None:
    assert decision(BY_TIME, "2026-11-23T02:00+00:00").local.isoformat() == "2026-11-23T11:00:00+09:00"


def test_a_night_that_was_begun_is_finished_on_a_special_date() -> None:
    holiday = BY_TIME | {"dates": [{"date": "2026-11-28"}]}
    assert decision(holiday, "2026-11-28T01:00+09:00").script == OPEN
    assert decision(holiday, "2026-11-28T03:00+09:00").rule is Rule.DATES
    party = BY_TIME | {"dates": [{"date": "2026-11-23", "hours": ["20:00-04:00"]}]}
    assert told(party, "2026-11-24T03:59+09:00")[:2] == (OPEN, Rule.DATES)
    assert told(party, "2026-11-24T04:00+09:00")[:2] == (CLOSED, Rule.HOURS)


def test_without_hours_it_is_always_open_but_on_special_dates() -> None:
    always = {"open": "reject"}
    assert told(always, NOON) == ("reject", Rule.DEFAULT, "no opening hours are set: it is always open")
    holiday = {"time_zone": "Asia/Tokyo", "open": "reject", "dates": [{"date": "2026-11-23", "closed": "hangup"}]}
    at = ["2026-11-22T23:59+09:00", "2026-11-23T00:00+09:00", "2026-11-23T23:59+09:00", "2026-11-24T00:00+09:00"]
    assert [decision(holiday, one).script for one in at] == ["reject", "hangup", "hangup", "reject"]


def test_a_clock_that_is_put_back_over_midnight_does_not_close_what_opened() -> None:
    """At 00:01 of that Sunday it was 23:01 of Saturday again."""
    night = {
        "time_zone": "America/St_Johns",
        "open": "reject",
        "closed": "hangup",
        "hours": {"sunday": ["00:00-08:00"]},
    }
    assert [decision(night, f"2006-10-29T02:{minute}+00:00").script for minute in ("29", "30", "31", "59")] == [
        "hangup",
        "reject",
        "reject",
        "reject",
    ]


moments = st.builds(
    lambda minutes: datetime(FIRST_DAY.year, FIRST_DAY.month, FIRST_DAY.day, tzinfo=UTC) + timedelta(minutes=minutes),
    st.integers(-3 * 24 * 60, 25 * 24 * 60),
)
known_callers = st.from_regex(r"[0-9]{0,5}", fullmatch=True)


@given(documents(), moments, known_callers, st.booleans())
def test_there_is_one_decision_about_every_call(document: Document, at: datetime, caller: str, anonymous: bool) -> None:
    rules = read_rules(document)
    decided = decide(rules, at, caller, anonymous)
    assert decided == decide(rules, at, caller, anonymous)
    assert decided.script in {text for _, text in scripts_of(rules)}
    assert decided.local == at
    assert decided.why


@given(documents(), moments, known_callers)
def test_a_decision_is_what_a_plain_reading_of_the_rules_says(document: Document, at: datetime, caller: str) -> None:
    """Where no clock changes near by, nothing but the order of the rules and the time on the clock decides."""
    document["time_zone"] = "Asia/Tokyo"
    decided = decide(read_rules(document), at, caller, anonymous=False)
    assert (decided.rule, decided.script) == plainly(document, at + timedelta(hours=9), caller)


def plainly(document: Document, shown: datetime, caller: str) -> tuple[Rule, str]:
    block: Document | None = document.get("block")
    allow: Document | None = document.get("allow")
    if block and named(block["callers"], caller):
        return Rule.BLOCK, block["script"]
    if allow and not named(allow["callers"], caller):
        return Rule.ALLOW, allow["otherwise"]
    if allow and "script" in allow:
        return Rule.ALLOW, allow["script"]
    for day in (shown - timedelta(days=1), shown):
        special, hours = plan(document, day)
        for interval in hours:
            opens, closes = interval.split("-")
            is_tomorrow = closes <= opens
            now = f"{shown:%H:%M}"
            in_its_day = day is shown and opens <= now and (is_tomorrow or now < closes)
            if in_its_day or (day is not shown and is_tomorrow and now < closes):
                if special:
                    return Rule.DATES, (document | special)["open"]
                return Rule.HOURS if "hours" in document else Rule.DEFAULT, document["open"]
    special, _ = plan(document, shown)
    if special:
        return Rule.DATES, (document | special)["closed"]
    return Rule.HOURS, document["closed"]


def plan(document: Document, day: datetime) -> tuple[Document | None, list[str]]:
    for special in document["dates"]:
        if special["date"] <= f"{day:%Y-%m-%d}" <= special["last_date"]:
            return special, special["hours"]
    if "hours" not in document:
        return None, ["00:00-24:00"]
    return None, document["hours"].get(WEEKDAYS[day.weekday()], [])


def named(entries: list[str], caller: str) -> bool:
    return any(caller == entry or (entry.endswith("*") and caller.startswith(entry[:-1])) for entry in entries)
