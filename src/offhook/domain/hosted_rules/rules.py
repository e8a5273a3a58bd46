"""Hosted rules as values. All of them hold what `document` reads and nothing else."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from offhook.domain.hosted_rules.callers import Callers
from offhook.domain.hosted_rules.hours import Interval

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
"""In the order of `date.weekday`."""


@dataclass(frozen=True, slots=True)
class Block:
    """These callers get the script."""

    callers: Callers
    script: str


@dataclass(frozen=True, slots=True)
class Allow:
    """Everybody else gets `otherwise`. These callers get the script, and without one the rules after this one."""

    callers: Callers
    otherwise: str
    script: str | None = None


@dataclass(frozen=True, slots=True)
class SpecialDate:
    """The hours of each day from `first` to `last`, in place of the week's: closed if there are none.

    `open` and `closed` are scripts in place of those for every day.
    """

    first: date
    last: date
    hours: tuple[Interval, ...] = ()
    open: str | None = None
    closed: str | None = None


@dataclass(frozen=True, slots=True)
class HostedRules:
    """A subscription's rules. `week` has seven days' hours, Monday's first; None is always open.

    `open` and `closed` are scripts; there is no `closed` where it is never needed. `dates` stand in their order,
    and no two of them share a day.
    """

    zone: ZoneInfo
    open: str
    closed: str | None = None
    block: Block | None = None
    allow: Allow | None = None
    anonymous: str | None = None
    dates: tuple[SpecialDate, ...] = ()
    week: tuple[tuple[Interval, ...], ...] | None = None


def scripts_of(rules: HostedRules) -> Iterator[tuple[str, str]]:
    """Give every script with the name of its field."""
    if rules.block is not None:
        yield "block.script", rules.block.script
    if rules.allow is not None:
        if rules.allow.script is not None:
            yield "allow.script", rules.allow.script
        yield "allow.otherwise", rules.allow.otherwise
    if rules.anonymous is not None:
        yield "anonymous.script", rules.anonymous
    for place, special in enumerate(rules.dates):
        if special.open is not None:
            yield f"dates[{place}].open", special.open
        if special.closed is not None:
            yield f"dates[{place}].closed", special.closed
    yield "open", rules.open
    if rules.closed is not None:
        yield "closed", rules.closed
