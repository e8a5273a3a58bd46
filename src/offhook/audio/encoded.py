"""A sound as it is kept and played: in every codec at once. Whoever only passes it on needs no encoder for that."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Encoded:
    """The same sound (mono, 8,000 bytes a second each) in every codec; all are equally long."""

    pcmu: bytes
    pcma: bytes
    g722: bytes

    def after(self, count: int) -> "Encoded":
        """Return what follows the first `count` bytes of each."""
        return Encoded(self.pcmu[count:], self.pcma[count:], self.g722[count:])


NOTHING = Encoded(b"", b"", b"")
