"""What exchanges looked like from outside, for whoever measures a server: times, status and headers.

Read `observed` first: what happens inside it, in this task and in those it starts, is seen. Nothing is changed.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from time import monotonic
from types import SimpleNamespace

from aiohttp import (
    ClientSession,
    TraceConfig,
    TraceConnectionCreateEndParams,
    TraceConnectionCreateStartParams,
    TraceDnsResolveHostEndParams,
    TraceDnsResolveHostStartParams,
    TraceRequestEndParams,
    TraceRequestExceptionParams,
    TraceRequestHeadersSentParams,
    TraceRequestStartParams,
)

from offhook.actionserver.targets import shown

SHOWN_HEADERS = frozenset({"content-type", "content-encoding", "content-length", "location", "server", "set-cookie"})


@dataclass(slots=True)
class Sighting:
    """One exchange; times in milliseconds, None where there was nothing to measure.

    `connect_ms` includes `dns_ms` and TLS; a connection that was kept has neither. `first_byte_ms` is from the
    request sent to the head of the response. `headers` has the `SHOWN_HEADERS`, names in lower case.
    """

    url: str
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    dns_ms: float | None = None
    connect_ms: float | None = None
    first_byte_ms: float | None = None


_SEEN: ContextVar[list[Sighting] | None] = ContextVar("sightings", default=None)


@contextmanager
def observed() -> Iterator[list[Sighting]]:
    """Collect the exchanges that are made inside, of sessions that have the `observer`."""
    seen: list[Sighting] = []
    token = _SEEN.set(seen)
    try:
        yield seen
    finally:
        _SEEN.reset(token)


def observer() -> TraceConfig:
    """Return what a session is told to be observed (`sessions.open_session(traces=...)`)."""
    trace = TraceConfig()
    trace.on_request_start.append(_on_start)
    trace.on_dns_resolvehost_start.append(_on_dns_start)
    trace.on_dns_resolvehost_end.append(_on_dns_end)
    trace.on_connection_create_start.append(_on_connect_start)
    trace.on_connection_create_end.append(_on_connect_end)
    trace.on_request_headers_sent.append(_on_sent)
    trace.on_request_end.append(_on_end)
    trace.on_request_exception.append(_on_failure)
    return trace


async def _on_start(_: ClientSession, context: SimpleNamespace, params: TraceRequestStartParams) -> None:
    context.sighting = Sighting(shown(params.url))


async def _on_dns_start(_: ClientSession, context: SimpleNamespace, __: TraceDnsResolveHostStartParams) -> None:
    context.dns_began = monotonic()


async def _on_dns_end(_: ClientSession, context: SimpleNamespace, __: TraceDnsResolveHostEndParams) -> None:
    context.sighting.dns_ms = _since(context.dns_began)


async def _on_connect_start(_: ClientSession, context: SimpleNamespace, __: TraceConnectionCreateStartParams) -> None:
    context.connect_began = monotonic()


async def _on_connect_end(_: ClientSession, context: SimpleNamespace, __: TraceConnectionCreateEndParams) -> None:
    context.sighting.connect_ms = _since(context.connect_began)


async def _on_sent(_: ClientSession, context: SimpleNamespace, __: TraceRequestHeadersSentParams) -> None:
    context.sent = monotonic()


async def _on_end(_: ClientSession, context: SimpleNamespace, params: TraceRequestEndParams) -> None:
    sighting: Sighting = context.sighting
    sighting.first_byte_ms = _since(context.sent)
    sighting.status = params.response.status
    headers = params.response.headers.items()
    sighting.headers = {name.lower(): value for name, value in headers if name.lower() in SHOWN_HEADERS}
    _keep(sighting)


async def _on_failure(_: ClientSession, context: SimpleNamespace, __: TraceRequestExceptionParams) -> None:
    _keep(context.sighting)


def _keep(sighting: Sighting) -> None:
    seen = _SEEN.get()
    if seen is not None:
        seen.append(sighting)


def _since(moment: float) -> float:
    return round((monotonic() - moment) * 1000, 1)
