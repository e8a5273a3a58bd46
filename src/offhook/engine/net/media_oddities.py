"""What came for a leg and could not be taken for its peer's sound: counted, so that a silence can be explained."""

from offhook.engine.media.learning import Address

MOST_TYPES = 8
"""Payload types that are counted by themselves; a hostile peer has 128 of them."""


class Oddities:
    """Packets from elsewhere, packets that are none, and packets of types that nobody agreed on."""

    __slots__ = ("_elsewhere", "_types", "_unreadable")

    def __init__(self) -> None:
        self._elsewhere: Address | None = None
        self._unreadable = 0
        self._types: dict[int, int] = {}

    def came_from(self, source: Address) -> None:
        """A packet came from an address that the peer does not name; of several the first is told."""
        if self._elsewhere is None:
            self._elsewhere = source

    def belongs_to(self, peer: Address) -> None:
        """It has turned out where the peer is."""
        if self._elsewhere == peer:
            self._elsewhere = None

    def cannot_be_read(self) -> None:
        """The peer sent what is no RTP, or no key of its opens."""
        self._unreadable += 1

    def is_unknown(self, payload_type: int) -> None:
        """The peer sent a type of payload that was not agreed on."""
        if payload_type in self._types or len(self._types) < MOST_TYPES:
            self._types[payload_type] = self._types.get(payload_type, 0) + 1

    def told(self) -> dict[str, object]:
        """Return what there is to tell; its keys are those of a leg's quality."""
        known = {
            "elsewhere": "" if self._elsewhere is None else f"{self._elsewhere[0]}:{self._elsewhere[1]}",
            "unreadable": self._unreadable,
            "unknown_types": {str(number): packets for number, packets in self._types.items()},
        }
        return {name: found for name, found in known.items() if found}
