"""The media of one leg, from the first offer to the last."""

import pytest

from offhook.domain.misfits import Misfit
from offhook.domain.rules import Dtmf
from offhook.domain.sounds import Codec
from offhook.engine.media import sdp
from offhook.engine.net.negotiation import Negotiation
from offhook.engine.net.orders import Connect

OURS = "198.51.100.1"
THEIRS = "192.0.2.10"


def _sdp(media: str = "m=audio 4000 RTP/AVP 0 8 101", *attributes: str, address: str = THEIRS) -> bytes:
    lines = ["v=0", f"o=- 1 1 IN IP4 {THEIRS}", "s=-", f"c=IN IP4 {address}", "t=0 0", media]
    if "101" in media:
        lines.append("a=rtpmap:101 telephone-event/8000")
    return "".join(f"{line}\r\n" for line in [*lines, *attributes]).encode()


def _new() -> Negotiation:
    return Negotiation(address=OURS, signalling_ip=THEIRS, session_id=42)


def _answered(offer: bytes) -> Negotiation:
    negotiation = _new()
    assert negotiation.offered(offer)
    negotiation.answer(30000)
    return negotiation


def _version(body: bytes | None) -> int:
    assert body is not None
    return sdp.parse(body).version


def test_an_offer_is_answered_and_becomes_an_order() -> None:
    negotiation = _new()
    assert negotiation.offered(_sdp("m=audio 4000 RTP/AVP 8 0 101"))
    assert negotiation.codec is Codec.PCMA
    body = negotiation.answer(30000)
    assert b"m=audio 30000 RTP/AVP 8 101" in body
    assert not negotiation.waits_for_answer
    assert negotiation.order("leg-1") == Connect(
        leg="leg-1",
        codec="PCMA",
        payload_type=8,
        event_type=101,
        address=THEIRS,
        port=4000,
        rtcp_address=THEIRS,
        rtcp_port=4001,
        rtcp_mux=False,
        signalling_ip=THEIRS,
        sends=True,
        receives=True,
        trust_signalled=False,
    )
    assert negotiation.described() == f"PCMA with {THEIRS}:4000"


def test_an_offer_without_a_codec_of_ours_is_refused() -> None:
    assert not _new().offered(_sdp("m=audio 4000 RTP/AVP 18"))


@pytest.mark.parametrize(
    ("offer", "misfit", "text"),
    [
        (_sdp("m=audio 4000 RTP/AVP 18 97", "a=rtpmap:97 iLBC/8000"), Misfit.CODECS, "offers G729, ILBC, and we speak"),
        (_sdp("m=video 4000 RTP/AVP 97"), Misfit.NO_SOUND, "offers video"),
        (b"x", Misfit.UNREADABLE, "cannot be read"),
    ],
)
def test_what_is_wrong_with_an_offer_is_told_afterwards(offer: bytes, misfit: Misfit, text: str) -> None:
    negotiation = _new()
    assert not negotiation.offered(offer)
    assert negotiation.misfit.misfit is misfit
    assert text in negotiation.misfit.text


def test_what_is_wrong_with_an_answer_and_with_a_later_offer_is_told_too() -> None:
    negotiation = Negotiation(address=OURS, signalling_ip=THEIRS, session_id=42, needs_srtp=True)
    negotiation.offer(30000)
    assert not negotiation.answered(_sdp(), is_final=False)
    assert negotiation.misfit.misfit is Misfit.IN_THE_CLEAR
    assert not negotiation.answered(b"")
    assert negotiation.misfit.text.startswith("answers with nothing")
    agreed = _answered(_sdp())
    assert agreed.reoffered(b"x") is None
    assert agreed.reoffered(_sdp("m=image 4000 udptl t38")) is None
    assert agreed.misfit.text == "offers a fax (T.38), and no sound"


def test_what_is_told_is_what_was_agreed_on() -> None:
    told = {"remote": f"{THEIRS}:4000", "on_hold": False, "srtp": False, "telephone_event": True, "keys_by": "rfc4733"}
    assert _answered(_sdp()).told() == told
    assert _answered(_sdp("m=audio 4000 RTP/AVP 0")).told() == {**told, "telephone_event": False}
    assert _answered(_sdp(address="0.0.0.0")).told() == {**told, "remote": "0.0.0.0:4000", "on_hold": True}
    assert _new().told()["telephone_event"] is False


