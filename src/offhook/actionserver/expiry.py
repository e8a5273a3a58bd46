"""Since when a server's certificate has been out of date.

TLS refuses such a certificate and does not say what stands in it. So the server is connected to once more, through the
same guard, only to be shown the certificate: it is not trusted, and nothing is sent.
"""

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

from aiohttp import AddrInfoType, ClientConnectorCertificateError
from aiohttp.abc import AbstractResolver

LOOK_S = 2.0
"""How long the second look may take; without it the call learns that the certificate has expired, but not when."""
HAS_EXPIRED = 10
"""X509_V_ERR_CERT_HAS_EXPIRED of OpenSSL."""

_SEQUENCE, _VERSION, _UTC_TIME, _GENERALIZED_TIME = 0x30, 0xA0, 0x17, 0x18
_LONG = 0x80


class ExpiredCertificate(ClientConnectorCertificateError):
    """The certificate of a server has expired. `look` finds out when; whoever tells of it may wait for that."""

    def __init__(
        self, refusal: ClientConnectorCertificateError, look: Callable[[], Awaitable[datetime | None]]
    ) -> None:
        super().__init__(*refusal.args)
        self.look = look


def has_expired(refusal: ClientConnectorCertificateError) -> bool:
    """Tell whether that is what is wrong with a certificate."""
    why = refusal.certificate_error
    return isinstance(why, ssl.SSLCertVerificationError) and why.verify_code == HAS_EXPIRED


async def expired_at(
    host: str,
    port: int,
    resolver: AbstractResolver,
    make_socket: Callable[[AddrInfoType], socket.socket],
    *,
    within_s: float = LOOK_S,
) -> datetime | None:
    """Return when the certificate of a server ended, None if that cannot be seen.

    `make_socket` judges each address before there is a socket.
    """
    loop = asyncio.get_running_loop()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    try:
        async with asyncio.timeout(within_s):
            [found, *_] = await resolver.resolve(host, port)
            address = (found["host"], port)
            wire = make_socket((found["family"], socket.SOCK_STREAM, found["proto"], "", address))
            wire.setblocking(False)
            try:
                await loop.sock_connect(wire, address)
                transport, _ = await loop.create_connection(
                    asyncio.Protocol, sock=wire, ssl=context, server_hostname=host
                )
            except BaseException:
                wire.close()
                raise
            shown = transport.get_extra_info("ssl_object").getpeercert(binary_form=True)
            transport.abort()
    except (OSError, ValueError):
        # A time-out is an OSError, and so is the guard's no; the first failure is what counts.
        return None
    return not_after(shown) if shown else None


def not_after(certificate: bytes) -> datetime | None:
    """Return the end of a certificate (DER, RFC 5280 section 4.1.2.5), None if it cannot be read."""
    try:
        _, body, _ = _element(certificate)
        _, rest, _ = _element(body)
        tag, _, behind = _element(rest)
        if tag == _VERSION:
            rest = behind
        # The serial number, the algorithm and the issuer stand before the times.
        for _ in range(3):
            _, _, rest = _element(rest)
        tag, times, _ = _element(rest)
        _, _, rest = _element(times)
        kind, text, _ = _element(rest)
        return _time(kind, text.decode("ascii")) if tag == _SEQUENCE else None
    except ValueError:
        return None


def _element(data: bytes) -> tuple[int, bytes, bytes]:
    """Return the tag and the content of the first element, and what follows it; raises ValueError."""
    if len(data) < 2:
        raise ValueError("the certificate ends too early")
    tag, length, begin = data[0], data[1], 2
    if length >= _LONG:
        begin += length - _LONG
        length = int.from_bytes(data[2:begin], "big")
    if begin + length > len(data):
        raise ValueError("the certificate ends too early")
    return tag, data[begin : begin + length], data[begin + length :]


def _time(kind: int, text: str) -> datetime:
    if kind == _GENERALIZED_TIME:
        return datetime.strptime(text, "%Y%m%d%H%M%SZ").replace(tzinfo=UTC)
    if kind != _UTC_TIME:
        raise ValueError("this is no time")
    # Years from 50 on are of the last century (RFC 5280 section 4.1.2.5.1).
    century = "19" if text >= "50" else "20"
    return datetime.strptime(f"{century}{text}", "%Y%m%d%H%M%SZ").replace(tzinfo=UTC)
