"""Ports of loopback that nobody holds at this moment."""

import socket


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


def udp_range(count: int, host: str = "127.0.0.1") -> tuple[int, int]:
    """Return the first and last of `count` free UDP ports in a row, the first one even, as RTP wants it."""
    while True:
        first = udp_port(host) & ~1
        if first + count > 65535 or first < 1024:
            continue
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
