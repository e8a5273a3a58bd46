"""What can be fuzzed: each target reads bytes of a stranger and may raise what it documents, and nothing else.

To add one, write a function that takes bytes, give it a row in `TARGETS`, and put a few seeds into
`corpus/<its name>`. A function asserts whatever must hold besides; an assertion that fails is a finding
like any other exception.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from offhook import language
from offhook.actionserver.expiry import not_after
from offhook.engine.media import rtcp, rtp
from offhook.engine.media.dtmf import KEYS, Receiver
from offhook.engine.media.errors import MalformedRtcp, MalformedSdp
from offhook.engine.media.learning import Learner, Policy
from offhook.engine.media.quality import Reception
from offhook.engine.media.relaying import Relaying
from offhook.engine.media.sdp import parse as parse_sdp
from offhook.engine.net.callers import caller, dialled
from offhook.engine.net.negotiation import Negotiation
from offhook.engine.sip.agent import Agent
from offhook.engine.sip.digest import Hashed
from offhook.engine.sip.doorkeeper import Doorkeeper, Turned
from offhook.engine.sip.doorkeeper import Peer as DoorPeer
from offhook.engine.sip.errors import MalformedMessage
from offhook.engine.sip.glances import glance
from offhook.engine.sip.headers import parse_address, parse_cseq, parse_parameters, parse_via, split_list
from offhook.engine.sip.invitation import Invitation
from offhook.engine.sip.keys import BARE, RELAY, read_press, write_press
from offhook.engine.sip.keys import KEYS as INFO_KEYS
from offhook.engine.sip.message import Request, Response
from offhook.engine.sip.outputs import Answered, Confirmed, Invited, Output, Progressed, Reoffered, Send
from offhook.engine.sip.parser import parse as parse_sip
from offhook.engine.sip.uri import parse_uri
from sip_call import Call, is_empty, run
from sip_peer import SDP, THEM, US, Peer

CORPUS = Path(__file__).with_name("corpus")

SPLIT = b"\n====\n"
"""Stands between the messages of an input that has several."""

MESSAGES_LIMIT = 6


@dataclass(frozen=True, slots=True)
class Target:
    """Something that reads bytes. `words` are what its texts are made of, for mutation without coverage."""

    read: Callable[[bytes], None]
    documented: tuple[type[Exception], ...] = ()
    words: tuple[bytes, ...] = ()
    largest: int = 4_096
    # Whether the messages of RFC 4475 and RFC 5118 are seeds of it.
    is_tortured: bool = False


def sip_message(data: bytes) -> None:
    """Read one datagram and every value of it that the engine reads."""
    message = parse_sip(data)
    if isinstance(message, Response):
        assert 100 <= message.status < 700
    assert 0 <= message.cseq < 2**31
    for name, lines in message.headers.items():
        assert lines
        with suppress(MalformedMessage):
            message.values(name)
        for line in lines:
            assert not {"\r", "\n"} & set(line)
            _values(line)


def sip_glance(data: bytes) -> None:
    """Look at one datagram of a stranger: what is found stands there."""
    said = glance(data)
    if said is not None:
        assert all((said.call_id, said.from_tag, said.to_tag))
        assert data.startswith(said.method.encode())


def sip_door(data: bytes) -> None:
    """Let messages knock as a stranger, and as a source that has to prove itself; none of them knows a password."""
    tokens = count(1)
    keeper = Doorkeeper(realm="offhook", key=b"0123456789abcdef", token=lambda: f"t{next(tokens)}", name="fuzzed")
    secret = Hashed(md5="0" * 32)
    keeper.use([DoorPeer("desk", "anna", secret, has_sources=False), DoorPeer("lab", "bob", secret, has_sources=True)])
    keeper.begun(THEM.host, "call-2", "leg", 0.0)
    for now, message in enumerate(data.split(SPLIT)[:MESSAGES_LIMIT]):
        for trunk in (None, "lab"):
            reception = keeper.receive(message, THEM, trunk, float(now))
            assert not reception.user
            if isinstance(reception, Turned) and reception.answer:
                answer = parse_sip(reception.answer)
                assert isinstance(answer, Response)
                assert answer.status >= 400
                assert reception.to is not None
                assert reception.to.host == THEM.host
    keeper.tick(60.0, lambda _leg: False)
    assert keeper.calls == 0


def sip_values(data: bytes) -> None:
    """Read one value as everything that stands in a header."""
    _values(data.decode("utf-8", "surrogateescape"))


def _values(text: str) -> None:
    for read in (parse_via, parse_address, parse_cseq, parse_parameters, split_list):
        with suppress(MalformedMessage):
            read(text)


def info(data: bytes) -> None:
    """Read the body of an INFO as either kind of key; what is written of a key is the same key."""
    for kind in (RELAY, BARE, data[:40].decode("latin-1")):
        with suppress(MalformedMessage):
            press = read_press(Request("INFO", "sip:a@h", {"Content-Type": [kind]}, data, 1))
            assert press is None or (len(press.key) == 1 and press.key in INFO_KEYS)
            if press is not None:
                assert read_press(Request("INFO", "sip:a@h", {"Content-Type": [RELAY]}, write_press(press), 1)) == press


def uri(data: bytes) -> None:
    """Read a URI; what is written of it is the same URI."""
    read = parse_uri(data.decode("utf-8", "surrogateescape"))
    assert read.dialled.isprintable()
    assert all(letter > " " for letter in str(read))
    if len(str(read)) == len(data):
        assert parse_uri(str(read)) == read


def sip_agent(data: bytes) -> None:
    """Let an agent with a call in each stage hear datagrams, and end it all: nothing may be left."""
    agent = agent_with_calls()
    for number, datagram in enumerate(data.split(SPLIT)[:MESSAGES_LIMIT]):
        _live_with(agent, agent.receive(datagram, THEM, US, 1.0 + number))
    for leg in list(agent._core.legs):
        assert agent.record(leg)
        _live_with(agent, agent.hang_up(leg, 10.0))
    for _, output in run(agent, 1e6):
        _live_with(agent, [output])
    assert is_empty(agent), "the agent remembers what is over"


def agent_with_calls() -> Agent:
    """Return an agent with a call that goes on, one that rings here and one that rings at a callee."""
    call = Call()
    call.confirm()
    agent = call.agent
    agent.receive(Peer(call_id="call-2", tag="second").request("INVITE", body=SDP, branch="z9hG4bKtwo"), THEM, US, 0.0)
    to = "<sip:+81399998888@10.0.0.1>"
    agent.invite(Invitation("sip:+81399998888@10.0.0.1", "<sip:a@10.0.0.9>", to, SDP, THEM, US), 0.0)
    return agent


def _live_with(agent: Agent, outputs: list[Output]) -> None:
    for output in outputs:
        match output:
            case Send(datagram) if not datagram.startswith(b"SIP/"):
                # What we ask of others is well formed, whatever they wrote into it; an answer repeats their faults.
                assert parse_sip(datagram).first("Max-Forwards") == "70"
            case Invited(leg, request):
                assert all(name.isprintable() for name in dialled(request).places)
                for is_trusted in (False, True):
                    shown = caller(request, is_trusted=is_trusted)
                    assert (shown.number + shown.name + shown.verstat).isprintable()
                agent.ring(leg, 1.0)
                if request.body:
                    _negotiate(request.body)
                    agent.answer(leg, SDP, 1.0)
            case Reoffered(leg, sdp):
                if sdp:
                    _negotiate(sdp)
                    agent.accept(leg, SDP, 1.0)
                else:
                    agent.decline(leg, 488, 1.0)
            case Confirmed(_, sdp) | Answered(_, sdp) | Progressed(sdp=sdp):
                _negotiate(sdp)


def sdp(data: bytes) -> None:
    """Read a description as offer, as answer and as new offer, and agree to what can be agreed on."""
    _negotiate(data)
    parse_sdp(data)


def _negotiate(data: bytes) -> None:
    called = _new_negotiation()
    if called.offered(data):
        assert parse_sdp(called.answer(4000)).media
        _order(called)
        called.reoffered(data)
    calls = _new_negotiation()
    calls.offer(4002)
    for is_final in (False, True):
        if calls.answered(data, is_final=is_final):
            _order(calls)


def _new_negotiation() -> Negotiation:
    return Negotiation(address=US, signalling_ip=THEM.host, session_id=1)


def _order(negotiation: Negotiation) -> None:
    if negotiation.agreement is not None:
        order = negotiation.order("leg")
        assert 0 < order.port < 65_536
        assert 0 <= order.rtcp_port < 65_536
        assert negotiation.described()


def rtp_packets(data: bytes) -> None:
    """Hear packets as a leg does, and pass them on to another one."""
    reception, learner = Reception(), Learner(("10.0.0.1", 4000), "192.0.2.1", Policy.LEARN, 0.0)
    relaying = Relaying(rtp.Stream(ssrc=1, sequence=0, timestamp=0, payload_type=0))
    keys = Receiver()
    for number, packet in enumerate(_pieces(data)):
        now = number * 0.013
        rtp.is_rtcp(packet)
        header = rtp.parse_header(packet)
        if header is None:
            continue
        payload_type, marker, sequence, timestamp, ssrc, start, end = header
        assert rtp.HEADER_SIZE <= start <= end <= len(packet)
        learner.receive(("192.0.2.1", number % 3), sequence, ssrc, payload_type == 0, now)
        if not reception.receive(sequence, timestamp, ssrc, now):
            continue
        if payload_type == 101:
            assert keys.receive(packet[start:end], timestamp, marker) in (None, *KEYS)
            relaying.event(sequence, timestamp, ssrc, marker, packet[start:end], 101, now)
        else:
            relaying.audio(sequence, timestamp, ssrc, marker, packet[start:end], now)
    block = reception.report(now=10.0)
    if block is not None:
        rtcp.write([rtcp.ReceiverReport(1, (block,))])
    reception.summary()


def rtcp_compound(data: bytes) -> None:
    """Read reports; a report that can be written is the same when read again."""
    for report in rtcp.parse(data):
        if isinstance(report, rtcp.SenderReport | rtcp.ReceiverReport):
            assert rtcp.parse(rtcp.write([report])) == (report,)
        if isinstance(report, rtcp.SenderReport):
            Reception().hear_report(report.ntp, 0.0)


def dtmf(data: bytes) -> None:
    """Hear telephone-events, each with five bytes of header: timestamp and marker."""
    keys = Receiver()
    for piece in _pieces(data):
        timestamp, marker = int.from_bytes(piece[:4], "big"), piece[4:5] > b"\x7f"
        assert keys.receive(piece[5:], timestamp, marker) in (None, *KEYS)


def _pieces(data: bytes) -> Iterator[bytes]:
    """Cut data into pieces that each begin with their length, one byte."""
    while data:
        yield data[1 : 1 + data[0]]
        data = data[1 + data[0] :]


def actions(data: bytes) -> None:
    """Read an answer of an action server; what is written of a script is the same script."""
    for platform_only in (False, True):
        parsed = language.parse(data, platform_only=platform_only)
        for problem in parsed.problems[:5]:
            assert language.draw(problem, data)
        if parsed.script is not None:
            again = language.parse(language.write(parsed.script))
            assert again.script is not None
            assert again.script.actions == parsed.script.actions


_SIP_WORDS = (
    b"\r\n", b"\r\n ", b"\r\n\r\n", b"\x00", b"\xff", b"\xc3\xa9", b'"', b"\\", b"<", b">", b",", b";", b":", b"@",
    b"=", b"%00", b"[::1]", b"SIP/2.0", b"sip:", b"sips:", b"tel:+", b"z9hG4bK", b";branch=", b";rport",
    b";received=", b";tag=", b";lr", b";maddr=", b"Via: ", b"v:", b"From: ", b"To: ", b"Contact: *",
    b"Content-Length: ", b"l: ", b"CSeq: ", b"Max-Forwards: ", b"Require: 100rel", b"Record-Route: ", b"Accept: ",
    b"INVITE", b"ACK", b"BYE", b"CANCEL", b"UPDATE", b"OPTIONS", b"REGISTER", b"INFO", b"4294967296",
    b"2147483647", b"-1", b"0", b"65536", b"application/sdp", b"application/dtmf-relay", b"Signal=", SPLIT,
)  # fmt: skip
_SDP_WORDS = (
    b"\r\n", b"\n", b"\x00", b"\xff", b"v=0", b"o=- 1 1 IN IP4 10.0.0.1", b"s=-", b"c=IN IP4 ", b"c=IN IP6 ::1",
    b"t=0 0", b"m=audio 4000 RTP/AVP 0", b"m=video 0 RTP/AVP 31", b"a=rtpmap:", b"a=fmtp:101 0-15", b"a=fmtp:",
    b"0-999", b",", b"telephone-event/8000", b"PCMU/8000", b"PCMA/8000/1", b"a=rtcp:", b"a=rtcp-mux", b"a=ptime:20",
    b"a=maxptime:", b"a=sendonly", b"a=inactive", b"65536", b"0", b"99999999999999999999", b"0.0.0.0", b"::",
    b"224.0.0.1", b" ",
)  # fmt: skip
_DER_WORDS = (b"\x30", b"\x30\x82", b"\x17\x0d", b"\x18\x0f", b"\xa0\x03", b"20500101000000Z", b"\x80", b"\xff" * 8)
_ACTION_WORDS = (
    b"say en ", b'"Hello"', b"playback ", b"http://127.0.0.1/a.mp3", b"hangup", b"gather ", b"transfer ",
    b"redirect ", b"reject busy", b"pause ", b"voicemail ", b"next=", b"digits=", b"timeout=", b"+81312345678", b'"',
    b"\\", b"#", b"\n", b"\r\n", b"\t", b"\xef\xbb\xbf", b"\xff", b"\x00", b"ja", b"=", b"10",
    b"99999999999999999999",
)  # fmt: skip
_KEY_WORDS = (
    b"Signal=", b"Signal= ", b"Duration=", b"\r\n", b"\n", b"\r", b"=", b" ", b"\t", b"10", b"16", b"*", b"#", b"A",
    b"\x00", b"\xff", b"\xd9\xa1", b"-1", b"99999999999999999999", b"application/dtmf",
)  # fmt: skip
_NUMBERS = (
    b"\x80",
    b"\x00",
    b"\xff",
    b"\xff\xff",
    b"\x00\x00\x00\x01",
    b"\x80\xc8",
    b"\x80\xc9",
    b"\x81\xca",
    b"\x81\xcb",
)


def certificate(data: bytes) -> None:
    """Read the end of a certificate that was not trusted."""
    not_after(data)


TARGETS: Mapping[str, Target] = {
    "sip-message": Target(sip_message, (MalformedMessage,), _SIP_WORDS, 65_536, is_tortured=True),
    "sip-glance": Target(sip_glance, (), _SIP_WORDS, 8_192, is_tortured=True),
    "sip-agent": Target(sip_agent, (), _SIP_WORDS, 16_384, is_tortured=True),
    "sip-door": Target(sip_door, (), _SIP_WORDS, 16_384, is_tortured=True),
    "sip-values": Target(sip_values, (), _SIP_WORDS, 8_192),
    "info": Target(info, (), _KEY_WORDS, 1_024),
    "uri": Target(uri, (MalformedMessage,), _SIP_WORDS, 2_100),
    "sdp": Target(sdp, (MalformedSdp,), _SDP_WORDS, 16_400),
    "rtp": Target(rtp_packets, (), _NUMBERS),
    "rtcp": Target(rtcp_compound, (MalformedRtcp,), _NUMBERS),
    "dtmf": Target(dtmf, (), _NUMBERS),
    "actions": Target(actions, (), _ACTION_WORDS, 65_536),
    "certificate": Target(certificate, (), _DER_WORDS, 4_096),
}
