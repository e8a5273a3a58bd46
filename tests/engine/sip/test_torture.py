"""Every message of RFC 4475 and RFC 5118, read by the parser and heard by an agent."""

import re
from pathlib import Path

import pytest

from offhook.engine.media import sdp
from offhook.engine.sip.headers import parse_address, parse_via
from offhook.engine.sip.message import Request, Response
from offhook.engine.sip.outputs import Destination, Dropped, Invited, Send, TurnedDown
from offhook.engine.sip.parser import BrokenRequest, parse
from offhook.engine.sip.replies import tag_of
from offhook.engine.sip.uri import parse_uri
from sip_peer import US, new_agent, news_in
from torture import messages, octets
from torture_cases import CASES, table

SOURCE = Destination("192.0.2.200", 5099)
PAGE = Path(__file__).parents[3] / "docs" / "sip-compliance.md"
# The RFC lies about the length of these on purpose.
FALSE_LENGTHS = {"clerr", "ncl", "dblreq", "mcl01"}


def request(name: str) -> Request:
    message = parse(messages()[name])
    assert isinstance(message, Request)
    return message


def response(name: str) -> Response:
    message = parse(messages()[name])
    assert isinstance(message, Response)
    return message


def test_the_notation_of_the_rfc_is_turned_into_octets() -> None:
    text = "<allOneLine>\na<repeat count=3>bc</repeat>\n<hex>00</hex>\n<hex>FF</hex>\n</allOneLine>\nd\n"
    assert octets(text) == b"abcbcbc\x00\xff\r\nd\r\n"


def test_no_message_is_without_a_case_and_no_case_without_its_message() -> None:
    assert messages().keys() == CASES.keys()
    assert len(CASES) == 49 + 12


@pytest.mark.parametrize("name", sorted(CASES.keys() - FALSE_LENGTHS))
def test_our_copy_has_as_many_octets_as_it_says(name: str) -> None:
    head, _, body = messages()[name].partition(b"\r\n\r\n")
    told = re.search(rb"^(?:content-length|l)\s*:\s*(\d+)", head, re.IGNORECASE | re.MULTILINE)
    assert (name == "inv2543") if told is None else int(told[1]) == len(body)


TURNED_DOWN = ("badinv01", "invut", "sdp01", "inv2543")
"""New calls that are refused for what they ask, and of which it is known whose they were."""


@pytest.mark.parametrize("name", CASES)
def test_an_agent_does_what_the_rfc_asks(name: str) -> None:
    case = CASES[name]
    outputs = new_agent().receive(messages()[name], SOURCE, US, 0.0)
    answers = [output.data for output in outputs if isinstance(output, Send)]
    turned_down = [output for output in outputs if isinstance(output, TurnedDown)]
    news = [output for output in news_in(outputs) if output not in turned_down]
    assert [int(answer[8:11]) for answer in answers] == ([case.status] if case.status else [])
    for answer in answers:
        # An answer to a broken request is as broken as what it repeats, so it is not parsed.
        head = dict(line.split(b": ", 1) for line in answer.split(b"\r\n")[1:-2])
        assert {header: head[header.encode()].decode() for header in case.told} == case.told
        assert bool(tag_of(head.get(b"To", b"").decode())) == (case.status != 100 and name != "insuf")
    if case.status == 100:
        assert [type(output) for output in news] == [Invited]
    else:
        assert [output.text.rpartition(": ")[2] for output in news if isinstance(output, Dropped)] == (
            [case.said.rpartition(": ")[2]] if case.said else []
        )
        assert len(news) == bool(case.said)
    assert len(turned_down) == (name in TURNED_DOWN)


def test_the_page_tells_what_the_tests_found() -> None:
    rows = [line for line in PAGE.read_text("utf-8").splitlines() if line.startswith("|")]
    begin = rows.index(table()[0])
    assert rows[begin : begin + len(table())] == table(), "write the table anew: torture_cases.table()"


