"""One request and its clock: how far it has come, how long it may still take, what its failure is called.

Read `Exchange` first. Its clock is one timer that moves on as the exchange does; the library's own
time-outs are off. A failure leaves as a leaf of `ActionServerError` that says where and what to do.
"""

import asyncio
from datetime import datetime
from enum import Enum
from time import monotonic
from types import SimpleNamespace, TracebackType
from typing import Self

from aiohttp import ClientError, ClientResponse, ClientSession, TraceConfig, TraceRequestHeadersSentParams
from aiohttp.http_exceptions import HttpProcessingError
from multidict import CIMultiDict
from yarl import URL

from offhook.actionserver.errors import BadStatus, BadUrl, ConnectTimedOut, TimedOut, TlsFailed
from offhook.actionserver.expiry import ExpiredCertificate
from offhook.actionserver.failures import failure, reason
from offhook.actionserver.limits import Limits
from offhook.actionserver.responses import without_login
from offhook.actionserver.statuses import REDIRECTS
from offhook.actionserver.steps import Steps, take, watch
from offhook.actionserver.targets import redirected
from offhook.domain.http_dates import read_http_date


class Stage(Enum):
    """How far an exchange has come; it never goes back."""

    CONNECTING = "connecting"
    WAITING = "waiting"
    READING = "reading"


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
            raise failure(
                error,
                self._host,
                is_https=self.url.scheme == "https",
                in_handshake=bool(self.steps.tls_at),
                is_reading=self._stage is Stage.READING,
            ) from error

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
        if self._stage is Stage.CONNECTING:
            return self._unconnected()
        if self._loop.time() >= self._until:
            sentence = f"The time for the whole request was up before {self._host} was done."
        elif self._stage is Stage.WAITING:
            sentence = f"{self._host} kept us waiting for more than {self._seconds:g} s."
        elif self.steps.answered_at:
            return TimedOut(
                f"{self._host} was not done with its response after {self._seconds:g} s.",
                hint="Send the whole text at once; a Content-Length larger than the body keeps us waiting, too.",
            )
        else:
            sentence = f"{self._host} sent nothing more for {self._seconds:g} s."
        return TimedOut(sentence, hint="Answer first and work later; the caller hears nothing meanwhile.")

    def _unconnected(self) -> ConnectTimedOut:
        within = f"within {self._seconds:g} s"
        if self.steps.tls_at:
            sentence = f"{self._host} took the connection, and TLS was not agreed on {within}."
            hint = "See that the port speaks https; if the server has none, write http:// in the URL."
        elif self.steps.socket_at:
            sentence = f"{self._host} took no connection {within}: nothing came back."
            hint = "Check the address, the port and the firewall before it, which may drop what is sent there."
        elif self.steps.connecting_at:
            sentence = f"{self._host} could not be resolved {within}: no name server answered."
            hint = "See the name servers of the host's domain, and those of this machine (/etc/resolv.conf)."
        else:
            sentence = f"No connection to {self._host} was free {within}."
            hint = "It has too many requests under way: let the server answer faster."
        return ConnectTimedOut(sentence, hint=hint)

    def _expired(self, error: ExpiredCertificate, ended_at: datetime | None) -> TlsFailed:
        since = "" if ended_at is None else f" on {ended_at:%Y-%m-%d} at {ended_at:%H:%M} UTC"
        return TlsFailed(
            f"TLS with {self._host} failed: {_expiry(error)}{since}.",
            hint="Renew the certificate, and have it renewed by itself from now on.",
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
    if response.status not in REDIRECTS or not where:
        return None
    try:
        return redirected(response.url, where)
    except BadUrl as error:
        raise BadStatus(
            f"{host(response.url)} answered {response.status} with a Location that cannot be followed:"
            f" {without_login(where)!r}.",
            hint="Redirect to a URL that begins with http:// or https:// and names a host.",
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


def _expiry(error: ExpiredCertificate) -> str:
    """Say that a certificate has expired in the words of the library, without where in its code it found that."""
    return getattr(error.os_error, "verify_message", "") or reason(error.os_error)
