"""Tones that we make ourselves, as linear 16-bit little-endian, mono. Those that are repeated have whole periods."""

from functools import cache
from math import pi, sin
from struct import pack

RINGING_HZ = 425
"""The tone that most of Europe rings with (ITU-T E.180, supplement 2)."""

RINGING_S = 1
PAUSE_S = 4

KEYPAD = ("123A", "456B", "789C", "*0#D")
LOW_HZ = (697, 770, 852, 941)
"""Of the rows of the keypad (ITU-T Q.23)."""
HIGH_HZ = (1209, 1336, 1477, 1633)
"""Of its columns."""
LOW_DBM0 = -10.0
HIGH_DBM0 = -8.0
"""Lines weaken high tones more than low ones."""
SHORTEST_KEY_MS = 60
"""ITU-T Q.24: 40 ms are enough for every receiver, and some of the first are lost in its filter."""
LONGEST_KEY_MS = 8_000
PAUSE_MS = 80
"""Behind each key, so that the next one is another."""

FULL_DBM0 = 3.14
"""What the greatest sine of G.711 is."""

_PERIODS = 17
"""So many periods of 425 Hz are 40 ms: 320 samples of 8 kHz."""
_PERIODS_S = _PERIODS / RINGING_HZ
# -15 dBm0, inside of what E.180 recommends (-10 dBm0, at most 5 dB less).
_AMPLITUDE = round(32_767 * 10 ** ((-15 - FULL_DBM0) / 20))
_FRAME_MS = 20


@cache
def ringing(rate_hz: int) -> bytes:
    """Return the second in which it sounds, of 8 or 16 kHz; `PAUSE_S` of silence follow."""
    count = round(_PERIODS_S * rate_hz)
    samples = (round(_AMPLITUDE * sin(2 * pi * RINGING_HZ * place / rate_hz)) for place in range(count))
    return pack(f"<{count}h", *samples) * (RINGING_S * rate_hz // count)


def key_tones(key: str, duration_ms: int, rate_hz: int) -> bytes:
    """Return one of the sixteen keys as its two tones, of 8 or 16 kHz, in whole frames of 20 ms; `PAUSE_MS` follow.

    Durations outside of 60 to 8,000 ms become the nearest of these.
    """
    row = next(place for place, keys in enumerate(KEYPAD) if key in keys)
    low, high = (
        (2 * pi * hertz / rate_hz, 32_767 * 10 ** ((level - FULL_DBM0) / 20))
        for hertz, level in ((LOW_HZ[row], LOW_DBM0), (HIGH_HZ[KEYPAD[row].index(key)], HIGH_DBM0))
    )
    frames = -(-max(SHORTEST_KEY_MS, min(duration_ms, LONGEST_KEY_MS)) // _FRAME_MS)
    count = frames * _FRAME_MS * rate_hz // 1000
    samples = (round(low[1] * sin(low[0] * place) + high[1] * sin(high[0] * place)) for place in range(count))
    return pack(f"<{count}h", *samples)
