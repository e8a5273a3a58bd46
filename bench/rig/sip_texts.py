"""The SIP messages of a caller, written out: the least that a trunk would send."""

import re
from dataclasses import dataclass

HOST = "127.0.0.1"

CALL_NUMBER = re.compile(rb"\r\nCall-ID: *c([0-9]+)@", re.IGNORECASE)
_TO = re.compile(rb"\r\nTo: *([^\r]*)", re.IGNORECASE)
_CONTACT = re.compile(rb"\r\nContact: *<([^>]*)>", re.IGNORECASE)
_CSEQ = re.compile(rb"\r\nCSeq: *[0-9]+ ([A-Z]+)", re.IGNORECASE)
_VIA_TO_CSEQ = re.compile(rb"\r\n((?:Via|From|To|Call-ID|CSeq):[^\r]*)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Caller:
    """One call of a caller at UDP `port` to `number` at UDP `gateway`."""

    call: int
    number: str
    port: int
    gateway: int

    @property
    def phone(self) -> str:
        """Who calls, in digits; each call is somebody else's."""
        return f"8190{self.call:08d}"

    def invite(self, rtp_port: int) -> bytes:
        body = (
            f"v=0\r\no=- {self.call} 1 IN IP4 {HOST}\r\ns=-\r\nc=IN IP4 {HOST}\r\nt=0 0\r\n"
            f"m=audio {rtp_port} RTP/AVP 0 8 101\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:8 PCMA/8000\r\n"
            "a=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\na=ptime:20\r\na=sendrecv\r\n"
        ).encode()
        contact = f"Contact: <sip:trunk@{HOST}:{self.port}>\r\nContent-Type: application/sdp\r\n"
        uri = f"sip:{self.number}@{HOST}:{self.gateway}"
        return self._request("INVITE", uri, f"<{uri}>", "i", 1, contact, len(body)) + body

    def acknowledgement(self, response: bytes, status: int) -> bytes:
        """Return the ACK of a final response, within the transaction for a refusal (RFC 3261 section 17.1.1.3)."""
        if status < 300:
            return self._request("ACK", _contact(response), _to(response), "a", 1)
        return self._request("ACK", f"sip:{self.number}@{HOST}:{self.gateway}", _to(response), "i", 1)

    def bye(self, response: bytes) -> bytes:
        return self._request("BYE", _contact(response), _to(response), "b", 2)

    def _request(
        self, method: str, uri: str, to: str, branch: str, cseq: int, more: str = "", length: int = 0
    ) -> bytes:
        return (
            f"{method} {uri} SIP/2.0\r\n"
            f"Via: SIP/2.0/UDP {HOST}:{self.port};branch=z9hG4bK{branch}{self.call};rport\r\n"
            "Max-Forwards: 70\r\n"
            f"From: <sip:+{self.phone}@{HOST}>;tag=t{self.call}\r\n"
            f"To: {to}\r\n"
            f"Call-ID: c{self.call}@bench\r\n"
            f"CSeq: {cseq} {method}\r\n"
            f"{more}Content-Length: {length}\r\n\r\n"
        ).encode()


def status(message: bytes) -> int | None:
    """Return the status of a response, None for a request."""
    return int(message[8:11]) if message.startswith(b"SIP/2.0 ") else None


def is_to_invite(response: bytes) -> bool:
    found = _CSEQ.search(response)
    return found is not None and found[1] == b"INVITE"


def agreed(request: bytes) -> bytes:
    """Return a 200 to a request within a call."""
    lines = b"\r\n".join(_VIA_TO_CSEQ.findall(request.partition(b"\r\n\r\n")[0]))
    return b"SIP/2.0 200 OK\r\n" + lines + b"\r\nContent-Length: 0\r\n\r\n"


def _to(response: bytes) -> str:
    found = _TO.search(response)
    return found[1].decode() if found else ""


def _contact(response: bytes) -> str:
    found = _CONTACT.search(response)
    return found[1].decode() if found else ""
