"""The RTP ports of one media worker: pairs, the even one for RTP and the next for reports."""

import contextlib
import socket
from collections import deque
from errno import EADDRINUSE
from itertools import chain

BUFFER_BYTES = 65_536

REST_S = 5.0
"""How long a pair rests: what is still on its way to the last call must not be heard by the next."""


class PortPairs:
    """Hands out pairs; `even` are the even ports. The pair that was used last, or freed last, is used again last.

    One that was freed less than `REST_S` ago is only taken if no other can be.
    """

    def __init__(self, even: range) -> None:
        self._ready = deque(even)
        # Those that rest by the time when they were freed, the oldest first.
        self._resting: dict[int, float] = {}

    def bind(self, local: str, now: float) -> tuple[socket.socket, socket.socket]:
        """Bind sockets for RTP and reports (RFC 3550 section 11). Raises `OSError`."""
        self._wake(now)
        for port in chain(list(self._ready), list(self._resting)):
            with contextlib.ExitStack() as stack:
                rtp = stack.enter_context(_datagram_socket(local))
                reports = stack.enter_context(_datagram_socket(local))
                try:
                    rtp.bind((local, port))
                    reports.bind((local, port + 1))
                except OSError as error:
                    if error.errno != EADDRINUSE:
                        raise
                    self._put_last(port)
                else:
                    stack.pop_all()
                    self._put_last(port)
                    return rtp, reports
        raise OSError(EADDRINUSE, "every port of the range is in use")

    def free(self, port: int, now: float) -> None:
        """Let a pair rest whose sockets were closed; `port` is that of RTP."""
        self._resting.pop(port, None)
        self._resting[port] = now
        with contextlib.suppress(ValueError):
            self._ready.remove(port)

    def _put_last(self, port: int) -> None:
        """Ask for the others first next time."""
        if port in self._resting:
            del self._resting[port]
        else:
            self._ready.remove(port)
        self._ready.append(port)

    def _wake(self, now: float) -> None:
        while self._resting:
            port, freed_at = next(iter(self._resting.items()))
            if now - freed_at < REST_S:
                return
            del self._resting[port]
            self._ready.append(port)


def _datagram_socket(local: str) -> socket.socket:
    family = socket.AF_INET6 if ":" in local else socket.AF_INET
    made = socket.socket(family, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
    for option in (socket.SO_RCVBUF, socket.SO_SNDBUF):
        made.setsockopt(socket.SOL_SOCKET, option, BUFFER_BYTES)
    return made
