"""The customer's action server: a WSGI application here, an ASGI one in a loop of its own, or one somewhere.

What an application raises is raised to the test, with its own traceback.
"""

import asyncio
import inspect
import threading
from collections.abc import Callable, Coroutine, Iterable
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

import httpx2

from offhook_client.script import LONGEST_TEXT_BYTES
from offhook_client.testing.lifespan import Lifespan

__tracebackhide__ = True

App = Callable[..., Any]
"""A WSGI application, or an ASGI one."""

T = TypeVar("T")

_MORE_THAN_IS_READ = LONGEST_TEXT_BYTES + 1


@dataclass(frozen=True, slots=True)
class Response:
    """What came back; of the body at most one byte more than may be read."""

    status: int
    headers: httpx2.Headers
    body: bytes


class Server(Protocol):
    """Whoever answers requests."""

    def send(self, request: httpx2.Request) -> Response:
        """Return the response, redirects as they are; raises NoResponse."""

    def close(self) -> None:
        """Let go of what was opened."""


def open_server(app: App | None) -> Server:
    """Open what an application answers, or the network if it is None."""
    if app is None:
        return Network()
    return Loop(app) if is_asgi(app) else Waiting(httpx2.WSGITransport(_with_bytes_in_its_path(app)))


def is_asgi(app: App) -> bool:
    """Tell an ASGI application, called with scope, receive and send, from a WSGI one, called with two things."""
    if inspect.iscoroutinefunction(app) or inspect.iscoroutinefunction(type(app).__call__):
        return True
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    needed = [
        one for one in inspect.signature(app).parameters.values() if one.kind in kinds and one.default is one.empty
    ]
    return len(needed) == 3


class NoResponse(Exception):
    """No whole response came over the network; `has_begun` says whether its head did."""

    def __init__(self, cause: httpx2.TransportError, *, has_begun: bool) -> None:
        super().__init__(str(cause))
        self.cause = cause
        self.has_begun = has_begun


class Waiting:
    """Who answers in this very thread: a WSGI application."""

    def __init__(self, transport: httpx2.BaseTransport) -> None:
        self._transport = transport

    def send(self, request: httpx2.Request) -> Response:
        return _whole(self._transport.handle_request(request))

    def close(self) -> None:
        self._transport.close()


class Network:
    """Servers somewhere."""

    def __init__(self) -> None:
        self._transport = httpx2.HTTPTransport()

    def send(self, request: httpx2.Request) -> Response:
        try:
            response = self._transport.handle_request(request)
        except httpx2.TransportError as error:
            raise NoResponse(error, has_begun=False) from error
        try:
            return _whole(response)
        except httpx2.TransportError as error:
            raise NoResponse(error, has_begun=True) from error

    def close(self) -> None:
        self._transport.close()


class Loop:
    """An ASGI application in a loop and a thread of its own, so that tests with and without asyncio can wait for it."""

    def __init__(self, app: App) -> None:
        self._lifespan = Lifespan(app)
        self._transport = httpx2.ASGITransport(self._lifespan.app)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="offhook action server", daemon=True)
        self._thread.start()
        self._is_started = False

    def send(self, request: httpx2.Request) -> Response:
        return self._wait_for(self._send(request))

    def close(self) -> None:
        try:
            self._wait_for(self._lifespan.shut_down())
        finally:
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()
            self._loop.close()

    async def _send(self, request: httpx2.Request) -> Response:
        if not self._is_started:
            await self._lifespan.start_up()
            self._is_started = True
        response = await self._transport.handle_async_request(request)
        body = b"".join([chunk async for chunk in response.aiter_raw()])
        return Response(response.status_code, response.headers, body[:_MORE_THAN_IS_READ])

    def _wait_for(self, done: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(done, self._loop).result()


def _whole(response: httpx2.Response) -> Response:
    """Read a body, up to where it is too long."""
    body = bytearray()
    try:
        for chunk in response.iter_raw():
            body += chunk
            if len(body) >= _MORE_THAN_IS_READ:
                break
    finally:
        response.close()
    return Response(response.status_code, response.headers, bytes(body[:_MORE_THAN_IS_READ]))


def _with_bytes_in_its_path(app: App) -> App:
    """Hand on the path as PEP 3333 wants it: the bytes of its UTF-8, each as one character."""

    def wrapped(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        path = environ["PATH_INFO"].encode("utf-8", "surrogateescape").decode("latin-1")
        answer: Iterable[bytes] = app(environ | {"PATH_INFO": path}, start_response)
        return answer

    return wrapped
