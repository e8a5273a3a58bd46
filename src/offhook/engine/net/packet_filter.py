"""Most of a caller's audio is dropped in the kernel while nobody listens to it, and still counted.

A classic BPF program (Linux, Documentation/networking/filter.rst) on the UDP socket lets every 128th packet of one
source's audio through, and everything else: keys, reports, other sources. How many it dropped before a packet
is told with that packet (SO_RXQ_OVFL, socket(7)), so that loss is counted exactly. What a full buffer of the socket
drops meanwhile is counted in the same place: a buffer that holds seconds of samples is never full.
"""

import socket
from array import array
from struct import Struct

SAMPLE_EVERY = 128
"""A power of two: of so many packets in a row one is let through."""

# asm-generic/socket.h; Python's `socket` does not name these.
SO_ATTACH_FILTER = 26
SO_DETACH_FILTER = 27
SO_RXQ_OVFL = 40
SO_MEMINFO = 55

_MEMINFO = Struct("=9I")
_DROPS = 8
_COUNT = Struct("=I")
_ANCILLARY_BYTES = socket.CMSG_SPACE(_COUNT.size)

_INSTRUCTION = Struct("=HBBI")
_PROGRAM = Struct("@HP")
_LOAD_HALF = 0x28
_LOAD_WORD = 0x20
_JUMP_IF_EQUAL = 0x15
_AND = 0x54
_RETURN = 0x06
_EVERYTHING = 0xFFFFFFFF
# The program sees a datagram from its UDP header on.
_RTP = 8


class PacketFilter:
    """The filter of one socket. Whoever reads while `is_counting` reads with `receive`."""

    __slots__ = ("_final", "_known", "_moved", "_socket", "is_counting", "ssrc")

    def __init__(self, of: socket.socket) -> None:
        self.is_counting = False
        self.ssrc: int | None = None
        self._socket = of
        # Drops that were told, and those after which there are no more because the filter is gone.
        self._known = 0
        self._final: int | None = None
        self._moved = 0

    def begin(self, payload_type: int, ssrc: int, place: int) -> bool:
        """Drop most of this audio from now on; False where the system cannot, and then nothing is dropped.

        `place` tells which packet of every so many is the sample: any number, best another for each socket.
        """
        try:
            self._socket.setsockopt(socket.SOL_SOCKET, SO_RXQ_OVFL, 1)
            self._known = self._moved = self._drops()
            _attach(self._socket, payload_type, ssrc, place % SAMPLE_EVERY)
        except OSError:
            return False
        self.ssrc = ssrc
        self.is_counting = True
        self._final = None
        return True

    def end(self) -> None:
        """Drop nothing more. What was dropped is told with the packets that come next."""
        if self.is_counting and self._final is None:
            self._socket.setsockopt(socket.SOL_SOCKET, SO_DETACH_FILTER, 0)
            self._final = self._drops()
            self.ssrc = None
            self.is_counting = self._known != self._final

    def receive(self, limit: int) -> tuple[bytes, int]:
        """Read a packet; return it and how many were dropped between the one before and it. Raises `OSError`."""
        packet, ancillary, _, _ = self._socket.recvmsg(limit, _ANCILLARY_BYTES)
        # The kernel says nothing as long as nothing was dropped.
        count = _COUNT.unpack(ancillary[0][2])[0] if ancillary else self._known
        return packet, self._know(count)

    def uncounted(self) -> int:
        """Return how many packets were dropped since the last one that was read."""
        return (self._drops() - self._known) & 0xFFFFFFFF if self.is_counting else 0

    def catch_up(self) -> int:
        """Return how many were dropped since the last one that was read, and count them now and not with the next."""
        return self._know(self._drops()) if self.is_counting else 0

    def has_moved(self) -> bool:
        """Whether anything was dropped since this was asked last."""
        if not self.is_counting:
            return False
        before, self._moved = self._moved, self._drops()
        return before != self._moved

    def forget(self) -> int:
        """The socket is another one: start over; return what was not counted yet."""
        uncounted = self.uncounted()
        self.is_counting = False
        self.ssrc = self._final = None
        return uncounted

    def _know(self, count: int) -> int:
        # A packet that was queued before the filter came tells an older count.
        news = (count - self._known) & 0xFFFFFFFF
        if news < 0x80000000:
            self._known = count
        else:
            news = 0
        if self._known == self._final:
            self.is_counting = False
        return news

    def _drops(self) -> int:
        data = self._socket.getsockopt(socket.SOL_SOCKET, SO_MEMINFO, _MEMINFO.size)
        drops: int = _MEMINFO.unpack(data)[_DROPS]
        return drops


def _attach(to: socket.socket, payload_type: int, ssrc: int, place: int) -> None:
    """Drop what is RTP without extras or marker, of this type and source, and no sample.

    A load beyond the end drops as well: of what begins like such a packet and is too short, or of one byte.
    """
    code = array(
        "B",
        b"".join(
            (
                _INSTRUCTION.pack(_LOAD_HALF, 0, 0, _RTP),
                _INSTRUCTION.pack(_JUMP_IF_EQUAL, 0, 6, 0x8000 | payload_type),
                _INSTRUCTION.pack(_LOAD_WORD, 0, 0, _RTP + 8),
                _INSTRUCTION.pack(_JUMP_IF_EQUAL, 0, 4, ssrc),
                _INSTRUCTION.pack(_LOAD_HALF, 0, 0, _RTP + 2),
                _INSTRUCTION.pack(_AND, 0, 0, SAMPLE_EVERY - 1),
                _INSTRUCTION.pack(_JUMP_IF_EQUAL, 1, 0, place),
                _INSTRUCTION.pack(_RETURN, 0, 0, 0),
                _INSTRUCTION.pack(_RETURN, 0, 0, _EVERYTHING),
            )
        ),
    )
    address, length = code.buffer_info()
    to.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, _PROGRAM.pack(length // _INSTRUCTION.size, address))
