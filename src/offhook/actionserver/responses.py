"""What of a response stands in a timeline: the headers that explain it, and how its body begins if it is no answer."""

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


def shown_headers(response: ClientResponse) -> tuple[tuple[str, str], ...]:
    """Return the headers that are told."""
    found = response.headers
    told = [(name, found[name][:LONGEST_HEADER]) for name in TELLING if name in found]
    return (*told, COOKIE) if COOKIE[0] in found else tuple(told)


def beginning(response: ClientResponse) -> str:
    """Return how the body begins, as far as it is here: nobody waits for the text of a refusal."""
    if response.content.exception() is not None:
        return ""
    said = response.content.read_nowait(LONGEST_BODY)
    return said.decode("utf-8", "replace")
