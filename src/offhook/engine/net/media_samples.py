"""What of a peer's audio is looked at: all of it, or samples once it is settled and nobody listens.

Nothing is lost to the statistics: what the kernel dropped (`packet_filter.py`) is counted with the next packet, or when
somebody asks.
"""

import socket
from math import inf

from offhook.engine.media.quality import Reception
from offhook.engine.net.packet_filter import PacketFilter

SETTLED_AFTER_S = 0.25
"""How long a caller's packets are all looked at before samples of them are enough."""


class Samples:
    """Of one leg's socket; `reception` learns of what nobody looked at."""

    __slots__ = ("_due_at", "_filter", "_packet_s", "_reception", "_socket")

    def __init__(self, of: socket.socket, reception: Reception) -> None:
        self._socket = of
        self._reception = reception
        self._filter = PacketFilter(of)
        # From then on samples are enough; how long each packet lasts.
        self._due_at = inf
        self._packet_s = 0.0

    @property
    def are_counting(self) -> bool:
        """Whether some packets are counted that are not read: those that are have to be read with `receive`."""
        return self._filter.is_counting

    @property
    def unseen_s(self) -> float:
        """How long all that lasts which came after the last packet that was read."""
        return self._filter.uncounted() * self._packet_s

    def are_due(self, now: float) -> bool:
        """Whether it is time to be content with samples."""
        return now >= self._due_at

    def begin(self, payload_type: int, ssrc: int, packet_s: float) -> None:
        """Look at samples of this audio only: nobody listens to it."""
        self._due_at = inf
        self._packet_s = packet_s
        if not self._filter.is_counting:
            # Samples of different legs come at different times, however alike their callers count.
            self._filter.begin(payload_type, ssrc, self._socket.getsockname()[1] // 2)

    def end(self, now: float, *, is_listened_to: bool) -> None:
        """Look at all; if nobody listens, samples are enough again a little later."""
        self._filter.end()
        self._due_at = inf if is_listened_to else now + SETTLED_AFTER_S

    def receive(self, limit: int) -> bytes:
        """Read a packet, and count those that were dropped before it. Raises `OSError`."""
        packet, unseen = self._filter.receive(limit)
        if unseen:
            self._reception.pass_unseen(unseen, unseen * self._packet_s)
        return packet

    def fit(self, ssrc: int) -> bool:
        """Whether what is dropped is of this source."""
        return ssrc == self._filter.ssrc

    def have_moved(self) -> bool:
        """Whether anything was dropped since this was asked last."""
        return self._filter.has_moved()

    def catch_up(self) -> None:
        """Count now what was dropped, and not with the next packet."""
        self._reception.pass_unseen(self._filter.catch_up(), 0.0)

    def finish(self) -> None:
        """Count what was dropped until the end."""
        self._reception.pass_unseen(self._filter.uncounted(), 0.0)

    def forget(self) -> None:
        """The socket is another one: count what was dropped at the old one."""
        self._reception.pass_unseen(self._filter.forget(), 0.0)
