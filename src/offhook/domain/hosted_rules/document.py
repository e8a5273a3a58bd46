"""How hosted rules are written: a JSON object, read strictly, and written back in one way only.

`docs/hosted-rules.md` describes it. Whatever is wrong is named by the place where it stands, as in
`dates[2].hours[0]`. That a script says something is looked at elsewhere.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from itertools import pairwise

from offhook.domain.hosted_rules.callers import Callers, read_callers
from offhook.domain.hosted_rules.hours import Interval, read_intervals
from offhook.domain.hosted_rules.rules import WEEKDAYS, Allow, Block, HostedRules, SpecialDate
from offhook.domain.hosted_rules.zones import UTC_NAME, zone_named
from offhook.errors import InputError

Json = dict[str, object]
"""What `json` makes of an object, and needs to write one."""

WHOLE = "rules"
"""The field that is named where the whole document is wrong."""
MOST_DATES = 200
LONGEST_SCRIPT_BYTES = 8 * 1024
"""As long as the answer of an action server."""
FIRST_YEAR, LAST_YEAR = 1970, 2199

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
_SHOWN = 40


def read_rules(document: object) -> HostedRules:
    """Understand a document; raises InputError naming the first field that is wrong."""
    fields = _Fields("", document)
    zone, week = fields.take("time_zone"), fields.take("hours")
    block, allow, anonymous = fields.part("block"), fields.part("allow"), fields.part("anonymous")
    rules = HostedRules(
        zone=zone_named("time_zone", UTC_NAME if zone is None else zone),
        open=fields.script("open"),
        closed=fields.optional_script("closed"),
        block=None if block is None else _block(block),
        allow=None if allow is None else _allow(allow),
        anonymous=None if anonymous is None else _anonymous(anonymous),
        dates=_dates(fields.list_of("dates")),
        week=None if week is None else _week(week),
    )
    fields.close()
    _check(rules, names_a_zone=zone is not None)
    return rules


def write_rules(rules: HostedRules) -> Json:
    """Return the document that says these rules; `read_rules` makes the same ones of it."""
    return _present(
        time_zone=rules.zone.key,
        block=rules.block and {"callers": _callers(rules.block.callers), "script": rules.block.script},
        allow=rules.allow
        and _present(callers=_callers(rules.allow.callers), script=rules.allow.script, otherwise=rules.allow.otherwise),
        anonymous=None if rules.anonymous is None else {"script": rules.anonymous},
        dates=[_special(special) for special in rules.dates] or None,
        hours=rules.week and {name: _hours(hours) for name, hours in zip(WEEKDAYS, rules.week, strict=True) if hours},
        open=rules.open,
        closed=rules.closed,
    )


class _Fields:
    """The fields of one object while they are read; what nobody takes is unknown."""

    def __init__(self, path: str, written: object) -> None:
        if not isinstance(written, Mapping):
            raise InputError(path or WHOLE, "this is not an object")
        self._path = path
        self._left = dict(written)

    def field(self, name: str) -> str:
        return f"{self._path}.{name}" if self._path else name

    def take(self, name: str) -> object:
        """Return what stands in a field, None if it is not there."""
        if name in self._left and self._left[name] is None:
            raise InputError(self.field(name), "this is null", hint="leave the field out")
        return self._left.pop(name, None)

    def part(self, name: str) -> "_Fields | None":
        written = self.take(name)
        return None if written is None else _Fields(self.field(name), written)

    def list_of(self, name: str) -> Sequence[object]:
        return _list(self.field(name), self.take(name))

    def script(self, name: str) -> str:
        script = self.optional_script(name)
        if script is None:
            raise InputError(self.field(name), "this script is missing")
        return script

    def optional_script(self, name: str) -> str | None:
        written = self.take(name)
        return None if written is None else _script(self.field(name), written)

    def close(self) -> None:
        for name in self._left:
            raise InputError(self.field(str(name)[:_SHOWN]), "there is no such field")


def _block(fields: _Fields) -> Block:
    block = Block(read_callers(fields.field("callers"), fields.list_of("callers")), fields.script("script"))
    fields.close()
    return block


def _allow(fields: _Fields) -> Allow:
    callers = read_callers(fields.field("callers"), fields.list_of("callers"))
    allow = Allow(callers, fields.script("otherwise"), fields.optional_script("script"))
    fields.close()
    return allow


def _anonymous(fields: _Fields) -> str:
    script = fields.script("script")
    fields.close()
    return script


def _dates(written: Sequence[object]) -> tuple[SpecialDate, ...]:
    if len(written) > MOST_DATES:
        raise InputError("dates", f"there are at most {MOST_DATES} of them")
    dates = sorted(
        (_read_special(_Fields(f"dates[{place}]", entry)) for place, entry in enumerate(written)),
        key=lambda special: special.first,
    )
    for earlier, later in pairwise(dates):
        if later.first <= earlier.last:
            raise InputError("dates", f"{later.first} stands in two of them")
    return tuple(dates)


def _read_special(fields: _Fields) -> SpecialDate:
    first = _date(fields.field("date"), fields.take("date"))
    last = fields.take("last_date")
    special = SpecialDate(
        first=first,
        last=first if last is None else _date(fields.field("last_date"), last),
        hours=read_intervals(fields.field("hours"), fields.list_of("hours")),
        open=fields.optional_script("open"),
        closed=fields.optional_script("closed"),
    )
    if special.last < first:
        raise InputError(fields.field("last_date"), f"it comes before {first}")
    if special.open is not None and not special.hours:
        raise InputError(fields.field("open"), "there are no hours in which this script would run")
    fields.close()
    return special


def _week(written: object) -> tuple[tuple[Interval, ...], ...]:
    fields = _Fields("hours", written)
    week = tuple(read_intervals(fields.field(name), fields.list_of(name)) for name in WEEKDAYS)
    fields.close()
    if not any(week):
        raise InputError("hours", "no day has hours", hint="leave `hours` out to be always open")
    return week


def _check(rules: HostedRules, *, names_a_zone: bool) -> None:
    """Refuse what is right by itself, and makes no sense beside the rest."""
    if rules.allow is not None and rules.anonymous is not None:
        sentence = "an anonymous caller is in no allow list, so `otherwise` of `allow` comes first"
        raise InputError("anonymous", sentence, hint="leave one of the two out")
    if not names_a_zone and (rules.dates or rules.week is not None):
        raise InputError("time_zone", "hours and dates need one", hint="write for example Asia/Tokyo, or UTC")
    if rules.closed is None and (rules.week is not None or any(special.closed is None for special in rules.dates)):
        raise InputError("closed", "this script is missing: it runs outside the opening hours")


def _list(field: str, written: object) -> Sequence[object]:
    if written is None:
        return ()
    if not isinstance(written, list):
        raise InputError(field, "this is not a list")
    return written


def _script(field: str, written: object) -> str:
    if not isinstance(written, str):
        raise InputError(field, "a script is a text of action lines")
    script = written.replace("\r\n", "\n").rstrip()
    if not script:
        raise InputError(field, "the script is empty", hint='write a line such as: say en "Hello"')
    if _CONTROL.search(script):
        raise InputError(field, "control characters and broken Unicode are not possible")
    if len(script.encode()) > LONGEST_SCRIPT_BYTES:
        raise InputError(field, f"a script is at most {LONGEST_SCRIPT_BYTES} bytes long")
    return script


def _date(field: str, written: object) -> date:
    if isinstance(written, str) and _DATE.fullmatch(written):
        try:
            day = date.fromisoformat(written)
        except ValueError:
            raise InputError(field, f"there is no {written} in the calendar") from None
        if FIRST_YEAR <= day.year <= LAST_YEAR:
            return day
    raise InputError(
        field, f"{str(written)[:_SHOWN]!r} is not a date from {FIRST_YEAR} to {LAST_YEAR}, as in 2026-12-31"
    )


def _special(special: SpecialDate) -> Json:
    return _present(
        date=special.first.isoformat(),
        last_date=special.last.isoformat() if special.last > special.first else None,
        hours=_hours(special.hours) or None,
        open=special.open,
        closed=special.closed,
    )


def _callers(callers: Callers) -> list[str]:
    return sorted(callers.entries)


def _hours(hours: Sequence[Interval]) -> list[str]:
    return [str(interval) for interval in hours]


def _present(**fields: object) -> Json:
    """Return the fields that there are."""
    return {name: value for name, value in fields.items() if value is not None}
