"""A foreign caller on real sockets, written by hand: it offers, answers and acknowledges what a test says."""

import asyncio
import secrets
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from offhook.engine.media.rtp import Stream
from offhook.engine.sip.message import Request, Response
from offhook.engine.sip.parser import parse
from offhook.engine.sip.replies import tag_of
from sip_peer import Fields, Peer

HOST = "127.0.0.1"
WAIT_S = 10.0
DATAGRAM_LIMIT = 65_535
ANYWHERE = "sip:+81312345678@10.0.0.9"


class ForeignCaller:
    """One call at a time. Its offers and answers are bytes; its RTP is a bare socket."""

    def __init__(self, sip: socket.socket, rtp: socket.socket) -> None:
        self._sip = sip
        self._rtp = rtp
        self._to = ("", 0)
        self._peer = Peer(call_id=secrets.token_hex(8), tag=secrets.token_hex(4))
        self._stream = Stream(ssrc=7, sequence=1, timestamp=0, payload_type=0)
        self.rtp_port: int = rtp.getsockname()[1]

    @property
    def tag(self) -> str:
        """The tag of its From, for a test that writes that header."""
        return self._peer.tag

    @property
    def mouth(self) -> socket.socket:
        """What its RTP leaves by, for a test that writes packets of its own."""
        return self._rtp

    def describe(self, media: str) -> bytes:
        """Write a description with this media line."""
        lines = ("v=0", f"o=- 1 1 IN IP4 {HOST}", "s=-", f"c=IN IP4 {HOST}", "t=0 0", media)
        return "".join(f"{line}\r\n" for line in lines).encode()

    def invite(self, to: tuple[str, int], offer: bytes) -> None:
        """Send an INVITE, an empty offer for none; what comes back is there for `hears`."""
        self._to = to
        self._send("INVITE", offer)

    async def call(
        self, to: tuple[str, int], offer: bytes, *, uri: str = ANYWHERE, fields: Fields | None = None
    ) -> Response:
        """Call, perhaps at another URI or with headers of the test's own, and return the final response."""
        self._to = to
        self._send("INVITE", offer, uri=uri, fields=fields)
        return await self._hears_final()

    async def reinvite(self, offer: bytes) -> Response:
        """Ask for other media within the call, and return the final response."""
        self._send("INVITE", offer)
        return await self._hears_final()

    async def refer(self, refer_to: str) -> Response:
        """Ask to have the call led to an address, and return the final response."""
        self._send("REFER", b"", fields={"Refer-To": refer_to})
        return await self._hears_final()

    def hang_up(self) -> None:
        """Put the phone down."""
        self._send("BYE", b"")

    def acknowledge(self, answer: bytes = b"") -> None:
        """Send the ACK of a 200, with an answer if the offer came with it."""
        self._send("ACK", answer)

    async def hears(self, status: int) -> Response:
        """Wait for a response with this status."""
        while not (isinstance(message := await self._next(), Response) and message.status == status):
            pass
        self._peer.us = tag_of(message.first("To"))
        return message

    async def hears_request(self, method: str) -> None:
        """Wait for a request of the other side."""
        while not (isinstance(message := await self._next(), Request) and message.method == method):
            pass

    async def hears_rtp_from(self) -> int:
        """Wait for the next packet of sound; return the port that it came from."""
        async with asyncio.timeout(WAIT_S):
            _, address = await asyncio.get_running_loop().sock_recvfrom(self._rtp, DATAGRAM_LIMIT)
        port: int = address[1]
        return port

    def speak(self, port: int, count: int) -> None:
        """Send packets of 20 ms to a port of the other side."""
        for _ in range(count):
            self.say(port, bytes(160))

    def say(self, port: int, frame: bytes) -> None:
        """Send one packet of 20 ms with this sound, PCMU."""
        self._rtp.sendto(self._stream.next_packet(frame), (self._to[0], port))

    def _send(self, method: str, body: bytes, *, uri: str = ANYWHERE, fields: Fields | None = None) -> None:
        contact = f"<sip:foreign@{HOST}:{self._sip.getsockname()[1]}>"
        own: Fields = {"Contact": contact} if method == "INVITE" else {}
        request = self._peer.request(method, body=body, uri=uri, fields=own | (fields or {}))
        self._sip.sendto(request, self._to)

    async def _hears_final(self) -> Response:
        while not (isinstance(message := await self._next(), Response) and message.status >= 200):
            pass
        self._peer.us = tag_of(message.first("To"))
        return message

    async def _next(self) -> Request | Response:
        async with asyncio.timeout(WAIT_S):
            return parse(await asyncio.get_running_loop().sock_recv(self._sip, DATAGRAM_LIMIT))


@asynccontextmanager
async def foreign_caller() -> AsyncIterator[ForeignCaller]:
    """Return a foreign caller on loopback, with a port for SIP and one for RTP."""
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sip,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as rtp,
    ):
        for one in (sip, rtp):
            one.setblocking(False)
            one.bind((HOST, 0))
        yield ForeignCaller(sip, rtp)
