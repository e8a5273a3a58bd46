"""Where the INVITE of a route goes, and how the addresses in it are written.

The way inside is a call from our own SIP port to itself. It proves where it comes from by a secret that
lives as long as this process, so that nobody else can come in by that door.
"""

from collections.abc import Callable
from dataclasses import dataclass
from hmac import compare_digest
from ipaddress import ip_address

from offhook.domain.numbers import SHORTEST_DIN
from offhook.domain.routes import Route
from offhook.engine.net.addresses import is_literal, plain
from offhook.engine.net.endpoint import Endpoint, look_up
from offhook.engine.sip.core import bracket
from offhook.engine.sip.dialog import destination_of
from offhook.engine.sip.message import Request
from offhook.engine.sip.outputs import Destination
from offhook.engine.sip.uri import parse_uri
from offhook.errors import SetupError

INSIDE_FIELD = "Offhook-Inside"
ANONYMOUS = '"Anonymous" <sip:anonymous@anonymous.invalid>'
"""RFC 3323 section 4.1.1.3"""


class NoWay(SetupError):
    """A gateway cannot be sent to: its name or the route to it is missing."""

    code = "no-way"


@dataclass(frozen=True, slots=True)
class Way:
    """A gateway's address, ours as it sees us, and what an INVITE to it carries besides."""

    destination: Destination
    local: str
    fields: tuple[tuple[str, str], ...]

    def uri(self, number: str) -> str:
        """Return the SIP URI of a number at this gateway."""
        return f"sip:{_user(number)}@{bracket(self.destination.host)}:{self.destination.port}"

    def from_(self, shown: str) -> str:
        """Return who calls as a From without a tag; an empty number is withheld."""
        return f"<sip:{_user(shown)}@{bracket(self.local)}>" if shown else ANONYMOUS


class Destinations:
    """Finds the way of each route; `expects` is told every host that answers will come from."""

    def __init__(self, endpoint: Endpoint, host: str, secret: str, expects: Callable[[str], None]) -> None:
        self._endpoint = endpoint
        self._bound = host
        self._secret = secret
        self._expects = expects
        own = ip_address(host)
        loopback = "::1" if own.version == 6 else "127.0.0.1"
        self._own_host = loopback if own.is_unspecified else plain(host)

    def is_ours(self, host: str, port: int) -> bool:
        """Tell whether a datagram came from our own SIP port."""
        return port == self._endpoint.port and host == self._own_host

    def came_inside(self, request: Request) -> bool:
        """Tell whether an INVITE was sent by this very process."""
        return compare_digest(request.first(INSIDE_FIELD).encode(), self._secret.encode())

    async def find(self, route: Route) -> Way:
        """Resolve a route's gateway. Raises `NoWay` or SetupError."""
        if route.send is None:
            own = Destination(self._own_host, self._endpoint.port)
            return Way(own, self._own_host, ((INSIDE_FIELD, self._secret),))
        named = destination_of(parse_uri(route.send))
        host = named.host
        if not is_literal(host):
            host = plain(await look_up(host, named.port, self._bound))
        self._expects(host)
        try:
            return Way(Destination(host, named.port), self._endpoint.local_toward(host), ())
        except OSError as error:
            raise NoWay(f"there is no way to {route.trunk} at {host}: {error.strerror}") from None


def _user(number: str) -> str:
    """Write a number as a global one (RFC 3966 section 5.1.4), short digits as they are."""
    return f"+{number}" if len(number) >= SHORTEST_DIN else number
