"""Tones that we make ourselves, as G.711: 8 kHz, mono, whole periods, so that they may be repeated."""

from functools import cache
from math import pi, sin
from struct import pack

from offhook.domain.sounds import Codec
from offhook.engine.media.g711 import SILENCE, from_linear16

RATE = 8000
RINGING_HZ = 425
"""The tone that most of Europe rings with (ITU-T E.180, supplement 2)."""

RINGING_S = 1
PAUSE_S = 4

# 17 periods of 425 Hz are 320 samples.
_PERIOD = 320
# -15 dBm0, inside of what E.180 recommends (-10 dBm0, at most 5 dB less): a full sine has 3.14 dBm0.
_AMPLITUDE = round(32_767 * 10 ** ((-15 - 3.14) / 20))


@cache
def ringing(codec: Codec) -> bytes:
    """Return one turn of the ringing tone: a second of sound, four of silence."""
    samples = (round(_AMPLITUDE * sin(2 * pi * RINGING_HZ * place / RATE)) for place in range(_PERIOD))
    period = from_linear16(pack(f"<{_PERIOD}h", *samples), codec)
    return period * (RINGING_S * RATE // _PERIOD) + SILENCE[codec] * (PAUSE_S * RATE)
