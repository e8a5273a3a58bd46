"""Header names and the structured values inside them (RFC 3261 sections 7.3, 20 and 25).

Values are taken apart only where the engine needs them; everything else stays as received.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from offhook.engine.sip.errors import MalformedMessage
from offhook.engine.sip.text import readable
from offhook.engine.sip.uri import HOST, Parameters, Uri, parse_uri

_COMPACT = {
    "i": "Call-ID",
    "m": "Contact",
    "e": "Content-Encoding",
    "l": "Content-Length",
    "c": "Content-Type",
    "f": "From",
    "s": "Subject",
    "k": "Supported",
    "t": "To",
    "v": "Via",
    "o": "Event",
    "r": "Refer-To",
    "u": "Allow-Events",
    "x": "Session-Expires",
    "j": "Reject-Contact",
    "d": "Request-Disposition",
    "a": "Accept-Contact",
    "b": "Referred-By",
    "y": "Identity",
}
_KNOWN = (
    "Accept Accept-Contact Accept-Encoding Accept-Language Alert-Info Allow Allow-Events Authorization Call-ID "
    "Call-Info Contact Content-Disposition Content-Encoding Content-Language Content-Length Content-Type CSeq "
    "Date Diversion Error-Info Event Expires From History-Info Identity In-Reply-To Max-Forwards Min-Expires "
    "Min-SE MIME-Version Organization P-Asserted-Identity P-Called-Party-ID P-Preferred-Identity Priority "
    "Privacy Proxy-Authenticate Proxy-Authorization Proxy-Require RAck Reason Record-Route Refer-To "
    "Referred-By Reject-Contact Reply-To Remote-Party-ID Request-Disposition Require Retry-After Route RSeq Server "
    "Session-Expires Subject Supported Timestamp To Unsupported User-Agent Via Warning WWW-Authenticate"
)

# Spelling as received -> canonical name. The common spellings cost one look-up.
CANONICAL = {spelling: name for name in _KNOWN.split() for spelling in (name, name.lower(), name.upper())} | {
    spelling: name for letter, name in _COMPACT.items() for spelling in (letter, letter.upper())
}
_LOWER = {name.lower(): name for name in _KNOWN.split()}

_QUOTED_PAIR = re.compile(r"\\(.)")
_TOKEN = re.compile(r"[A-Za-z0-9\-.!%*_+`'~]+")
_VIA = re.compile(
    # The version is any token (section 25.1): who speaks another one must be answered too (section 8.2.2, 505).
    r"SIP\s*/\s*[A-Za-z0-9.-]+\s*/\s*(?P<transport>[A-Za-z0-9-]+)\s+"
    rf"(?P<host>{HOST})"
    r"(?:\s*:\s*(?P<port>[0-9]{1,6}))?\s*(?P<parameters>(?:;.*)?)",
    re.IGNORECASE | re.ASCII,
)
_CSEQ = re.compile(r"([0-9]{1,10})[ \t]+([A-Za-z0-9\-.!%*_+`'~]{1,64})")
# Every part begins where the one before must end: a hostile value costs one pass and no more.
_NAME_ADDR = re.compile(
    r'(?P<name>"(?:[^"\\]|\\.)*"\s*|[^"<>]*)<(?P<uri>[^<>]*)>\s*(?P<parameters>(?:;.*)?)', re.DOTALL
)
# What is quoted or in angle brackets, to be passed over, or a separator. Nothing optional can fail: one pass.
_QUOTED = r'"(?:[^"\\]|\\.)*"?'
_COMMA = re.compile(rf'{_QUOTED}|<(?:[^">]|{_QUOTED})*>?|(,)', re.DOTALL)
_SEMICOLON = re.compile(rf'{_QUOTED}|<(?:[^">]|{_QUOTED})*>?|(;)', re.DOTALL)

LIST_LIMIT = 64
"""The most values of one header."""

PARAMETERS_LIMIT = 64
"""The most parameters of one value."""


@dataclass(frozen=True, slots=True)
class Via:
    """The top hop of a request's way (RFC 3261 section 20.42, RFC 3581 for `rport`)."""

    transport: str
    host: str
    port: int | None
    branch: str
    has_rport: bool
    received: str | None = None


@dataclass(frozen=True, slots=True)
class Address:
    """A name-addr or addr-spec with its header parameters: From, To, Contact, Route. `name` is readable text."""

    name: str
    uri: Uri
    parameters: Parameters

    @property
    def tag(self) -> str:
        return self.parameter("tag") or ""

    def parameter(self, name: str) -> str | None:
        """Return a header parameter's value, `""` for a bare one, None when it is absent."""
        for key, value in self.parameters:
            if key.lower() == name:
                return value or ""
        return None


