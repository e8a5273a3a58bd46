"""Keys in session descriptions: read strictly, and agreed on by offer and answer."""

from base64 import b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offhook.engine.media import sdp
from offhook.engine.media.sdp import Agreement, Origin
from offhook.engine.media.sdp.crypto import KEYING_BYTES, LINES_LIMIT, Crypto, Suite, ours, parse, parse_all

KEY = bytes(range(30))
INLINE = b64encode(KEY).decode()
SHA1_80, SHA1_32, GCM = Suite.AES_CM_128_HMAC_SHA1_80, Suite.AES_CM_128_HMAC_SHA1_32, Suite.AEAD_AES_128_GCM
KEYING = bytes(number % 256 for number in range(KEYING_BYTES))


@pytest.mark.parametrize(
    "value",
    [
        f"1 {SHA1_80} inline:{INLINE}",
        f"1  {SHA1_80}  inline:{INLINE}|2^31",
        f"1 {SHA1_80} inline:{INLINE}|1048576",
        f"1 {SHA1_80} inline:{INLINE} WSH=64",
    ],
)
def test_a_line_is_read(value: str) -> None:
    assert parse(value) == Crypto(1, SHA1_80, KEY)


@pytest.mark.parametrize(
    "value",
    [
        "",
        f"x {SHA1_80} inline:{INLINE}",
        f"1 AES_256_CM_HMAC_SHA1_80 inline:{INLINE}",
        f"1 {SHA1_80} inline:{INLINE[:-4]}",
        f"1 {GCM} inline:{INLINE}",
        f"1 {SHA1_80} inline:{INLINE[:-1]}",
        f"1 {SHA1_80} inline:{INLINE}|2^31|1:4",
        f"1 {SHA1_80} inline:{INLINE}|1:4",
        f"1 {SHA1_80} inline:{INLINE}|2^10",
        f"1 {SHA1_80} inline:{INLINE}|1000",
        f"1 {SHA1_80} inline:{INLINE} UNENCRYPTED_SRTP",
        f"1 {SHA1_80} inline:{INLINE};inline:{INLINE}",
        f"1 {SHA1_80} uri:https://example.com/key",
    ],
)
def test_a_line_that_we_cannot_keep_to_is_passed_over(value: str) -> None:
    assert parse(value) is None


@given(st.integers(0, 999_999_999), st.sampled_from(Suite), st.binary(min_size=30, max_size=30))
def test_what_is_written_is_read(tag: int, suite: Suite, key: bytes) -> None:
    crypto = Crypto(tag, suite, key[: suite.key_size])
    assert parse(str(crypto)) == crypto
    assert b64encode(crypto.key).decode() not in repr(crypto)


def test_only_so_many_lines_are_read() -> None:
    line = f"1 {SHA1_80} inline:{INLINE}"
    assert len(parse_all([line] * 100)) == LINES_LIMIT
    assert len(parse_all(["nonsense"] * LINES_LIMIT + [line])) == 0


def test_we_offer_every_suite_with_a_key_of_its_own() -> None:
    offered = ours(KEYING)
    assert [(one.tag, one.suite) for one in offered] == [(1, GCM), (2, SHA1_80), (3, SHA1_32)]
    assert b"".join(one.key for one in offered) == KEYING


def described(*lines: str, transport: str = "RTP/SAVP") -> bytes:
    head = ["v=0", "o=- 1 1 IN IP4 10.0.0.1", "s=-", "c=IN IP4 10.0.0.1", "t=0 0", f"m=audio 4000 {transport} 0"]
    return ("\r\n".join([*head, *lines]) + "\r\n").encode()


def answered(offer: bytes) -> Agreement | None:
    return sdp.answer(sdp.parse(offer), address="10.0.0.9", port=5000, origin=Origin(1, "10.0.0.9"), keying=KEYING)


def test_the_first_line_that_we_speak_is_answered_with_its_tag_and_our_key() -> None:
    agreement = answered(
        described(
            f"a=crypto:1 AES_256_CM_HMAC_SHA1_80 inline:{INLINE}",
            f"a=crypto:7 {SHA1_32} inline:{INLINE}",
            f"a=crypto:8 {SHA1_80} inline:{INLINE}",
        )
    )
    assert agreement is not None
    assert agreement.keys == sdp.Keys(SHA1_32, KEYING[:30], KEY)
    said = agreement.body.decode().splitlines()
    assert "m=audio 5000 RTP/SAVP 0" in said
    assert [line for line in said if line.startswith("a=crypto")] == [f"a=crypto:{Crypto(7, SHA1_32, KEYING[:30])}"]


def test_a_secure_stream_without_a_key_of_ours_is_refused_and_one_beside_it_taken() -> None:
    assert answered(described("a=crypto:1 F8_128_HMAC_SHA1_80 inline:abcd")) is None
    assert answered(described()) is None
    both = described() + b"m=audio 4002 RTP/AVP 0\r\n"
    agreement = answered(both)
    assert agreement is not None
    assert (agreement.remote_port, agreement.keys) == (4002, None)
    assert "m=audio 0 RTP/SAVP 0" in agreement.body.decode()


def test_a_key_beside_plain_audio_is_only_a_wish() -> None:
    agreement = answered(described(f"a=crypto:1 {SHA1_80} inline:{INLINE}", transport="RTP/AVP"))
    assert agreement is not None
    assert agreement.keys is None
    assert "crypto" not in agreement.body.decode()


def offered() -> sdp.Offer:
    return sdp.offer(address="10.0.0.9", port=5000, origin=Origin(1, "10.0.0.9"), keying=KEYING)


def test_the_answer_takes_one_of_our_lines() -> None:
    offer = offered()
    assert "m=audio 5000 RTP/SAVP 0 8 9 101" in offer.body.decode()
    agreement = sdp.accept(sdp.parse(described(f"a=crypto:2 {SHA1_80} inline:{INLINE}")), offer)
    assert agreement is not None
    assert agreement.keys == sdp.Keys(SHA1_80, KEYING[28:58], KEY)


@pytest.mark.parametrize(
    ("lines", "transport"),
    [
        ([], "RTP/AVP"),
        ([f"a=crypto:1 {SHA1_80} inline:{INLINE}"], "RTP/SAVP"),
        ([f"a=crypto:4 {SHA1_80} inline:{INLINE}"], "RTP/SAVP"),
        ([f"a=crypto:2 {SHA1_80} inline:{INLINE}", f"a=crypto:3 {SHA1_32} inline:{INLINE}"], "RTP/SAVP"),
    ],
)
def test_an_answer_that_takes_none_or_several_of_our_lines_fits_nothing(lines: list[str], transport: str) -> None:
    assert sdp.accept(sdp.parse(described(*lines, transport=transport)), offered()) is None


def test_who_was_offered_plain_audio_may_not_answer_with_keys() -> None:
    plain = sdp.offer(address="10.0.0.9", port=5000, origin=Origin(1, "10.0.0.9"))
    assert sdp.accept(sdp.parse(described(f"a=crypto:1 {SHA1_80} inline:{INLINE}")), plain) is None
