"""Where a route leads: outside to a gateway, inside to ourselves."""

import secrets
from collections.abc import AsyncIterator

import pytest

from offhook.domain.routes import INSIDE, Route
from offhook.engine.net.destinations import INSIDE_FIELD, Destinations, NoWay
from offhook.engine.net.endpoint import Endpoint
from offhook.engine.sip.bindings import Binding
from offhook.engine.sip.message import Request
from offhook.engine.sip.outputs import Destination, Transport
from offhook.engine.sip.parser import parse
from offhook.errors import OffhookError
from sip_peer import Peer

GATEWAY = Route("carrier", "sip:127.0.0.1:5070", passes_caller=False)
WAY_INSIDE = Route(INSIDE, None, passes_caller=True)


@pytest.fixture
async def endpoint() -> AsyncIterator[Endpoint]:
    """Return an endpoint that hears nobody."""
    made = Endpoint(
        host="127.0.0.1",
        port=0,
        name="test",
        token=lambda: secrets.token_hex(8),
        permits=lambda _data, _source: False,
        news=lambda _output: None,
    )
    yield made
    made.close()


async def test_a_gateway_is_sent_to_and_its_answers_are_expected(endpoint: Endpoint) -> None:
    expected: list[str] = []
    (way,) = await Destinations(endpoint, "127.0.0.1", "secret", expected.append).find(GATEWAY)
    assert (way.destination, way.local, way.fields) == (Destination("127.0.0.1", 5070), "127.0.0.1", ())
    assert expected == ["127.0.0.1"]
    assert way.uri("81312345678") == "sip:+81312345678@127.0.0.1:5070"
    assert way.from_("815012345678") == "<sip:+815012345678@127.0.0.1>"
    assert way.from_("117") == "<sip:117@127.0.0.1>"
    assert way.from_("") == '"Anonymous" <sip:anonymous@anonymous.invalid>'


async def test_a_gateways_name_is_resolved(endpoint: Endpoint) -> None:
    destinations = Destinations(endpoint, "127.0.0.1", "secret", lambda _host: None)
    (way,) = await destinations.find(Route("carrier", "sip:localhost:5070", passes_caller=False))
    assert way.destination == Destination("127.0.0.1", 5070)
    with pytest.raises(OffhookError):
        await destinations.find(Route("carrier", "sip:no-such-host.invalid", passes_caller=False))


@pytest.mark.parametrize(("bound", "own"), [("127.0.0.1", "127.0.0.1"), ("0.0.0.0", "127.0.0.1"), ("::", "::1")])
async def test_the_way_inside_leads_to_ourselves_with_a_secret(endpoint: Endpoint, bound: str, own: str) -> None:
    destinations = Destinations(endpoint, bound, "secret", lambda _host: None)
    (way,) = await destinations.find(WAY_INSIDE)
    assert way.destination == Destination(own, endpoint.port)
    assert way.fields == ((INSIDE_FIELD, "secret"),)
    assert destinations.is_ours(own, endpoint.port)
    assert not destinations.is_ours(own, endpoint.port + 1)
    assert not destinations.is_ours("192.0.2.1", endpoint.port)


@pytest.mark.parametrize(("said", "inside"), [("secret", True), ("secre", False), ("", False), ("\udcff", False)])
async def test_only_who_knows_the_secret_came_inside(endpoint: Endpoint, said: str, inside: bool) -> None:
    """Whatever bytes another one writes there: they need not be UTF-8."""
    destinations = Destinations(endpoint, "127.0.0.1", "secret", lambda _host: None)
    data = Peer().request("INVITE", fields={INSIDE_FIELD: said})
    request = parse(data)
    assert isinstance(request, Request)
    assert destinations.came_inside(request) is inside


class Registrar:
    """Who has registered, and what calls it was told of."""

    def __init__(self, *bindings: Binding) -> None:
        self.bindings = bindings
        self.calls: list[tuple[str, str]] = []

    def contacts(self, trunk: str) -> tuple[Binding, ...]:
        return self.bindings if trunk == "desk" else ()

    def called(self, host: str, leg: str) -> None:
        self.calls.append((host, leg))


async def test_a_peer_is_called_where_it_registered_from_and_asked_for_by_its_contact(endpoint: Endpoint) -> None:
    expected: list[str] = []
    source = Destination("127.0.0.1", 40000, Transport.TCP, 7)
    registrar = Registrar(Binding("sip:anna@192.168.1.2:5062", source, 60.0, "a", 1))
    destinations = Destinations(endpoint, "127.0.0.1", "secret", expected.append, None, registrar)
    (way,) = await destinations.find(Route("desk", None, passes_caller=False))
    assert (way.destination, way.is_inside) == (source, False)
    assert way.uri("81312345678") == "sip:anna@192.168.1.2:5062"
    assert way.to("81312345678") == "sip:+81312345678@127.0.0.1:40000;transport=tcp"
    # It is let in by its calls, not for good.
    assert expected == []
    destinations.called(way, "leg")
    (gateway,) = await destinations.find(GATEWAY)
    destinations.called(gateway, "other")
    assert registrar.calls == [("127.0.0.1", "leg")]


async def test_a_peer_that_has_not_registered_cannot_be_called(endpoint: Endpoint) -> None:
    for registrar in (None, Registrar()):
        destinations = Destinations(endpoint, "127.0.0.1", "secret", lambda _host: None, None, registrar)
        with pytest.raises(NoWay, match="desk"):
            await destinations.find(Route("desk", None, passes_caller=False))
