"""PCM to both laws of G.711."""

import numpy as np
import pytest

from ear import decode_g711
from offhook.audio.g711 import Encoded, Encoder
from offhook.domain.sounds import Codec


@pytest.mark.parametrize("codec", Codec)
def test_every_sample_gets_the_code_that_is_nearest(codec: Codec) -> None:
    samples = np.arange(-32_768, 32_768).astype(np.int16)
    encoded = Encoder().encode(samples.tobytes())
    heard = decode_g711({Codec.PCMU: encoded.pcmu, Codec.PCMA: encoded.pcma}[codec], codec).astype(np.int32)
    codes = decode_g711(bytes(range(256)), codec).astype(np.int32)
    nearest = np.min(np.abs(samples.astype(np.int32)[:, None] - codes), axis=1)
    # The library rounds to 14 bits first, so a sample in the middle of two codes may get the other one.
    assert np.max(np.abs(heard - samples) - nearest) <= 6


def test_an_encoder_is_used_again_and_nothing_is_nothing() -> None:
    encoder = Encoder()
    assert encoder.encode(b"") == Encoded(b"", b"")
    assert encoder.encode(b"\0\0" * 3) == Encoded(b"\xff" * 3, b"\xd5" * 3)
    assert encoder.encode(b"\0\0") == Encoded(b"\xff", b"\xd5")


def test_the_rest_after_some_samples_is_the_rest_of_both_laws() -> None:
    assert Encoded(b"abc", b"xyz").after(2) == Encoded(b"c", b"z")
    assert Encoded(b"abc", b"xyz").after(5) == Encoded(b"", b"")
