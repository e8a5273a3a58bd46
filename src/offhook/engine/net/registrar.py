"""The trunks that are reached by registering: where each provider is, and which calls are one's.

A call belongs to such a trunk when it comes from an address that the provider's name led to, and to the user part
that only the provider was told.
"""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from offhook.domain.routes import Route
from offhook.domain.trunk_states import Kind, Observed
from offhook.engine.net.destinations import Destinations, Way
from offhook.engine.net.endpoint import Endpoint
from offhook.engine.net.log import log
from offhook.engine.sip.outputs import NotRegistered, Registered
from offhook.engine.sip.registration import Registration
from offhook.engine.sip.uri import parse_uri
from offhook.errors import OffhookError

TARGET_FAILED = frozenset({408, 503})
AGAIN_AFTER_S = 30.0
"""After a name that could not be found."""


@dataclass(slots=True)
class _Home:
    """One trunk: the addresses of its provider, and the one that it registers at."""

    route: Route
    hosts: set[str] = field(default_factory=set)
    way: Way | None = None
    is_registered: bool = False
    # Until when, or why not; empty while nothing is known.
    text: str = ""
    work: asyncio.Task[None] | None = None


class Registrar:
    """All registrations of one endpoint, by trunks."""

    def __init__(self, endpoint: Endpoint, destinations: Destinations, wall_clock: Callable[[], datetime]) -> None:
        self._endpoint = endpoint
        self._wall_clock = wall_clock
        self._destinations = destinations
        self._homes: dict[str, _Home] = {}

    def use(self, routes: Iterable[Route]) -> None:
        """Register by these routes from now on, and by no others."""
        wanted = {route.trunk: route for route in routes}
        for name in [name for name, home in self._homes.items() if wanted.get(name) != home.route]:
            self._drop(name)
        for name in wanted.keys() - self._homes.keys():
            home = self._homes[name] = _Home(wanted[name])
            home.work = asyncio.get_running_loop().create_task(self._register(home))

    def stop(self) -> None:
        """Take all registrations back."""
        self.use(())

    def trunk_of(self, host: str, user: str) -> str | None:
        """Return whose call it is that came from `host` to this user part of a Request-URI."""
        name = self._endpoint.agent.registered_as(user)
        home = self._homes.get(name or "")
        return name if home is not None and host in home.hosts else None

    def observed(self) -> list[Observed]:
        """Return of each registration whether it holds, once that is known."""
        return [
            Observed(name, Kind.REGISTRATION, home.is_registered, home.text)
            for name, home in self._homes.items()
            if home.text
        ]

    def hear(self, output: Registered | NotRegistered) -> None:
        """Take what came of a registration."""
        home = self._homes.get(output.name)
        if home is None:
            return
        if isinstance(output, Registered):
            if not home.is_registered:
                log.info("registered", trunk=output.name, seconds=output.seconds)
            home.is_registered = True
            until = self._wall_clock() + timedelta(seconds=output.seconds)
            home.text = f"until {until:%Y-%m-%d %H:%M:%S}"
            return
        home.is_registered, home.text = False, output.text
        log.warning("not registered", trunk=output.name, status=output.status, text=output.text)
        if output.status in TARGET_FAILED and home.way is not None:
            self._destinations.is_down(home.way)
            home.work = asyncio.get_running_loop().create_task(self._register(home))

    async def _register(self, home: _Home) -> None:
        route = home.route
        assert route.send is not None, "it is registered where calls are sent"
        assert route.login is not None, "who registers is somebody"
        ways: tuple[Way, ...] = ()
        while not ways:
            try:
                ways = await self._destinations.find(route)
            except OffhookError as error:
                home.text = error.sentence
                log.warning("not registered", trunk=route.trunk, text=error.sentence)
                await asyncio.sleep(AGAIN_AFTER_S)
        home.hosts |= {way.destination.host for way in ways}
        home.way = way = ways[0]
        wish = Registration(
            name=route.trunk,
            domain=parse_uri(route.send).host,
            user=route.login.user,
            destination=way.destination,
            local=way.local,
            authenticator=way.authenticator,
        )
        self._endpoint.do(self._endpoint.agent.register(wish, self._endpoint.now()))

    def _drop(self, name: str) -> None:
        home = self._homes.pop(name)
        if home.work is not None:
            home.work.cancel()
        self._endpoint.do(self._endpoint.agent.unregister(name, self._endpoint.now()))
