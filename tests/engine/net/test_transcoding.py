"""From any codec to any other, as an ear hears it."""

import numpy as np
import pytest

from ear import WIDE_RATE, decode, decode_g722, has_tone
from offhook.domain.sounds import Codec
from offhook.engine.media.g711 import ULAW_TO_ALAW, from_linear16
from offhook.engine.net.g722 import Decoder, encode
from offhook.engine.net.transcoding import transcoder
from soundfiles import sine

HZ = 1_000


def spoken(codec: Codec, seconds: float = 1.0) -> bytes:
    samples = sine(HZ, seconds, codec.rate_hz).tobytes()
    return encode(samples) if codec is Codec.G722 else from_linear16(samples, codec)


@pytest.mark.parametrize("packet_ms", [10, 20, 30, 40, 50, 60])
@pytest.mark.parametrize("target", Codec)
@pytest.mark.parametrize("source", Codec)
def test_a_tone_stays_that_tone_and_every_packet_as_long_as_it_was(
    source: Codec, target: Codec, packet_ms: int
) -> None:
    turn, sound, size = transcoder(source, target), spoken(source), 8 * packet_ms
    packets = [sound[at : at + size] for at in range(0, len(sound), size)]
    turned = [turn(packet) for packet in packets]
    assert [len(packet) for packet in turned] == [len(packet) for packet in packets]
    heard = decode(b"".join(turned), target)
    # From the first 50 ms on: no silence comes in between.
    loud = np.sqrt(np.mean(heard[400:8_000].reshape(-1, 80).astype(float) ** 2, axis=1))
    assert has_tone(heard, HZ)
    assert np.min(loud) > 3_000


def test_what_filters_hold_back_is_told_once_and_never_more_than_24_ms() -> None:
    sound = spoken(Codec.PCMU)
    turn = transcoder(Codec.PCMU, Codec.G722)
    heard = decode_g722(b"".join(turn(sound[at : at + 80]) for at in range(0, len(sound), 80)))
    began = int(np.argmax(np.abs(heard) > 1_000)) / WIDE_RATE
    assert 0.0 < began < 0.024


def test_equal_codecs_are_left_alone_and_laws_turned_by_table() -> None:
    assert transcoder(Codec.G722, Codec.G722)(b"abc") == b"abc"
    assert transcoder(Codec.PCMU, Codec.PCMA)(b"abc") == b"abc".translate(ULAW_TO_ALAW)


def test_a_decoder_gives_all_of_the_16_khz() -> None:
    decoder = Decoder()
    made = encode(sine(6_000, 0.5, WIDE_RATE).tobytes())
    heard = b"".join(decoder.decode(made[at : at + 160]) for at in range(0, len(made), 160))
    assert decoder.decode(b"") == b""
    assert len(heard) == 4 * len(made)
    assert has_tone(heard, 6_000, WIDE_RATE)
