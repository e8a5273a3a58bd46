"""The checks of trunks on real sockets: a gateway that answers, falls silent and comes back."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace

import pytest

from free_ports import tcp_port
from nameserver import name_server
from offhook.domain.logins import Login
from offhook.domain.routes import Route
from offhook.domain.rules import TrunkRules
from offhook.engine.net.checks import Checks
from offhook.engine.net.destinations import Destinations
from offhook.engine.net.endpoint import Endpoint
from offhook.engine.net.resolution import Resolution
from offhook.engine.sip.outputs import Output, Probed
from sip_end import HOST, End

QUICK = TrunkRules(check_every_s=1)


class Node:
    """An endpoint that checks, and hears what comes of it."""

    def __init__(self) -> None:
        self.endpoint = Endpoint(
            host=HOST, port=0, name="test", token=_tokens(), permits=lambda *_: True, news=self._hear
        )
        self.destinations = Destinations(self.endpoint, HOST, "secret", lambda _host: None)
        self.checks = Checks(self.endpoint, self.destinations, chance=lambda: 0.0)
        self.probed: list[Probed] = []

    def _hear(self, output: Output) -> None:
        assert isinstance(output, Probed)
        self.probed.append(output)
        self.checks.hear(output)

    def is_up(self, trunk: str = "carrier") -> bool | None:
        return {one.trunk: one.is_up for one in self.checks.observed()}.get(trunk)

    def text(self) -> str:
        (one,) = self.checks.observed()
        return one.text


def _tokens() -> Callable[[], str]:
    numbers = iter(range(1, 1_000_000))
    return lambda: f"t{next(numbers)}"


async def until(look: Callable[[], bool]) -> None:
    for _ in range(1000):
        if look():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it never came")


@pytest.fixture
async def node() -> AsyncIterator[Node]:
    made = Node()
    yield made
    made.checks.stop()
    made.endpoint.close()


@pytest.fixture
async def gateway() -> AsyncIterator[End]:
    made = End()
    yield made
    made.endpoint.close()


def route(gateway: End, rules: TrunkRules = QUICK, transport: str = "udp") -> Route:
    port = gateway.endpoint.port
    return Route("carrier", f"sip:{HOST}:{port};transport={transport}", passes_caller=False, rules=rules)


async def test_a_gateway_is_up_until_it_is_silent_twice_and_again_at_once(node: Node, gateway: End) -> None:
    node.checks.use([route(gateway)])
    await until(lambda: node.is_up() is True)
    assert node.text() == f"{HOST}:{gateway.endpoint.port} answered 200 OK"
    gateway.permits = False
    await until(lambda: node.is_up() is False)
    assert "nobody answered within 1 s" in node.text()
    assert list(node.destinations._down) == [gateway.destination]
    gateway.permits = True
    await until(lambda: node.is_up() is True)
    assert node.destinations._down == {}


async def test_a_gateway_is_asked_by_its_own_transport(node: Node, gateway: End) -> None:
    node.checks.use([route(gateway, transport="tcp")])
    await until(lambda: node.is_up() is True)
    assert node.probed[0].destination.transport == "TCP"
    nobody = Route("carrier", f"sip:{HOST}:{tcp_port()};transport=tcp", passes_caller=False, rules=QUICK)
    node.checks.use([nobody])
    assert node.is_up() is None, "what was said of the old one is not said of the new one"
    await until(lambda: node.is_up() is False)
    assert "takes no connection" in node.text()


async def test_a_target_that_is_down_is_tried_after_one_that_is_up(node: Node, gateway: End) -> None:
    silent = End()
    silent.permits = False
    ports = [silent.endpoint.port, gateway.endpoint.port]
    records = {("_sip._udp.gw.example", "SRV"): [f"{rank} 0 {port} localhost." for rank, port in enumerate(ports)]}
    known = Route("carrier", "sip:gw.example;transport=udp", passes_caller=False, rules=QUICK)

    async def order() -> list[int]:
        return [way.destination.port for way in await node.destinations.find(known)]

    async with name_server(records) as server:
        node.destinations._resolution = Resolution(HOST, server.address)
        assert await order() == ports
        node.checks.use([known])
        await until(lambda: "nobody answered" in "".join(one.text for one in node.checks.observed()))
        assert node.is_up() is True
        assert await order() == ports[::-1]
        silent.permits = True
        await until(lambda: "nobody answered" not in node.text())
        assert await order() == ports
    silent.endpoint.close()


async def test_a_name_that_cannot_be_found_is_a_trunk_that_is_down(node: Node) -> None:
    node.checks.use([Route("carrier", "sip:no-such-host.invalid:5060", passes_caller=False, rules=QUICK)])
    await until(lambda: node.is_up() is False)
    assert "no-such-host.invalid" in node.text()


async def test_who_is_not_to_be_checked_any_more_is_asked_nothing(node: Node, gateway: End) -> None:
    node.checks.use([route(gateway)])
    await until(lambda: node.is_up() is True)
    node.checks.use([replace(route(gateway), passes_caller=True)])
    assert node.is_up() is True, "a rule that has nothing to do with it changes nothing"
    timer = node.checks._checked["carrier"].timer
    node.checks.use([])
    assert node.checks.observed() == []
    assert timer is not None
    assert timer.cancelled()


async def test_who_has_a_login_asks_under_its_name(node: Node, gateway: End) -> None:
    known = replace(route(gateway, TrunkRules()), login=Login("anna", "secret"))
    node.checks.use([known])
    await until(lambda: node.is_up() is True)
    # With a minute between two checks, a change is asked about at once.
    node.checks.use([replace(known, login=Login("bob", "secret"))])
    await until(lambda: node.is_up() is True)
    assert len(gateway.asked) == 2