# What is well formed is read right, and not just accepted.


def test_wsinv_is_read_through_its_blanks() -> None:
    message = request("wsinv")
    vias = [parse_via(value) for value in message.values("Via")]
    assert [(via.transport, via.host, via.branch) for via in vias] == [
        ("UDP", "192.0.2.2", "390skdjuw"),
        ("TCP", "spindle.example.com", "z9hG4bK9ikj8"),
        ("UDP", "192.168.255.111", "z9hG4bK30239"),
    ]
    sender = parse_address(message.first("From"))
    assert (sender.name, sender.uri.user, sender.tag) == ('J Rosenberg \\"', "jdrosen", "98asjd8")
    assert parse_address(message.first("To")).tag == "1918181833n"
    contact = parse_address(message.first("Contact"))
    assert contact.name == 'Quoted string ""'
    assert contact.parameters == (("newparam", "newvalue"), ("secondparam", None), ("q", "0.33"))
    assert (message.cseq, message.first("Max-Forwards"), message.first("Subject")) == (9, "0068", "")
    assert message.first("Newfangledheader") == "newfangled value continued newfangled value"
    assert message.first("Unknownheaderwithunusualvalue") == ";;,,;;,;"
    route = parse_address(message.first("Route")).uri
    assert [route.parameter(name) for name in ("lr", "unknownwith", "unknown-no-value")] == ["", "value", ""]
    assert parse_uri(message.uri).parameter("unknownparam") == ""


def test_intmeth_is_read_with_all_its_letters() -> None:
    message = request("intmeth")
    assert message.method == "!interesting-Method0123456789_*+`.%indeed'~"
    uri = parse_uri(message.uri)
    assert uri.host == "example.com"
    assert uri.user == "1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*:&it+has=1,weird!*pas$wo~d_too.(doesn't-it)"
    assert parse_address(message.first("To")).name == "BEL:\ufffd NUL:\ufffd DEL:\ufffd"
    sender = parse_address(message.first("From"))
    assert (sender.name, sender.tag) == ("token1~` token2'+_ token3*%!.-", "_token~1'+`*%!-.")
    assert sender.parameter("fromparam''~+*_!.-%") == "работающий"
    assert message.first("Call-ID") == "intmeth.word%ZK-!.*_+'@word`~)(><:\\/\"][?}{"
    assert message.first("Extensionheader-!.%*+_`'~") == "\ufeff大停電"
    assert parse_via(message.first("Via")).branch == "z9hG4bK-.!%66*_+`'~"


def test_escapes_are_undone_once_and_only_in_uris() -> None:
    message = request("esc01")
    assert parse_uri(message.uri).dialled == "sips:user@example.com"
    assert parse_address(message.first("To")).uri.dialled == "user"
    assert parse_address(message.first("From")).uri.dialled == "I have spaces"
    contact = parse_address(message.first("Contact")).uri
    assert (contact.dialled, contact.parameters) == ("caller", (("%6C%72", None), ("n%61me", "v%61lue%25%34%31")))
    message = request("esc02")
    assert message.method == "RE%47IST%45R"
    assert parse_address(message.first("From")).name == "%Z%45"
    assert [parse_address(value).uri.user for value in message.values("Contact")] == ["alias1", "alias3"]
    message = request("escnull")
    assert parse_address(message.first("To")).uri.dialled == "null-\ufffd-null"
    assert [parse_address(value).uri.user for value in message.values("Contact")] == ["%00", "%00%00"]


def test_lwsdisp_has_its_name_and_semiuri_its_user() -> None:
    assert parse_address(request("lwsdisp").first("From")).name == "caller"
    uri = parse_uri(request("semiuri").uri)
    assert (uri.user, uri.host, uri.parameters) == ("user;par=u%40example.net", "example.com", ())