def test_who_speaks_one_codec_answers_and_offers_that_one() -> None:
    def alaw_only() -> Negotiation:
        return Negotiation(address=OURS, signalling_ip=THEIRS, session_id=42, codecs=(Codec.PCMA,))

    asked, asking = alaw_only(), alaw_only()
    assert asked.offered(_sdp())
    assert asked.agreement is not None
    assert b"m=audio 30000 RTP/AVP 8 101" in asked.answer(30000)
    assert asking.offered(b"")
    assert asking.agreement is None
    assert b"m=audio 30000 RTP/AVP 8 101" in asking.answer(30000)
    assert not alaw_only().offered(_sdp("m=audio 4000 RTP/AVP 0"))


def test_a_malformed_offer_is_refused() -> None:
    assert not _new().offered(b"v=0\r\nthis is no description\r\n")


def test_an_invite_without_an_offer_gets_ours_and_is_connected_by_its_answer() -> None:
    negotiation = _new()
    assert negotiation.offered(b"")
    assert negotiation.codec is Codec.PCMU
    body = negotiation.answer(30000)
    assert b"m=audio 30000 RTP/AVP 0 8 9 101" in body
    before = negotiation.waits_for_answer
    assert negotiation.described() == "media is offered"
    assert negotiation.answered(_sdp("m=audio 4002 RTP/AVP 8"))
    assert (before, negotiation.waits_for_answer) == (True, False)
    assert (negotiation.codec, negotiation.order("leg-1").event_type) == (Codec.PCMA, None)


def test_an_answer_to_our_offer_that_fits_nothing_is_refused() -> None:
    for body in (_sdp("m=audio 4000 RTP/AVP 18"), _sdp("m=audio 0 RTP/AVP 0"), b"", b"no description"):
        negotiation = _new()
        negotiation.offered(b"")
        negotiation.answer(30000)
        assert not negotiation.answered(body)
        assert not negotiation.waits_for_answer


def test_an_answer_that_nobody_waits_for_changes_nothing() -> None:
    negotiation = _answered(_sdp())
    before = negotiation.order("leg-1")
    assert negotiation.answered(_sdp("m=audio 5000 RTP/AVP 8"))
    assert negotiation.order("leg-1") == before


def test_a_call_is_held_and_taken_up_again() -> None:
    negotiation = _answered(_sdp())
    held = negotiation.reoffered(_sdp("m=audio 4000 RTP/AVP 0 8 101", "a=sendonly"))
    assert held is not None
    assert b"a=recvonly" in held
    assert not negotiation.order("leg-1").sends
    assert negotiation.described().endswith(", on hold")
    resumed = negotiation.reoffered(_sdp())
    assert resumed is not None
    assert b"a=sendrecv" in resumed
    assert negotiation.order("leg-1").sends


def test_the_old_hold_names_nobody_to_send_to() -> None:
    negotiation = _answered(_sdp())
    assert negotiation.reoffered(_sdp(address="0.0.0.0")) is not None
    order = negotiation.order("leg-1")
    assert (order.sends, order.address, order.rtcp_address, order.rtcp_port) == (False, "0.0.0.0", "", 0)


def test_a_new_offer_keeps_the_codec_if_it_is_still_there() -> None:
    negotiation = _answered(_sdp("m=audio 4000 RTP/AVP 0 8"))
    codecs = []
    for formats in ("8 0", "8", "0 8"):
        negotiation.reoffered(_sdp(f"m=audio 4000 RTP/AVP {formats}"))
        codecs.append(negotiation.codec)
    assert codecs == [Codec.PCMU, Codec.PCMA, Codec.PCMA]


def test_the_port_and_the_address_of_the_peer_may_move() -> None:
    negotiation = _answered(_sdp())
    body = negotiation.reoffered(_sdp("m=audio 5000 RTP/AVP 0", address="192.0.2.20"))
    assert body is not None
    assert b"m=audio 30000" in body
    order = negotiation.order("leg-1")
    assert (order.address, order.port, order.signalling_ip) == ("192.0.2.20", 5000, THEIRS)


