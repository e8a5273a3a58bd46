"""An endpoint of SIP in the tests' own process, with all that it told."""

import asyncio
from itertools import count

from offhook.engine.net.endpoint import UDP_AND_TCP, Endpoint, Wires
from offhook.engine.sip.invitation import Invitation
from offhook.engine.sip.message import Fields
from offhook.engine.sip.outputs import Destination, Output, Transport
from sip_peer import SDP

HOST = "127.0.0.1"
WAIT_S = 5.0


class End:
    """An endpoint and the news that it told."""

    def __init__(self, wires: Wires = UDP_AND_TCP, host: str = HOST) -> None:
        numbers = count(1)
        self.news: list[Output] = []
        self.asked: list[tuple[str, int]] = []
        self.permits = True
        self._changed = asyncio.Event()
        self.endpoint = Endpoint(
            host=host,
            port=0,
            name="test",
            token=lambda: f"{id(self):x}{next(numbers)}",
            permits=self._permits,
            news=self._hear,
            wires=wires,
        )

    @property
    def destination(self) -> Destination:
        return self.at(Transport.UDP)

    def at(self, transport: Transport) -> Destination:
        """Return where this end is reached by a transport."""
        port = self.endpoint.tls_port if transport is Transport.TLS else self.endpoint.port
        return Destination(HOST, port, transport)

    def _permits(self, data: bytes, source: Destination) -> bool:
        self.asked.append((source.host, source.port))
        self._changed.set()
        return self.permits

    def _hear(self, output: Output) -> None:
        self.news.append(output)
        self._changed.set()

    async def is_asked(self, times: int = 1) -> None:
        async with asyncio.timeout(WAIT_S):
            while len(self.asked) < times:
                self._changed.clear()
                await self._changed.wait()

    async def hears(self, kind: type[Output]) -> Output:
        """Wait for news of a kind."""
        async with asyncio.timeout(WAIT_S):
            while not (found := [news for news in self.news if isinstance(news, kind)]):
                self._changed.clear()
                await self._changed.wait()
        return found[0]

    def call(self, to: Destination, fields: Fields = ()) -> str:
        """Send an INVITE; return its leg."""
        wish = Invitation(
            uri=f"sip:1@{to.host}:{to.port}", from_="<sip:2@x.example>", to="<sip:1@x.example>", sdp=SDP,
            destination=to, local=HOST, fields=fields,
        )  # fmt: skip
        leg, outputs = self.endpoint.agent.invite(wish, self.endpoint.now())
        self.endpoint.do(outputs)
        return leg
