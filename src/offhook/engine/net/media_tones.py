"""The ringing tone as it is sent: a turn of it in each codec."""

from functools import cache

from offhook.domain.sounds import BYTES_A_SECOND, Codec
from offhook.engine.media.codecs import SILENCE
from offhook.engine.media.g711 import from_linear16
from offhook.engine.media.tones import PAUSE_S, ringing
from offhook.engine.net.g722 import encode


@cache
def ringing_turn(codec: Codec) -> bytes:
    """Return a second of sound and four of silence."""
    samples = ringing(codec.rate_hz)
    sound = encode(samples) if codec is Codec.G722 else from_linear16(samples, codec)
    return sound + SILENCE[codec] * (PAUSE_S * BYTES_A_SECOND)
