"""Who calls and what was dialled, read from an INVITE."""

from offhook.engine.sip.headers import parse_address
from offhook.engine.sip.message import Request
from offhook.engine.sip.uri import parse_uri

ANONYMOUS = "anonymous"


def dialled(request: Request) -> tuple[str, ...]:
    """Return the places where the dialled number may stand, best first: Request-URI, then To."""
    places = (parse_uri(request.uri).dialled, parse_address(request.first("To")).uri.dialled)
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
