"""The beep after which a message is recorded: a sound of our own, as the WAV file that a worker decodes.

It takes the way of all other sounds, so that it exists in every codec, is made once and lies in the cache.
"""

import io
import wave
from array import array
from functools import cache
from math import pi, sin
from sys import byteorder

from offhook.audio.encoder import RATE

HZ = 1_000
DURATION_MS = 400
DBM0 = -10.0
# Without a ramp at either end it would click.
RAMP_MS = 5
# G.722 gives back a sound a little late: its end must not be cut off.
SILENCE_MS = 20
# What a sine of full scale is (ITU-T G.711).
FULL_DBM0 = 3.14

_AMPLITUDE = 32_767 * 10 ** ((DBM0 - FULL_DBM0) / 20)


@cache
def beep() -> bytes:
    """Return 400 ms of 1 kHz at -10 dBm0 and 20 ms of silence as a WAV file (16 kHz, mono, signed 16 bit)."""
    count, ramp = RATE * DURATION_MS // 1000, RATE * RAMP_MS // 1000
    samples = array("h", (round(_AMPLITUDE * _loudness(place, count, ramp) * _wave(place)) for place in range(count)))
    if byteorder == "big":
        samples.byteswap()
    with io.BytesIO() as file:
        with wave.open(file, "wb") as writer:
            writer.setnchannels(1)
            writer.setsampwidth(2)
            writer.setframerate(RATE)
            writer.writeframes(samples.tobytes() + bytes(2 * RATE * SILENCE_MS // 1000))
        return file.getvalue()


def _wave(place: int) -> float:
    return sin(2 * pi * HZ * place / RATE)


def _loudness(place: int, count: int, ramp: int) -> float:
    """Rise over the first samples and fall over the last."""
    return min(1.0, place / ramp, (count - 1 - place) / ramp)
