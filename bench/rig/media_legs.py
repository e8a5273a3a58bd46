"""Many calls in the real media worker: opened, connected to their far ends and playing, without SIP."""

import secrets
from base64 import b64encode
from dataclasses import dataclass
from pathlib import Path

from offhook.engine.media.sdp.crypto import Suite
from offhook.engine.net.media_pool import LegNews, MediaLeg, MediaPool
from offhook.engine.net.orders import Connect, Silent

HOST = "127.0.0.1"
PORTS = (16384, 24575)
LOOPS = 1000


class CallLost(RuntimeError):
    """A leg or its worker ended while it was measured."""


@dataclass(frozen=True, slots=True)
class Peer:
    """Where a call's sound and reports go."""

    address: tuple[str, int]
    reports: tuple[str, int]


@dataclass(frozen=True, slots=True)
class Sealed:
    """That legs speak SRTP: each with a key of its own, and all their callers with `heard_key`."""

    suite: Suite
    heard_key: bytes

    def keys(self) -> tuple[str, str, str]:
        """Return a leg's part of `Connect`: suite, the key it seals with and the one it opens with."""
        sent_key = secrets.token_bytes(self.suite.key_size)
        return self.suite.value, b64encode(sent_key).decode(), b64encode(self.heard_key).decode()


class MediaLegs:
    """A pool of workers, one by default, and the legs in it: plain, or sealed."""

    def __init__(self, sealed: Sealed | None = None, *, ports: tuple[int, int] = PORTS, workers: int = 1) -> None:
        self._sealed = sealed
        self._pool = MediaPool(workers=workers, ports=ports, random_bits=secrets.randbits)
        self._lost: list[str] = []

    @property
    def pids(self) -> list[int]:
        """The workers' process ids."""
        return self._pool.processes

    async def start(self) -> int:
        """Start the workers; return the first one's process id."""
        await self._pool.start()
        return self._pool.processes[0]

    async def add(self, peers: list[Peer]) -> list[MediaLeg]:
        """Connect a leg to each of more peers, and let it send silence."""
        return [await self._add(peer) for peer in peers]

    async def stop(self) -> None:
        """End all. Raises `CallLost` if one ended before."""
        lost = list(self._lost)
        await self._pool.stop()
        if lost:
            raise CallLost(f"{len(lost)} legs ended early: {lost[0]}")

    async def _add(self, peer: Peer) -> MediaLeg:
        name = secrets.token_hex(8)
        leg = await self._pool.open(name, HOST, self._hear, lambda: self._lost.append("the worker died"))
        suite, sent_key, heard_key = ("", "", "") if self._sealed is None else self._sealed.keys()
        order = Connect(
            leg=name,
            codec="PCMU",
            payload_type=0,
            event_type=101,
            address=peer.address[0],
            port=peer.address[1],
            rtcp_address=peer.reports[0],
            rtcp_port=peer.reports[1],
            rtcp_mux=False,
            signalling_ip=HOST,
            sends=True,
            receives=True,
            trust_signalled=False,
            suite=suite,
            sent_key=sent_key,
            heard_key=heard_key,
        )
        leg.connect(order)
        leg.start()
        return leg

    def _hear(self, news: LegNews) -> None:
        if isinstance(news, Silent):
            self._lost.append(news.text)


def play(legs: list[MediaLeg], sound: Path) -> None:
    """Play a sound to each."""
    for leg in legs:
        leg.play("sound", str(sound), None, "PCMU", LOOPS)
