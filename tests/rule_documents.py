"""Documents of hosted rules for tests: one that says all there is to say, and any that may be written."""

from datetime import date, timedelta
from typing import Any

from hypothesis import strategies as st

from offhook.domain.hosted_rules.rules import WEEKDAYS

Document = dict[str, Any]

OFFICE: Document = {
    "time_zone": "Asia/Tokyo",
    "block": {"callers": ["4930*", "819011111111"], "script": "reject declined"},
    "allow": {"callers": ["81*"], "script": 'say en "Welcome back."', "otherwise": "reject busy"},
    "dates": [
        {"date": "2026-12-24", "hours": ["09:00-12:00"], "open": 'say en "Merry Christmas!"'},
        {"date": "2026-12-29", "last_date": "2027-01-03", "closed": 'say en "A happy new year!"'},
    ],
    "hours": {
        "monday": ["09:00-12:00", "13:00-17:00"],
        "friday": ["09:00-17:00", "22:00-02:00"],
    },
    "open": "transfer 81312345678",
    "closed": 'say en "We are closed."',
}
"""In the form that is written back."""

scripts = st.sampled_from(
    ["reject", "hangup", 'say ja "こんにちは"', 'pause 1\nsay en "Hello"', "transfer 81312345678"]
)
callers = st.from_regex(r"[0-9]{1,3}\*?", fullmatch=True)
caller_lists = st.lists(callers, min_size=1, max_size=6)
_times = st.builds(lambda hour, minute: f"{hour:02}:{minute:02}", st.integers(0, 23), st.sampled_from([0, 15, 30, 45]))
_ZONES = ["UTC", "Asia/Tokyo", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia"]
FIRST_DAY = date(2026, 3, 20)


@st.composite
def day_hours(draw: st.DrawFn) -> list[str]:
    """Draw the hours of a day, which do not overlap: neighbours of some moments in their order."""
    moments = sorted(draw(st.sets(_times, max_size=8)))
    pairs = [f"{opens}-{closes}" for opens, closes in zip(moments[::2], moments[1::2], strict=False)]
    return list(draw(st.permutations(pairs)))


@st.composite
def documents(draw: st.DrawFn) -> Document:
    """Draw a document as somebody may write it, with days around the change to summer time."""
    written: Document = {
        "time_zone": draw(st.sampled_from(_ZONES)),
        "open": draw(scripts),
        "closed": draw(scripts),
    }
    if draw(st.booleans()):
        written["block"] = {"callers": draw(caller_lists), "script": draw(scripts)}
    match draw(st.sampled_from(["allow", "anonymous", "neither"])):
        case "allow":
            written["allow"] = {"callers": draw(caller_lists), "otherwise": draw(scripts)}
            written["allow"] |= draw(st.fixed_dictionaries({}, optional={"script": scripts}))
        case "anonymous":
            written["anonymous"] = {"script": draw(scripts)}
    if draw(st.booleans()):
        hours = draw(st.dictionaries(st.sampled_from(WEEKDAYS), day_hours()))
        written["hours"] = hours | {"sunday": ["22:00-04:00"]}
    days = sorted(draw(st.sets(st.integers(0, 20), max_size=6)))
    written["dates"] = draw(st.permutations([draw(_special(first, last)) for first, last in _ranges(days)]))
    return written


def _ranges(days: list[int]) -> list[tuple[int, int]]:
    return list(zip(days[::2], days[1::2], strict=False))


@st.composite
def _special(draw: st.DrawFn, first: int, last: int) -> Document:
    hours = draw(day_hours())
    special: Document = {
        "date": (FIRST_DAY + timedelta(days=first)).isoformat(),
        "last_date": (FIRST_DAY + timedelta(days=last)).isoformat(),
        "hours": hours,
    }
    own = {"closed": scripts, "open": scripts} if hours else {"closed": scripts}
    return special | draw(st.fixed_dictionaries({}, optional=own))
