import random

import pytest

from offhook.domain.sip_messages import SipMessage
from offhook.storage.messages import MOST_BYTES, pack, unpack

BODY = b"INVITE sip:1@x SIP/2.0\r\nCall-ID: a\r\n\r\nv=0\r\n"


def message(data: bytes = BODY, **more: object) -> SipMessage:
    fields: dict[str, object] = {
        "at_ms": 1.5,
        "leg": 1,
        "is_ours": False,
        "transport": "UDP",
        "local": ("192.0.2.1", 5060),
        "peer": ("192.0.2.7", 5070),
        "data": data,
    }
    return SipMessage(**{**fields, **more})  # type: ignore[arg-type]  # as above


@pytest.mark.parametrize(
    "messages",
    [
        [],
        [message()],
        [message(), message(bytes(range(256)), leg=2, is_ours=True, transport="TLS", local=("", 5061))],
        [message("INVITE 日本 ☎".encode())] * 64,
    ],
)
def test_messages_come_back_as_they_were(messages: list[SipMessage]) -> None:
    assert unpack(pack(messages)) == messages


def test_nothing_is_kept_of_nothing() -> None:
    assert pack([]) is None
    assert unpack(None) == []


@pytest.mark.parametrize(("heads", "bodies"), [(0, 4000), (4000, 0), (2000, 2000)])
def test_what_would_be_too_large_loses_bodies_first(heads: int, bodies: int) -> None:
    chance = random.Random(7)
    noisy = [
        message(
            b"INVITE sip:1@x SIP/2.0\r\nX: "
            + chance.randbytes(heads).hex().encode()
            + b"\r\n\r\n"
            + chance.randbytes(bodies)
        )
        for _ in range(64)
    ]
    packed = pack(noisy)
    assert packed is not None
    assert len(packed) <= MOST_BYTES
    kept = unpack(packed)
    assert [one.title for one in kept] == ["INVITE"] * 64
    assert kept[0].data.endswith(b"\r\n\r\n") is (heads == 0)
