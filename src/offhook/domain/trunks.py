"""Trunks: the carriers' gateways, by the addresses they send from and the one we send to."""

import re
from dataclasses import dataclass

from offhook.domain.logins import Login
from offhook.domain.networks import MOST_NETWORKS, check_networks
from offhook.domain.peers import Peer
from offhook.domain.routes import INSIDE
from offhook.domain.rules import PLAIN, TrunkRules
from offhook.errors import InputError

LONGEST_NAME = 64
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_SEND = re.compile(
    r"sips?:(?P<host>[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::(?P<port>[0-9]{1,5}))?(?:;transport=(?:udp|tcp|tls))?"
)


@dataclass(frozen=True, slots=True)
class Trunk:
    """`sources` are networks in CIDR notation; `send` is a SIP URI, or None for a trunk that only calls in.

    `pass_caller` allows it to show a caller's number, which is not ours, to whom it calls. `rules` are about
    the calls that it brings. `login` is who we are to its carrier, if that asks; `registers` tells it where we are.
    `peer` is who it is to us: with one, each of its calls has to prove it, wherever it comes from.
    """

    id: int
    name: str
    sources: tuple[str, ...]
    send: str | None
    pass_caller: bool = False
    rules: TrunkRules = PLAIN
    login: Login | None = None
    registers: bool = False
    peer: Peer | None = None


def check_name(name: str) -> str:
    """Return the trunk's name as given; raises InputError (`name`)."""
    if len(name) > LONGEST_NAME or not _NAME.fullmatch(name):
        raise InputError("name", f"a trunk's name is 1 to {LONGEST_NAME} letters, digits, `.`, `_` and `-`")
    if name == INSIDE:
        raise InputError("name", f"`{INSIDE}` stands for calls between numbers of the pool, so no trunk is called so")
    return name


def check_sources(sources: tuple[str, ...], *, may_be_none: bool = False) -> tuple[str, ...]:
    """Return the networks in their one normal form, each once; raises InputError (`sources`)."""
    if not sources and may_be_none:
        return ()
    if not 1 <= len(sources) <= MOST_NETWORKS:
        raise InputError("sources", f"a trunk has 1 to {MOST_NETWORKS} source networks")
    return check_networks("sources", sources)


def check_registration(send: str | None, login: Login | None) -> None:
    """Raise InputError (`register`) for a trunk that could not register."""
    if send is None or login is None:
        raise InputError("register", "to register, a trunk needs --send (where) and --user with its password (who)")


def check_peer_of(registers: bool, peer: Peer | None) -> None:
    """Raise InputError (`auth`) for a provider that would have to prove itself: it is known by what it was told."""
    if registers and peer is not None:
        raise InputError(
            "auth", "a provider that we register at proves nothing by a password: leave out one of the two"
        )


def check_send(send: str | None) -> str | None:
    """Return the SIP URI that calls are sent to; raises InputError (`send`)."""
    if send is None:
        return None
    parts = _SEND.fullmatch(send)
    if parts is None or not 1 <= int(parts["port"] or 5060) <= 65535:
        raise InputError("send", f"{send[:80]!r} is not of the form sip:HOST:PORT;transport=TRANSPORT")
    return send
