"""Opening hours as a clock on the wall shows them, also on days when that clock is put forward or back.

An hour that the clock shows twice is one stretch of time: what opens in it opens the first time, what closes in
it closes the last time. An hour that is left out has no length: what lies in it happens when the clock jumps.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from offhook.errors import InputError

MOST_INTERVALS = 8
"""Of one day."""
DAY_MINUTES = 24 * 60

_INTERVAL = re.compile(r"([0-9]{2}):([0-9]{2})-([0-9]{2}):([0-9]{2})")
_SHOWN = 40


@dataclass(frozen=True, slots=True, order=True)
class Interval:
    """From `opens` until just before `closes`, in minutes from the day's midnight; beyond 1,440 it is the next day."""

    opens: int
    closes: int

    def __str__(self) -> str:
        return f"{_clock(self.opens)}-{_clock(self.closes)}"


WHOLE_DAY = Interval(0, DAY_MINUTES)


def read_intervals(field: str, written: Sequence[object]) -> tuple[Interval, ...]:
    """Read a day's hours, such as `09:00-12:00`, in any order; raises InputError naming what is wrong.

    What closes before it opens closes on the next day.
    """
    if len(written) > MOST_INTERVALS:
        raise InputError(field, f"a day has at most {MOST_INTERVALS} of them")
    intervals = sorted(_read(f"{field}[{place}]", entry) for place, entry in enumerate(written))
    for earlier, later in pairwise(intervals):
        if later.opens < earlier.closes:
            raise InputError(field, f"{earlier} and {later} overlap", hint="join them, or correct one of them")
    return tuple(intervals)


def is_running(interval: Interval, day: date, at: datetime, zone: ZoneInfo) -> bool:
    """Tell whether a moment lies in the interval that belongs to this day of the zone's calendar."""
    midnight = datetime.combine(day, time())
    opens = midnight + timedelta(minutes=interval.opens)
    closes = midnight + timedelta(minutes=interval.closes)
    moment = at.astimezone(UTC)
    shown = at.astimezone(zone).replace(tzinfo=None)
    # Once open, it is not closed by a clock that is put back behind its opening.
    has_opened = shown >= opens or moment >= _first(opens, zone)
    # Until the last time that the clock shows something before its closing.
    is_over = shown >= closes and moment > _last(closes - timedelta.resolution, zone)
    return has_opened and not is_over


def _first(shown: datetime, zone: ZoneInfo) -> datetime:
    return shown.replace(tzinfo=zone, fold=0).astimezone(UTC)


def _last(shown: datetime, zone: ZoneInfo) -> datetime:
    return shown.replace(tzinfo=zone, fold=1).astimezone(UTC)


def _read(field: str, entry: object) -> Interval:
    match = _INTERVAL.fullmatch(entry) if isinstance(entry, str) else None
    if match is None:
        raise InputError(field, f"{str(entry)[:_SHOWN]!r} is not of the form 09:00-17:30")
    opens, closes = _minutes(field, match[1], match[2]), _minutes(field, match[3], match[4])
    if opens == closes:
        raise InputError(field, f"{entry} has no length", hint="a whole day is 00:00-24:00")
    if opens == DAY_MINUTES:
        raise InputError(field, "nothing opens at 24:00", hint="that is 00:00 of the next day")
    return Interval(opens, closes if closes > opens else closes + DAY_MINUTES)


def _minutes(field: str, hours: str, minutes: str) -> int:
    total = int(hours) * 60 + int(minutes)
    if int(minutes) > 59 or total > DAY_MINUTES:
        raise InputError(field, f"there is no {hours}:{minutes} on a clock of 24 hours")
    return total


def _clock(minutes: int) -> str:
    """Write minutes as a clock shows them; midnight at the end of the day itself is 24:00."""
    shown = minutes if minutes <= DAY_MINUTES else minutes - DAY_MINUTES
    return f"{shown // 60:02}:{shown % 60:02}"
