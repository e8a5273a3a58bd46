"""Who calls and what was dialled, read from an INVITE."""

from offhook.engine.sip.headers import parse_address
from offhook.engine.sip.message import Request
from offhook.engine.sip.uri import parse_uri

ANONYMOUS = "anonymous"


def dialled(request: Request) -> tuple[str, ...]:
    """Return where the dialled number stands: in the Request-URI, and in To only if it names no number.

    A forwarded call keeps the To that its first caller wrote (RFC 3261 section 16.6), which may be the number of
    another customer.
    """
    asked = parse_uri(request.uri).dialled
    if any(letter.isdigit() for letter in asked):
        return (asked,)
    places = (asked, parse_address(request.first("To")).uri.dialled)
    return tuple(dict.fromkeys(place for place in places if place))


def caller(request: Request) -> tuple[str, str, bool]:
    """Return the caller's number as received, the display name, and whether the number is withheld.

    From is what there is; RFC 3323 withholds it by `anonymous@anonymous.invalid` or `Privacy: id`.
    """
    address = parse_address(request.first("From"))
    privacy = {part.strip().lower() for part in request.first("Privacy").split(";")}
    host = address.uri.host.lower()
    anonymous = (
        bool(privacy & {"id", "user", "header"})
        or host == "anonymous.invalid"
        or address.uri.dialled.lower() == ANONYMOUS
    )
    if anonymous:
        return "", "", True
    return address.uri.dialled, address.name, False
