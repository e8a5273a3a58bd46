"""Where on the network: `HOST:PORT` as an option gives it, and the address behind a name."""

from typing import TYPE_CHECKING

import typer

from offhook.errors import SetupError

if TYPE_CHECKING:
    from offhook.config.values import HostPort


def read_place(given: str, option: str) -> "HostPort":
    """Read what an option says; raises BadParameter."""
    from offhook.config.values import read_host_port

    try:
        return read_host_port(given)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint=option) from None


def resolve(host: str) -> str:
    """Return the IP address of a name, or the address itself; raises SetupError."""
    import socket

    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_DGRAM)
    except (OSError, UnicodeError):
        raise SetupError(f"the host {host!r} cannot be resolved") from None
    # A name may have both kinds of addresses, and SIP is spoken over IPv4 far more often.
    first = min(found, key=lambda one: one[0] is not socket.AF_INET)
    return str(first[4][0])
