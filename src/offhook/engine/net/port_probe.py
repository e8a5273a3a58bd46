"""Ports as a doctor looks at them: whether one is taken, how many of a range are, and what OPTIONS is answered.

These block, and are meant for threads. A port is bound only to see that it can be, and let go at once.
"""

import secrets
import socket
from collections.abc import Iterable
from dataclasses import replace
from errno import EADDRINUSE
from ipaddress import ip_address
from pathlib import Path

from offhook.domain.diagnosis.ports import Port, Toward
from offhook.engine.net.addresses import LocalAddresses, is_elsewhere, is_literal
from offhook.engine.sip.uri import parse_uri

ANSWER_S = 1.0
_UDP_TABLES = (Path("/proc/net/udp"), Path("/proc/net/udp6"))
_LOOPBACK = {4: "127.0.0.1", 6: "::1"}


def look_at_port(host: str, port: int) -> Port:
    """Say whether a SIP port of this machine is taken (UDP or TCP), free, or cannot be used."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    found = Port(f"{'[' + host + ']' if ':' in host else host}:{port}", is_taken=False)
    for kind in (socket.SOCK_DGRAM, socket.SOCK_STREAM):
        # A kernel without IPv6 has no such socket, and says so before anything is bound.
        try:
            with socket.socket(family, kind) as trial:
                if kind == socket.SOCK_STREAM:
                    # Connections that have ended keep the address for a minute; they are in nobody's way.
                    trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                trial.bind((host, port))
        except OSError as error:
            if error.errno != EADDRINUSE:
                return replace(found, problem=error.strerror or str(error))
            found = replace(found, is_taken=True)
    return found


def reached_at(host: str) -> str:
    """Return the address at which this machine itself reaches a socket that is bound to `host`."""
    address = ip_address(host)
    return _LOOPBACK[address.version] if address.is_unspecified else host


def ask_options(host: str, port: int, within_s: float = ANSWER_S) -> int | None:
    """Ask a SIP port of this machine by OPTIONS (RFC 3261 section 11), once; return the status of its answer."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    token = secrets.token_hex(8)
    shown = f"[{host}]" if ":" in host else host
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as asking:
            asking.settimeout(within_s)
            asking.connect((host, port))
            own = asking.getsockname()[1]
            asking.send(
                (
                    f"OPTIONS sip:{shown}:{port} SIP/2.0\r\n"
                    f"Via: SIP/2.0/UDP {shown}:{own};branch=z9hG4bK{token};rport\r\n"
                    "Max-Forwards: 70\r\n"
                    f"From: <sip:doctor@{shown}>;tag={token}\r\n"
                    f"To: <sip:{shown}:{port}>\r\n"
                    f"Call-ID: doctor-{token}\r\n"
                    "CSeq: 1 OPTIONS\r\n"
                    f"Contact: <sip:doctor@{shown}:{own}>\r\n"
                    "Content-Length: 0\r\n\r\n"
                ).encode()
            )
            words = asking.recv(65535).split(b" ", 2)
    except OSError:
        # Nobody is there, or nobody answers: a time-out is an OSError too.
        return None
    is_answer = len(words) == 3 and words[0] == b"SIP/2.0" and words[1].isdigit()
    return int(words[1]) if is_answer else None


def taken_pairs(first: int, last: int, tables: Iterable[Path] = _UDP_TABLES) -> int | None:
    """Return how many pairs of RTP ports of a range are taken; None if the kernel does not say."""
    found: set[int] = set()
    known = [table for table in tables if table.exists()]
    for table in known:
        for line in table.read_text().splitlines()[1:]:
            # `  sl  local_address rem_address ...`, the local one as ADDRESS:PORT in hexadecimal digits.
            port = int(line.split()[1].rpartition(":")[2], 16)
            if first <= port <= last:
                found.add((port - first) // 2)
    return len(found) if known else None


def own_side(bound: str, trunk: str, send: str | None, sources: Iterable[str]) -> Toward | None:
    """Say from which address of ours a trunk is sent to; None if only DNS knows where it is, or no route is there."""
    host = parse_uri(send).host.strip("[]") if send else ""
    if not is_literal(host):
        host = next((source.partition("/")[0] for source in sources), "")
    if not host:
        return None
    try:
        return Toward(trunk, LocalAddresses(bound).toward(host), is_elsewhere(host))
    except OSError:
        return None
