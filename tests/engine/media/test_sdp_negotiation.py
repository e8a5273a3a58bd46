"""Offer and answer between two sides, each of which is sometimes ours."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offhook.domain.sounds import Codec
from offhook.engine.media.sdp import Agreement, Direction, Origin, SessionDescription, accept, answer, offer, parse

OURS = "198.51.100.1"
ORIGIN = Origin(42, OURS)


def described(*media: str, address: str = "IP4 192.0.2.10", time: str = "0 0") -> SessionDescription:
    lines = ["v=0", "o=- 1 1 IN IP4 192.0.2.10", "s=-", f"c=IN {address}", f"t={time}", *media]
    return parse("".join(f"{line}\r\n" for line in lines).encode())


def answered(*media: str, address: str = "IP4 192.0.2.10") -> Agreement:
    found = answer(described(*media, address=address), address=OURS, port=30000, origin=ORIGIN)
    assert found is not None
    return found


def lines(agreement: Agreement) -> list[str]:
    return agreement.body.decode().split("\r\n")


def test_a_usual_offer_is_answered_with_one_codec_and_keys() -> None:
    agreement = answered("m=audio 4000 RTP/AVP 18 8 0 96", "a=rtpmap:96 telephone-event/8000", "a=fmtp:96 0-16")
    assert (agreement.codec, agreement.payload_type, agreement.telephone_event) == (Codec.PCMA, 8, 96)
    assert (agreement.remote_address, agreement.remote_port) == ("192.0.2.10", 4000)
    assert (agreement.remote_rtcp, agreement.rtcp_mux) == (("192.0.2.10", 4001), False)
    assert (agreement.direction, agreement.on_hold, agreement.ptime_ms) == (Direction.SENDRECV, False, 20)
    assert lines(agreement) == [
        "v=0",
        "o=- 42 0 IN IP4 198.51.100.1",
        "s=-",
        "c=IN IP4 198.51.100.1",
        "t=0 0",
        "m=audio 30000 RTP/AVP 8 96",
        "a=rtpmap:8 PCMA/8000",
        "a=rtpmap:96 telephone-event/8000",
        "a=fmtp:96 0-15",
        "a=ptime:20",
        "a=sendrecv",
        "",
    ]


@pytest.mark.parametrize("order", ["9 0 8", "0 9 8", "8 0 9"])
def test_the_order_of_who_offers_decides_among_what_we_speak(order: str) -> None:
    agreement = answered(f"m=audio 4000 RTP/AVP {order} 101", "a=rtpmap:101 telephone-event/8000")
    assert agreement.payload_type == int(order[0])
    # RFC 3551 section 4.5.2: the clock of G.722 is 8,000 Hz, and so is that of its keys.
    names = {0: "PCMU", 8: "PCMA", 9: "G722"}
    assert f"a=rtpmap:{order[0]} {names[int(order[0])]}/8000" in lines(agreement)
    assert agreement.telephone_event == 101


def test_comfort_noise_is_answered_where_it_is_offered() -> None:
    agreement = answered("m=audio 4000 RTP/AVP 0 13 101", "a=rtpmap:101 telephone-event/8000")
    assert agreement.noise == 13
    assert "m=audio 30000 RTP/AVP 0 13 101" in lines(agreement)
    assert "a=rtpmap:13 CN/8000" in lines(agreement)
    assert answered("m=audio 4000 RTP/AVP 0").noise is None
    assert answered("m=audio 4000 RTP/AVP 0 13", "a=rtpmap:13 CN/16000").noise is None


@pytest.mark.parametrize(("has_noise", "agreed"), [(True, 13), (False, None)])
def test_comfort_noise_is_offered_to_who_is_to_get_it(has_noise: bool, agreed: int | None) -> None:
    ours = offer(address=OURS, port=30000, origin=ORIGIN, has_noise=has_noise)
    assert (b"RTP/AVP 0 8 9 13 101" in ours.body) == has_noise
    agreement = accept(described("m=audio 4000 RTP/AVP 0 13"), ours)
    assert agreement is not None
    assert agreement.noise == agreed


def test_a_peers_own_number_for_a_codec_is_echoed() -> None:
    agreement = answered("m=audio 4000 RTP/AVP 97", "a=rtpmap:97 PCMU/8000")
    assert (agreement.codec, agreement.payload_type, agreement.telephone_event) == (Codec.PCMU, 97, None)
    assert "m=audio 30000 RTP/AVP 97" in lines(agreement)


def test_the_first_fitting_stream_is_taken_and_all_lines_stay_in_step() -> None:
    agreement = answered(
        "m=video 4002 RTP/AVP 31 34",
        "m=audio 4004 RTP/SAVP 0",
        "m=audio 0 RTP/AVP 0",
        "m=audio 4006 RTP/AVP 18",
        "m=audio 4008 RTP/AVP 0",
        "c=IN IP4 192.0.2.77",
        "m=audio 4010 RTP/AVP 0",
    )
    assert (agreement.remote_address, agreement.remote_port) == ("192.0.2.77", 4008)
    assert [line for line in lines(agreement) if line.startswith("m=")] == [
        "m=video 0 RTP/AVP 31 34",
        "m=audio 0 RTP/SAVP 0",
        "m=audio 0 RTP/AVP 0",
        "m=audio 0 RTP/AVP 18",
        "m=audio 30000 RTP/AVP 0",
        "m=audio 0 RTP/AVP 0",
    ]


@pytest.mark.parametrize(
    "media",
    [
        [],
        ["m=audio 4000 RTP/AVP 4 18"],
        ["m=audio 4000 RTP/AVP 9", "a=rtpmap:9 G722/16000"],
        ["m=audio 4000 RTP/SAVP 0"],
        ["m=audio 0 RTP/AVP 0"],
        ["m=audio 4000 RTP/AVP 0", "c=IN IP6 2001:db8::1"],
        ["m=audio 4000 RTP/AVP 0", "a=rtpmap:0 PCMU/16000"],
        ["m=audio 4000 RTP/AVP 96", "a=rtpmap:96 PCMU/8000/2"],
    ],
)
def test_nothing_in_common_is_no_agreement(media: list[str]) -> None:
    assert answer(described(*media), address=OURS, port=30000, origin=ORIGIN) is None


def test_only_the_codecs_named_are_spoken() -> None:
    offered = described("m=audio 4000 RTP/AVP 8 0")
    agreement = answer(offered, address=OURS, port=30000, origin=ORIGIN, codecs=[Codec.PCMU])
    assert agreement is not None
    assert agreement.codec is Codec.PCMU


def test_the_time_of_the_offer_is_repeated() -> None:
    offered = described("m=audio 4000 RTP/AVP 0", time="2873397496 2873404696")
    agreement = answer(offered, address=OURS, port=30000, origin=ORIGIN)
    assert agreement is not None
    assert "t=2873397496 2873404696" in lines(agreement)


@pytest.mark.parametrize(
    ("theirs", "ours", "on_hold"),
    [
        ("sendrecv", Direction.SENDRECV, False),
        ("sendonly", Direction.RECVONLY, True),
        ("recvonly", Direction.SENDONLY, False),
        ("inactive", Direction.INACTIVE, True),
    ],
)
def test_the_direction_is_mirrored(theirs: str, ours: Direction, on_hold: bool) -> None:
    agreement = answered("m=audio 4000 RTP/AVP 0", f"a={theirs}")
    assert (agreement.direction, agreement.on_hold) == (ours, on_hold)
    assert f"a={ours}" in lines(agreement)


def test_hold_by_an_unspecified_address_sends_nothing_and_no_reports() -> None:
    agreement = answered("m=audio 4000 RTP/AVP 0", "a=rtcp-mux", address="IP4 0.0.0.0")
    assert (agreement.direction, agreement.on_hold) == (Direction.RECVONLY, True)
    assert (agreement.remote_address, agreement.remote_rtcp) == ("0.0.0.0", None)


def test_a_shared_port_is_taken_when_offered() -> None:
    agreement = answered("m=audio 4000 RTP/AVP 0", "a=rtcp-mux", "a=rtcp:4005")
    assert (agreement.rtcp_mux, agreement.remote_rtcp) == (True, ("192.0.2.10", 4000))
    assert "a=rtcp-mux" in lines(agreement)


@pytest.mark.parametrize(
    ("wishes", "packet_ms"),
    [
        ([], 20),
        (["a=ptime:30"], 30),
        (["a=ptime:25"], 20),
        (["a=ptime:5"], 10),
        (["a=ptime:200"], 60),
        (["a=maxptime:10"], 10),
        (["a=ptime:40", "a=maxptime:30"], 30),
        (["a=maxptime:500"], 20),
    ],
)
def test_the_packets_are_as_long_as_the_peer_wishes_within_reason(wishes: list[str], packet_ms: int) -> None:
    assert answered("m=audio 4000 RTP/AVP 0", *wishes).ptime_ms == packet_ms


@pytest.mark.parametrize(
    ("attributes", "taken"),
    [
        (["a=rtpmap:101 telephone-event/8000"], True),
        (["a=rtpmap:101 telephone-event/8000", "a=fmtp:101 0-15"], True),
        (["a=rtpmap:101 telephone-event/8000", "a=fmtp:101 0-11, 16"], True),
        (["a=rtpmap:101 TELEPHONE-event/8000", "a=fmtp:101 events=0-15"], True),
        (["a=rtpmap:101 telephone-event/8000", "a=fmtp:101 0-999"], True),
        (["a=rtpmap:101 telephone-event/8000", "a=fmtp:101 0-4,9,7-999,5,6"], True),
        (["a=rtpmap:101 telephone-event/8000", "a=fmtp:101 0-8,10-999"], False),
        (["a=rtpmap:101 telephone-event/8000", f"a=fmtp:101 {'16,' * 255}0-9"], True),
        (["a=rtpmap:101 telephone-event/8000", f"a=fmtp:101 {'16,' * 256}0-9"], False),
        (["a=rtpmap:101 telephone-event/8000", "a=fmtp:101 32-49"], False),
        (["a=rtpmap:101 telephone-event/8000", "a=fmtp:101 16"], False),
        (["a=rtpmap:101 telephone-event/16000"], False),
        (["a=rtpmap:101 telephone-event/48000", "a=fmtp:101 0-15"], False),
        (["a=rtpmap:101 CN/8000"], False),
    ],
)
def test_keys_are_taken_at_our_clock_and_with_all_digits(attributes: list[str], taken: bool) -> None:
    agreement = answered("m=audio 4000 RTP/AVP 0 101", *attributes)
    assert agreement.telephone_event == (101 if taken else None)


def test_of_several_clocks_for_keys_ours_is_chosen() -> None:
    maps = ["a=rtpmap:96 telephone-event/48000", "a=rtpmap:97 telephone-event/8000"]
    assert answered("m=audio 4000 RTP/AVP 96 97 0", *maps).telephone_event == 97


def test_the_same_offer_again_gets_the_same_answer_and_a_new_one_a_new_version() -> None:
    first = answered("m=audio 4000 RTP/AVP 0")
    same = answer(described("m=audio 4444 RTP/AVP 0"), address=OURS, port=30000, origin=first.origin)
    assert same is not None
    assert same.body == first.body
    held = answer(described("m=audio 4000 RTP/AVP 0", "a=sendonly"), address=OURS, port=30000, origin=same.origin)
    assert held is not None
    assert lines(held)[1] == "o=- 42 1 IN IP4 198.51.100.1"


def test_an_ipv6_offer_is_answered_over_ipv6() -> None:
    offered = described("m=audio 4000 RTP/AVP 0", address="IP6 2001:db8::10")
    agreement = answer(offered, address="2001:db8::1", port=30000, origin=Origin(1, "2001:db8::1"))
    assert agreement is not None
    assert agreement.remote_address == "2001:db8::10"
    assert "c=IN IP6 2001:db8::1" in lines(agreement)


def test_our_offer_names_every_codec_keys_and_one_port() -> None:
    ours = offer(address=OURS, port=30000, origin=ORIGIN)
    audio = parse(ours.body).media[0].audio
    assert audio is not None
    assert [(p.number, p.encoding, p.clock_rate) for p in audio.payloads] == [
        (0, "PCMU", 8000),
        (8, "PCMA", 8000),
        (9, "G722", 8000),
        (101, "TELEPHONE-EVENT", 8000),
    ]
    assert audio.rtcp_mux
    assert offer(address=OURS, port=30000, origin=ours.origin).body == ours.body


def test_our_offer_and_their_answer_agree() -> None:
    ours = offer(address=OURS, port=30000, origin=ORIGIN)
    agreement = accept(described("m=audio 4000 RTP/AVP 8 101", "a=rtpmap:101 telephone-event/8000", "a=rtcp-mux"), ours)
    assert agreement is not None
    assert (agreement.codec, agreement.payload_type, agreement.telephone_event) == (Codec.PCMA, 8, 101)
    assert (agreement.rtcp_mux, agreement.remote_rtcp) == (True, ("192.0.2.10", 4000))
    assert (agreement.body, agreement.origin) == (ours.body, ours.origin)


def test_a_port_is_shared_only_if_both_sides_say_so() -> None:
    said = described("m=audio 4000 RTP/AVP 0", "a=rtcp-mux")
    silent = described("m=audio 4000 RTP/AVP 0")
    sharing = offer(address=OURS, port=30000, origin=ORIGIN)
    apart = offer(address=OURS, port=30000, origin=ORIGIN, rtcp_mux=False)
    found = [accept(theirs, ours) for theirs in (said, silent) for ours in (sharing, apart)]
    assert [agreement.rtcp_mux for agreement in found if agreement] == [True, False, False, False]


@pytest.mark.parametrize(
    ("ours", "theirs", "agreed"),
    [
        (Direction.SENDRECV, "recvonly", Direction.SENDONLY),
        (Direction.SENDONLY, "recvonly", Direction.SENDONLY),
        (Direction.SENDONLY, "sendrecv", Direction.SENDONLY),
        (Direction.RECVONLY, "sendonly", Direction.RECVONLY),
        (Direction.INACTIVE, "sendrecv", Direction.INACTIVE),
    ],
)
def test_an_answer_can_only_narrow_what_we_offered(ours: Direction, theirs: str, agreed: Direction) -> None:
    sent = offer(address=OURS, port=30000, origin=ORIGIN, direction=ours)
    agreement = accept(described("m=audio 4000 RTP/AVP 0", f"a={theirs}"), sent)
    assert agreement is not None
    assert agreement.direction is agreed


def test_our_own_hold_is_not_the_peers() -> None:
    sent = offer(address=OURS, port=30000, origin=ORIGIN, direction=Direction.INACTIVE)
    agreement = accept(described("m=audio 4000 RTP/AVP 0"), sent)
    assert agreement is not None
    assert not agreement.on_hold


@pytest.mark.parametrize(
    "media",
    [
        [],
        ["m=audio 4000 RTP/AVP 0", "m=video 0 RTP/AVP 31"],
        ["m=audio 0 RTP/AVP 0"],
        ["m=audio 4000 RTP/AVP 18"],
        ["m=audio 4000 RTP/AVP 0", "c=IN IP6 2001:db8::1"],
    ],
)
def test_an_answer_that_does_not_fit_our_offer_is_no_agreement(media: list[str]) -> None:
    assert accept(described(*media), offer(address=OURS, port=30000, origin=ORIGIN)) is None


@given(
    codecs=st.permutations(list(Codec)),
    direction=st.sampled_from(list(Direction)),
    event=st.integers(96, 127),
    rtcp_mux=st.booleans(),
)
def test_two_of_us_always_agree_with_mirrored_views(
    codecs: list[Codec], direction: Direction, event: int, rtcp_mux: bool
) -> None:
    caller = offer(
        address="192.0.2.10",
        port=4000,
        origin=Origin(1, "192.0.2.10"),
        codecs=codecs,
        telephone_event=event,
        direction=direction,
        rtcp_mux=rtcp_mux,
    )
    callee = answer(parse(caller.body), address=OURS, port=30000, origin=ORIGIN)
    assert callee is not None
    agreed = accept(parse(callee.body), caller)
    assert agreed is not None
    assert agreed.codec is callee.codec is codecs[0]
    assert agreed.telephone_event == callee.telephone_event == event
    assert agreed.rtcp_mux == callee.rtcp_mux == rtcp_mux
    assert (agreed.direction.sends, agreed.direction.receives) == (
        callee.direction.receives,
        callee.direction.sends,
    )
