"""Our own tones as they are sent: in each codec."""

from functools import cache

from offhook.domain.sounds import BYTES_A_SECOND, Codec
from offhook.engine.media.codecs import SILENCE
from offhook.engine.media.g711 import from_linear16
from offhook.engine.media.tones import PAUSE_MS, PAUSE_S, key_tones, ringing
from offhook.engine.net.g722 import encode


@cache
def ringing_turn(codec: Codec) -> bytes:
    """Return a second of the ringing tone and four of silence."""
    return _encoded(ringing(codec.rate_hz), codec) + SILENCE[codec] * (PAUSE_S * BYTES_A_SECOND)


def key_turn(key: str, duration_ms: int, codec: Codec) -> bytes:
    """Return the two tones of a key, and the pause behind them."""
    sound = _encoded(key_tones(key, duration_ms, codec.rate_hz), codec)
    return sound + SILENCE[codec] * (PAUSE_MS * BYTES_A_SECOND // 1000)


def _encoded(samples: bytes, codec: Codec) -> bytes:
    return encode(samples) if codec is Codec.G722 else from_linear16(samples, codec)
