"""Keys in the body of an INFO, as telephones have sent them since before RFC 6086.

`application/dtmf-relay` is lines (`Signal=5`, `Duration=160`), `application/dtmf` the bare key. Absent: flash,
Info Packages.
"""

import re
from dataclasses import dataclass

from offhook.engine.sip.errors import MalformedMessage
from offhook.engine.sip.message import Request

KEYS = "0123456789*#ABCD"
RELAY = "application/dtmf-relay"
BARE = "application/dtmf"
ACCEPT = f"{RELAY}, {BARE}"
UNSUPPORTED = 415

BODY_LIMIT = 256
LINES_LIMIT = 8
USUAL_MS = 160
"""How long a key was pressed when nobody says it."""
LONGEST_MS = 8_000

_LINE = re.compile(r"[ \t]*([A-Za-z][A-Za-z0-9-]*)[ \t]*=[ \t]*([^ \t](?:.*[^ \t])?)[ \t]*", re.DOTALL)
_DURATION = re.compile(r"[0-9]{1,6}")
# Some devices number the keys as the events of RFC 4733 section 3.2 are.
_NUMBERED = {str(number): KEYS[number] for number in range(10, len(KEYS))}


@dataclass(frozen=True, slots=True)
class Press:
    """A key, one of `KEYS`, and for how long it was pressed."""

    key: str
    duration_ms: int = USUAL_MS


def read_press(request: Request) -> Press | None:
    """Return the key that an INFO tells, None for an INFO without a body, which only asks whether we are there.

    Raises `MalformedMessage` with the status that the request deserves.
    """
    if not request.body:
        return None
    kind = request.first("Content-Type").partition(";")[0].strip().lower()
    if kind not in (RELAY, BARE) or request.first("Content-Encoding").lower() not in ("", "identity"):
        raise MalformedMessage("the body of an INFO is not a key", UNSUPPORTED)
    if len(request.body) > BODY_LIMIT:
        raise MalformedMessage(f"a key in an INFO is longer than {BODY_LIMIT} bytes")
    try:
        text = request.body.decode("ascii")
    except UnicodeDecodeError:
        raise MalformedMessage("a key in an INFO is not ASCII") from None
    return _relayed(text) if kind == RELAY else Press(_key(text.strip(" \t\r\n")))


def write_press(press: Press) -> bytes:
    """Write the body of an INFO, as `application/dtmf-relay`."""
    return f"Signal={press.key}\r\nDuration={press.duration_ms}\r\n".encode("ascii")


def _relayed(text: str) -> Press:
    lines = [line for line in re.split(r"\r\n|\r|\n", text) if line.strip(" \t")]
    if len(lines) > LINES_LIMIT:
        raise MalformedMessage(f"a key in an INFO has more than {LINES_LIMIT} lines")
    told: dict[str, str] = {}
    for line in lines:
        match = _LINE.fullmatch(line)
        if match is None:
            raise MalformedMessage("a line of a key in an INFO is not NAME=VALUE")
        name = match[1].lower()
        if name in told:
            raise MalformedMessage("a key in an INFO says something twice")
        told[name] = match[2]
    if "signal" not in told:
        raise MalformedMessage("an INFO names no key: its body has no line Signal=")
    duration = told.get("duration", str(USUAL_MS))
    if not _DURATION.fullmatch(duration):
        raise MalformedMessage("the duration of a key in an INFO is not a number of milliseconds")
    return Press(_key(told["signal"]), min(int(duration), LONGEST_MS))


def _key(text: str) -> str:
    key = _NUMBERED.get(text, text.upper())
    # The empty text is in every text.
    if len(key) != 1 or key not in KEYS:
        raise MalformedMessage("an INFO names a key that is on no keypad")
    return key
