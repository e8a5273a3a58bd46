"""Action servers and files that are wrong, and those that are right."""

import asyncio
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime

from offhook.actionserver.errors import SignatureRefused
from offhook.actionserver.signature import verify
from rawserver import Behaviour, RawServer, Reply, Request
from soundfiles import contained, mp3, sine

SLOW_CLOCK_S = 630
"""How far behind the clock of one action server is: more than a signature is good for."""
SOUND = mp3(sine(440, 1))
PAGE = b"<!DOCTYPE html><html><body>It works!</body></html>"


@dataclass(frozen=True, slots=True)
class Servers:
    """One that plays all roles, and one whose certificate has expired."""

    main: RawServer
    expired: RawServer


class Roles:
    """What the main server does, by the first part of a path."""

    def __init__(self) -> None:
        self.roles: dict[str, Behaviour] = {
            "tone.mp3": _sound,
            "page.mp3": page,
            "endless.mp3": _endless,
            "missing.mp3": status(404),
            "private.mp3": status(403),
            "json.mp3": sends(b'{"error": "the link is over"}'),
            "sound.m4a": sends(contained("ipod", "aac", sine(440, 1, 48_000))),
            "clock-skew": self._check,
        }
        self.secret = ""

    async def __call__(self, request: Request, reply: Reply) -> None:
        name = request.target.partition("?")[0].strip("/")
        # Whoever hangs up meanwhile does not wait for the rest.
        with suppress(ConnectionError):
            await self.roles[name](request, reply)

    async def _check(self, request: Request, reply: Reply) -> None:
        """Refuse every signature that is not valid now, by a clock that goes wrong."""
        now = time.time() - SLOW_CLOCK_S
        date = format_datetime(datetime.fromtimestamp(now, UTC), usegmt=True)
        try:
            verify(request.headers["offhook-signature"], list(request.parameters.items()), [self.secret], now)
        except SignatureRefused as error:
            reply.respond(error.sentence.encode(), status=401, Date=date)
        else:
            reply.respond(b"hangup", Date=date)


def says(text: str) -> Behaviour:
    """Answer with an action text."""

    async def behave(_request: Request, reply: Reply) -> None:
        reply.respond(text.encode())

    return behave


def status(code: int) -> Behaviour:
    """Answer with this status."""

    async def behave(_request: Request, reply: Reply) -> None:
        reply.respond(b"Sorry.", status=code)

    return behave


def sends(body: bytes) -> Behaviour:
    """Answer with these bytes."""

    async def behave(_request: Request, reply: Reply) -> None:
        reply.respond(body)

    return behave


def redirects_to(url: str) -> Behaviour:
    """Send everybody elsewhere."""

    async def behave(_request: Request, reply: Reply) -> None:
        reply.respond(status=302, Location=url)

    return behave


async def page(_request: Request, reply: Reply) -> None:
    """Answer with a web page."""
    reply.respond(PAGE)


async def nothing(_request: Request, reply: Reply) -> None:
    """Answer with nothing."""
    reply.respond(b"")


async def slow(_request: Request, reply: Reply) -> None:
    """Take the request and answer nothing."""
    await reply.hang()


async def redirects(request: Request, reply: Reply) -> None:
    """Send everybody to where they are."""
    reply.respond(status=302, Location=request.target)


async def gathers(request: Request, reply: Reply) -> None:
    """Wait for a key, and hang up with whatever came."""
    reply.respond(b"hangup" if request.parameters["event"] == "gather" else b"gather timeout=2")


async def _sound(_request: Request, reply: Reply) -> None:
    reply.respond(SOUND, Content_Type="audio/mpeg")


async def _endless(_request: Request, reply: Reply) -> None:
    """Announce a file of a gigabyte, and send sound for as long as anybody listens, as a radio station does."""
    reply.send(f"HTTP/1.1 200 OK\r\nContent-Type: audio/mpeg\r\nContent-Length: {1 << 30}\r\n\r\n".encode())
    while not reply.over.is_set():
        reply.send(SOUND)
        await reply.writer.drain()
        await asyncio.sleep(0.01)
