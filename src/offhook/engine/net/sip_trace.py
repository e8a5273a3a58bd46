"""Which SIP messages each running call sent and got, so that its timeline can show them.

It stands where messages pass, so it reads nothing but the Call-ID, and keeps the very bytes that were there anyway.
What no call follows is soon forgotten; what a call keeps is bounded, its beginning and its end before all else.
"""

import asyncio
import contextlib
import re
from collections import deque
from typing import NamedTuple

from offhook.engine.sip.glances import call_id_in
from offhook.engine.sip.outputs import Destination

FIRST = 40
LAST = 24
"""Messages of one dialog that are kept: from its beginning, and the last ones of the rest."""
WHOLE_BYTES = 32 * 1024
HEAD_BYTES = 512
"""Once a dialog has said so much, only the beginning of each message is kept."""
FRESH = 256
"""Dialogs that are remembered while nobody follows them: from an INVITE to its call it is a moment."""

_ANSWER = b"SIP/2.0 "
_TO_BYE = re.compile(rb"^cseq[ \t]*:[ \t]*\d+[ \t]+BYE\b", re.IGNORECASE | re.MULTILINE)
_TO_INVITE = re.compile(rb"^cseq[ \t]*:[ \t]*\d+[ \t]+INVITE\b", re.IGNORECASE | re.MULTILINE)


class Passed(NamedTuple):
    """A message that passed: `at` in monotonic seconds, `peer` whom it was sent to, or who sent it."""

    at: float
    is_ours: bool
    data: bytes
    peer: Destination


class Trace:
    """The messages of one dialog."""

    __slots__ = ("_first", "_has_parted", "_last", "_size", "_waits", "followers")

    def __init__(self) -> None:
        self._first: list[Passed] = []
        self._last: deque[Passed] = deque(maxlen=LAST)
        self._size = 0
        self.followers = 0
        self._waits = False
        self._has_parted: asyncio.Event | None = None

    @property
    def messages(self) -> list[Passed]:
        """What is kept, in the order in which it passed."""
        return [*self._first, *self._last]

    def keep(self, passed: Passed) -> None:
        """Keep a message, or its beginning."""
        data = passed.data
        if self._size + len(data) > WHOLE_BYTES and len(data) > HEAD_BYTES:
            passed = Passed(passed.at, passed.is_ours, _beginning(data), passed.peer)
        self._size += len(passed.data)
        (self._first if len(self._first) < FIRST else self._last).append(passed)
        if passed.is_ours and (data.startswith(b"BYE ") or _is_refusal(data)):
            self._waits = True
        elif self._waits and (data.startswith(b"ACK ") or (data.startswith(_ANSWER) and _TO_BYE.search(data))):
            # Ours ends it too: in a call to ourselves the answer is seen when it leaves.
            self._waits = False
            if self._has_parted is not None:
                self._has_parted.set()

    async def part(self, within_s: float) -> None:
        """Wait for the answer to a BYE of ours, or the ACK of our refusal, so that it is kept too."""
        if self._waits:
            # Two calls may wait for one answer: one that we sent to ourselves.
            if self._has_parted is None or self._has_parted.is_set():
                self._has_parted = asyncio.Event()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(within_s):
                    await self._has_parted.wait()


class Traces:
    """The traces of one endpoint, by Call-ID."""

    def __init__(self) -> None:
        self._followed: dict[bytes, Trace] = {}
        self._fresh: dict[bytes, Trace] = {}

    def __len__(self) -> int:
        return len(self._followed)

    def passes(self, at: float, data: bytes, peer: Destination, is_ours: bool) -> None:
        """A message passes; kept is what belongs to a call, or begins one, from its first line on."""
        data = data.lstrip(b"\r\n")
        call_id = call_id_in(data)
        trace = self._followed.get(call_id) or self._fresh.get(call_id)
        if trace is None:
            if not data.startswith(b"INVITE "):
                return
            if len(self._fresh) >= FRESH:
                del self._fresh[next(iter(self._fresh))]
            trace = self._fresh[call_id] = Trace()
        trace.keep(Passed(at, is_ours, data, peer))

    def follow(self, call_id: str) -> Trace:
        """Keep what passes with this Call-ID, and what has just passed, until it is left."""
        key = _key(call_id)
        trace = self._followed.get(key) or self._fresh.pop(key, None) or Trace()
        trace.followers += 1
        self._followed[key] = trace
        return trace

    def leave(self, call_id: str) -> None:
        """Forget a dialog, unless another call follows it too: one that we sent to ourselves."""
        key = _key(call_id)
        trace = self._followed[key]
        trace.followers -= 1
        if not trace.followers:
            del self._followed[key]


def _beginning(data: bytes) -> bytes:
    """Return the first lines of a message: half a number or half a key would not be known for what it is."""
    head = data[:HEAD_BYTES]
    whole, line_break, _ = head.rpartition(b"\r\n")
    return whole + line_break or head


def _is_refusal(data: bytes) -> bool:
    """Tell whether a message refuses an INVITE: a final answer that is no 2xx, and that an ACK follows."""
    is_final = data.startswith(_ANSWER) and data[len(_ANSWER) : len(_ANSWER) + 1] in (b"3", b"4", b"5", b"6")
    return is_final and _TO_INVITE.search(data) is not None


def _key(call_id: str) -> bytes:
    return call_id.encode("utf-8", "surrogateescape")
