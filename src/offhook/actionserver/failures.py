"""From an error of the library to a leaf of ours that says what happened, where, and what to do."""

import os
import re
import socket
from errno import EACCES, EHOSTUNREACH, ENETUNREACH, EPERM

from aiohttp import ClientConnectorDNSError, ClientConnectorError, ClientError, ClientSSLError, InvalidURL
from aiohttp.http_exceptions import HttpProcessingError

from offhook.actionserver.errors import (
    AddressRefused,
    BadStatus,
    ConnectFailed,
    ConnectionLost,
    HandshakeLost,
    NameNotFound,
    SocketRefused,
    TlsFailed,
)
from offhook.actionserver.handshakes import BROKEN_OFF, trouble
from offhook.errors import ActionServerError

_CHECK_SERVER = "Check that the server runs and that its port is open to this machine."
_NO_WAY = {
    ENETUNREACH: (
        "See the network of this machine: it has no way there; a name with IPv6 addresses alone needs IPv6 here."
    ),
    EHOSTUNREACH: "Check the address: no machine takes what is sent there, or a firewall sends it back.",
    EACCES: "See the firewall of this machine: it forbids the way there.",
    EPERM: "See the firewall of this machine: it forbids the way there.",
}
_UNRESOLVED = {
    socket.EAI_AGAIN: (
        "No name server could say: see those of the host's domain, and those of this machine (/etc/resolv.conf)."
    ),
    socket.EAI_NODATA: "The name exists and has no address: give it an A or AAAA record.",
}
_TLS_ALERT = r"\x15\x03"
"""How an alert of TLS begins (RFC 8446 section 5.1), written as the library quotes it."""
_SHOWN = 40


class DisconnectedError(ClientError):
    """The connection was lost, in a form that the library does not answer with a second request."""


def failure(
    error: ClientError | HttpProcessingError, host: str, *, is_https: bool, in_handshake: bool, is_reading: bool
) -> ActionServerError:
    """Return what an error means that a request to a host met.

    `in_handshake` if TLS had begun, `is_reading` if the response had.
    """
    match error:
        case ClientConnectorDNSError():
            return NameNotFound(
                f"{host} could not be resolved: {reason(error.os_error)}.",
                hint=_UNRESOLVED.get(error.os_error.errno or 0, "Check the spelling of the host and its DNS records."),
            )
        case ClientSSLError():
            why, hint = trouble(error.os_error)
            return TlsFailed(f"TLS with {host} failed: {why}.", hint=hint)
        case ClientConnectorError(os_error=SocketRefused(refusal=refusal)):
            return AddressRefused(f"{host} was not connected to: {refusal.sentence}", hint=refusal.hint)
        case ClientConnectorError() if in_handshake:
            why, hint = BROKEN_OFF
            return HandshakeLost(f"TLS with {host} failed: {why}.", hint=hint)
        case ClientConnectorError():
            why, hint = unconnected(error.os_error)
            return ConnectFailed(f"{host} took no connection: {why}.", hint=hint)
        case InvalidURL():
            return AddressRefused(
                f"{host} is an address in an unusual form, so it is not connected to.",
                hint="Write it as four decimal numbers, such as 192.0.2.1.",
            )
        case DisconnectedError():
            return ConnectFailed(
                f"{host} closed the connection without a response.",
                hint=f"Look into the server's log for this request; {_other_door(is_https=is_https)}",
            )
        case _ if is_reading:
            return ConnectionLost(
                f"{host} broke off in the middle of its response.",
                hint="Look into the server's log for this request; is its Content-Length larger than its body?",
            )
        case _:
            return _unreadable(host, getattr(error, "message", ""))


def _other_door(*, is_https: bool) -> str:
    if is_https:
        return "one that wants a client certificate ends it so, too."
    return "if its port speaks https, write https:// in the URL."


def _unreadable(host: str, complaint: str) -> BadStatus:
    """Say what is wrong with a response that the library could not read; it quotes what it found."""
    what, _, _ = complaint.partition(":")
    found = re.search(r"\n\s*b(['\"].*)", complaint)
    quoted = found[1] if found else ""
    if "Bad status line" not in complaint and what:
        return BadStatus(
            f"{host} answered in HTTP that cannot be read: {what[:1].lower()}{what[1:]}.",
            hint="Look at the response with `curl -v`: its headers, its Content-Length or its chunks are wrong.",
        )
    if _TLS_ALERT in quoted:
        return BadStatus(
            f"{host} answered in TLS and not in HTTP: its port speaks https.",
            hint="Write https:// in the URL.",
        )
    told = f": {quoted[:_SHOWN]}" if quoted else ""
    return BadStatus(
        f"{host} answered something that is not HTTP{told}.",
        hint="Check that the port belongs to a web server, and http or https; and that Content-Length counts bytes.",
    )


def unconnected(error: OSError) -> tuple[str, str]:
    """Return why there is no connection, and what to do."""
    # The loop writes the address where the system's own words should stand.
    why = os.strerror(error.errno) if error.errno else reason(error) or "it was broken off at once"
    return why, _NO_WAY.get(error.errno or 0, _CHECK_SERVER)


def reason(error: OSError) -> str:
    """Return the system's words for an error."""
    return error.strerror or str(error)
