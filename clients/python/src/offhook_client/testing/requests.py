"""What goes over the wire: the very URL and headers that the platform sends, signature included. Pure."""

import hashlib
import hmac
import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote, unquote_plus

import httpx2

from offhook_client.signatures import HEADER, signed_text

Pairs = Sequence[tuple[str, str]]

USER_AGENT = "Offhook/0.1.0"

_AUTHORITY = re.compile(r"[^:/?]*://[^/?]*")
_PRINTABLE = "".join(map(chr, range(0x21, 0x7F)))


@dataclass(frozen=True, slots=True)
class Request:
    """One request as it was sent. `parameters` are those that Offhook adds; header names are in lower case."""

    url: str
    event: str
    parameters: dict[str, str]
    headers: dict[str, str]


def addressed(url: str, parameters: Pairs) -> str:
    """Return the URL without its fragment, and with the parameters that its own query lacks behind that."""
    bare = url.strip().partition("#")[0]
    _, mark, query = bare.partition("?")
    taken = {unquote_plus(pair.partition("=")[0]) for pair in query.split("&")}
    added = "&".join(f"{_encoded(name)}={_encoded(value)}" for name, value in parameters if name not in taken)
    if not added:
        return bare
    if not mark:
        return f"{bare}?{added}"
    return f"{bare}{added}" if not query or query.endswith("&") else f"{bare}&{added}"


def origin(url: str) -> str:
    """Return scheme, host and port in one form (RFC 6454)."""
    parsed = httpx2.URL(url)
    usual = {"http": 80, "https": 443}.get(parsed.scheme)
    port = "" if parsed.port in (None, usual) else f":{parsed.port}"
    return f"{parsed.scheme}://{parsed.raw_host.decode('ascii')}{port}".lower()


def is_askable(url: str) -> bool:
    """Tell whether a URL is http or https with a host that has a form in ASCII."""
    try:
        parsed = httpx2.URL(url)
    except httpx2.InvalidURL:
        return False
    return parsed.scheme in ("http", "https") and bool(parsed.raw_host)


def request(url: str, trace_id: str, parent_id: str, signature: str | None) -> httpx2.Request:
    """Return the request; trace and parent are those of `traceparent` (W3C Trace Context section 3.2)."""
    headers = {
        "User-Agent": USER_AGENT,
        "Accept": "text/plain",
        "Accept-Encoding": "identity",
        "traceparent": f"00-{trace_id}-{parent_id}-01",
    }
    if signature is not None:
        headers[HEADER] = signature
    # A query may be signed by its author or compared as text, so no byte changes that may stand there.
    rest = _AUTHORITY.sub("", url)
    path = quote(rest if rest.startswith("/") else f"/{rest}", safe=_PRINTABLE)
    return httpx2.Request("GET", url, headers=headers, extensions={"target": path.encode("ascii")})


def sign(parameters: Pairs, secrets: Sequence[str], t: int) -> str:
    """Return the value of `Offhook-Signature`: a `v1` for each secret. `t` is Unix time."""
    text = signed_text(parameters, t).encode("ascii")
    names = " ".join(sorted(_encoded(name) for name, _ in parameters))
    digests = [hmac.new(secret.encode(), text, hashlib.sha256).hexdigest() for secret in secrets]
    return ",".join([f"t={t}", f"n={names}", *(f"v1={digest}" for digest in digests)])


def _encoded(text: str) -> str:
    return quote(text, safe="", errors="replace")
