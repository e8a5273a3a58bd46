"""Which URLs an action may name: http or https, a host, no password, nothing that cannot be typed."""

import re
from ipaddress import AddressValueError, IPv6Address
from unicodedata import category, normalize

from offhook_client.script_errors import BadScript

LONGEST_URL = 2_000
LONGEST_HOST = 253

_URL = re.compile(r"https?://([^/?#]*)(?:[/?#].*)?", re.IGNORECASE | re.DOTALL)
_FORBIDDEN = re.compile(r'[\s"<>\\]')
_AUTHORITY = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[^:\[\]@]+)(?::([0-9]{1,5}))?")
_HOST = re.compile(r"(?:(?:[A-Za-z0-9_-]|[^\x00-\x7f])++\.?)+")
_JOINERS = "\u200c\u200d"
# Controls, surrogates, and what looks like a blank or like nothing.
_ODD = frozenset({"Cc", "Cs", "Zs", "Zl", "Zp", "Cf"})


def url(written: str) -> str:
    """Return the URL as it is written, or raise BadScript."""
    if len(written) > LONGEST_URL:
        raise BadScript(f"The URL has {len(written):,} characters; at most {LONGEST_URL:,} fit.")
    if _FORBIDDEN.search(written) or any(category(one) in _ODD and one not in _JOINERS for one in written):
        raise BadScript(f"{written!r} has a character that no URL has. Percent-encode it; a blank is %20.")
    match = _URL.fullmatch(written)
    authority = _AUTHORITY.fullmatch(match[1]) if match else None
    if authority is None or not _is_host(authority[1]) or not 1 <= int(authority[2] or 80) <= 65_535:
        raise BadScript(f"{written!r} is no URL with http:// or https:// and a host, without a password.")
    return written


def _is_host(host: str) -> bool:
    if host.startswith("["):
        try:
            IPv6Address(host[1:-1])
        except AddressValueError:
            return False
        return True
    return len(host) <= LONGEST_HOST and all(map(_HOST.fullmatch, (host, normalize("NFKC", host))))
