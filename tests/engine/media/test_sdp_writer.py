"""Our own words: they parse, and their version grows only when they change."""

from offhook.engine.media.sdp import Direction, Media, Origin, parse, writer


def test_the_version_grows_only_when_what_is_said_changes() -> None:
    first, body = Origin(77, "192.0.2.1").say("s=-\r\n")
    assert body == b"v=0\r\no=- 77 0 IN IP4 192.0.2.1\r\ns=-\r\n"
    second, repeated = first.say("s=-\r\n")
    assert (second, repeated) == (first, body)
    third, changed = second.say("s=-\r\nt=0 0\r\n")
    assert third.version == 1
    assert changed.startswith(b"v=0\r\no=- 77 1 IN IP4 192.0.2.1\r\n")
    assert third.say("s=-\r\n")[0].version == 2


def test_the_first_version_is_the_one_given() -> None:
    assert Origin(1, "192.0.2.1", version=41).say("s=-\r\n")[0].version == 41


def test_ipv6_addresses_are_named_as_such() -> None:
    assert writer.network_address("2001:db8::1") == "IP6 2001:db8::1"
    assert writer.network_address("192.0.2.1") == "IP4 192.0.2.1"


def test_an_audio_block_names_codecs_keys_and_direction() -> None:
    assert writer.audio(4000, [(8, "PCMA"), (0, "PCMU")], 101, Direction.RECVONLY, rtcp_mux=True).split("\r\n") == [
        "m=audio 4000 RTP/AVP 8 0 101",
        "a=rtpmap:8 PCMA/8000",
        "a=rtpmap:0 PCMU/8000",
        "a=rtpmap:101 telephone-event/8000",
        "a=fmtp:101 0-15",
        "a=ptime:20",
        "a=recvonly",
        "a=rtcp-mux",
        "",
    ]


def test_keys_and_a_shared_port_are_only_said_when_meant() -> None:
    block = writer.audio(4000, [(0, "PCMU")], None, Direction.SENDRECV, rtcp_mux=False)
    assert "telephone-event" not in block
    assert "rtcp-mux" not in block


def test_a_refused_stream_keeps_its_words_and_loses_its_port() -> None:
    assert writer.refused(Media("image", 4000, "udptl", ("t38",), None)) == "m=image 0 udptl t38\r\n"


def test_a_whole_description_parses() -> None:
    block = writer.audio(4000, [(0, "PCMU")], 96, Direction.SENDRECV, rtcp_mux=True)
    _, body = Origin(5, "2001:db8::1").say(writer.session("2001:db8::1", "0 0", [block]))
    found = parse(body)
    assert found.session_id == 5
    audio = found.media[0].audio
    assert audio is not None
    assert (audio.address, audio.port, audio.rtcp_mux) == ("2001:db8::1", 4000, True)
