"""Tones that we make ourselves, as linear 16-bit little-endian, mono: whole periods, so that they may be repeated."""

from functools import cache
from math import pi, sin
from struct import pack

RINGING_HZ = 425
"""The tone that most of Europe rings with (ITU-T E.180, supplement 2)."""

RINGING_S = 1
PAUSE_S = 4

_PERIODS = 17
"""So many periods of 425 Hz are 40 ms: 320 samples of 8 kHz."""
_PERIODS_S = _PERIODS / RINGING_HZ
# -15 dBm0, inside of what E.180 recommends (-10 dBm0, at most 5 dB less): a full sine has 3.14 dBm0.
_AMPLITUDE = round(32_767 * 10 ** ((-15 - 3.14) / 20))


@cache
def ringing(rate_hz: int) -> bytes:
    """Return the second in which it sounds, of 8 or 16 kHz; `PAUSE_S` of silence follow."""
    count = round(_PERIODS_S * rate_hz)
    samples = (round(_AMPLITUDE * sin(2 * pi * RINGING_HZ * place / rate_hz)) for place in range(count))
    return pack(f"<{count}h", *samples) * (RINGING_S * rate_hz // count)