def test_longreq_is_read_to_its_end() -> None:
    message = request("longreq")
    vias = [parse_via(value) for value in message.values("Via")]
    assert [via.host for via in vias] == [*(f"sip{n}.example.com" for n in range(33, 0, -1)), "host.example.com"]
    assert vias[-1].branch == "very" + "long" * 50 + "branchvalue"
    assert vias[-1].received == "192.0.2.5"
    called = parse_address(message.first("To"))
    assert (called.name, called.uri.port) == ("I have a user name of " + "extreme" * 10 + " proportion", 6000)
    assert called.uri.parameter("longparam" + "name" * 25) == "shortvalue"
    assert parse_address(message.first("From")).tag == "12" + "982" * 50 + "424"
    assert parse_address(message.first("Contact")).uri.user == "amazinglylongcallername" * 5
    assert message.first("Call-ID") == "longreq.one" + "really" * 20 + "longcallid"


def test_dblreq_is_one_request_and_mpart01_keeps_its_nuls() -> None:
    assert (request("dblreq").method, request("dblreq").body) == ("REGISTER", b"")
    body = request("mpart01").body
    assert len(body) == 553
    assert b"\x00" in body


def test_transports_name_what_they_like() -> None:
    vias = request("transports").values("Via")
    assert [parse_via(value).transport for value in vias] == ["UDP", "SCTP", "TLS", "UNKNOWN", "TCP"]


def test_a_reason_is_any_text_or_none() -> None:
    assert response("unreason").reason == "= 2**3 * 5**2 но сто девяносто девять - простое"
    assert (response("noreason").status, response("noreason").reason) == (100, "")


@pytest.mark.parametrize("name", ["esc01", "longreq", "baddate", "sdp01", "unreason", "inv2543", "mult-ip-in-sdp"])
def test_the_audio_of_a_description_is_found(name: str) -> None:
    audio = sdp.parse(parse(messages()[name]).body).media[0].audio
    assert audio is not None
    assert audio.payloads[0].encoding == "PCMU"


def test_an_answer_goes_where_the_request_came_from() -> None:
    """Also of 505 and of an IPv6 Via, whatever they name."""
    for name in ("badvers", "ipv6-good", "via-received-param-with-delim", "ipv4-mapped-ipv6"):
        send = new_agent().receive(messages()[name], SOURCE, US, 0.0)[0]
        assert isinstance(send, Send)
        assert send.destination.host == SOURCE.host


def test_ipv6_addresses_are_read_with_and_without_a_port() -> None:
    ambiguous, clear = parse_uri(request("port-ambiguous").uri), parse_uri(request("port-unambiguous").uri)
    assert (ambiguous.host, ambiguous.port) == ("[2001:db8::10:5070]", None)
    assert (clear.host, clear.port) == ("[2001:db8::10]", 5070)
    with_delimiters, without = (request(f"via-received-param-{kind}-delim") for kind in ("with", "no"))
    assert parse_via(with_delimiters.first("Via")).received == "[2001:db8::9:255]"
    assert parse_via(without.first("Via")).received == "2001:db8::9:255"
    assert [parse_via(value).host for value in request("mult-ip-in-header").values("Via")] == [
        "[2001:db8::9:1]",
        "192.0.2.1",
        "[2001:db8::9:255]",
    ]
    described = sdp.parse(request("ipv6-in-sdp").body)
    assert described.media[0].audio is not None
    assert described.media[0].audio.address == "2001:db8::20"


def test_a_mapped_address_in_a_description_is_refused() -> None:
    """What it means depends on the socket of its sender; a peer with an IPv4 address can say so."""
    with pytest.raises(sdp.MalformedSdp):
        sdp.parse(request("ipv4-mapped-ipv6").body)


def test_what_breaks_the_grammar_and_can_be_answered_keeps_its_headers() -> None:
    for name in ("clerr", "trws", "badvers", "mismatch02", "multi01"):
        with pytest.raises(BrokenRequest) as caught:
            parse(messages()[name])
        assert caught.value.headers["Via"]
