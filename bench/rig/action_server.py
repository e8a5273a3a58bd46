"""An action server that costs little: one answer for each path, and a note of when each caller was asked about."""

import asyncio
import re
from multiprocessing.connection import Connection
from time import time_ns
from types import TracebackType
from typing import Self, cast

import uvloop
from bench.rig.children import Child

HOST = "127.0.0.1"

_REQUEST = re.compile(rb"GET (/[a-z]*)\?[^ ]*?caller=(?:%2B)?([0-9]+)[^ ]* HTTP/1\.1\r\n")


class ActionServer:
    """Answers by path until the context ends."""

    def __init__(self, answers: dict[str, str]) -> None:
        self.child = Child(_serve, answers)
        self.origin = f"http://{HOST}:{self.child.pipe.recv()}"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.child.__exit__(kind, error, traceback)

    def asked(self) -> dict[str, list[int]]:
        """Return when each caller was asked about (nanoseconds since 1970), in order, and forget it."""
        self.child.pipe.send(None)
        asked: dict[str, list[int]] = self.child.pipe.recv()
        return asked


class _Connection(asyncio.Protocol):
    def __init__(self, answers: dict[bytes, bytes], asked: dict[str, list[int]]) -> None:
        self._answers = answers
        self._asked = asked

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are none of asyncio's classes.
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        # A request of ours is far smaller than a segment of loopback, and they are not pipelined.
        at = time_ns()
        request = _REQUEST.match(data)
        if request is None:
            self._transport.write(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
            return
        self._asked.setdefault(request[2].decode(), []).append(at)
        self._transport.write(self._answers[request[1]])


def _serve(pipe: Connection, answers: dict[str, str]) -> None:
    uvloop.run(_answer(pipe, {path.encode(): _response(text) for path, text in answers.items()}))


async def _answer(pipe: Connection, answers: dict[bytes, bytes]) -> None:
    asked: dict[str, list[int]] = {}
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: _Connection(answers, asked), HOST, 0, backlog=1024)

    def hand_over() -> None:
        pipe.recv()
        pipe.send(dict(asked))
        asked.clear()

    loop.add_reader(pipe.fileno(), hand_over)
    pipe.send(server.sockets[0].getsockname()[1])
    await server.serve_forever()


def _response(text: str) -> bytes:
    body = text.encode()
    head = f"HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body
