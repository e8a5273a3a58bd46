"""Customers' servers that take every event, in a process of their own, and note how many came and whether in order."""

import asyncio
import json
import os
from contextlib import ExitStack
from dataclasses import dataclass
from multiprocessing.connection import Connection
from types import TracebackType
from typing import Self, cast

import uvloop
from bench.rig.children import Child

HOST = "127.0.0.1"
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
END_OF_HEAD = b"\r\n\r\n"
LENGTH = b"Content-Length: "
ORDER = ("call.incoming", "call.answered", "call.ended")


@dataclass(frozen=True, slots=True)
class Taken:
    """How many events came, how many of them again, and how many before an earlier one of their call."""

    events: int
    again: int
    out_of_order: int


class Hooks:
    """Listens on so many ports, each an origin of its own, until the context ends."""

    def __init__(self, origins: int) -> None:
        self._stack = ExitStack()
        self._child = self._stack.enter_context(Child(_serve, origins))
        self.urls = tuple(f"http://{HOST}:{port}/events" for port in self._child.pipe.recv())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._stack.close()

    def taken(self) -> Taken:
        """Return what has come so far."""
        self._child.pipe.send(None)
        taken: Taken = self._child.pipe.recv()
        return taken


class _Connection(asyncio.Protocol):
    def __init__(self, bodies: list[bytes]) -> None:
        self._bodies = bodies
        self._came = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are none of asyncio's classes.
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self._came += data
        head, end, body = self._came.partition(END_OF_HEAD)
        if not end or len(body) < int(head.partition(LENGTH)[2].partition(b"\r\n")[0]):
            return
        self._came = b""
        self._bodies.append(body)
        self._transport.write(ANSWER)


def _serve(pipe: Connection, origins: int) -> None:
    # They have machines of their own, and no call shares its core with them.
    os.nice(19)
    uvloop.run(_answer(pipe, origins))


async def _answer(pipe: Connection, origins: int) -> None:
    bodies: list[bytes] = []
    loop = asyncio.get_running_loop()
    servers = [await loop.create_server(lambda: _Connection(bodies), HOST, 0, backlog=1024) for _ in range(origins)]

    def tell() -> None:
        pipe.recv()
        pipe.send(_taken(bodies))

    loop.add_reader(pipe.fileno(), tell)
    pipe.send([server.sockets[0].getsockname()[1] for server in servers])
    await asyncio.Event().wait()


def _taken(bodies: list[bytes]) -> Taken:
    known: set[str] = set()
    far: dict[str, int] = {}
    again = out_of_order = 0
    for document in map(json.loads, bodies):
        if document["id"] in known:
            again += 1
            continue
        known.add(document["id"])
        call_id, place = document["data"]["call_id"], ORDER.index(document["event"])
        out_of_order += place != far.get(call_id, -1) + 1
        far[call_id] = place
    return Taken(len(known), again, out_of_order)
