"""When datagrams arrived, by the kernel's clock and not by when Python came to read them."""

import socket
from struct import Struct

SO_TIMESTAMPNS = 35
SO_MEMINFO = 55
"""Linux, asm-generic/socket.h; Python's `socket` does not name them."""

_MEMINFO = Struct("=9I")
_DROPS = 8
_TIMESPEC = Struct("@qq")
ANCILLARY_BYTES = socket.CMSG_SPACE(_TIMESPEC.size)


def stamped(host: str = "127.0.0.1") -> socket.socket:
    """Return a bound, non-blocking UDP socket whose datagrams carry their time of arrival."""
    made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
    made.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
    made.bind((host, 0))
    return made


def receive(source: socket.socket, limit: int) -> tuple[bytes, int]:
    """Return a datagram's first bytes and its arrival in nanoseconds since 1970. Raises `BlockingIOError`."""
    data, ancillary, _, _ = source.recvmsg(limit, ANCILLARY_BYTES)
    seconds, nanoseconds = _TIMESPEC.unpack(ancillary[0][2])
    return data, seconds * 1_000_000_000 + nanoseconds


def dropped(source: socket.socket) -> int:
    """Return how many datagrams arrived since the socket is there and found its buffer full."""
    drops: int = _MEMINFO.unpack(source.getsockopt(socket.SOL_SOCKET, SO_MEMINFO, _MEMINFO.size))[_DROPS]
    return drops
