"""Ports of loopback that nobody holds at this moment."""

import secrets
import socket
from pathlib import Path


def udp_port(host: str = "127.0.0.1") -> int:
    """Return a free UDP port."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


def tcp_port(host: str = "127.0.0.1") -> int:
    """Return a free TCP port."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


def lasting_tcp_port(host: str = "127.0.0.1") -> int:
    """Return a free TCP port for a server that is away at times, and wants the same port again.

    It is none of those that the kernel gives to clients: one that knocks again and again while the server is away
    would at some time be given that very port to knock from, be connected with itself, and hold it.
    """
    while True:
        port = _outside_of_clients(1)
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            try:
                probe.bind((host, port))
            except OSError:
                continue
            return port


def sip_port(host: str = "127.0.0.1") -> int:
    """Return a port that is free for UDP and TCP and no client is given meanwhile, and so for TLS is the next one."""
    while True:
        port = lasting_tcp_port(host)
        wanted = ((socket.SOCK_DGRAM, port), (socket.SOCK_STREAM, port + 1))
        if all(_is_free(kind, host, number) for kind, number in wanted):
            return port


def _is_free(kind: socket.SocketKind, host: str, port: int) -> bool:
    with socket.socket(socket.AF_INET, kind) as probe:
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def udp_range(count: int, host: str = "127.0.0.1") -> tuple[int, int]:
    """Return the first and last of `count` free UDP ports in a row, the first one even, as RTP wants it.

    They are none of those that the kernel gives to clients: one of these would be taken as soon as it is free.
    """
    while True:
        first = _outside_of_clients(count) & ~1
        probes = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(count)]
        try:
            for port, probe in enumerate(probes, first):
                probe.bind((host, port))
        except OSError:
            continue
        finally:
            for probe in probes:
                probe.close()
        return first, first + count - 1


def _outside_of_clients(count: int) -> int:
    """Return a port with so many after it that are not given to clients."""
    given_to_clients = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    # Not `random`: Hypothesis seeds it, and two runs at once would want the same ports.
    return 10_000 + secrets.randbelow(max(given_to_clients - 10_000 - count, 5_000))
