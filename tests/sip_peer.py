"""A foreign user agent written by hand: raw messages of one dialog, with every header open to be broken."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import count

from offhook.engine.sip.agent import Agent
from offhook.engine.sip.message import Request, Response
from offhook.engine.sip.outputs import Destination, Output, Send, Transport
from offhook.engine.sip.parser import parse

SDP = b"v=0\r\no=- 1 1 IN IP4 10.0.0.1\r\ns=-\r\nc=IN IP4 10.0.0.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n"

US = "10.0.0.9"
PORTS = {Transport.UDP: 5060, Transport.TCP: 5060, Transport.TLS: 5061}
THEM = Destination("10.0.0.1", 5060)

Fields = dict[str, str | list[str] | None]


def new_agent() -> Agent:
    """Return an agent at `US`:5060 whose tokens are t1, t2, ..."""
    numbers = count(1)
    return Agent(ports=PORTS, token=lambda: f"t{next(numbers)}", name="Offhook/test")


def write(start: str, fields: Fields, body: bytes = b"") -> bytes:
    """Write a message exactly as told: a list makes several lines, None leaves a header out."""
    lines = [start]
    for name, value in fields.items():
        values = value if isinstance(value, list) else [value]
        lines += [f"{name}: {one}" for one in values if one is not None]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("utf-8", "surrogateescape") + body


@dataclass
class Peer:
    """The other end of one dialog with the agent at `US`."""

    call_id: str = "call-1"
    tag: str = "them"
    us: str = ""
    cseq: int = 0
    branches: "count[int]" = field(default_factory=lambda: count(1))

    def request(
        self,
        method: str,
        *,
        cseq: int | None = None,
        branch: str | None = None,
        uri: str = "sip:+81312345678@10.0.0.9",
        body: bytes = b"",
        fields: Fields | None = None,
    ) -> bytes:
        """Write a request; `fields` replaces, adds or (None) removes headers."""
        if cseq is None:
            self.cseq += method not in ("ACK", "CANCEL")
            cseq = self.cseq
        to_tag = f";tag={self.us}" if self.us else ""
        branch = branch or f"z9hG4bKp{self.call_id}{next(self.branches)}"
        head: Fields = {
            "Via": f"SIP/2.0/UDP 10.0.0.1:5060;branch={branch};rport",
            "Max-Forwards": "70",
            "From": f'"Anna" <sip:+81399999999@10.0.0.1>;tag={self.tag}',
            "To": f"<sip:+81312345678@10.0.0.9>{to_tag}",
            "Call-ID": self.call_id,
            "CSeq": f"{cseq} {method}",
            "Contact": "<sip:anna@10.0.0.1:5062>" if method in ("INVITE", "UPDATE") else None,
            "Content-Type": "application/sdp" if body else None,
            "Content-Length": str(len(body)),
        }
        return write(f"{method} {uri} SIP/2.0", head | (fields or {}), body)


def response(
    request: Request, status: int, *, tag: str = "them", body: bytes = b"", fields: Fields | None = None
) -> bytes:
    """Write a foreign response to a request that our agent sent."""
    to = request.first("To")
    head: Fields = {
        "Via": list(request.headers["Via"]),
        "From": request.first("From"),
        "To": to if ";tag=" in to or status == 100 else f"{to};tag={tag}",
        "Call-ID": request.first("Call-ID"),
        "CSeq": request.first("CSeq"),
        "Contact": "<sip:bob@10.0.0.1:5062>" if request.method == "INVITE" and 100 < status < 300 else None,
        "Content-Type": "application/sdp" if body else None,
        "Content-Length": str(len(body)),
    }
    return write(f"SIP/2.0 {status} Told", head | (fields or {}), body)


def requests_in(outputs: Iterable[Output]) -> list[Request]:
    """Return the requests among what is to be sent."""
    return [message for message in _messages_in(outputs) if isinstance(message, Request)]


def responses_in(outputs: Iterable[Output]) -> list[Response]:
    """Return the responses among what is to be sent."""
    return [message for message in _messages_in(outputs) if isinstance(message, Response)]


def statuses_in(outputs: Iterable[Output]) -> list[int]:
    """Return the statuses of the responses among what is to be sent."""
    return [message.status for message in responses_in(outputs)]


def news_in(outputs: Iterable[Output]) -> list[Output]:
    """Return everything but what is to be sent."""
    return [output for output in outputs if not isinstance(output, Send)]


def _messages_in(outputs: Iterable[Output]) -> list[Request | Response]:
    return [parse(output.data) for output in outputs if isinstance(output, Send)]
