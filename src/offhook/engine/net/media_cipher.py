"""SRTP and SRTCP of one leg (RFC 3711, RFC 7714), by libsrtp: what is sent is sealed, what is heard is opened.

What does not open was not sent by the peer, or was heard before: it is nothing, and nobody is told of it. Audio goes
through one buffer that all legs of a process share and that stays in the core's cache: one thread alone has ciphers.
"""

from collections.abc import Callable
from typing import Any

from pylibsrtp import Error, Policy, Session
from pylibsrtp._binding import ffi, lib

from offhook.engine.media.rtp import is_rtcp
from offhook.engine.media.sdp.crypto import Suite

NOTHING = b""
PACKET_LIMIT = 2048
TRAILER_LIMIT = 144
"""Sealing adds no more, whatever the suite: the longest tag and key identifier that libsrtp knows."""

Transmit = Callable[[bytes], int]
Send = Callable[[bytes | memoryview], int]
Receive = Callable[[int], bytes]

_PROFILES = {
    Suite.AEAD_AES_128_GCM: Policy.SRTP_PROFILE_AEAD_AES_128_GCM,
    Suite.AES_CM_128_HMAC_SHA1_80: Policy.SRTP_PROFILE_AES128_CM_SHA1_80,
    Suite.AES_CM_128_HMAC_SHA1_32: Policy.SRTP_PROFILE_AES128_CM_SHA1_32,
}

# What a `Session` does around libsrtp, with a buffer of its own and a new length for each packet, takes as long again.
_protect = lib.srtp_protect
_unprotect = lib.srtp_unprotect
_place = ffi.new("unsigned char[]", PACKET_LIMIT + TRAILER_LIMIT)
_length = ffi.new("int *")
# The place's beginnings by their length: a view that is there already costs less than a slice.
_first = [memoryview(ffi.buffer(_place, length)) for length in range(PACKET_LIMIT + TRAILER_LIMIT + 1)]


class Cipher:
    """One suite with a master key and salt for each direction."""

    __slots__ = ("_heard", "_sent")

    def __init__(self, suite: Suite, sent: bytes, heard: bytes) -> None:
        profile = _PROFILES[suite]
        self._sent = Session(Policy(key=sent, ssrc_type=Policy.SSRC_ANY_OUTBOUND, srtp_profile=profile))
        self._heard = Session(Policy(key=heard, ssrc_type=Policy.SSRC_ANY_INBOUND, srtp_profile=profile))

    def seal(self, packet: bytes) -> bytes:
        """Return audio as it travels; `NOTHING` for a number that was used: two of one would give the key away."""
        return bytes(_pass(packet, _protect, _context(self._sent)))

    def seal_reports(self, compound: bytes) -> bytes:
        """Return reports as they travel."""
        sealed: bytes = self._sent.protect_rtcp(compound)
        return sealed

    def open(self, packet: bytes) -> bytes:
        """Return what was said, audio or reports, or `NOTHING`."""
        return (
            self._open_reports(packet) if is_rtcp(packet) else bytes(_pass(packet, _unprotect, _context(self._heard)))
        )

    # The cyclic collector is off: these know what they need, and not whose they are.

    def sealing(self, send: Send) -> Transmit:
        """Return what seals a packet of audio and sends it."""
        context = _context(self._sent)

        # `_pass` written out: this runs for every packet. The session frees the context when nobody has it any more, so
        # it is kept here.
        def transmit(packet: bytes, _session: Session = self._sent) -> int:
            length = len(packet)
            if length > PACKET_LIMIT:
                return 0
            _first[length][:] = packet
            _length[0] = length
            return 0 if _protect(context, _place, _length) else send(_first[_length[0]])

        return transmit

    def opening(self, recv: Receive) -> Receive:
        """Return what reads a packet and opens it."""

        def receive(limit: int) -> bytes:
            return self.open(recv(limit))

        return receive

    def _open_reports(self, packet: bytes) -> bytes:
        try:
            opened: bytes = self._heard.unprotect_rtcp(packet)
        except (Error, ValueError):
            # Too short, not authentic or a repetition; or too long.
            return NOTHING
        return opened


def _context(session: Session) -> Any:
    return session._srtp[0]  # noqa: SLF001 - `protect` and `unprotect` are what is too slow


def _pass(packet: bytes, way: Callable[[Any, Any, Any], int], context: Any) -> bytes | memoryview:
    """Pass a packet through libsrtp and return where the result stands until the next one; `NOTHING` if it refuses."""
    length = len(packet)
    if length > PACKET_LIMIT:
        return NOTHING
    _first[length][:] = packet
    _length[0] = length
    return NOTHING if way(context, _place, _length) else _first[_length[0]]
