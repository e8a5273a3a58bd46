"""What strangers send besides the torture messages: each is refused in its own words, as the page says."""

from pathlib import Path

import pytest

from offhook.engine.media import sdp
from offhook.engine.sip.message import SDP as SDP_TYPE
from offhook.engine.sip.outputs import Dropped, Invited, Send, TurnedDown
from offhook.engine.sip.parser import MESSAGE_LIMIT
from sip_peer import SDP, THEM, US, Fields, Peer, new_agent, responses_in

PAGE = Path(__file__).parents[3] / "docs" / "sip-compliance.md"
NESTED = b"--a\r\nContent-Type: multipart/mixed;boundary=b\r\n\r\n--b\r\n\r\n--b--\r\n--a--\r\n"


def invite(fields: Fields | None = None, body: bytes = SDP, uri: str = "sip:b@10.0.0.9") -> bytes:
    return Peer().request("INVITE", uri=uri, body=body, fields=fields)


def with_line(line: bytes) -> bytes:
    return invite().replace(b"Max-Forwards: 70", b"Max-Forwards: 70\r\n" + line)


# What stands in the page's table: the row, an example or several, what is answered, and the sentence.
REFUSED: dict[str, tuple[list[bytes], int, str]] = {
    "more than 64 KiB": ([invite(body=bytes(MESSAGE_LIMIT))], 0, "the message is larger than 64 KiB"),
    "more than 256 header lines": (
        [invite({f"X{number}": "" for number in range(count)}) for count in (256, 7_000)],
        400,
        "there are more than 256 header lines",
    ),
    "more than 64 lines of one header": (
        [invite({"Via": ["SIP/2.0/UDP 10.0.0.1;branch=z9hG4bKa"] * 65})],
        400,
        "there are more than 64 headers Via",
    ),
    "a header line of more than 8,192 characters, unfolded": (
        [invite({"Subject": "x" * 60_000}), invite({"Subject": "x" + "\r\n x" * 5_000}), invite({"X" * 9_000: ""})],
        400,
        "a header is longer than 8,192 characters",
    ),
    "more than 64 values in one list header": (
        [
            invite({"Contact": "<sip:a@10.0.0.1>" + "," * 64}),
            invite({"Record-Route": [",".join(["<sip:a;lr>"] * 60)] * 2}),
            invite({"Require": ",".join(["a"] * 65)}),
        ],
        400,
        "a header lists more than 64 values",
    ),
    "more than 64 parameters of one value": (
        [invite({name: "<sip:a@10.0.0.1>" + ";x=y" * 65}) for name in ("From", "To", "Contact", "Record-Route")],
        400,
        "a header has more than 64 parameters",
    ),
    "a URI of more than 2,000 characters": (
        [invite(uri="sip:" + "a" * 2_000), invite({"Contact": f"<sip:{'a.' * 1_000}>"})],
        400,
        "a URI is longer than 2,000 characters",
    ),
    "a NUL, a lone CR or a lone LF in a header": (
        [
            with_line(line)
            for line in (b"X: a\x00b", b"X: a\rb", b"X: a\nContent-Length: 0", b"X\x00: a", b'X: "\\\x00"')
        ],
        400,
        "a header contains a NUL or a lone CR or LF",
    ),
    "the same in the first line": (
        [invite().replace(b" sip:b@", b" sip:b" + letter + b"@") for letter in (b"\x00", b"\r", b"\n")],
        0,
        "the first line contains a NUL or a lone CR or LF",
    ),
    "a first line that is folded": (
        [invite().replace(b" SIP/2.0\r\n", b"\r\n SIP/2.0\r\n", 1), invite().replace(b"2.0\r\n", b"2.0\r\n\t\r\n", 1)],
        0,
        "the first line goes on in a second one",
    ),
    "a header line without a colon, a name that is no token": (
        [with_line(b"no-colon")],
        400,
        "a header line has no colon; a header's name is not a token",
    ),
    "`Content-Length` negative, not a number, of more than nine digits": (
        [invite({"Content-Length": value}) for value in ("-1", "+1", "", "five", "0x10", "1" * 10, "1" * 5_000, "१")],
        400,
        "Content-Length is not a number of bytes",
    ),
    "`Content-Length` beyond the datagram": (
        [invite({"Content-Length": value}) for value in ("9999", "999999999")],
        400,
        "Content-Length promises more bytes than there are",
    ),
    "two `Content-Length`, `Content-Type`, `Max-Forwards`, `From`, `To`, `Call-ID`, `CSeq`": (
        [with_line(b"l: 0"), with_line(b"Content-Length: 0")],
        400,
        "there is more than one ... header",
    ),
    "`CSeq` of 2**31 or more": (
        [invite({"CSeq": f"{number} INVITE"}) for number in (2**31, 2**32, 2**64, "-1")],
        400,
        "the CSeq header is not a number below 2**31 and a method",
    ),
    "`Max-Forwards` negative or above 255": (
        [invite({"Max-Forwards": value}) for value in ("-1", "256", "0000000256", "1e1", "9" * 5_000)],
        400,
        "Max-Forwards is not a number from 0 to 255",
    ),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_no_peer_sends_is_refused_in_its_own_words(what: str) -> None:
    examples, status, sentence = REFUSED[what]
    for data in examples:
        outputs = new_agent().receive(data, THEM, US, 0.0)
        answers = [output.data for output in outputs if isinstance(output, Send)]
        assert [int(answer[8:11]) for answer in answers] == ([status] if status else [])
        # A new call that was refused is told of as well, if anybody can say whose it was.
        [dropped] = [output for output in outputs if not isinstance(output, Send | TurnedDown)]
        assert isinstance(dropped, Dropped)
        said = sentence.partition(";")[0].partition("...")[0]
        assert (
            dropped.text.removeprefix(f"INVITE refused with {status}: ")
            .removeprefix(f"INVITE answered {status}: ")
            .startswith(said)
        )
    assert f"| {what} | {status or 'none'} | {sentence} |" in PAGE.read_text("utf-8").splitlines()


def test_a_top_via_that_cannot_be_read_is_never_answered() -> None:
    for via in ("SIP/2.0/UDP 10.0.0.1;branch=z9hG4bKa" + "," * 64, "SIP/2.0/UDP 10.0.0.1:0", "nonsense", ""):
        [dropped] = new_agent().receive(invite({"Via": via}), THEM, US, 0.0)
        assert isinstance(dropped, Dropped)


@pytest.mark.parametrize("name", ["Content-Length", "Content-Type", "Max-Forwards", "From", "To", "Call-ID", "CSeq"])
def test_what_may_stand_once_stands_once(name: str) -> None:
    data = Peer().request("INVITE", body=SDP)
    line = next(line for line in data.split(b"\r\n") if line.startswith(name.encode() + b":"))
    [_, dropped] = new_agent().receive(data.replace(line, line + b"\r\n" + line.lower()), THEM, US, 0.0)
    assert dropped == Dropped(f"INVITE refused with 400: there is more than one {name} header", THEM)


@pytest.mark.parametrize(
    "fields",
    [
        {"Max-Forwards": "0"},
        {"Subject": "caf\udce9 \udcff", "Via": "SIP/2.0/UDP 10.0.0.1;branch=z9hG4bKa;x=\udcff"},
        {"From": None, "f": '"J\udcfcrgen" <sip:a@10.0.0.1>;tag=them', "Call-ID": None, "I": "c"},
        {"Via": None, "v": "SIP/2.0/UDP 10.0.0.1;branch=z9hG4bKa", "VIA": "SIP/2.0/UDP 10.0.0.2;branch=z9hG4bKb"},
        {"Subject": "one\r\n two\r\n\tthree"},
    ],
    ids=["no hops left", "latin-1", "compact", "mixed", "folded"],
)
def test_what_is_only_odd_begins_a_call_and_comes_back_as_it_was(fields: Fields) -> None:
    send, invited = new_agent().receive(invite(fields), THEM, US, 0.0)
    assert isinstance(invited, Invited)
    assert isinstance(send, Send)
    for name in ("Via", "f"):
        value = fields.get(name)
        if isinstance(value, str):
            assert value.encode("utf-8", "surrogateescape") in send.data


def test_parts_within_parts_are_not_taken_apart() -> None:
    data = invite({"Content-Type": "multipart/mixed;boundary=a"}, NESTED * 100)
    [answer] = responses_in(new_agent().receive(data, THEM, US, 0.0))
    assert (answer.status, answer.first("Accept")) == (415, SDP_TYPE)


HEAD = b"v=0\r\no=- 1 1 IN IP4 10.0.0.1\r\ns=-\r\n"
STREAM = b"c=IN IP4 10.0.0.1\r\nm=audio 4000 RTP/AVP 0\r\n"


@pytest.mark.parametrize(
    "data",
    [
        HEAD + STREAM + b"a=x" * 6_000,
        HEAD + STREAM + b"a=x\r\n" * 510,
        HEAD + STREAM * 17,
        HEAD + b"c=IN IP4 10.0.0.1\r\nm=audio 4000 RTP/AVP" + b" 0" * 65,
        HEAD + b"c=IN IP4 name.example\r\nm=audio 4000 RTP/AVP 0\r\n",
    ],
    ids=["bytes", "lines", "streams", "formats", "name"],
)
def test_a_description_beyond_its_limits_is_malformed(data: bytes) -> None:
    assert sdp.parse(HEAD + STREAM).media
    with pytest.raises(sdp.MalformedSdp):
        sdp.parse(data)
