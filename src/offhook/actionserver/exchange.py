"""One request and its clock: how far it has come, how long it may still take, what its failure is called.

Read `Exchange` first. Its clock is one timer that moves on as the exchange does; the library's own
time-outs are off. A failure leaves as a leaf of `ActionServerError` that says where and what to do.
"""

import asyncio
import os
from datetime import datetime
from enum import Enum
from errno import ECONNRESET
from ssl import SSLCertVerificationError
from time import monotonic
from types import SimpleNamespace, TracebackType
from typing import Self

from aiohttp import (
    ClientConnectorDNSError,
    ClientConnectorError,
    ClientError,
    ClientResponse,
    ClientSession,
    ClientSSLError,
    InvalidURL,
    TraceConfig,
    TraceRequestHeadersSentParams,
)
from aiohttp.http_exceptions import HttpProcessingError
from multidict import CIMultiDict
from yarl import URL

from offhook.actionserver.errors import (
    AddressRefused,
    BadStatus,
    BadUrl,
    ConnectFailed,
    ConnectionLost,
    ConnectTimedOut,
    NameNotFound,
    SocketRefused,
    TimedOut,
    TlsFailed,
)
from offhook.actionserver.expiry import ExpiredCertificate
from offhook.actionserver.limits import Limits
from offhook.actionserver.steps import Steps, take, watch
from offhook.actionserver.targets import redirected
from offhook.domain.http_dates import read_http_date
from offhook.errors import ActionServerError

_BROKEN_OFF = (None, ECONNRESET)
"""The numbers of a connection that the other side ended: without an error, or with one."""
_REDIRECTS = frozenset({301, 302, 303, 307, 308})


class Stage(Enum):
    """How far an exchange has come; it never goes back."""

    CONNECTING = "connecting"
    WAITING = "waiting"
    READING = "reading"


class DisconnectedError(ClientError):
    """The connection was lost, in a form that the library does not answer with a second request."""


class Exchange:
    """The context in which one request is made: `async with Exchange(...) as exchange`.

    `until` is the loop's time at which everything ends. Raises a leaf of `ActionServerError`
    for whatever a server or the way to it does; defects of ours pass through unchanged.
    """

    __slots__ = ("_limits", "_loop", "_seconds", "_stage", "_timeout", "_until", "steps", "url")

    def __init__(self, url: URL, limits: Limits, until: float) -> None:
        self.url = url
        self.steps = Steps()
        self._limits = limits
        self._until = until
        self._loop = asyncio.get_running_loop()
        self._stage = Stage.CONNECTING
        self._seconds = limits.connect_s
        self._timeout = asyncio.timeout_at(min(until, self._loop.time() + limits.connect_s))

    async def __aenter__(self) -> Self:
        await self._timeout.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            await self._timeout.__aexit__(kind, error, trace)
        except TimeoutError:
            raise self._late() from None
        if isinstance(error, ExpiredCertificate):
            # The exchange is over, and its time; the answer is known, and only its date is looked for.
            raise self._expired(error, await error.look()) from error
        if isinstance(error, (ClientError, HttpProcessingError)):
            raise self._failure(error) from error

    async def get(self, session: ClientSession, headers: CIMultiDict[str]) -> ClientResponse:
        """Return the response as soon as its headers are here; the caller releases it.

        Redirects are not followed: each hop is an exchange of its own.
        """
        return await self._request(session, "GET", headers)

    async def post(self, session: ClientSession, headers: CIMultiDict[str], body: bytes) -> ClientResponse:
        """Return the response to a POST, as `get` does."""
        return await self._request(session, "POST", headers, body)

    async def _request(
        self, session: ClientSession, method: str, headers: CIMultiDict[str], body: bytes | None = None
    ) -> ClientResponse:
        take(self.steps)
        response = await session.request(
            method, self.url, headers=headers, data=body, allow_redirects=False, trace_request_ctx=self
        )
        self._stage = Stage.READING
        self.steps.answered_at = monotonic()
        return response

    def sent(self) -> None:
        """Note that the request has left: from here on the server's own time counts."""
        self._stage = Stage.WAITING
        self.steps.sent_at = monotonic()
        self._allow(self._limits.response_s)

    def piece(self) -> None:
        """Note that a piece of a long body is awaited: only silence counts now, not the whole."""
        self._stage = Stage.READING
        self._allow(self._limits.sound_idle_s)

    def _allow(self, seconds: float) -> None:
        self._seconds = seconds
        self._timeout.reschedule(min(self._until, self._loop.time() + seconds))

    @property
    def _host(self) -> str:
        return host(self.url)

    def _late(self) -> TimedOut:
        if self._loop.time() >= self._until:
            sentence = f"The time for the whole request was up before {self._host} was done."
        else:
            sentence = f"{self._host} kept us waiting for more than {self._seconds:g} s."
        if self._stage is Stage.CONNECTING:
            return ConnectTimedOut(f"{sentence} No connection yet.", hint="Check its DNS, its port and its firewall.")
        return TimedOut(sentence, hint="Answer first and work later; the caller hears nothing meanwhile.")

    def _expired(self, error: ExpiredCertificate, ended_at: datetime | None) -> TlsFailed:
        since = "" if ended_at is None else f" on {ended_at:%Y-%m-%d} at {ended_at:%H:%M} UTC"
        return TlsFailed(
            f"TLS with {self._host} failed: {_complaint(error.os_error)}{since}.",
            hint="Renew the certificate, and have it renewed by itself from now on.",
        )

    def _failure(self, error: ClientError | HttpProcessingError) -> ActionServerError:
        match error:
            case ClientConnectorDNSError():
                return NameNotFound(
                    f"{self._host} could not be resolved: {_reason(error.os_error)}.",
                    hint="Check the spelling of the host and its DNS records.",
                )
            case ClientSSLError():
                return TlsFailed(
                    f"TLS with {self._host} failed: {_complaint(error.os_error)}.",
                    hint="Check that its certificate is valid, names this host and comes with its chain.",
                )
            case ClientConnectorError(os_error=SocketRefused(refusal=refusal)):
                return AddressRefused(f"{self._host} was not connected to: {refusal.sentence}", hint=refusal.hint)
            case ClientConnectorError() if self.steps.tls_at and error.os_error.errno in _BROKEN_OFF:
                # The code stays the one of a server that nobody reached yet: it is tried again.
                return ConnectFailed(
                    f"{self._host} broke off the handshake of TLS: does it speak TLS?",
                    hint="Check that it speaks TLS at this port, or write http:// in the URL.",
                )
            case ClientConnectorError():
                return ConnectFailed(
                    f"{self._host} took no connection: {_refusal(error.os_error)}.",
                    hint="Check that the server runs and that its port is open to this machine.",
                )
            case InvalidURL():
                return AddressRefused(
                    f"{self._host} is an address in an unusual form, so it is not connected to.",
                    hint="Write it as four decimal numbers, such as 192.0.2.1.",
                )
            case DisconnectedError():
                return ConnectFailed(
                    f"{self._host} closed the connection without a response.",
                    hint="Look into the server's log for this request.",
                )
            case _ if self._stage is Stage.READING:
                return ConnectionLost(
                    f"{self._host} broke off in the middle of its response.",
                    hint="Look into the server's log for this request.",
                )
            case _:
                return BadStatus(
                    f"{self._host} answered something that is not HTTP.",
                    hint="Check that the port belongs to a web server, and http or https.",
                )


