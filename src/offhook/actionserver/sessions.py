"""The one way to open a connection to the outside: every socket is judged before it exists.

The connector asks `socket_factory` for each address that it is about to connect, whether it came
from DNS, from a literal in the URL or from Happy Eyeballs. Proxies, cookies and the environment have no say.
"""

import socket
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial

from aiohttp import (
    AddrInfoType,
    ClientConnectorCertificateError,
    ClientConnectorError,
    ClientOSError,
    ClientRequest,
    ClientResponse,
    ClientSession,
    ClientTimeout,
    DummyCookieJar,
    ServerDisconnectedError,
    TCPConnector,
)
from aiohttp.client_middlewares import ClientHandlerType, ClientMiddlewareType

from offhook.actionserver.errors import AddressRefused, SocketRefused
from offhook.actionserver.exchange import progress
from offhook.actionserver.expiry import ExpiredCertificate, expired_at, has_expired
from offhook.actionserver.failures import DisconnectedError
from offhook.actionserver.guard import Guard
from offhook.actionserver.limits import Limits
from offhook.actionserver.resolver import Resolver
from offhook.actionserver.steps import makes_socket, noticing
from offhook.actionserver.wires import Wire


@asynccontextmanager
async def open_session(
    guard: Guard,
    limits: Limits,
    *,
    resolver: Resolver | None = None,
    tls: ssl.SSLContext | None = None,
) -> AsyncIterator[ClientSession]:
    """Open the session that `ActionServers` and `Fetcher` share, and close it at the end.

    A connection that was let through is kept for later requests: the judgement was about its
    address, which does not change. `tls` is the system's trust unless given.
    """
    names = resolver or Resolver(limits)
    sockets = guarded_sockets(guard)
    connector = TCPConnector(
        socket_factory=sockets,
        resolver=names,
        ssl=noticing(tls or ssl.create_default_context()),
        limit=limits.connections,
        limit_per_host=limits.connections_per_host,
        keepalive_timeout=limits.keep_alive_s,
        ttl_dns_cache=limits.dns_cache_s,
        dns_cache_max_size=limits.dns_cache_names,
    )
    try:
        async with ClientSession(
            connector=connector,
            cookie_jar=DummyCookieJar(),
            # Compressed bytes are refused by us; inflating them first is what a bomb waits for.
            auto_decompress=False,
            trust_env=False,
            # Every exchange carries its own deadlines, which know how far it has come.
            timeout=ClientTimeout(total=None, sock_connect=None),
            middlewares=(_sent_once, _dated(names, sockets)),
            trace_configs=[progress()],
        ) as session:
            yield session
    finally:
        await names.close()


def guarded_sockets(guard: Guard) -> Callable[[AddrInfoType], socket.socket]:
    """Return a maker of TCP sockets that judges the address each one is for.

    Raises (when called):
        SocketRefused: The guard said no; no socket was made.
    """

    def make(info: AddrInfoType) -> socket.socket:
        family, kind, proto, _, address = info
        try:
            guard.judge(str(address[0]))
        except AddressRefused as refusal:
            raise SocketRefused(refusal) from refusal
        makes_socket()
        return Wire(family, kind, proto)

    return make


def _dated(names: Resolver, sockets: Callable[[AddrInfoType], socket.socket]) -> ClientMiddlewareType:
    """Return what lets it be seen since when a certificate that was refused has been out of date."""

    async def tell(request: ClientRequest, handler: ClientHandlerType) -> ClientResponse:
        try:
            return await handler(request)
        except ClientConnectorCertificateError as error:
            if not has_expired(error):
                raise
            url = request.url
            raise ExpiredCertificate(
                error, partial(expired_at, url.host or "", url.port or 0, names, sockets)
            ) from error

    return tell


async def _sent_once(request: ClientRequest, handler: ClientHandlerType) -> ClientResponse:
    """Keep the library from sending a request again by itself: ours says `attempt=2` and is told."""
    try:
        return await handler(request)
    except ClientConnectorError:
        raise
    except (ClientOSError, ServerDisconnectedError) as error:
        raise DisconnectedError(str(error)) from error
