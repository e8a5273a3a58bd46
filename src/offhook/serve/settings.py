"""What an operator's settings mean, where no engine is needed to know it: see `wiring` for what it is given."""

import secrets
import socket
from ipaddress import IPv4Address, IPv6Address, ip_address

from offhook.actionserver.own import own_addresses
from offhook.config import Settings
from offhook.errors import SetupError


def node_name(settings: Settings) -> str:
    """Name this node so that it knows its own calls again after a crash: by its host and SIP address."""
    # A port that the system chooses is another one each time; others find the calls of such a node.
    port = settings.sip.port or secrets.token_hex(4)
    return f"{socket.gethostname()}/{bracket(settings.sip.host)}:{port}"


def public_url(settings: Settings) -> str:
    """Return the URL by which customers reach the API."""
    return settings.public_url or f"http://{settings.http}"


def check_ports(settings: Settings) -> None:
    """Raise SetupError unless each media worker has a pair of RTP ports."""
    pairs = (settings.rtp_ports.last + 1 - settings.rtp_ports.first) // 2
    if pairs < settings.media_workers:
        raise SetupError(
            f"{settings.rtp_ports} holds {pairs} pairs of RTP ports for {settings.media_workers} media workers",
            hint="each call needs a pair of its own: widen --rtp-ports",
        )


def our_addresses(settings: Settings) -> frozenset[IPv4Address | IPv6Address]:
    """Return where we can be reached: behind a NAT also at an address that no interface of ours has."""
    seen = settings.public_address
    return own_addresses() | ({ip_address(seen)} if seen else frozenset())


def address_of(host: str) -> str:
    """Return the IP address that a name in the settings stands for. Raises SetupError."""
    try:
        return str(socket.getaddrinfo(host, None)[0][4][0])
    except (OSError, UnicodeError):
        # The IDNA codec refuses labels that are empty or longer than 63 letters.
        raise SetupError(f"{host!r} is no address of this machine", hint="write an IP address") from None


def bracket(host: str) -> str:
    """Return a host as it stands before a port (RFC 3986 section 3.2.2)."""
    return f"[{host}]" if ":" in host else host
