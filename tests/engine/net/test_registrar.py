"""What is shown of registrations that do not come about; `tests/peers/test_registration.py` has one that does."""

import asyncio
from collections.abc import AsyncIterator
from itertools import count

import pytest

from house import NOW
from offhook.domain.logins import Login
from offhook.domain.routes import Route
from offhook.domain.trunk_states import Kind, Observed
from offhook.engine.net.destinations import Destinations
from offhook.engine.net.endpoint import Endpoint
from offhook.engine.net.registrar import Registrar
from offhook.engine.sip.outputs import NotRegistered, Output, Registered
from sip_end import HOST, End

LOGIN = Login("anna", "secret")


class Node:
    """An endpoint that registers."""

    def __init__(self) -> None:
        numbers = count(1)
        self.endpoint = Endpoint(
            host=HOST,
            port=0,
            name="test",
            token=lambda: f"t{next(numbers)}",
            permits=lambda *_: True,
            news=self._hear,
        )
        destinations = Destinations(self.endpoint, HOST, "secret", lambda _host: None)
        self.registrar = Registrar(self.endpoint, destinations, lambda: NOW)

    def _hear(self, output: Output) -> None:
        assert isinstance(output, Registered | NotRegistered)
        self.registrar.hear(output)

    async def observed(self) -> Observed:
        for _ in range(1000):
            if found := self.registrar.observed():
                return found[0]
            await asyncio.sleep(0.01)
        raise AssertionError("nothing became known")


@pytest.fixture
async def node() -> AsyncIterator[Node]:
    made = Node()
    yield made
    made.registrar.stop()
    made.endpoint.close()


async def test_a_provider_that_refuses_is_told_with_what_it_said(node: Node) -> None:
    provider = End()
    home = Route("home", f"sip:{HOST}:{provider.endpoint.port}", passes_caller=False, login=LOGIN)
    node.registrar.use([home])
    assert node.registrar.observed() == [], "nothing is known yet"
    text = "Method Not Allowed (405); again in 30 s"
    assert await node.observed() == Observed("home", Kind.REGISTRATION, False, text)
    node.registrar.hear(Registered("home", 600))
    assert node.registrar.observed() == [Observed("home", Kind.REGISTRATION, True, "until 2026-11-23 06:10:00")]
    node.registrar.use([])
    assert node.registrar.observed() == []
    provider.endpoint.close()


async def test_a_provider_whose_name_leads_nowhere_is_told(node: Node) -> None:
    node.registrar.use([Route("home", "sip:no-such-host.invalid:5060", passes_caller=False, login=LOGIN)])
    observed = await node.observed()
    assert (observed.is_up, "no-such-host.invalid" in observed.text) == (False, True)
