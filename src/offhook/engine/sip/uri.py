"""SIP and tel URIs (RFC 3261 section 19.1, RFC 3966), parsed strictly and written back.

Only what routing and numbers need is taken apart; parameters keep their order and spelling.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import unquote

from offhook.engine.sip.errors import MalformedMessage
from offhook.engine.sip.text import readable

URI_LIMIT = 2_000

# An IPv6 address in brackets, or labels as DNS can look them up; IPv4 is a row of labels here.
HOST = r"\[[0-9A-Fa-f:.]{2,45}\]|[A-Za-z0-9][A-Za-z0-9_-]{0,62}(?:\.[A-Za-z0-9_-]{1,63}){0,126}\.?"

# Blanks, control characters and brackets stand in no URI: we write it into Request-Lines of our own.
_NEVER = r"\x00-\x20\x7f<>"

# ASCII: without it, IGNORECASE would take the Kelvin sign for a k and the long s for an s.
_SIP = re.compile(
    r"(?P<scheme>sips?):"
    rf"(?:(?P<user>[^@{_NEVER}\"]*)@)?"
    rf"(?P<host>{HOST})"
    r"(?::(?P<port>[0-9]{1,5}))?"
    rf"(?P<parameters>(?:;[^;?{_NEVER}@]*)*)"
    rf"(?:\?(?P<headers>[^{_NEVER}]*))?",
    re.IGNORECASE | re.ASCII,
)
_TEL = re.compile(
    rf"tel:(?P<number>[+0-9A-F*#().-]{{1,64}})(?P<parameters>(?:;[^;?{_NEVER}]*)*)", re.IGNORECASE | re.ASCII
)
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")

Parameters = tuple[tuple[str, str | None], ...]


@dataclass(frozen=True, slots=True)
class Uri:
    """A `sip:`, `sips:` or `tel:` URI. A tel URI has its number as `user` and no host."""

    scheme: str
    user: str
    host: str
    port: int | None = None
    parameters: Parameters = ()
    headers: str = ""

    def parameter(self, name: str) -> str | None:
        """Return a parameter's value, `""` for a bare one, None when it is absent."""
        for key, value in self.parameters:
            if key.lower() == name:
                return value or ""
        return None

    @property
    def dialled(self) -> str:
        """The user part as somebody would dial it: unescaped, readable, without parameters or password."""
        # With user=phone the user part is a telephone-subscriber and carries `;` parameters
        # of its own (RFC 3261 section 19.1.6); a password follows a colon.
        return readable(unquote(self.user.partition(";")[0].partition(":")[0], errors="replace"))

    def __str__(self) -> str:
        parameters = "".join(f";{key}" if value is None else f";{key}={value}" for key, value in self.parameters)
        if self.scheme == "tel":
            return f"tel:{self.user}{parameters}"
        user = f"{self.user}@" if self.user else ""
        port = f":{self.port}" if self.port is not None else ""
        headers = f"?{self.headers}" if self.headers else ""
        return f"{self.scheme}:{user}{self.host}{port}{parameters}{headers}"


@lru_cache(maxsize=2048)
def parse_uri(text: str) -> Uri:
    """Parse a URI. Raises `MalformedMessage`: 416 for a scheme that is not ours, else 400."""
    if len(text) > URI_LIMIT:
        raise MalformedMessage("a URI is longer than 2,000 characters")
    if found := _SIP.fullmatch(text):
        port = int(found["port"]) if found["port"] else None
        if port is not None and not 0 < port < 65536:
            raise MalformedMessage(f"a URI has port {port}; ports are 1 to 65535")
        return Uri(
            found["scheme"].lower(),
            found["user"] or "",
            found["host"],
            port,
            _parameters(found["parameters"]),
            found["headers"] or "",
        )
    if found := _TEL.fullmatch(text):
        return Uri("tel", found["number"], "", None, _parameters(found["parameters"]))
    scheme = _SCHEME.match(text)
    if scheme and scheme[0].lower() not in ("sip:", "sips:", "tel:"):
        raise MalformedMessage(f"the URI scheme {scheme[0]} is not supported", status=416)
    raise MalformedMessage("a URI is not well formed")


def _parameters(text: str) -> Parameters:
    if not text:
        return ()
    pairs = (part.partition("=") for part in text[1:].split(";"))
    return tuple((key, value if equals else None) for key, equals, value in pairs)
