"""Sockets that close nothing but themselves.

A loop that is given a socket closes its descriptor, and tells the socket so. uvloop does not where a connection ends in
the very turn in which it begins, as one does whose peer resets the handshake of TLS at once: the socket then still has
the number of a descriptor that is gone. When it is collected, seconds later, that number may be another connection's.
"""

import os
import socket


class Wire(socket.socket):
    """A socket that looks whether its descriptor is still its own before it closes it."""

    __slots__ = ("_inode",)

    def __init__(self, family: int = -1, kind: int = -1, proto: int = -1, fileno: int | None = None) -> None:
        super().__init__(family, kind, proto, fileno)
        self._inode = _inode(self.fileno())

    def __del__(self) -> None:
        descriptor = self.fileno()
        if descriptor >= 0 and _inode(descriptor) != self._inode:
            self.detach()
        super().__del__()  # type: ignore[misc]  # typeshed knows no finalizers


def _inode(descriptor: int) -> int | None:
    """Return what tells one open socket from every other one; None for a descriptor that is closed."""
    try:
        return os.fstat(descriptor).st_ino
    except OSError:
        return None
