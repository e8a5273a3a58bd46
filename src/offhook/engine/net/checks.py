"""The checks of the trunks that we send to: who is asked, where, and what came of it.

When to ask and what an answer means is `health`'s business; this file finds the targets and sends the questions.
"""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from random import SystemRandom
from typing import assert_never

from offhook.domain.routes import Route
from offhook.domain.trunk_states import Kind, Observed
from offhook.engine.net.destinations import Destinations, Way
from offhook.engine.net.endpoint import Endpoint
from offhook.engine.net.log import log
from offhook.engine.sip.health import Ask, Avoid, Found, Health, Heard, Input, Judged, Look, Nowhere, Output, Trust
from offhook.engine.sip.outputs import Destination, Probed
from offhook.engine.sip.probing import Probe
from offhook.errors import OffhookError

FIRST_WITHIN_S = 5.0
"""The first checks are spread over so long: a thousand trunks are not asked at once."""
_SPREAD = SystemRandom()
NOBODY = "offhook"
"""Who asks where we have no user's name."""


@dataclass(slots=True)
class _Checked:
    """One trunk; `ways` are those that its targets were found by."""

    route: Route
    health: Health
    ways: dict[Destination, Way] = field(default_factory=dict)
    timer: asyncio.TimerHandle | None = None
    look: asyncio.Task[None] | None = None


class Checks:
    """All checks of one endpoint, by trunks."""

    def __init__(
        self, endpoint: Endpoint, destinations: Destinations, chance: Callable[[], float] = _SPREAD.random
    ) -> None:
        """Begin with nobody; `chance` is from 0 to 1."""
        self._endpoint = endpoint
        self._destinations = destinations
        self._chance = chance
        self._checked: dict[str, _Checked] = {}
        self._judged: dict[str, Judged] = {}

    def use(self, routes: Iterable[Route]) -> None:
        """Check these from now on, and no others."""
        wanted = {route.trunk: route for route in routes}
        for name, known in list(self._checked.items()):
            if name not in wanted or _asked_of(wanted[name]) != _asked_of(known.route):
                self._drop(name)
        for name in wanted.keys() - self._checked.keys():
            every_s = wanted[name].rules.check_every_s
            first_at = self._endpoint.now() + self._chance() * min(FIRST_WITHIN_S, every_s)
            checked = self._checked[name] = _Checked(wanted[name], Health(every_s, first_at))
            self._set_timer(checked)

    def stop(self) -> None:
        """Check nothing any more."""
        self.use(())

    def observed(self) -> list[Observed]:
        """Return of each trunk whether its gateway is up, once that is certain."""
        return [Observed(name, Kind.GATEWAY, one.is_up, one.text) for name, one in self._judged.items()]

    def hear(self, probed: Probed) -> None:
        """Take what came of a question."""
        checked = self._checked.get(probed.name)
        if checked is not None:
            self._tell(checked, Heard(probed.destination, probed.serial, probed.status, probed.text))

    def _tell(self, checked: _Checked, what: Input) -> None:
        self._do(checked, checked.health.receive(what, self._endpoint.now()))

    def _tick(self, checked: _Checked) -> None:
        self._do(checked, checked.health.tick(self._endpoint.now()))

    def _do(self, checked: _Checked, outputs: Iterable[Output]) -> None:
        for output in outputs:
            match output:
                case Look():
                    # Name servers may be slower than checks are frequent.
                    if checked.look is None or checked.look.done():
                        checked.look = asyncio.get_running_loop().create_task(self._look(checked))
                case Ask():
                    self._ask(checked, output)
                case Avoid(target, seconds):
                    self._destinations.is_down(checked.ways[target], seconds)
                case Trust(target):
                    self._destinations.is_up(checked.ways[target])
                case Judged():
                    self._judge(checked.route.trunk, output)
                case _:
                    assert_never(output)
        self._set_timer(checked)

    async def _look(self, checked: _Checked) -> None:
        try:
            ways = await self._destinations.find(checked.route)
        except OffhookError as error:
            self._tell(checked, Nowhere(error.sentence))
            return
        checked.ways = {way.destination: way for way in ways}
        self._tell(checked, Found(tuple(sorted(checked.ways, key=lambda target: (target.host, target.port)))))

    def _ask(self, checked: _Checked, asked: Ask) -> None:
        way, login = checked.ways[asked.target], checked.route.login
        wish = Probe(
            name=checked.route.trunk,
            serial=asked.serial,
            destination=way.destination,
            local=way.local,
            user=login.user if login else NOBODY,
            authenticator=way.authenticator,
        )
        self._endpoint.do(self._endpoint.agent.probe(wish, self._endpoint.now()))

    def _judge(self, trunk: str, judged: Judged) -> None:
        before, self._judged[trunk] = self._judged.get(trunk), judged
        if not judged.is_up:
            log.warning("a trunk is down", trunk=trunk, text=judged.text)
        elif before is not None and not before.is_up:
            log.info("a trunk is up again", trunk=trunk, text=judged.text)

    def _set_timer(self, checked: _Checked) -> None:
        if checked.timer is not None:
            checked.timer.cancel()
        if self._checked.get(checked.route.trunk) is checked:
            when = checked.health.deadline()
            checked.timer = asyncio.get_running_loop().call_at(when, self._tick, checked)

    def _drop(self, name: str) -> None:
        checked = self._checked.pop(name)
        self._judged.pop(name, None)
        for work in (checked.timer, checked.look):
            if work is not None:
                work.cancel()


def _asked_of(route: Route) -> tuple[object, ...]:
    """Return what of a route a check depends on."""
    return route.send, route.login, route.rules.check_every_s
