"""SIP messages of a call as its record keeps them: when, between whom, and every byte that may be shown.

Only the first line and the CSeq are read here; what they mean was the engine's business while the call ran.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from offhook.domain.calls import TimelineEvent

KIND = "sip"
"""The kind of the lines that messages have in a timeline."""

_CSEQ = re.compile(rb"^cseq[ \t]*:[ \t]*\d+[ \t]+([A-Z]+)", re.IGNORECASE | re.MULTILINE)
_VERSION = b"SIP/2.0"
_LONGEST_TITLE = 80


@dataclass(frozen=True, slots=True)
class SipMessage:
    """One message. `at_ms` counts from the arrival of the call, `leg` is 1 for the caller's dialog and more for those
    with callees, in the order in which they were called.

    `local` and `peer` are IP address and port, `transport` is `UDP`, `TCP` or `TLS`. `data` is what was sent
    (`is_ours`) or came, without what is secret; the end of a long one is missing.
    """

    at_ms: float
    leg: int
    is_ours: bool
    transport: str
    local: tuple[str, int]
    peer: tuple[str, int]
    data: bytes

    @property
    def title(self) -> str:
        """What it is: a method, or a status, its words and the method that it answers."""
        first = self.data.partition(b"\r\n")[0]
        if not first.startswith(_VERSION):
            return _text(first.partition(b" ")[0])
        found = _CSEQ.search(self.data)
        status = _text(first[len(_VERSION) :].strip())
        return f"{status} to {_text(found[1])}" if found else status

    @property
    def text(self) -> str:
        """The message as a reader sees it; bytes that are no text become escapes."""
        return self.data.decode("utf-8", "backslashreplace").replace("\r\n", "\n")


def events_of(messages: Sequence[SipMessage]) -> list[TimelineEvent]:
    """Return the line that each message has in its call's timeline."""
    return [_event(message) for message in messages]


def _event(message: SipMessage) -> TimelineEvent:
    place = f"{message.peer[0]}:{message.peer[1]}"
    way = "to" if message.is_ours else "from"
    data = {
        "leg": message.leg,
        "direction": "out" if message.is_ours else "in",
        "transport": message.transport,
        "peer": place,
        "bytes": len(message.data),
    }
    return TimelineEvent(message.at_ms, KIND, f"{message.title} {way} {place} ({message.transport})", None, data)


def _text(written: bytes) -> str:
    return written[:_LONGEST_TITLE].decode("utf-8", "backslashreplace")
