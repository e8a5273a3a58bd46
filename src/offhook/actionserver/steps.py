"""How long each step of an exchange took: its name, its connection, TLS, the first byte of the answer.

The library tells when it begins and ends a connection. Where the steps between are is seen from what only we give it:
the socket is made when the name is known, and TLS begins when the connection is there.
"""

import ssl
from contextvars import ContextVar
from time import monotonic
from types import SimpleNamespace

from aiohttp import (
    ClientSession,
    TraceConfig,
    TraceConnectionCreateEndParams,
    TraceConnectionCreateStartParams,
)

from offhook.domain.questions import Times

_NEVER = 0.0


class Steps:
    """The moments of one exchange in monotonic seconds; 0 for what did not happen."""

    __slots__ = ("answered_at", "connected_at", "connecting_at", "sent_at", "socket_at", "tls_at")

    def __init__(self) -> None:
        self.connecting_at = self.socket_at = self.tls_at = self.connected_at = _NEVER
        self.sent_at = self.answered_at = _NEVER

    def times(self, *, has_name: bool) -> Times:
        """Return how long each step took that came to its end; `has_name` if the host is no address."""
        resolved_at = self.socket_at or self.connected_at
        open_at = self.tls_at or self.connected_at
        return Times(
            dns_ms=_ms(self.connecting_at, resolved_at) if has_name else None,
            connect_ms=_ms(self.socket_at, open_at),
            tls_ms=_ms(self.tls_at, self.connected_at),
            first_byte_ms=_ms(self.sent_at, self.answered_at),
        )


_present: ContextVar[Steps | None] = ContextVar("the steps of this task's exchange", default=None)


def take(steps: Steps) -> None:
    """Let what this task does from now on be steps of an exchange."""
    _present.set(steps)


def makes_socket() -> None:
    """A socket is made: the name is resolved. Of several addresses the first counts."""
    steps = _present.get()
    if steps is not None and not steps.socket_at:
        steps.socket_at = monotonic()


def noticing(context: ssl.SSLContext) -> ssl.SSLContext:
    """Return a TLS context that notices when a handshake begins: the event loops begin one by `wrap_bio`."""
    if "wrap_bio" in vars(context):
        # A context that outlives its session is given again and again, and would get deeper each time.
        return context
    wrap_bio = context.wrap_bio

    def begin(*given: object, **named: object) -> ssl.SSLObject:
        steps = _present.get()
        if steps is not None and not steps.tls_at:
            steps.tls_at = monotonic()
        return wrap_bio(*given, **named)  # type: ignore[arg-type]  # as the loop called it

    context.wrap_bio = begin  # type: ignore[method-assign]  # a subclass would have to be made by each caller
    return context


def watch(trace: TraceConfig) -> None:
    """Have the library tell when a connection begins and when it is there."""
    trace.on_connection_create_start.append(_connecting)
    trace.on_connection_create_end.append(_connected)


async def _connecting(_: ClientSession, __: SimpleNamespace, ___: TraceConnectionCreateStartParams) -> None:
    if (steps := _present.get()) is not None:
        steps.connecting_at = monotonic()


async def _connected(_: ClientSession, __: SimpleNamespace, ___: TraceConnectionCreateEndParams) -> None:
    if (steps := _present.get()) is not None:
        steps.connected_at = monotonic()


def _ms(began: float, ended: float) -> float | None:
    return round((ended - began) * 1000, 1) if began and ended else None
