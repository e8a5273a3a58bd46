"""Where the INVITE of a route goes, and how the addresses in it are written.

The way inside is a call from our own SIP port to itself. It proves where it comes from by a secret that
lives as long as this process, so that nobody else can come in by that door.
"""

import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from hmac import compare_digest
from ipaddress import ip_address
from typing import Protocol

from offhook.domain.logins import Login
from offhook.domain.numbers import SHORTEST_DIN
from offhook.domain.routes import INSIDE, Route
from offhook.engine.net.addresses import plain
from offhook.engine.net.endpoint import Endpoint
from offhook.engine.net.resolution import Resolution
from offhook.engine.sip.authenticator import Authenticator, Credentials
from offhook.engine.sip.bindings import Binding
from offhook.engine.sip.core import bracket
from offhook.engine.sip.digest import Password
from offhook.engine.sip.message import Request
from offhook.engine.sip.outputs import Destination
from offhook.engine.sip.uri import parse_uri
from offhook.errors import SetupError

INSIDE_FIELD = "Offhook-Inside"
DOWN_FOR_S = 60.0
"""How long a target that did not take a call is tried after all others."""
TARGETS_REMEMBERED = 4096
ANONYMOUS = '"Anonymous" <sip:anonymous@anonymous.invalid>'
"""RFC 3323 section 4.1.1.3"""


class NoWay(SetupError):
    """A gateway cannot be sent to: its name or the route to it is missing."""

    code = "no-way"


@dataclass(frozen=True, slots=True)
class Way:
    """A gateway's address, ours as it sees us, and what an INVITE to it carries besides.

    `contact` is the URI of a peer that has registered here: whom it reaches there is its own affair.
    """

    destination: Destination
    local: str
    fields: tuple[tuple[str, str], ...] = ()
    is_inside: bool = False
    authenticator: Authenticator | None = None
    contact: str = ""

    def uri(self, number: str) -> str:
        """Return the SIP URI that an INVITE asks for."""
        return self.contact or self.to(number)

    def to(self, number: str) -> str:
        """Return the SIP URI of a number at this gateway."""
        to = self.destination
        named = f";transport={to.transport.lower()}" if to.transport.is_reliable else ""
        return f"sip:{_user(number)}@{bracket(to.host)}:{to.port}{named}"

    def from_(self, shown: str) -> str:
        """Return who calls as a From without a tag; an empty number is withheld."""
        return f"<sip:{_user(shown)}@{bracket(self.local)}>" if shown else ANONYMOUS


class Registered(Protocol):
    """Who knows where peers have registered."""

    def contacts(self, trunk: str) -> tuple[Binding, ...]: ...

    def called(self, host: str, leg: str) -> None: ...


class Destinations:
    """Finds the way of each route; `expects` is told every host that answers will come from."""

    def __init__(
        self,
        endpoint: Endpoint,
        host: str,
        secret: str,
        expects: Callable[[str], None],
        resolution: Resolution | None = None,
        door: Registered | None = None,
    ) -> None:
        self._endpoint = endpoint
        self._resolution = resolution or Resolution(host)
        self._down: dict[Destination, float] = {}
        self._authenticators: dict[str, tuple[Login, Authenticator]] = {}
        self._secret = secret
        self._expects = expects
        self._door = door
        own = ip_address(host)
        loopback = "::1" if own.version == 6 else "127.0.0.1"
        self._own_host = loopback if own.is_unspecified else plain(host)

    def is_ours(self, host: str, port: int) -> bool:
        """Tell whether a datagram came from our own SIP port."""
        return port == self._endpoint.port and host == self._own_host

    def came_inside(self, request: Request) -> bool:
        """Tell whether an INVITE was sent by this very process."""
        # A stranger's bytes need not be UTF-8.
        said = request.first(INSIDE_FIELD).encode("utf-8", "surrogateescape")
        return compare_digest(said, self._secret.encode())

    async def find(self, route: Route) -> tuple[Way, ...]:
        """Return the ways to a route's gateway, the best first. Raises `NoWay` or SetupError.

        A target that failed lately comes last.
        """
        if route.trunk == INSIDE:
            own = Destination(self._own_host, self._endpoint.port)
            return (Way(own, self._own_host, ((INSIDE_FIELD, self._secret),), is_inside=True),)
        if route.send is None:
            return self._registered(route.trunk)
        uri = parse_uri(route.send)
        now = self._endpoint.now()
        targets = sorted(await self._resolution.targets(uri), key=lambda target: self._down.get(target, now) > now)
        known = self._authenticator_of(route)
        ways = tuple(way for target in targets if (way := self._way(target, uri.host, known)) is not None)
        if not ways:
            raise NoWay(f"there is no way to {route.trunk} at {', '.join(target.host for target in targets)}")
        return ways

    def called(self, way: Way, leg: str) -> None:
        """Take note of a leg that calls a peer where it has registered."""
        if way.contact and self._door is not None:
            self._door.called(way.destination.host, leg)

    def is_down(self, way: Way, for_s: float = DOWN_FOR_S) -> None:
        """Remember for a while that a target did not take a call, or is not there."""
        if len(self._down) >= TARGETS_REMEMBERED:
            self._down.clear()
        self._down[way.destination] = self._endpoint.now() + for_s

    def is_up(self, way: Way) -> None:
        """Forget that a target was down."""
        self._down.pop(way.destination, None)

    def _authenticator_of(self, route: Route) -> Authenticator | None:
        """Return who we are to a trunk's carrier, with what it has asked so far."""
        if route.login is None:
            return None
        login, known = self._authenticators.get(route.trunk, (None, None))
        if known is None or login != route.login:
            known = Authenticator([Credentials(route.login.user, Password(route.login.password))])
            self._authenticators[route.trunk] = route.login, known
        return known

    def _registered(self, trunk: str) -> tuple[Way, ...]:
        """Return the ways to where a trunk's peer has registered, the latest first. Raises `NoWay`."""
        ways = []
        for binding in self._door.contacts(trunk) if self._door else ():
            with contextlib.suppress(OSError):
                local = self._endpoint.local_toward(binding.source.host)
                ways.append(Way(binding.source, local, contact=binding.uri))
        if not ways:
            raise NoWay(f"nobody has registered at this node as {trunk}")
        return tuple(ways)

    def _way(self, target: Destination, name: str, authenticator: Authenticator | None) -> Way | None:
        try:
            local = self._endpoint.local_toward(target.host)
        except OSError:
            # No route of this machine leads there.
            return None
        self._expects(target.host)
        # Whoever is found by DNS proves the name that was asked for (RFC 5922 section 4).
        self._endpoint.know_as(target.host, name.strip("[]"))
        return Way(target, local, authenticator=authenticator)


def _user(number: str) -> str:
    """Write a number as a global one (RFC 3966 section 5.1.4), short digits as they are."""
    return f"+{number}" if len(number) >= SHORTEST_DIN else number
