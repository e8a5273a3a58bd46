"""Whether somebody speaks, as roughly as a recording needs to know it."""

import sys
from array import array

QUIET_PEAK = 500
"""Of 32,767: 36 dB below full scale. Lines hiss below it, and whoever speaks into a telephone is well above."""
SPIKES = 8
"""So many samples in a piece may be louder: clicks of the line."""


def is_quiet(samples: bytes) -> bool:
    """Tell whether nobody speaks in a piece of linear 16-bit little-endian samples."""
    values = array("h", samples)
    if sys.byteorder == "big":
        values.byteswap()
    if not values or (max(values) < QUIET_PEAK and min(values) > -QUIET_PEAK):
        return True
    return sum(1 for value in values if not -QUIET_PEAK < value < QUIET_PEAK) <= SPIKES
