"""What can be wrong with a peer's media, and with what we are asked to send."""

from offhook.errors import InputError, ProtocolError


class MalformedSdp(ProtocolError):
    """A session description breaks RFC 8866, or asks for what a telephone call never needs."""

    code = "malformed-sdp"


class MalformedRtcp(ProtocolError):
    """A compound of reports breaks RFC 3550 section 6."""

    code = "malformed-rtcp"


class UnknownKey(InputError):
    """A character is on no telephone's keypad."""

    code = "bad-digit"
