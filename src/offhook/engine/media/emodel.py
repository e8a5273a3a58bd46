"""How good a stream would be judged: an estimate of MOS by the E-model (ITU-T G.107) from loss and delay.

R starts at what a connection without faults is worth, codec and network take away from it, and Annex B turns what is
left into a MOS. Left out: echo and noise, which only the phones know, and jitter, which a phone's buffer turns into
delay or loss. So this is what the network allows, not what a listener said.
"""

from dataclasses import dataclass
from math import log2

NARROWBAND = 93.2
"""R of an undisturbed narrowband call with every parameter at its default (G.107 section 7.7)."""

WIDEBAND = 129.0
"""R of an undisturbed wideband call; the scale goes on where narrowband's ends (G.107.1 section 6.2)."""

UNNOTICED_MS = 100.0
"""A delay that nobody minds: mT of G.107 section 7.4."""

_WORST = 95.0
"""What loss can take away at most (G.107 section 7.5)."""


@dataclass(frozen=True, slots=True)
class Coding:
    """A codec on the scale of its bandwidth.

    `impairment` is Ie, what it costs without loss; `robustness` is Bpl, None where no figure is published.
    """

    best: float
    impairment: float
    robustness: float | None


G711 = Coding(best=NARROWBAND, impairment=0.0, robustness=25.1)
"""With concealment of lost packets in the phone, as they all have it (G.113 appendix I; without it, Bpl is 4.3)."""

G722 = Coding(best=WIDEBAND, impairment=13.0, robustness=None)
"""64 kbit/s (G.113 appendix IV, Ie,WB). Its Bpl depends on the phone's concealment: with loss there is no estimate."""


def mos(coding: Coding, *, loss: float, delay_ms: float = 0.0, burst: float = 1.0) -> float | None:
    """Return the MOS (1 to 4.5) of a stream with this share of its packets lost; None if no figure covers it.

    `delay_ms` is one way, from mouth to ear. Wideband stands on a scale of its own: its MOS says nothing beside
    narrowband's.
    """
    rating = rate(coding, loss=loss, delay_ms=delay_ms, burst=burst)
    # G.107.1 annex A: wideband's scale is narrowband's, drawn out by 1.29.
    return None if rating is None else opinion(rating * (100 / WIDEBAND) if coding.best == WIDEBAND else rating)


def rate(coding: Coding, *, loss: float, delay_ms: float = 0.0, burst: float = 1.0) -> float | None:
    """Return R = best - Id - Ie,eff (G.107 section 7.1); None if no figure covers this loss."""
    impairment = effective_impairment(coding, loss=loss, burst=burst)
    return None if impairment is None else coding.best - delay_impairment(delay_ms) - impairment


def effective_impairment(coding: Coding, *, loss: float, burst: float = 1.0) -> float | None:
    """Return Ie,eff (G.107 section 7.5), or None for loss with a codec whose robustness nobody published.

    `loss` is a share of 0 to 1. `burst` is BurstR: how much longer losses in a row are than they were by chance, 1 for
    losses that know nothing of each other.
    """
    if loss <= 0.0:
        return coding.impairment
    if coding.robustness is None:
        return None
    percent = 100.0 * loss
    return coding.impairment + (_WORST - coding.impairment) * percent / (percent / burst + coding.robustness)


def delay_impairment(delay_ms: float) -> float:
    """Return Idd, what waiting for the other's answer costs (G.107 section 7.4, with the usual listener: sT = 1)."""
    if delay_ms <= UNNOTICED_MS:
        return 0.0
    doublings = log2(delay_ms / UNNOTICED_MS)
    return 25.0 * (_sixth_root(1.0 + doublings**6) - 3.0 * _sixth_root(1.0 + (doublings / 3.0) ** 6) + 2.0)


def opinion(rating: float) -> float:
    """Return the MOS that R means on narrowband's scale (G.107 annex B)."""
    if rating <= 0.0:
        return 1.0
    if rating >= 100.0:
        return 4.5
    # Between 0 and 6.5 the cubic dips below the worst note that there is.
    return max(1.0, 1.0 + 0.035 * rating + rating * (rating - 60.0) * (100.0 - rating) * 7e-6)


def _sixth_root(number: float) -> float:
    # A float to the power of a float is `Any` to mypy: it might be complex.
    return float(number ** (1.0 / 6.0))
