"""One request to a WSGI application as a server makes it (PEP 3333); a broken protocol is told in a sentence."""

import io
import sys
from collections.abc import Callable, Iterable, Iterator
from types import TracebackType
from typing import Any
from urllib.parse import unquote_to_bytes

import httpx2

from offhook_client.testing.failures import CallFailed
from offhook_client.testing.responses import (
    MORE_THAN_IS_READ,
    Response,
    headers_of,
    of_broken_application,
    piece_of,
)

__tracebackhide__ = True

ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None]
STANDARD = "WSGI"


class Waiting:
    """Who answers in this very thread: a WSGI application."""

    def __init__(self, app: Callable[..., Any]) -> None:
        self._app = app

    def send(self, request: httpx2.Request, *, raises: bool) -> Response:
        try:
            return _Exchange(raises=raises).run(self._app, _environ(request))
        except CallFailed:
            raise
        except Exception as error:
            if raises:
                raise
            return of_broken_application(error)

    def close(self) -> None:
        """Nothing was opened."""


class _Exchange:
    def __init__(self, *, raises: bool) -> None:
        self._raises = raises
        self._body = bytearray()
        self._started: tuple[str, Iterable[Any]] | None = None
        self._told: BaseException | None = None

    def run(self, app: Callable[..., Any], environ: dict[str, Any]) -> Response:
        pieces = app(environ, self._start_response)
        try:
            for piece in _pieces(pieces):
                self._write(piece)
                if len(self._body) >= MORE_THAN_IS_READ:
                    break
        finally:
            if hasattr(pieces, "close"):
                pieces.close()
        if self._told is not None and self._raises:
            # The application has caught its exception and made a page of it.
            raise self._told
        if self._started is None:
            raise CallFailed("The application ended without start_response, so its answer has no status.")
        status, headers = self._started
        return Response(_status(status), headers_of(headers, STANDARD), bytes(self._body[:MORE_THAN_IS_READ]))

    def _start_response(
        self, status: str, headers: Iterable[Any], exc_info: ExcInfo | None = None
    ) -> Callable[[Any], None]:
        self._started = status, headers
        self._told = exc_info[1] if exc_info else None
        return self._write

    def _write(self, piece: Any) -> None:
        self._body += piece_of(piece, STANDARD)


def _pieces(answer: Any) -> Iterator[Any]:
    try:
        pieces = iter(answer)
    except TypeError:
        raise CallFailed(f"The application returned {answer!r}, but WSGI wants a list of bytes.") from None
    yield from pieces


def _status(status: Any) -> int:
    code = status.partition(" ")[0] if isinstance(status, str) else ""
    if len(code) == 3 and code.isascii() and code.isdigit():
        return int(code)
    raise CallFailed(f'start_response was given the status {status!r}, but WSGI wants one such as "200 OK".')


def _environ(request: httpx2.Request) -> dict[str, Any]:
    """Return the request as PEP 3333 writes it: the path's bytes stand as one character each."""
    target: bytes = request.extensions["target"]
    path, _, query = target.partition(b"?")
    url = request.url
    headers = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in request.headers.items()}
    return {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
        "QUERY_STRING": query.decode("latin-1"),
        "SERVER_NAME": url.raw_host.decode("ascii"),
        "SERVER_PORT": str(url.port or {"http": 80, "https": 443}[url.scheme]),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": url.scheme,
        "wsgi.input": io.BytesIO(),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        **headers,
    }
