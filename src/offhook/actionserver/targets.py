"""URLs on their way to a request line: pure, and careful to change no byte that may stand there.

A customer's query string is kept as it was written, because it may be signed or compared as text.
Deliberately absent: what a host's name means; that is the guard's, once it is an address.
"""

import re
from collections.abc import Iterable
from ipaddress import ip_address
from urllib.parse import unquote_plus, urljoin

from yarl import URL

from offhook.actionserver.errors import BadUrl
from offhook.actionserver.signature import percent_encode

_SENDABLE = re.compile(r"[!-~]+")
_UNSENDABLE = re.compile(r"[^!-~]+")
_SPLIT = re.compile(r"(?s)(?P<scheme>[^:/?]*)://(?P<authority>[^/?]*)(?P<rest>.*)")


def sendable(url: str) -> str:
    """Return the URL without its fragment; blanks, controls and foreign letters become ASCII.

    Raises:
        BadUrl: The host's name has no form in ASCII.
    """
    bare, _, _ = url.strip().partition("#")
    if _SENDABLE.fullmatch(bare):
        return bare
    match = _SPLIT.fullmatch(bare)
    if match is None:
        return _UNSENDABLE.sub(_as_bytes, bare)
    try:
        authority = URL(f"http://{match['authority']}").raw_authority
    except ValueError:
        raise _bad(bare) from None
    if _UNSENDABLE.search(authority):
        raise _bad(bare)
    return f"{match['scheme']}://{authority}{_UNSENDABLE.sub(_as_bytes, match['rest'])}"


def with_parameters(url: str, parameters: Iterable[tuple[str, str]]) -> str:
    """Append the parameters, percent-encoded as ACTIONS says, behind the URL's own query."""
    added = "&".join([f"{percent_encode(name)}={percent_encode(value)}" for name, value in parameters])
    if not added:
        return url
    _, mark, query = url.partition("?")
    if not mark:
        return f"{url}?{added}"
    return f"{url}{added}" if query == "" or query.endswith("&") else f"{url}&{added}"


def lacking(url: str, parameters: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return those parameters whose names the URL's own query does not use."""
    _, _, query = url.partition("?")
    names = {unquote_plus(pair.partition("=")[0]) for pair in query.split("&")}
    return [(name, value) for name, value in parameters if name not in names]


def parsed(url: str) -> URL:
    """Return a sendable URL as the object that is sent byte for byte.

    Raises:
        BadUrl: It is not http or https, has no host, or an impossible port.
    """
    try:
        target = URL(url, encoded=True)
        # The authority is read only when somebody asks for it; a bad port shows itself here or nowhere.
        askable = target.scheme in ("http", "https") and target.raw_host and target.port is not None
    except ValueError:
        raise _bad(url) from None
    if not askable:
        raise _bad(url)
    return target


def redirected(target: URL, location: str) -> str:
    """Return where a `Location` leads from this URL; it may be relative (RFC 9110, section 10.2.2).

    Raises:
        BadUrl: It leads nowhere that can be asked.
    """
    try:
        url = urljoin(str(target), location.strip())
    except ValueError:
        raise _bad(location) from None
    parsed(sendable(url))
    return sendable(url)


def origin(target: URL) -> str:
    """Return scheme, host and port in one form, to be compared (RFC 6454)."""
    return f"{target.scheme}://{target.host_port_subcomponent}".lower()


def is_address(host: str) -> bool:
    """Tell whether a host is an IP address and not a name."""
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def shown(target: URL) -> str:
    """Return the URL as a timeline may show it: whole, but without user and password."""
    return str(target.with_user(None) if target.raw_user is not None or target.raw_password is not None else target)


def _as_bytes(match: re.Match[str]) -> str:
    # A header's odd bytes arrive as lone surrogates (PEP 383) and leave as the bytes that they were.
    return "".join(f"%{byte:02X}" for byte in match[0].encode("utf-8", "surrogateescape"))


def _bad(url: str) -> BadUrl:
    return BadUrl(f"{url!r} cannot be asked.", hint="Give a URL that begins with http:// or https:// and names a host.")
