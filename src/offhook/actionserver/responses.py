"""What of a response stands in a timeline: the headers that explain it, and how its body begins if it is no answer."""

import re

from aiohttp import ClientResponse

TELLING = (
    "Content-Type",
    "Content-Length",
    "Content-Encoding",
    "Server",
    "Date",
    "Location",
    "Retry-After",
    "WWW-Authenticate",
    "Via",
)
"""Headers that tell why a response is what it is."""
COOKIE = ("Set-Cookie", "(hidden)")
"""That there is one explains much, and what it holds is private."""
LONGEST_HEADER = 200
LONGEST_BODY = 300

# A password in a Location is as private as one in a URL that we were given.
_CREDENTIALS = re.compile(r"^([^/?#\s]*//)[^/?#\s]*@")


def shown_headers(response: ClientResponse) -> tuple[tuple[str, str], ...]:
    """Return the headers that are told."""
    found = response.headers
    told = [(name, without_login(_text(found[name]))[:LONGEST_HEADER]) for name in TELLING if name in found]
    return (*told, COOKIE) if COOKIE[0] in found else tuple(told)


def without_login(url: str) -> str:
    """Return a URL without the user and the password in it."""
    return _CREDENTIALS.sub(r"\1", url)


def beginning(response: ClientResponse) -> str:
    """Return how the body begins, as far as it is here: nobody waits for the text of a refusal."""
    if response.content.exception() is not None:
        return ""
    said = response.content.read_nowait(LONGEST_BODY)
    return said.decode("utf-8", "replace")


def _text(value: str) -> str:
    """Return a header as text: odd bytes come as lone surrogates (PEP 383), which no JSON can be written with."""
    return value.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
