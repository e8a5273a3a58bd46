"""What one leg was like, as the timeline and the metrics tell it: figures of both directions, and a sentence.

`received` is what we counted ourselves; `sent` is what the peer reported of our stream (RTCP), where it did. The MOS is
that of the received stream as a phone would play it (`emodel`), with half the round trip as its delay.
"""

from dataclasses import dataclass

from offhook.domain.sounds import Codec
from offhook.engine.media.emodel import G711, G722, Coding, mos
from offhook.engine.net.orders import Closed

CODINGS: dict[Codec, Coding] = {Codec.PCMU: G711, Codec.PCMA: G711, Codec.G722: G722}


@dataclass(frozen=True, slots=True)
class LegQuality:
    """The figures of a closed leg; shares are 0 to 1."""

    codec: Codec
    closed: Closed

    @property
    def loss(self) -> float | None:
        """The share of the peer's packets that never came; None while none was expected."""
        closed = self.closed
        # A packet that came twice was expected once.
        expected = closed.received - closed.duplicates + closed.lost
        return closed.lost / expected if expected > 0 else None

    @property
    def sent_loss(self) -> float | None:
        """The share of our packets that the peer missed, as it reported last; None if it did not."""
        lost, expected = self.closed.peer_lost, self.closed.peer_expected
        # Duplicates on the way make a peer's count negative (RFC 3550 section 6.4.1).
        return None if lost is None or not expected else min(1.0, max(0, lost) / expected)

    @property
    def mos(self) -> float | None:
        """The estimate for the received stream; None if there was none, or no figure covers its loss."""
        if self.loss is None:
            return None
        return mos(CODINGS[self.codec], loss=self.loss, delay_ms=(self.closed.round_trip_ms or 0.0) / 2)

    def data(self) -> dict[str, object]:
        """Return the figures for the timeline; what was not measured is None."""
        closed = self.closed
        return {
            "codec": self.codec.value,
            "received": {
                "packets": closed.received,
                "lost": closed.lost,
                "lost_percent": _percent(self.loss),
                "duplicates": closed.duplicates,
                "reordered": closed.reordered,
                "jitter_ms": closed.jitter_ms,
                "longest_gap_ms": closed.longest_gap_ms,
                "mos": None if self.mos is None else round(self.mos, 2),
                **closed.odd,
            },
            "sent": {
                "packets": closed.sent,
                "lost": closed.peer_lost,
                "lost_percent": _percent(self.sent_loss),
                "lost_lately_percent": _percent(closed.peer_lost_lately),
                "jitter_ms": closed.peer_jitter_ms,
            },
            "round_trip_ms": closed.round_trip_ms,
        }

    def sentence(self, peer: str) -> str:
        """Tell it in one sentence; `peer` is `the caller` or `the callee`."""
        parts = [self._heard(peer), self._sent(peer)]
        if self.closed.round_trip_ms is not None:
            parts.append(f"the round trip took {self.closed.round_trip_ms:.0f} ms")
        return "; ".join(parts)

    def _heard(self, peer: str) -> str:
        closed = self.closed
        if not closed.received or self.loss is None:
            return f"no sound came from {peer}"
        estimate = "" if self.mos is None else f", MOS {self.mos:.2f}"
        return (
            f"{closed.received} packets of {self.codec.value} came from {peer}, {_lost(closed.lost, self.loss)}, "
            f"jitter {closed.jitter_ms:.1f} ms, longest gap {closed.longest_gap_ms:.0f} ms{estimate}"
        )

    def _sent(self, peer: str) -> str:
        closed = self.closed
        if closed.peer_lost is None or self.sent_loss is None:
            return f"{closed.sent} were sent, of which {peer} reported nothing"
        jitter = "" if closed.peer_jitter_ms is None else f", jitter {closed.peer_jitter_ms:.1f} ms"
        lost = _lost(max(0, closed.peer_lost), self.sent_loss)
        return f"{closed.sent} were sent, of which {peer} reported {lost}{jitter}"


def _percent(share: float | None) -> float | None:
    return None if share is None else round(100.0 * share, 2)


def _lost(packets: int, share: float) -> str:
    return f"{packets} lost ({100.0 * share:.1f} %)" if packets else "none lost"