def host(url: URL) -> str:
    """Return host and port of a URL as a sentence names them."""
    return str(url.host_port_subcomponent)


def location(response: ClientResponse) -> str | None:
    """Return where a response sends us on, sendable, or None if it does not.

    Raises:
        BadStatus: It is a redirect that cannot be followed.
    """
    where = response.headers.get("Location")
    if response.status not in _REDIRECTS or not where:
        return None
    try:
        return redirected(response.url, where)
    except BadUrl as error:
        raise BadStatus(
            f"{host(response.url)} answered {response.status} with a Location that cannot be followed: {where!r}.",
            hint=error.hint,
        ) from error


def refuse_encoded(response: ClientResponse) -> None:
    """Refuse a compressed body: we asked for none, and a small one can hold a very large one.

    Raises:
        BadStatus: The response has a Content-Encoding.
    """
    encoding = response.headers.get("Content-Encoding", "identity")
    if encoding.lower() != "identity":
        raise BadStatus(
            f"{host(response.url)} sent its response in the encoding {encoding!r}, though asked for none.",
            hint="Switch compression off for clients that send Accept-Encoding: identity.",
        )


def skew(date: str, now: float) -> int | None:
    """Return how many seconds a response's Date (RFC 9110, section 6.6.1) is ahead of `now`, Unix time; None if unread.

    Date tells whole seconds, and the response was on its way: a second or two mean nothing.
    """
    try:
        return round(read_http_date(date).timestamp() - now)
    except ValueError:
        return None


def progress() -> TraceConfig:
    """Return what tells an exchange that its request has been sent."""
    trace = TraceConfig()
    trace.on_request_headers_sent.append(_on_sent)
    watch(trace)
    return trace


async def _on_sent(_: ClientSession, context: SimpleNamespace, __: TraceRequestHeadersSentParams) -> None:
    exchange = context.trace_request_ctx
    assert isinstance(exchange, Exchange)
    exchange.sent()


def _complaint(error: OSError) -> str:
    """Say what is wrong with a certificate in the words of the library, without where in its code it found that."""
    return f"{error.verify_message}" if isinstance(error, SSLCertVerificationError) else _reason(error)


def _refusal(error: OSError) -> str:
    """Say why there is no connection: the loop writes the address where the system's own words should stand."""
    return os.strerror(error.errno) if error.errno else _reason(error)


def _reason(error: OSError) -> str:
    return error.strerror or str(error)
