"""The RTP ports of one media worker: pairs, the even one for RTP and the next for reports."""

import contextlib
import socket
from collections import deque
from errno import EADDRINUSE

BUFFER_BYTES = 65_536


class PortPairs:
    """Hands out pairs; `even` are the even ports. A pair rests at the end of the line before it is used again."""

    def __init__(self, even: range) -> None:
        self._even = deque(even)

    def bind(self, local: str) -> tuple[socket.socket, socket.socket]:
        """Bind sockets for RTP and reports (RFC 3550 section 11). Raises `OSError`."""
        for _ in range(len(self._even)):
            port = self._even[0]
            self._even.rotate(-1)
            with contextlib.ExitStack() as stack:
                rtp = stack.enter_context(_datagram_socket(local))
                reports = stack.enter_context(_datagram_socket(local))
                try:
                    rtp.bind((local, port))
                    reports.bind((local, port + 1))
                except OSError as error:
                    if error.errno != EADDRINUSE:
                        raise
                else:
                    stack.pop_all()
                    return rtp, reports
        raise OSError(EADDRINUSE, "every port of the range is in use")


def _datagram_socket(local: str) -> socket.socket:
    family = socket.AF_INET6 if ":" in local else socket.AF_INET
    made = socket.socket(family, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
    for option in (socket.SO_RCVBUF, socket.SO_SNDBUF):
        made.setsockopt(socket.SOL_SOCKET, option, BUFFER_BYTES)
    return made
