"""Which rule decides about a call. Read `decide`: it asks them in their order, and the first that has a say decides.

Hours belong to the day on which they open. So a night that was begun is finished, whatever the next day is.
"""

from datetime import date, datetime, timedelta

from offhook.domain.hosted_rules.decision import Decision, Rule
from offhook.domain.hosted_rules.hours import WHOLE_DAY, Interval, is_running
from offhook.domain.hosted_rules.rules import WEEKDAYS, HostedRules, SpecialDate

# A clock that is put back over midnight shows yesterday while today's hours have begun.
_NEAR = (timedelta(days=-1), timedelta(0), timedelta(days=1))


def decide(rules: HostedRules, at: datetime, caller: str, anonymous: bool) -> Decision:
    """Say what happens with a call at an aware moment of the years 1 to 9998; there is an answer for every one.

    `caller` is digits without `+`, empty if there are none. One who is anonymous is in no list.
    """
    local = at.astimezone(rules.zone)
    script, rule, why = _by_caller(rules, "" if anonymous else caller, anonymous) or _by_time(rules, local)
    return Decision(script, rule, why, local)


def _by_caller(rules: HostedRules, caller: str, anonymous: bool) -> tuple[str, Rule, str] | None:
    if rules.block is not None and (entry := rules.block.callers.entry_of(caller)):
        return rules.block.script, Rule.BLOCK, f"{_listed(caller, entry)} on the block list"
    if rules.allow is not None:
        entry = rules.allow.callers.entry_of(caller)
        if entry is None:
            return rules.allow.otherwise, Rule.ALLOW, f"{_named(caller, anonymous)} is not on the allow list"
        if rules.allow.script is not None:
            return rules.allow.script, Rule.ALLOW, f"{_listed(caller, entry)} on the allow list"
    if rules.anonymous is not None and anonymous:
        return rules.anonymous, Rule.ANONYMOUS, "the caller withheld the number"
    return None


def _by_time(rules: HostedRules, local: datetime) -> tuple[str, Rule, str]:
    now = f"in {rules.zone.key} it is {WEEKDAYS[local.weekday()].title()} {local:%Y-%m-%d %H:%M}"
    running = _running(rules, local)
    if running is None:
        special = _special(rules, local.date())
        rule = Rule.HOURS if special is None else Rule.DATES
        closed = rules.closed if special is None or special.closed is None else special.closed
        assert closed is not None, "whatever can be closed has a script for it: `document` sees to that"
        return closed, rule, f"closed: {_hours_said(rules, local.date())}, and {now}"
    day, interval = running
    special = _special(rules, day)
    if special is not None:
        script = rules.open if special.open is None else special.open
        return script, Rule.DATES, f"open: {interval} on {day}, a special date, and {now}"
    if rules.week is None:
        return rules.open, Rule.DEFAULT, "no opening hours are set: it is always open"
    weekday = WEEKDAYS[day.weekday()].title()
    return rules.open, Rule.HOURS, f"open: {weekday} {interval}, and {now}"


def _running(rules: HostedRules, local: datetime) -> tuple[date, Interval] | None:
    """Return the interval that is open now, and the day to which it belongs."""
    for distance in _NEAR:
        day = local.date() + distance
        for interval in _hours_on(rules, day):
            if is_running(interval, day, local, rules.zone):
                return day, interval
    return None


def _hours_on(rules: HostedRules, day: date) -> tuple[Interval, ...]:
    special = _special(rules, day)
    if special is not None:
        return special.hours
    return (WHOLE_DAY,) if rules.week is None else rules.week[day.weekday()]


def _special(rules: HostedRules, day: date) -> SpecialDate | None:
    return next((special for special in rules.dates if special.first <= day <= special.last), None)


def _hours_said(rules: HostedRules, day: date) -> str:
    special = _special(rules, day)
    hours = ", ".join(map(str, _hours_on(rules, day)))
    if special is not None:
        return f"{day} is a special date, open {hours}" if hours else f"{day} is a special date, closed all day"
    weekday = WEEKDAYS[day.weekday()].title()
    return f"{weekday}'s hours are {hours}" if hours else f"{weekday} has no hours"


def _listed(caller: str, entry: str) -> str:
    return f"{caller} is" if entry == caller else f"{caller} is, by {entry},"


def _named(caller: str, anonymous: bool) -> str:
    if anonymous:
        return "a caller who withheld the number"
    return caller or "a caller without a number"