def test_a_new_offer_that_fits_nothing_is_declined_and_changes_nothing() -> None:
    negotiation = _answered(_sdp())
    before = negotiation.order("leg-1")
    assert negotiation.reoffered(_sdp("m=audio 4000 RTP/AVP 18")) is None
    assert negotiation.reoffered(b"v=0\r\nnonsense") is None
    assert negotiation.order("leg-1") == before


def test_comfort_noise_is_told_to_the_worker_and_offered_if_it_is_to_be() -> None:
    asked = Negotiation(address="198.51.100.1", signalling_ip="192.0.2.10", session_id=42)
    lines = ["v=0", "o=- 1 1 IN IP4 192.0.2.10", "s=-", "c=IN IP4 192.0.2.10", "t=0 0", "m=audio 4000 RTP/AVP 0 13"]
    assert asked.offered("".join(f"{line}\r\n" for line in [*lines, "a=ptime:60", "a=maxptime:40"]).encode())
    assert asked.knows_noise
    order = asked.order("leg")
    assert (order.noise_type, order.packet_ms) == (13, 40)
    calling = Negotiation(address="198.51.100.1", signalling_ip="192.0.2.10", session_id=42, has_noise=True)
    assert b"a=rtpmap:13 CN/8000" in calling.offer(30000)


def test_an_empty_new_offer_wants_ours() -> None:
    negotiation = _answered(_sdp())
    body = negotiation.reoffered(b"")
    assert body is not None
    assert b"m=audio 30000 RTP/AVP 0 8 9 101" in body
    assert negotiation.waits_for_answer
    assert negotiation.answered(_sdp("m=audio 5002 RTP/AVP 0"))
    assert negotiation.order("leg-1").port == 5002


def test_descriptions_count_their_versions() -> None:
    negotiation = _new()
    negotiation.offered(_sdp())
    versions = [
        _version(negotiation.answer(30000)),
        _version(negotiation.reoffered(_sdp("m=audio 4000 RTP/AVP 0", "a=sendonly"))),
        _version(negotiation.reoffered(_sdp("m=audio 4000 RTP/AVP 0"))),
    ]
    assert versions == sorted(set(versions))


def test_a_shared_port_is_used_only_when_it_was_offered() -> None:
    assert _answered(_sdp("m=audio 4000 RTP/AVP 0", "a=rtcp-mux")).order("leg-1").rtcp_mux
    assert not _answered(_sdp()).order("leg-1").rtcp_mux


# How keys travel.


def _by(dtmf: Dtmf) -> Negotiation:
    return Negotiation(address=OURS, signalling_ip=THEIRS, session_id=42, dtmf=dtmf)


@pytest.mark.parametrize(
    ("dtmf", "media", "event_type", "takes_info", "key_way", "hears_tones"),
    [
        (Dtmf.RFC4733, "m=audio 4000 RTP/AVP 0 101", 101, False, Dtmf.RFC4733, False),
        (Dtmf.RFC4733, "m=audio 4000 RTP/AVP 0", None, True, Dtmf.INBAND, False),
        (Dtmf.INFO, "m=audio 4000 RTP/AVP 0 101", None, True, Dtmf.INFO, False),
        (Dtmf.INBAND, "m=audio 4000 RTP/AVP 0 101", None, False, Dtmf.INBAND, True),
    ],
)
def test_a_key_can_come_by_one_way_only(
    dtmf: Dtmf, media: str, event_type: int | None, takes_info: bool, key_way: Dtmf, hears_tones: bool
) -> None:
    called, calls = _by(dtmf), _by(dtmf)
    assert called.takes_info is (dtmf is Dtmf.INFO), "nothing is known yet"
    assert called.offered(_sdp(media))
    assert (b"telephone-event" in called.answer(30000)) is (event_type is not None)
    assert (b"telephone-event" in calls.offer(30000)) is (dtmf is Dtmf.RFC4733)
    # Events that we did not offer are not agreed to, whatever the answer says.
    assert calls.answered(_sdp(media))
    assert called.reoffered(_sdp(media)) is not None
    for negotiation in (called, calls):
        order = negotiation.order("leg")
        assert (order.event_type, order.hears_tones) == (event_type, hears_tones)
        assert (negotiation.takes_info, negotiation.key_way) == (takes_info, key_way)
        assert negotiation.heard_key_way is (Dtmf.INBAND if hears_tones else Dtmf.RFC4733)
