"""Our tables against the arithmetic of the Recommendation, code by code and sample by sample."""

from struct import pack

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offhook.domain.sounds import Codec
from offhook.engine.media import g711

SAMPLES = range(-32_768, 32_768)


def expand_ulaw(code: int) -> int:
    """Follow G.711 table 2: 2**segment * (2 * step + 33) - 33 in 14 bits."""
    bits = 255 - code
    value = ((2 * (bits % 16) + 33 << bits // 16 % 8) - 33) * 4
    return value if bits < 128 else -value


def expand_alaw(code: int) -> int:
    """Follow G.711 table 1: the middle of each interval, in 13 bits with sign."""
    bits = code ^ 0b0101_0101
    segment, step = bits // 16 % 8, bits % 16
    value = 2 * step + 1 if segment == 0 else 2 * step + 33 << segment - 1
    return value * 8 if bits >= 128 else -value * 8


def compress_ulaw(sample: int) -> int:
    """Find the interval between decision values, in 14 bits; negative numbers by one's complement (G.191)."""
    magnitude = min((~sample if sample < 0 else sample) // 4 + 33, 0x1FFF)
    segment = magnitude.bit_length() - 6
    code = 255 - (segment * 16 + (magnitude >> segment + 1) % 16)
    return code - 128 if sample < 0 else code


def compress_alaw(sample: int) -> int:
    """Find the interval between decision values, in 12 bits; negative numbers by one's complement (G.191)."""
    magnitude = (~sample if sample < 0 else sample) // 16
    segment = max(0, magnitude.bit_length() - 4)
    step = magnitude if segment == 0 else (magnitude >> segment - 1) - 16
    return (segment * 16 + step + (0 if sample < 0 else 128)) ^ 0b0101_0101


def test_all_codes_decode_as_the_recommendation_says() -> None:
    assert list(g711.DECODE_ULAW) == [expand_ulaw(code) for code in range(256)]
    assert list(g711.DECODE_ALAW) == [expand_alaw(code) for code in range(256)]


def test_known_codes_have_their_known_values() -> None:
    # The ends of tables 1 and 2: 8031 of 14 bits and 4032 of 13 bits, as 16-bit samples.
    assert [g711.DECODE_ULAW[code] for code in (0x00, 0x80, 0x7F, 0xFF)] == [-32124, 32124, 0, 0]
    assert [g711.DECODE_ALAW[code] for code in (0x2A, 0xAA, 0x55, 0xD5)] == [-32256, 32256, -8, 8]


def test_all_samples_encode_as_the_recommendation_says() -> None:
    assert all(g711.encode_ulaw(sample) == compress_ulaw(sample) for sample in SAMPLES)
    assert all(g711.encode_alaw(sample) == compress_alaw(sample) for sample in SAMPLES)


def test_every_code_survives_a_round_trip() -> None:
    assert [g711.encode_alaw(g711.DECODE_ALAW[code]) for code in range(256)] == list(range(256))
    # There are two zeros in PCMU, and one in samples.
    expected = [0xFF if code == 0x7F else code for code in range(256)]
    assert [g711.encode_ulaw(g711.DECODE_ULAW[code]) for code in range(256)] == expected


def test_silence_is_the_quietest_code() -> None:
    assert {codec: g711.from_linear16(b"\0\0", codec) for codec in (Codec.PCMU, Codec.PCMA)} == g711.SILENCE


@pytest.mark.parametrize(
    ("table", "source", "target"),
    [
        (g711.ULAW_TO_ALAW, g711.DECODE_ULAW, g711.DECODE_ALAW),
        (g711.ALAW_TO_ULAW, g711.DECODE_ALAW, g711.DECODE_ULAW),
    ],
)
def test_a_transcoded_code_is_among_the_nearest(table: bytes, source: tuple[int, ...], target: tuple[int, ...]) -> None:
    values = sorted(set(target))
    for code in range(256):
        distances = sorted((abs(value - source[code]), value) for value in values)
        assert target[table[code]] in {value for _, value in distances[:2]}


def test_only_another_law_is_transcoded() -> None:
    payload = bytes(range(256))
    assert g711.transcode(payload, Codec.PCMU, Codec.PCMU) is payload
    assert g711.transcode(payload, Codec.PCMU, Codec.PCMA) == g711.ULAW_TO_ALAW
    assert g711.transcode(payload, Codec.PCMA, Codec.PCMU) == g711.ALAW_TO_ULAW


@pytest.mark.parametrize("codec", [Codec.PCMU, Codec.PCMA])
def test_samples_are_little_endian(codec: Codec) -> None:
    table = g711.DECODE_ULAW if codec is Codec.PCMU else g711.DECODE_ALAW
    assert g711.to_linear16(bytes(range(256)), codec) == pack("<256h", *table)


@given(st.binary(max_size=400), st.sampled_from([Codec.PCMU, Codec.PCMA]))
def test_samples_and_codes_go_both_ways(payload: bytes, codec: Codec) -> None:
    payload = payload.replace(b"\x7f", b"\xff")
    assert g711.from_linear16(g711.to_linear16(payload, codec), codec) == payload


def test_half_a_sample_is_no_sample() -> None:
    assert g711.from_linear16(b"\0\0\0", Codec.PCMU) == b"\xff"
    assert g711.from_linear16(b"", Codec.PCMA) == b""
