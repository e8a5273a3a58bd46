"""One source's audio in packets of another length (RFC 8866 section 6.4), on a numbering of its own.

What was lost stays lost: a gap in the source's numbers is one in ours, and time goes on as it did. Reordered packets
count as lost, since what comes behind them has left. A rest that nothing follows is sent as a short packet.
"""

from dataclasses import dataclass

from offhook.engine.media.quality import REORDERING_LIMIT, SEQUENCE_GAP_LIMIT

_NOBODY = -1


@dataclass(frozen=True, slots=True)
class Piece:
    """A packet of the new length."""

    sequence: int
    timestamp: int
    marker: bool
    payload: bytes


class Recutting:
    """Cuts payloads with one byte a tick. Give it only new packets, and keep to one for as long as a line lasts."""

    __slots__ = ("_marker", "_next", "_rest", "_rest_at", "_sequence", "_size", "_ssrc")

    def __init__(self, size: int) -> None:
        self._size = size
        self._ssrc = _NOBODY
        # The source's next number, and ours.
        self._next = self._sequence = 0
        self._rest = b""
        self._rest_at = 0
        self._marker = False

    def cut(self, sequence: int, timestamp: int, ssrc: int, marker: bool, payload: bytes) -> list[Piece]:
        """Return the packets that are full now; none for what comes too late to have a place."""
        step = ((sequence - self._next + 0x8000) & 0xFFFF) - 0x8000
        pieces: list[Piece] = []
        if ssrc != self._ssrc or not -REORDERING_LIMIT <= step < SEQUENCE_GAP_LIMIT:
            self._begin(sequence, ssrc)
        elif step < 0:
            return pieces
        elif step or marker or timestamp != (self._rest_at + len(self._rest)) & 0xFFFFFFFF:
            pieces += self._flush()
            if step:
                self._lose(step, timestamp)
        if not self._rest:
            self._rest_at = timestamp
        self._marker = self._marker or marker
        self._next = (sequence + 1) & 0xFFFF
        self._rest += payload
        while len(self._rest) >= self._size:
            pieces.append(self._piece(self._size))
        return pieces

    def number(self, sequence: int, ssrc: int) -> int | None:
        """Return our number for a packet that is no audio and goes on as it is; None for one that is too late."""
        step = ((sequence - self._next + 0x8000) & 0xFFFF) - 0x8000
        if ssrc != self._ssrc or not -REORDERING_LIMIT <= step < SEQUENCE_GAP_LIMIT:
            self._begin(sequence, ssrc)
        elif step < 0:
            return None
        else:
            self._sequence = (self._sequence + step) & 0xFFFF
        self._next = (sequence + 1) & 0xFFFF
        ours, self._sequence = self._sequence, (self._sequence + 1) & 0xFFFF
        return ours

    def leave_out(self, sequence: int, ssrc: int) -> None:
        """Step over a packet that is not sent, so that nobody takes it for lost."""
        if ssrc == self._ssrc and sequence == self._next:
            self._next = (sequence + 1) & 0xFFFF

    def _begin(self, sequence: int, ssrc: int) -> None:
        # Our numbers go on where they were, for whoever counts them; the first of all is the source's.
        if self._ssrc == _NOBODY:
            self._sequence = sequence
        self._ssrc = ssrc
        self._rest = b""

    def _lose(self, packets: int, timestamp: int) -> None:
        """Leave a gap as long as what was lost."""
        lost = (timestamp - self._rest_at) & 0xFFFFFFFF
        count = -(-lost // self._size) if lost < 0x8000_0000 else packets
        self._sequence = (self._sequence + max(1, min(count, SEQUENCE_GAP_LIMIT - 1))) & 0xFFFF

    def _flush(self) -> list[Piece]:
        return [self._piece(len(self._rest))] if self._rest else []

    def _piece(self, size: int) -> Piece:
        piece = Piece(self._sequence, self._rest_at, self._marker, self._rest[:size])
        self._sequence = (self._sequence + 1) & 0xFFFF
        self._rest_at = (self._rest_at + size) & 0xFFFFFFFF
        self._rest = self._rest[size:]
        self._marker = False
        return piece