def canonical(name: str) -> str:
    """Return a header's canonical name; raises `MalformedMessage` when it is not a token."""
    if known := CANONICAL.get(name):
        return known
    if not _TOKEN.fullmatch(name):
        raise MalformedMessage("a header's name is not a token")
    return _LOWER.get(name.lower()) or name.title()


def split_list(value: str) -> list[str]:
    """Split a header's value at its commas, but for those that are quoted or in angle brackets.

    Empty elements say nothing and are left out (section 7.3.1 and the `#rule` of its grammar).
    Raises `MalformedMessage` for more commas than any header needs.
    """
    if "," not in value:
        return [value] if value else []
    if value.count(",") >= LIST_LIMIT:
        raise MalformedMessage(f"a header lists more than {LIST_LIMIT} values")
    return [part for part in (piece.strip() for piece in _pieces(value, _COMMA)) if part]


def split_lists(lines: Iterable[str]) -> list[str]:
    """Split all lines of one header. Raises `MalformedMessage` for more than `LIST_LIMIT` values in all."""
    values = [value for line in lines for value in split_list(line)]
    if len(values) > LIST_LIMIT:
        raise MalformedMessage(f"a header lists more than {LIST_LIMIT} values")
    return values


def _pieces(value: str, separator: re.Pattern[str]) -> Iterator[str]:
    start = 0
    for found in separator.finditer(value):
        if found[1]:
            yield value[start : found.start()]
            start = found.end()
    yield value[start:]


def parse_via(value: str) -> Via:
    """Parse one Via value. Raises `MalformedMessage`; a port that cannot be sent to is malformed."""
    found = _VIA.fullmatch(value)
    if not found:
        raise MalformedMessage("a Via header is not well formed")
    port = int(found["port"]) if found["port"] else None
    if port is not None and not 0 < port < 65536:
        raise MalformedMessage(f"a Via header has port {port}; ports are 1 to 65535")
    parameters = dict(_pairs(found["parameters"]))
    return Via(
        found["transport"].upper(),
        found["host"],
        port,
        parameters.get("branch") or "",
        "rport" in parameters,
        parameters.get("received"),
    )


def parse_address(value: str) -> Address:
    """Parse a From, To, Contact, Route or Record-Route value. Raises `MalformedMessage`."""
    if "<" in value:
        found = _NAME_ADDR.fullmatch(value.strip())
        if not found:
            raise MalformedMessage("an address header is not well formed")
        name = readable(_unquote(found["name"].strip()))
        return Address(name, parse_uri(found["uri"].strip()), parse_parameters(found["parameters"]))
    # Without angle brackets every parameter belongs to the header (RFC 3261 section 20).
    uri, semicolon, rest = value.strip().partition(";")
    return Address("", parse_uri(uri.strip()), parse_parameters(semicolon + rest))


def parse_cseq(value: str) -> tuple[int, str]:
    """Parse a CSeq into number and method. Raises `MalformedMessage` beyond 2**31 - 1 (section 8.1.1.5)."""
    found = _CSEQ.fullmatch(value)
    if not found or int(found[1]) >= 2**31:
        raise MalformedMessage("the CSeq header is not a number below 2**31 and a method")
    return int(found[1]), found[2]


def parse_parameters(text: str) -> Parameters:
    """Parse `;name=value;flag` into pairs, names in lower case, quotes of values taken off.

    Raises `MalformedMessage` for a parameter without a name (one semicolon too many at the end is forgiven) and for
    more than any header needs.
    """
    pairs = _pairs(text)
    if pairs and not all(name for name, _ in pairs[:-1]):
        raise MalformedMessage("a header has a parameter without a name")
    return pairs if not pairs or pairs[-1][0] else pairs[:-1]


def _pairs(text: str) -> Parameters:
    if not text:
        return ()
    if text.count(";") > PARAMETERS_LIMIT:
        raise MalformedMessage(f"a header has more than {PARAMETERS_LIMIT} parameters")
    parts = text[1:].split(";") if '"' not in text else _pieces(text[1:], _SEMICOLON)
    pairs = []
    for part in parts:
        name, equals, value = part.partition("=")
        pairs.append((name.strip().lower(), _unquote(value.strip()) if equals else None))
    return tuple(pairs)


def _unquote(text: str) -> str:
    if len(text) >= 2 and text[0] == text[-1] == '"':
        return "".join(_QUOTED_PAIR.split(text[1:-1]))
    return text
