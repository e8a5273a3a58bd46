"""Session descriptions: `parse` reads one, `answer`, `offer` and `accept` settle what both sides do.

The value of what is settled is an `Agreement`. Absent: everything but audio by RTP or SRTP (keys by SDES, no
DTLS, no ICE, no video); what is not understood is refused line by line, as RFC 3264 asks.
"""

from offhook.engine.media.errors import MalformedSdp
from offhook.engine.media.sdp.description import Audio, Direction, Media, Payload, SessionDescription
from offhook.engine.media.sdp.misfits import misfit
from offhook.engine.media.sdp.negotiation import SPOKEN, Agreement, Keys, Offer, accept, answer, offer
from offhook.engine.media.sdp.parser import parse
from offhook.engine.media.sdp.writer import Origin

__all__ = [
    "SPOKEN",
    "Agreement",
    "Audio",
    "Direction",
    "Keys",
    "MalformedSdp",
    "Media",
    "Offer",
    "Origin",
    "Payload",
    "SessionDescription",
    "accept",
    "answer",
    "misfit",
    "offer",
    "parse",
]
