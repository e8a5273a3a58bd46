"""A callee that says what a test tells it to, message by message: its 200 may cross a CANCEL."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import cast

from offhook.engine.sip.headers import parse_address
from offhook.engine.sip.message import Request
from offhook.engine.sip.parser import parse
from sip_peer import Fields, response, write

WAITS_S = 30
SDP = b"v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 40000 RTP/AVP 0\r\n"


class LateCallee(asyncio.DatagramProtocol):
    """One UDP port, and the requests that came to it."""

    def __init__(self) -> None:
        self._heard: asyncio.Queue[Request] = asyncio.Queue()
        self._transport: asyncio.DatagramTransport | None = None
        self._peer = ("", 0)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # The loop's own class is a datagram transport in all but its ancestors.
        self._transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        message = parse(data)
        if isinstance(message, Request):
            self._heard.put_nowait(message)
            self._peer = addr

    @property
    def sip(self) -> tuple[str, int]:
        """Where it is called."""
        assert self._transport is not None
        host, port = self._transport.get_extra_info("sockname")
        return host, port

    def say(self, request: Request, status: int, body: bytes = b"", fields: Fields | None = None) -> None:
        """Answer a request, perhaps with headers of the test's own."""
        assert self._transport is not None
        contact: Fields = {"Contact": f"<sip:late@{self.sip[0]}:{self.sip[1]}>" if request.method == "INVITE" else None}
        self._transport.sendto(response(request, status, body=body, fields=contact | (fields or {})), self._peer)

    async def hear(self, method: str) -> Request:
        """Return the next request of a method; what is repeated before it is passed over."""
        async with asyncio.timeout(WAITS_S):
            while (request := await self._heard.get()).method != method:
                pass
        return request

    def refer(self, invite: Request, to: str) -> None:
        """Ask within the dialog of an INVITE that was answered to have its caller led to somebody else."""
        assert self._transport is not None
        head: Fields = {
            "Via": f"SIP/2.0/UDP {self.sip[0]}:{self.sip[1]};branch=z9hG4bKrefer;rport",
            "Max-Forwards": "70",
            "From": f"{invite.first('To')};tag=them",
            "To": invite.first("From"),
            "Call-ID": invite.first("Call-ID"),
            "CSeq": "1 REFER",
            "Contact": f"<sip:late@{self.sip[0]}:{self.sip[1]}>",
            "Refer-To": to,
            "Content-Length": "0",
        }
        target = parse_address(invite.first("Contact")).uri
        self._transport.sendto(write(f"REFER {target} SIP/2.0", head), self._peer)

    async def answer_too_late(self, invite: Request) -> None:
        """Answer a canceled INVITE all the same, and check that it is acknowledged and hung up."""
        cancel = await self.hear("CANCEL")
        self.say(cancel, 200)
        self.say(invite, 200, SDP)
        acknowledgement, goodbye = await self.hear("ACK"), await self.hear("BYE")
        self.say(goodbye, 200)
        assert cancel.headers["Via"] == invite.headers["Via"]
        assert acknowledgement.cseq == invite.cseq
        assert "tag=them" in goodbye.first("To")
        assert goodbye.first("Call-ID") == invite.first("Call-ID")


@asynccontextmanager
async def late_callee() -> AsyncIterator[LateCallee]:
    """Return a callee on a port of its own."""
    loop = asyncio.get_running_loop()
    transport, made = await loop.create_datagram_endpoint(LateCallee, local_addr=("127.0.0.1", 0))
    try:
        yield made
    finally:
        transport.close()
