"""Time zones by their names in the IANA database, which the machine brings."""

import re
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from offhook.errors import InputError

UTC_NAME = "UTC"
LONGEST_NAME = 64

# Only names of places: `localtime`, `posix/...` and the like mean something else on every machine.
_NAME = re.compile(r"(?!posix/|right/)[A-Za-z_]+(?:/[A-Za-z0-9_+-]+){1,2}")
_SHOWN = 40


def zone_named(field: str, name: object) -> ZoneInfo:
    """Return the time zone of a name such as `Asia/Tokyo`; raises InputError."""
    if isinstance(name, str) and (name == UTC_NAME or (len(name) <= LONGEST_NAME and _NAME.fullmatch(name))):
        try:
            return ZoneInfo(name)
        # A folder of the database is a name too, and not every version of Python says so in the same way.
        except (ZoneInfoNotFoundError, ValueError, OSError):
            pass
    raise InputError(
        field,
        f"{str(name)[:_SHOWN]!r} is no time zone that this server knows",
        hint="write a name of the IANA database, as in Asia/Tokyo, or UTC",
    )
