"""ASGI applications, each in a loop and a thread of its own, so that tests with and without asyncio can wait for it.

What breaks the protocol is told in a sentence. Background tasks are waited for, since a test looks at what they did.
"""

import asyncio
import threading
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar
from urllib.parse import unquote

import httpx2

from offhook_client.testing.failures import CallFailed
from offhook_client.testing.lifespan import Lifespan, Message
from offhook_client.testing.responses import (
    MORE_THAN_IS_READ,
    Response,
    headers_of,
    of_broken_application,
    piece_of,
)

__tracebackhide__ = True

T = TypeVar("T")
STANDARD = "ASGI"


class Loop:
    """One application's loop, from its lifespan's start to its end."""

    def __init__(self, app: Callable[..., Any]) -> None:
        self._lifespan = Lifespan(app)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="offhook action server", daemon=True)
        self._thread.start()
        self._is_started = False

    def send(self, request: httpx2.Request, *, raises: bool) -> Response:
        return self._wait_for(self._send(request, raises=raises))

    def close(self) -> None:
        try:
            self._wait_for(self._lifespan.shut_down())
        finally:
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()
            self._loop.close()

    async def _send(self, request: httpx2.Request, *, raises: bool) -> Response:
        if not self._is_started:
            await self._lifespan.start_up()
            self._is_started = True
        exchange = _Exchange()
        try:
            await exchange.run(self._lifespan.app, _scope(request))
        except CallFailed:
            raise
        except Exception as error:
            if raises:
                raise
            # Who failed after the answer, in a background task, has answered.
            if not exchange.is_whole:
                return of_broken_application(error)
        return exchange.response()

    def _wait_for(self, done: Coroutine[Any, Any, T]) -> T:
        future = asyncio.run_coroutine_threadsafe(done, self._loop)
        # Raised here, an exception shows nothing of the ways of futures.
        if (error := future.exception()) is not None:
            raise error
        return future.result()


class _Exchange:
    def __init__(self) -> None:
        self.is_whole = False
        self._start: Message | None = None
        self._body = bytearray()
        self._is_asked = False
        self._enough = asyncio.Event()

    async def run(self, app: Callable[..., Any], scope: Message) -> None:
        """Have the application answer; what goes on and on is cut off, as a server does when its client has gone."""
        running = asyncio.ensure_future(app(scope, self._receive, self._send))
        enough = asyncio.ensure_future(self._is_too_long())
        await asyncio.wait({running, enough}, return_when=asyncio.FIRST_COMPLETED)
        enough.cancel()
        if running.done():
            running.result()
            return
        running.cancel()
        await asyncio.wait({running})

    def response(self) -> Response:
        """Return what was answered; raises CallFailed."""
        if self._start is None:
            raise CallFailed("The application ended without an answer: it never sent http.response.start.")
        if not self.is_whole and not self._enough.is_set():
            raise CallFailed("The application ended in the middle of its answer: its last body said more_body.")
        status = self._start.get("status")
        if not isinstance(status, int):
            raise CallFailed(f"The application's status is {status!r}, but ASGI wants a number.")
        headers = headers_of(self._start.get("headers", ()), STANDARD)
        return Response(int(status), headers, bytes(self._body[:MORE_THAN_IS_READ]))

    async def _receive(self) -> Message:
        if not self._is_asked:
            self._is_asked = True
            return {"type": "http.request", "body": b"", "more_body": False}
        await self._enough.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Message) -> None:
        match message["type"]:
            case "http.response.start" if self._start is None:
                self._start = message
            case "http.response.body" if self._start is not None and not self.is_whole:
                self._body += piece_of(message.get("body", b""), STANDARD)
                self.is_whole = not message.get("more_body", False)
                if self.is_whole or len(self._body) >= MORE_THAN_IS_READ:
                    self._enough.set()
            case kind:
                raise CallFailed(f"The application sent {kind}, which cannot come here.")
        # A stream that never waits for anything leaves nobody else a turn.
        await asyncio.sleep(0)

    async def _is_too_long(self) -> None:
        await self._enough.wait()
        if self.is_whole:
            await asyncio.Event().wait()


def _scope(request: httpx2.Request) -> Message:
    target: bytes = request.extensions["target"]
    path, _, query = target.partition(b"?")
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": request.method,
        "headers": [(name.lower(), value) for name, value in request.headers.raw],
        "scheme": request.url.scheme,
        "path": unquote(path.decode("ascii")),
        "raw_path": path,
        "query_string": query,
        "server": (request.url.raw_host.decode("ascii"), request.url.port),
        "client": ("127.0.0.1", 123),
        "root_path": "",
    }
