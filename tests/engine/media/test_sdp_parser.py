"""Descriptions as peers write them, and as nobody should."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offhook.engine.media.sdp import Audio, Direction, MalformedSdp, Payload, parse
from offhook.engine.media.sdp.parser import FORMATS_LIMIT, LINES_LIMIT, MEDIA_LIMIT, SIZE_LIMIT

HEAD = ["v=0", "o=alice 2890844526 2890844527 IN IP4 host.example.com", "s=-", "c=IN IP4 192.0.2.10", "t=0 0"]
AUDIO = "m=audio 49170 RTP/AVP 0"


def text(*lines: str, end: str = "\r\n") -> bytes:
    return "".join(line + end for line in lines).encode("latin-1")


def description(*media: str) -> bytes:
    return text(*HEAD, *media)


def audio(*lines: str) -> Audio:
    found = parse(description(*lines)).media[0].audio
    assert found is not None
    return found


def refusal(data: bytes) -> str:
    with pytest.raises(MalformedSdp) as caught:
        parse(data)
    assert caught.value.code == "malformed-sdp"
    return caught.value.sentence


def test_a_usual_description_is_read_whole() -> None:
    found = parse(
        description(
            "m=audio 49170 RTP/AVP 8 0 101",
            "a=rtpmap:8 PCMA/8000",
            "a=rtpmap:0 PCMU/8000/1",
            "a=rtpmap:101 telephone-event/8000",
            "a=fmtp:101 0-16",
            "a=ptime:20",
            "a=maxptime:150",
            "a=sendonly",
            "a=rtcp-mux",
        )
    )
    assert (found.session_id, found.version, found.time) == (2890844526, 2890844527, "0 0")
    (media,) = found.media
    assert (media.kind, media.port, media.transport) == ("audio", 49170, "RTP/AVP")
    assert media.formats == ("8", "0", "101")
    assert media.audio == Audio(
        address="192.0.2.10",
        port=49170,
        payloads=(
            Payload(8, "PCMA", 8000, 1),
            Payload(0, "PCMU", 8000, 1),
            Payload(101, "TELEPHONE-EVENT", 8000, 1, "0-16"),
        ),
        direction=Direction.SENDONLY,
        rtcp=("192.0.2.10", 49171),
        rtcp_mux=True,
        ptime_ms=20,
        max_ptime_ms=150,
    )


def test_bare_line_feeds_and_missing_subject_and_time_are_forgiven() -> None:
    found = parse(text("v=0", "o=- 1 1 IN IP6 ::1", "c=IN IP4 127.0.0.1", AUDIO, end="\n"))
    assert found.time == "0 0"
    assert found.media[0].audio is not None


def test_a_description_may_have_no_media_and_any_last_line_end() -> None:
    assert parse(text(*HEAD).rstrip()).media == ()
    assert parse(text(*HEAD) + b"\r\n\r\n").media == ()


def test_free_text_of_any_charset_passes_by() -> None:
    data = description("i=caf\xe9 \x85 \xb2", AUDIO)
    assert len(parse(data).media) == 1


def test_the_address_of_the_media_wins_over_that_of_the_session() -> None:
    found = audio(AUDIO, "c=IN IP4 192.0.2.99")
    assert (found.address, found.rtcp) == ("192.0.2.99", ("192.0.2.99", 49171))


def test_an_ipv6_address_becomes_canonical() -> None:
    assert audio(AUDIO, "c=IN IP6 2001:DB8:0::0001").address == "2001:db8::1"


def test_static_payload_types_need_no_map_and_others_stay_nameless() -> None:
    found = audio("m=audio 4000 RTP/AVP 0 8 18 0")
    assert [(p.number, p.encoding) for p in found.payloads] == [(0, "PCMU"), (8, "PCMA"), (18, "")]


def test_the_first_of_two_maps_counts_and_a_map_beats_the_table() -> None:
    found = audio("m=audio 4000 RTP/AVP 0", "a=rtpmap:0 pcma/8000", "a=rtpmap:0 PCMU/8000", "a=rtpmap:7 LPC/8000")
    assert found.payloads == (Payload(0, "PCMA", 8000, 1),)


def test_channels_and_clocks_are_kept() -> None:
    found = audio("m=audio 4000 RTP/AVP 96", "a=rtpmap:96 opus/48000/2")
    assert found.payloads == (Payload(96, "OPUS", 48000, 2),)


@pytest.mark.parametrize(
    "line", ["a=ptime:20.5", "a=ptime:0", "a=ptime", "a=fmtp:101", "a=unknown:thing", "a=fmtp:x 1"]
)
def test_wishes_that_cannot_be_read_are_no_wishes(line: str) -> None:
    found = audio(AUDIO, line)
    assert found.ptime_ms is None
    assert found.payloads[0].parameters == ""


def test_the_direction_of_the_session_holds_where_the_media_says_none() -> None:
    head = [*HEAD, "a=inactive"]
    first, second = parse(text(*head, AUDIO, AUDIO, "a=recvonly")).media
    assert first.audio is not None
    assert second.audio is not None
    assert (first.audio.direction, second.audio.direction) == (Direction.INACTIVE, Direction.RECVONLY)


def test_without_any_word_media_flows_both_ways() -> None:
    assert audio(AUDIO).direction is Direction.SENDRECV


@pytest.mark.parametrize(
    ("line", "rtcp"),
    [
        ("a=rtcp:53020", ("192.0.2.10", 53020)),
        ("a=rtcp:53020 IN IP4 192.0.2.11", ("192.0.2.11", 53020)),
        ("a=rtcp:53020 IN IP4 0.0.0.0", None),
    ],
)
def test_reports_go_where_the_peer_says(line: str, rtcp: tuple[str, int] | None) -> None:
    assert audio(AUDIO, line).rtcp == rtcp


def test_there_is_no_port_for_reports_after_the_last_one() -> None:
    assert audio("m=audio 65535 RTP/AVP 0").rtcp is None


def test_an_unspecified_address_is_hold_and_gets_no_reports() -> None:
    found = audio(AUDIO, "c=IN IP4 0.0.0.0", "a=rtcp:5000 IN IP4 192.0.2.1")
    assert (found.is_reachable, found.rtcp) == (False, None)
    assert not audio(AUDIO, "c=IN IP6 ::").is_reachable


@pytest.mark.parametrize(
    "line",
    [
        "m=audio 0 RTP/AVP 0",
        "m=audio 4000 RTP/SAVPF 0",
        "m=video 4000 RTP/AVP 31",
        "m=image 4000 udptl t38",
        "m=application 9 UDP/DTLS/SCTP webrtc-datachannel",
    ],
)
def test_lines_that_we_never_take_are_kept_and_not_read_further(line: str) -> None:
    (media,) = parse(text(*HEAD, line, "c=IN IP4 video.example.com", "a=rtpmap:nonsense")).media
    assert media.audio is None
    assert line.endswith(media.formats[0])


def test_a_rejected_line_needs_no_address() -> None:
    assert parse(text("v=0", "o=- 1 1 IN IP4 x", "m=audio 0 RTP/AVP 0")).media[0].audio is None


def test_an_audio_line_needs_an_address() -> None:
    assert "no c= line" in refusal(text("v=0", "o=- 1 1 IN IP4 x", AUDIO))


@pytest.mark.parametrize(
    "address",
    [
        "IP4 phone.example.com",
        "IP4 224.2.1.1",
        "IP4 224.2.1.1/127/3",
        "IP4 192.0.2.1/24",
        "IP4 255.255.255.255",
        "IP4 240.0.0.1",
        "IP4 0.1.2.3",
        "IP4 ::1",
        "IP4 1.2.3",
        "IP4 010.0.0.1",
        "IP6 192.0.2.1",
        "IP6 ff02::1",
        "IP6 ::ffff:192.0.2.1",
        "IP6 fe80::1%eth0",
        "IP5 192.0.2.1",
        "IP4",
        "IP4 192.0.2.1 192.0.2.2",
    ],
)
def test_only_one_unicast_address_is_a_place(address: str) -> None:
    refusal(description(AUDIO, f"c=IN {address}"))


@pytest.mark.parametrize(
    "lines",
    [
        [],
        ["v=0"],
        ["o=- 1 1 IN IP4 x", "v=0"],
        ["v=1", "o=- 1 1 IN IP4 x"],
        ["v=0", "o=- one 1 IN IP4 x"],
        ["v=0", "s=-", "o=- 1 1 IN IP4 x"],
        [*HEAD, "v=0"],
        [*HEAD, "y=1"],
        [*HEAD, "c=IN IP4 192.0.2.1"],
        [*HEAD[:4], "t=now later"],
        [*HEAD, "nonsense"],
        [*HEAD, "", AUDIO],
        [*HEAD, "a=x\0y"],
        [*HEAD, "a=x\ry"],
        [*HEAD, "m=audio"],
        [*HEAD, "m=audio 4000 RTP/AVP"],
        [*HEAD, "m=audio 4000/2 RTP/AVP 0"],
        [*HEAD, "m=audio 65536 RTP/AVP 0"],
        [*HEAD, "m=audio -1 RTP/AVP 0"],
        [*HEAD, "m=audio 4000 RTP/AVP 128"],
        [*HEAD, "m=audio 4000 RTP/AVP x"],
        [*HEAD, "m=audio 4000 RTP/AVP \xb2"],
        [*HEAD, AUDIO, "a=rtpmap:0"],
        [*HEAD, AUDIO, "a=rtcp:0"],
        [*HEAD, AUDIO, "a=rtcp:65536"],
        [*HEAD, AUDIO, "a=rtcp:port"],
        [*HEAD, AUDIO, "a=rtcp:53020 IN IP4 name.example.com"],
        [*HEAD, AUDIO, "t=0 0"],
    ],
)
def test_what_breaks_the_rules_is_refused_with_a_sentence(lines: list[str]) -> None:
    assert refusal(text(*lines))


def test_every_size_has_a_limit() -> None:
    assert "bytes" in refusal(description(AUDIO) + b"a=" + b"x" * SIZE_LIMIT)
    assert "lines" in refusal(description(AUDIO, *["a=x"] * LINES_LIMIT))
    assert "m= lines" in refusal(description(*[AUDIO] * (MEDIA_LIMIT + 1)))
    assert "formats" in refusal(description(AUDIO + " 0" * FORMATS_LIMIT))


@given(st.binary(max_size=300))
def test_random_bytes_are_malformed_and_nothing_worse(data: bytes) -> None:
    refusal(b"\xff" + data)


LETTERS = st.sampled_from("vosctma")
VALUES = st.one_of(
    st.sampled_from([line[2:] for line in HEAD]),
    st.sampled_from(
        ["audio 4000 RTP/AVP 0 101", "rtpmap:101 telephone-event/8000", "fmtp:101 0-15", "rtcp:9", "ptime:20"]
    ),
    st.text(st.characters(max_codepoint=255), max_size=20),
)


@given(st.lists(st.tuples(LETTERS, VALUES), max_size=12))
def test_lines_in_any_mixture_are_read_or_refused(lines: list[tuple[str, str]]) -> None:
    data = description(*(f"{letter}={value}" for letter, value in lines))
    try:
        found = parse(data)
    except MalformedSdp:
        return
    for media in found.media:
        # These are written back in our answer and must not be able to break its lines.
        assert all(word.isascii() and word.isprintable() and " " not in word for word in media.formats)
