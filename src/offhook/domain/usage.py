"""Usage: what each number was used for on each day (UTC), and over which days it is told."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from offhook.errors import InputError

DAY = timedelta(days=1)
LONGEST_RANGE = timedelta(days=366)

Place = tuple[date, str]
"""Where a line stands among all of an account: by its day, then by its number."""


@dataclass(frozen=True, slots=True)
class Days:
    """Days of UTC: `since` counts in, `until` does not."""

    since: date
    until: date

    @property
    def begin(self) -> datetime:
        """The moment in which the first day begins."""
        return datetime.combine(self.since, time(), UTC)

    @property
    def end(self) -> datetime:
        """The moment in which the last day is over."""
        return datetime.combine(self.until, time(), UTC)

    def parts(self, width: timedelta) -> Iterator["Days"]:
        """Cut the days into pieces of at most this width; nothing if there are none."""
        begin = self.since
        while begin < self.until:
            end = min(begin + width, self.until) if date.max - begin > width else self.until
            yield Days(begin, end)
            begin = end


@dataclass(frozen=True, slots=True)
class UsageLine:
    """One number on one day; money in micro-credits.

    A call belongs to the day on which it came, with all that it cost, its callees' legs too. `minutes` are
    those begun between answer and end, `seconds` likewise; a call that has not ended is counted as a call only.
    `subscription_cost` is what the subscription was charged that day, less what it was given back.
    """

    day: date
    din: str
    calls: int
    minutes: int
    seconds: int
    cost: int
    subscription_cost: int

    @property
    def place(self) -> Place:
        return self.day, self.din


def choose_days(since: date | None, until: date | None, today: date) -> Days:
    """Return the days that are meant: without `until` today is the last, without `since` its month begins them.

    Raises InputError (`since`) for more than 366.
    """
    end = until or today + DAY
    last = end - DAY if end > date.min else end
    begin = since or last.replace(day=1)
    if end - begin > LONGEST_RANGE:
        raise InputError("since", f"a range is at most {LONGEST_RANGE.days} days")
    return Days(begin, end)
