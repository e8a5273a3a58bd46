"""Descriptions that cannot be used, and the words for each."""

from collections.abc import Sequence

import pytest

from offhook.domain.misfits import Misfit
from offhook.domain.sounds import Codec
from offhook.engine.media.sdp import SPOKEN, misfit

HEAD = ("v=0", "o=- 1 1 IN IP4 192.0.2.10", "s=-", "c=IN IP4 192.0.2.10", "t=0 0")


def written(*media: str, head: Sequence[str] = HEAD) -> bytes:
    return "".join(f"{line}\r\n" for line in (*head, *media)).encode()


def told(body: bytes, *, is_answer: bool = False, needs_srtp: bool = False, codecs: Sequence[Codec] = SPOKEN) -> str:
    found = misfit(body, is_answer=is_answer, address="198.51.100.1", codecs=codecs, needs_srtp=needs_srtp)
    return f"{found.misfit.name}: {found.text}"


SEALED = "m=audio 4000 RTP/SAVP 0"
SUITE = "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkw"


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b" \r\n", "MISSING: offers nothing: it sent no description of its sound (SDP)"),
        (
            b"hello\r\n",
            (
                "UNREADABLE: sent a description of its sound (SDP) that cannot be read: 'hello' is not a line like"
                " x=value"
            ),
        ),
        (
            written("m=audio 4000 RTP/AVP 0", head=[*HEAD[:3], "c=IN IP4 pbx.example", "t=0 0"]),
            (
                "UNREADABLE: sent a description of its sound (SDP) that cannot be read: 'pbx.example' is not one IP"
                " address; names are not looked up"
            ),
        ),
        (written(), "NO_SOUND: offers nothing at all, and no sound"),
        (written("m=video 4000 RTP/AVP 97"), "NO_SOUND: offers video, and no sound"),
        (
            written("m=image 4000 udptl t38", "m=image 4002 udptl x", "m=video 0 RTP/AVP 97"),
            "NO_SOUND: offers a fax (T.38), image, video, and no sound",
        ),
        (written("m=audio 0 RTP/AVP 0"), "TURNED_DOWN: offers sound at port 0, which turns it down (RFC 3264)"),
        (
            written("m=audio 4000 RTP/AVP 18 97 99 18", "a=rtpmap:97 iLBC/8000"),
            "CODECS: offers G729, ILBC, 99, and we speak PCMU, PCMA and G722",
        ),
        (written("m=audio 4000 RTP/SAVP 18"), "CODECS: offers G729, and we speak PCMU, PCMA and G722"),
        (
            written("m=audio 4000 RTP/AVP 0", head=[*HEAD[:3], "c=IN IP6 2001:db8::7", "t=0 0"]),
            "FAMILY: offers PCMU at the IPv6 address 2001:db8::7, and we speak IPv4 with it",
        ),
        (written(SEALED), "KEYS: offers PCMU by SRTP without a key that we can use (a=crypto)"),
        (
            written(SEALED, "a=crypto:1 F8_128_HMAC_SHA1_80 inline:MTIz"),
            "KEYS: offers PCMU by SRTP with F8_128_HMAC_SHA1_80, which we do not speak",
        ),
        (
            written("m=audio 4000 UDP/TLS/RTP/SAVPF 0"),
            "KEYS: offers PCMU by DTLS-SRTP (UDP/TLS/RTP/SAVPF), and we take keys by SDP only (a=crypto)",
        ),
        (
            written("m=audio 4000 RTP/AVPF 8"),
            "TRANSPORT: offers PCMA by RTP/AVPF, and we speak RTP/AVP and RTP/SAVP",
        ),
    ],
)
def test_an_offer_that_cannot_be_taken_is_told_in_words(body: bytes, words: str) -> None:
    assert told(body) == words


def test_what_a_rule_of_the_trunk_demands_is_named() -> None:
    plain = written("m=audio 4000 RTP/AVP 8")
    assert told(plain, needs_srtp=True) == (
        "IN_THE_CLEAR: offers PCMA in the clear, where the trunk's rules demand SRTP"
    )
    assert told(written("m=audio 4000 RTP/AVP 18"), needs_srtp=True).startswith("CODECS: offers G729, and we")


@pytest.mark.parametrize(
    ("body", "needs_srtp", "words"),
    [
        (b"", False, "MISSING: answers with nothing: it sent no description of its sound (SDP)"),
        (
            written("m=audio 4000 RTP/AVP 0", "m=audio 4002 RTP/AVP 0"),
            False,
            "UNREADABLE: answers with 2 lines of media to one that we offered",
        ),
        (written("m=audio 4000 RTP/AVP 18"), False, "CODECS: answers with G729, and we speak PCMU"),
        (written(SEALED, SUITE), False, "SEALED: answers with PCMU by SRTP, which we did not offer"),
        (written(SEALED, SUITE), True, "KEYS: answers with PCMU by SRTP with another key than we offered"),
        (
            written("m=audio 4000 RTP/AVP 0"),
            True,
            "IN_THE_CLEAR: answers with PCMU in the clear, where the trunk's rules demand SRTP",
        ),
    ],
)
def test_an_answer_that_cannot_be_taken_is_told_in_words(body: bytes, needs_srtp: bool, words: str) -> None:
    assert told(body, is_answer=True, needs_srtp=needs_srtp, codecs=[Codec.PCMU]) == words


def test_an_older_payload_map_does_not_hide_the_first() -> None:
    body = written("m=audio 4000 RTP/AVP 97", "a=rtpmap:97 opus/48000/2", "a=rtpmap:97 iLBC/8000")
    assert misfit(body, is_answer=False, address="198.51.100.1", codecs=SPOKEN, needs_srtp=False).misfit is (
        Misfit.CODECS
    )
    assert "offers OPUS," in told(body)
