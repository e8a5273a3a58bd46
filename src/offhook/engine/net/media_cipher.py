"""SRTP and SRTCP of one leg (RFC 3711, RFC 7714), by libsrtp: what is sent is sealed, what is heard is opened.

What does not open was not sent by the peer, or was heard before: it is nothing, and nobody is told of it.
"""

from pylibsrtp import Error, Policy, Session

from offhook.engine.media.rtp import is_rtcp
from offhook.engine.media.sdp.crypto import Suite

NOTHING = b""

_PROFILES = {
    Suite.AEAD_AES_128_GCM: Policy.SRTP_PROFILE_AEAD_AES_128_GCM,
    Suite.AES_CM_128_HMAC_SHA1_80: Policy.SRTP_PROFILE_AES128_CM_SHA1_80,
    Suite.AES_CM_128_HMAC_SHA1_32: Policy.SRTP_PROFILE_AES128_CM_SHA1_32,
}


class Cipher:
    """One suite with a master key and salt for each direction."""

    __slots__ = ("_heard", "_protect", "_sent")

    def __init__(self, suite: Suite, sent: bytes, heard: bytes) -> None:
        profile = _PROFILES[suite]
        self._sent = Session(Policy(key=sent, ssrc_type=Policy.SSRC_ANY_OUTBOUND, srtp_profile=profile))
        self._heard = Session(Policy(key=heard, ssrc_type=Policy.SSRC_ANY_INBOUND, srtp_profile=profile))
        self._protect = self._sent.protect

    def seal(self, packet: bytes) -> bytes:
        """Return audio as it travels; `NOTHING` for a number that was used: two of one would give the key away."""
        try:
            sealed: bytes = self._protect(packet)
        except (Error, ValueError):
            return NOTHING
        return sealed

    def seal_reports(self, compound: bytes) -> bytes:
        """Return reports as they travel."""
        sealed: bytes = self._sent.protect_rtcp(compound)
        return sealed

    def open(self, packet: bytes) -> bytes:
        """Return what was said, audio or reports, or `NOTHING`."""
        try:
            opened: bytes = self._heard.unprotect_rtcp(packet) if is_rtcp(packet) else self._heard.unprotect(packet)
        except (Error, ValueError):
            # Too short, not authentic or a repetition; or too long.
            return NOTHING
        return opened
