"""PCM to every codec: both laws of G.711, and G.722."""

import numpy as np
import pytest

from ear import WIDE_RATE, decode_g711, decode_g722, has_tone
from offhook.audio.encoded import NOTHING, Encoded
from offhook.audio.encoder import RATE, Laws, encoded
from offhook.domain.sounds import Codec
from soundfiles import sine

LAWS = (Codec.PCMU, Codec.PCMA)


def whole(pcm: bytes, piece_bytes: int) -> Encoded:
    pieces = list(encoded(pcm[at : at + piece_bytes] for at in range(0, len(pcm), piece_bytes)))
    for piece in pieces:
        assert len(piece.pcmu) == len(piece.pcma) == len(piece.g722)
    return Encoded(*(b"".join(getattr(piece, name) for piece in pieces) for name in ("pcmu", "pcma", "g722")))


@pytest.mark.parametrize("codec", LAWS)
def test_every_sample_gets_the_code_that_is_nearest(codec: Codec) -> None:
    samples = np.arange(-32_768, 32_768).astype(np.int16)
    codes_of = dict(zip(LAWS, Laws().encode(samples.tobytes()), strict=True))
    heard = decode_g711(codes_of[codec], codec).astype(np.int32)
    codes = decode_g711(bytes(range(256)), codec).astype(np.int32)
    nearest = np.min(np.abs(samples.astype(np.int32)[:, None] - codes), axis=1)
    # The library rounds to 14 bits first, so a sample in the middle of two codes may get the other one.
    assert np.max(np.abs(heard - samples) - nearest) <= 6


@pytest.mark.parametrize("piece_bytes", [640, 2_222, 64_000])
def test_a_tone_is_that_tone_in_every_codec_and_takes_8000_bytes_a_second(piece_bytes: int) -> None:
    sound = whole(sine(1_000, 1.5, RATE).tobytes(), piece_bytes)
    assert len(sound.pcmu) == 12_000
    assert has_tone(decode_g711(sound.pcmu, Codec.PCMU), 1_000)
    assert has_tone(decode_g711(sound.pcma, Codec.PCMA), 1_000)
    assert has_tone(decode_g722(sound.g722), 1_000, WIDE_RATE)


def test_what_lies_above_4_khz_is_heard_in_g722_alone() -> None:
    sound = whole((sine(500, 1.0, RATE) // 2 + sine(6_000, 1.0, RATE) // 2).tobytes(), 4_000)
    wide, narrow = decode_g722(sound.g722), decode_g711(sound.pcmu, Codec.PCMU)
    assert has_tone(wide, 6_000, WIDE_RATE)
    assert has_tone(wide, 500, WIDE_RATE)
    assert has_tone(narrow, 500)
    # Nothing of it was folded down either.
    assert not has_tone(narrow, 2_000)


@pytest.mark.parametrize("samples", [1, 2, 319, 320, 321, 16_001])
def test_a_sound_of_any_length_is_encoded_to_its_end(samples: int) -> None:
    sound = whole(bytes(2 * samples), 64)
    length = (samples + 1) // 2
    assert (sound.pcmu, sound.pcma, len(sound.g722)) == (b"\xff" * length, b"\xd5" * length, length)
    # G.722 has no code for nothing: it dithers.
    assert np.max(np.abs(decode_g722(sound.g722).astype(int)), initial=0) < 8


def test_nothing_is_nothing() -> None:
    assert list(encoded([])) == [NOTHING]
    assert list(encoded([b"", b""])) == [NOTHING] * 3


def test_the_rest_after_some_bytes_is_the_rest_in_every_codec() -> None:
    assert Encoded(b"abc", b"xyz", b"123").after(2) == Encoded(b"c", b"z", b"3")
    assert Encoded(b"abc", b"xyz", b"123").after(5) == NOTHING
