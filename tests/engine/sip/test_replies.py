import time
from contextlib import suppress

import pytest

from offhook.engine.sip.errors import MalformedMessage
from offhook.engine.sip.message import Response
from offhook.engine.sip.outputs import Destination
from offhook.engine.sip.parser import parse
from offhook.engine.sip.replies import Reply, reply_to, tag_of

SOURCE = Destination("192.0.2.7", 40_000)


def reply(via: str | list[str], source: Destination = SOURCE, to: str = "<sip:b@h>", **more: list[str]) -> Reply:
    vias = [via] if isinstance(via, str) else via
    headers = {"Via": vias, "From": ["<sip:a@h>;tag=1"], "To": [to], "Call-ID": ["c"], "CSeq": ["1 INVITE"]}
    return reply_to(headers | {name.replace("_", "-"): value for name, value in more.items()}, source)


@pytest.mark.parametrize(
    ("via", "port"),
    [
        ("SIP/2.0/UDP 192.0.2.7", 5060),
        ("SIP/2.0/UDP 192.0.2.7:5070", 5070),
        ("SIP/2.0/UDP 192.0.2.7:5070;rport", 40_000),
        ("SIP/2.0/UDP 192.0.2.7:5070;rport=1234", 40_000),
        ("SIP/2.0/UDP host.example:65535;received=203.0.113.9", 65_535),
        ("SIP/2.0/UDP [2001:db8::1]:5070", 5070),
        ("SIP/2.0/UDP 192.0.2.7;maddr=203.0.113.9", 5060),
    ],
)
def test_an_answer_goes_to_the_address_the_request_came_from(via: str, port: int) -> None:
    assert reply(via).destination == Destination("192.0.2.7", port)


@pytest.mark.parametrize(("via", "port"), [("SIP/2.0/UDP h;rport", 5060), ("SIP/2.0/UDP h:5070;rport", 5070)])
def test_nothing_is_ever_sent_to_port_0(via: str, port: int) -> None:
    assert reply(via, Destination("192.0.2.7", 0)).destination.port == port


@pytest.mark.parametrize(
    ("via", "stamped"),
    [
        ("SIP/2.0/UDP 192.0.2.7:5070;branch=b", "SIP/2.0/UDP 192.0.2.7:5070;branch=b"),
        ("SIP/2.0/UDP h;branch=b", "SIP/2.0/UDP h;branch=b;received=192.0.2.7"),
        ("SIP/2.0/UDP 192.0.2.7;rport;branch=b", "SIP/2.0/UDP 192.0.2.7;branch=b;received=192.0.2.7;rport=40000"),
        ("SIP/2.0/UDP h; RPORT = 1 ;branch=b", "SIP/2.0/UDP h;branch=b;received=192.0.2.7;rport=40000"),
        ("SIP/2.0/UDP 192.0.2.7;received=10.9.9.9;branch=b", "SIP/2.0/UDP 192.0.2.7;branch=b;received=192.0.2.7"),
        ("SIP/2.0/UDP h;maddr=203.0.113.9;ttl=1", "SIP/2.0/UDP h;maddr=203.0.113.9;ttl=1;received=192.0.2.7"),
    ],
)
def test_the_top_via_is_stamped_with_where_the_request_really_came_from(via: str, stamped: str) -> None:
    assert reply(via).vias == (stamped,)


def test_a_via_of_our_peers_own_ipv6_address_needs_no_stamp() -> None:
    via = "SIP/2.0/UDP [2001:db8::1];branch=b"
    assert reply(via, Destination("2001:db8::1", 5060)).vias == (via,)


def test_only_the_top_via_is_stamped_and_all_come_back_in_order() -> None:
    found = reply(["SIP/2.0/UDP a, SIP/2.0/UDP b", "SIP/2.0/UDP c"])
    assert found.vias == ("SIP/2.0/UDP a;received=192.0.2.7", "SIP/2.0/UDP b", "SIP/2.0/UDP c")


@pytest.mark.parametrize("via", ["", ",", ",,", "SIP/2.0/UDP h:0", "SIP/2.0/UDP h:99999", "x, SIP/2.0/UDP h"])
def test_a_via_that_forbids_any_answer_is_malformed(via: str) -> None:
    with pytest.raises(MalformedMessage):
        reply(via)


def test_a_response_repeats_the_request_and_adds_our_tag() -> None:
    message = parse(reply("SIP/2.0/UDP 192.0.2.7").write(404, "us", [("Server", "x")], b"body"))
    assert isinstance(message, Response)
    assert (message.status, message.body) == (404, b"body")
    assert message.headers == {
        "Via": ["SIP/2.0/UDP 192.0.2.7"],
        "From": ["<sip:a@h>;tag=1"],
        "To": ["<sip:b@h>;tag=us"],
        "Call-ID": ["c"],
        "CSeq": ["1 INVITE"],
        "Server": ["x"],
        "Content-Length": ["4"],
    }


@pytest.mark.parametrize(("status", "told"), [(100, "54.2 0.1"), (180, ""), (200, ""), (486, "")])
def test_only_a_100_tells_when_the_request_was_sent(status: int, told: str) -> None:
    """RFC 3261 section 8.2.6.1: the caller measures the way by it."""
    message = parse(reply("SIP/2.0/UDP 192.0.2.7", Timestamp=["54.2 0.1"]).write(status, ""))
    assert message.first("Timestamp") == told


def test_a_tag_that_is_there_already_stays_and_none_is_added_without_one() -> None:
    assert b"To: <sip:b@h>;tag=old\r\n" in reply("SIP/2.0/UDP h", to="<sip:b@h>;tag=old").write(200, "us")
    assert b"To: <sip:b@h>\r\n" in reply("SIP/2.0/UDP h").write(100, "")


@pytest.mark.parametrize(("status", "count"), [(100, 0), (180, 2), (200, 2), (300, 0), (486, 0)])
def test_only_answers_that_make_a_dialog_tell_the_route(status: int, count: int) -> None:
    data = reply("SIP/2.0/UDP h", Record_Route=["<sip:p1;lr>", "<sip:p2;lr>"]).write(status, "us")
    assert parse(data).headers.get("Record-Route", []) == ["<sip:p1;lr>", "<sip:p2;lr>"][:count]


@pytest.mark.parametrize(
    ("address", "tag"),
    [
        ("<sip:a@h>;tag=1", "1"),
        ("sip:a@h;user=phone; TAG = x-1 ;y", "x-1"),
        ('"Mallory;tag=evil" <sip:a@h;tag=evil>', ""),
        ('"Mallory;tag=evil" <sip:a@h;tag=evil>;tag=good', "good"),
        ("<sip:a@h>;tag=", ""),
        ("<sip:a@h>;tag", ""),
        ("", ""),
    ],
)
def test_the_tag_is_the_headers_own(address: str, tag: str) -> None:
    assert tag_of(address) == tag


@pytest.mark.parametrize(
    "filler",
    [" " * 60_000, ";" * 60_000, ";tag" * 15_000, "; tag =" * 8_000, ";rport " * 8_000, ";rport" + " " * 60_000],
)
def test_a_hostile_via_or_address_costs_no_more_than_its_length(filler: str) -> None:
    began = time.process_time()
    with suppress(MalformedMessage):
        reply(f"SIP/2.0/UDP h;rport;x={filler}y")
    reply("SIP/2.0/UDP h;rport", to=f"<sip:b@h>{filler}y")
    # A quadratic pattern takes minutes here.
    assert time.process_time() - began < 0.5
