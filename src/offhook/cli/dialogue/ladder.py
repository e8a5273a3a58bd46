"""The messages of SIP that a phone sent and received, with their times: what is drawn when a script fails.

Bodies and headers are not kept but for what tells the calls apart. Pure.
"""

import re
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from offhook.engine.net.happenings import Happening

MOST_MESSAGES = 2_000
LONGEST_LINE = 200
_CALL_ID = re.compile(rb"^(?:Call-ID|i)[ \t]*:[ \t]*([^\r\n]*)", re.IGNORECASE | re.MULTILINE)
_CSEQ = re.compile(rb"^CSeq[ \t]*:[ \t]*[0-9]+[ \t]+([A-Z]+)", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Message:
    """One message: seconds by the clock of its call, who sent it, what it was, and which call it belongs to."""

    at: float
    goes_out: bool
    text: str
    call_id: str


class Ladder:
    """The last messages of all calls of a phone."""

    def __init__(self) -> None:
        self._messages: deque[Message] = deque(maxlen=MOST_MESSAGES)

    def add(self, data: bytes, *, goes_out: bool, now: float) -> None:
        """Keep what tells a message from others."""
        head = data.partition(b"\r\n\r\n")[0]
        line = head.partition(b"\r\n")[0][:LONGEST_LINE].decode(errors="replace")
        call_id = _CALL_ID.search(head)
        method = _CSEQ.search(head)
        if line.startswith("SIP/2.0 "):
            asked = f" ({method[1].decode()})" if method else ""
            text = line.removeprefix("SIP/2.0 ") + asked
        else:
            text = line.removesuffix(" SIP/2.0")
        self._messages.append(Message(now, goes_out, text, call_id[1].decode(errors="replace") if call_id else ""))

    def of(self, call_id: str | None = None) -> tuple[Message, ...]:
        """Return the messages of one call, or of all."""
        return tuple(message for message in self._messages if call_id is None or message.call_id == call_id)


def rungs(messages: Sequence[Message], happenings: Iterable[Happening], began: float) -> list[tuple[float, str]]:
    """Return what happened to a call in its order: milliseconds since it began, and a line to show.

    A call that comes in begins with its first message, which is a little before `began`.
    """
    first = min(began, messages[0].at) if messages else began
    sent = [
        (round((message.at - first) * 1000, 1), f"{'-->' if message.goes_out else '<--'} {message.text}")
        for message in messages
    ]
    later_ms = (began - first) * 1000
    happened = [(round(happening.at_ms + later_ms, 1), f"    {happening.text}") for happening in happenings]
    # The sort is stable: of one moment the messages come first, which are the causes.
    return sorted([*sent, *happened], key=lambda rung: rung[0])
