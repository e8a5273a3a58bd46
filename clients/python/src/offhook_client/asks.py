"""One request of the API as a value: what is asked, and how its answer is read. Nothing here sends anything.

The modules of the rooms (numbers, calls, account, ...) make these; both clients send them.
"""

import json
import re
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Generic, TypeVar
from urllib.parse import quote, urlencode

from offhook_client.answers import Answer
from offhook_client.errors import BadValue

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)

Said = str | int | float | bool | date | Iterable[str]
Filter = Said | None

AUDIO_PATIENCE = 20
"""How many times as long as all else a recording may take."""
LARGEST_JSON = 16 * 1024 * 1024
LONGEST_KEY = 255
_KEY = re.compile(r"[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?")


@dataclass(frozen=True, slots=True)
class Ask(Generic[T_co]):
    """One request. `path` begins with a slash and is encoded; `key` makes a POST happen once."""

    method: str
    path: str
    read: Callable[[Answer], T_co]
    query: str = ""
    body: bytes | None = None
    key: str | None = None
    accept: str = "application/json"
    largest: int = field(default=LARGEST_JSON, compare=False)
    patience: int = field(default=1, compare=False)

    @property
    def target(self) -> str:
        """The path with its query."""
        return f"{self.path}?{self.query}" if self.query else self.path


def get(read: Callable[[Answer], T], /, *segments: str, **filters: Filter) -> Ask[T]:
    """Describe a GET; a filter that is None is left out."""
    return Ask("GET", path_of(*segments), read, query_of(filters))


def delete(read: Callable[[Answer], T], *segments: str) -> Ask[T]:
    """Describe a DELETE."""
    return Ask("DELETE", path_of(*segments), read)


def put(read: Callable[[Answer], T], document: Mapping[str, object], *segments: str) -> Ask[T]:
    """Describe a PUT."""
    return Ask("PUT", path_of(*segments), read, body=body_of(document))


def post(read: Callable[[Answer], T], fields: Mapping[str, object], key: str | None, *segments: str) -> Ask[T]:
    """Describe a POST. Without a key it gets one of its own, which all its tries share."""
    return Ask("POST", path_of(*segments), read, body=body_of(fields), key=_key_of(key))


def path_of(*segments: str) -> str:
    """Join the parts of a path; none of them can lead elsewhere."""
    return "/" + "/".join(map(_encoded, segments)) + "/"


def _encoded(segment: object) -> str:
    if not isinstance(segment, str) or segment in {"", ".", ".."} or "/" in segment or "\\" in segment:
        raise BadValue(f"{segment!r} is no id of this API. Take it from what the API answered.")
    return quote(segment, safe="", errors="replace")


def query_of(filters: Mapping[str, Filter]) -> str:
    """Write filters as a query."""
    said = {name: _written(name, value) for name, value in filters.items() if value is not None}
    return urlencode(said, errors="replace")


def body_of(fields: Mapping[str, object]) -> bytes:
    """Write fields as JSON."""
    try:
        return json.dumps(fields, allow_nan=False).encode("ascii")
    except (TypeError, ValueError, RecursionError) as error:
        raise BadValue(f"This cannot be written as JSON: {error}. Give text, numbers, lists and dicts.") from None


def _written(name: str, value: Said) -> str:
    match value:
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case int() | float():
            # Never with an exponent, which no filter reads.
            return format(Decimal(str(value)), "f")
        case datetime() if value.tzinfo is None:
            raise BadValue(f"{name} has no time zone. Give an aware datetime, such as datetime.now(UTC).")
        case date():
            return value.isoformat()
        case _:
            return ",".join(value)


def _key_of(given: str | None) -> str:
    if given is None:
        return str(uuid.uuid4())
    if len(given) > LONGEST_KEY or not _KEY.fullmatch(given):
        raise BadValue(f"An idempotency key is 1 to {LONGEST_KEY} printable characters of ASCII.")
    return given
