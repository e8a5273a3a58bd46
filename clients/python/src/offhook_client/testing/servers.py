"""The customer's action server: a WSGI application here, an ASGI one in a loop of its own, or one somewhere.

What an application raises is raised to the test, with its own traceback.
"""

import inspect
from collections.abc import Callable
from typing import Any, Protocol

import httpx2

from offhook_client.errors import BadValue
from offhook_client.testing.asgi import Loop
from offhook_client.testing.responses import MORE_THAN_IS_READ, Response
from offhook_client.testing.wsgi import Waiting

__tracebackhide__ = True

App = Callable[..., Any]
"""A WSGI application, or an ASGI one."""


class Server(Protocol):
    """Whoever answers requests."""

    def send(self, request: httpx2.Request, *, raises: bool) -> Response:
        """Return the response, redirects as they are; raises NoResponse, CallFailed, and what an application raises.

        Without `raises` an exception of an application is an answer with status 500.
        """

    def close(self) -> None:
        """Let go of what was opened."""


def open_server(app: App | None) -> Server:
    """Open what an application answers, or the network if it is None."""
    if app is None:
        return Network()
    return Loop(app) if is_asgi(app) else Waiting(app)


def application(given: object) -> App:
    """Return what may be an application; raises BadValue."""
    if not callable(given):
        raise BadValue(f"{given!r} is no application and no URL.")
    return given


def is_asgi(app: App) -> bool:
    """Tell an ASGI application, called with scope, receive and send, from a WSGI one, called with two things.

    Raises BadValue if it can be neither.
    """
    if isinstance(app, type) and not (hasattr(app, "__iter__") or hasattr(app, "__await__")):
        raise BadValue(f"{app!r} is a class. Give an application that was made of it.")
    try:
        signature = inspect.signature(app)
    except ValueError:
        # Nobody knows what a function of C takes, and servers for asyncio are written in Python.
        return False
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    needed = [one for one in signature.parameters.values() if one.kind in kinds and one.default is one.empty]
    is_async = inspect.iscoroutinefunction(app) or inspect.iscoroutinefunction(type(app).__call__)
    taken = 3 if is_async or len(needed) == 3 else 2
    try:
        signature.bind(*range(taken))
    except TypeError as error:
        raise BadValue(
            f"{app!r} is no application: a WSGI application is called with (environ, start_response), an ASGI one"
            f" with (scope, receive, send), but here {error}."
        ) from None
    return taken == 3


class NoResponse(Exception):
    """No whole response came over the network; `has_begun` says whether its head did."""

    def __init__(self, cause: httpx2.TransportError, *, has_begun: bool) -> None:
        super().__init__(str(cause))
        self.cause = cause
        self.has_begun = has_begun


class Network:
    """Servers somewhere."""

    def __init__(self) -> None:
        self._transport = httpx2.HTTPTransport()

    def send(self, request: httpx2.Request, *, raises: bool) -> Response:  # noqa: ARG002 - nothing raises there
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


def _whole(response: httpx2.Response) -> Response:
    """Read a body, up to where it is too long."""
    body = bytearray()
    try:
        for chunk in response.iter_raw():
            body += chunk
            if len(body) >= MORE_THAN_IS_READ:
                break
    finally:
        response.close()
    return Response(response.status_code, response.headers, bytes(body[:MORE_THAN_IS_READ]))
