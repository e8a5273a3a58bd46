"""The SIP dialogs of one call, and what was said in them, for its record."""

import asyncio
import contextlib
import re
from operator import attrgetter

from offhook.domain.sip_messages import SipMessage
from offhook.engine.net.addresses import is_literal
from offhook.engine.net.endpoint import Endpoint
from offhook.engine.net.sip_trace import Trace
from offhook.engine.sip.masking import hidden_in, masked

PARTING_S = 0.25
"""How long the record of a call waits for the answer to our last BYE: it belongs to the story, and money does not
wait for ever."""
MOST_DIALOGS = 32
"""Dialogs of one call whose messages are kept; a hunt through many targets may make more."""


class Dialogs:
    """The caller's dialog, and those with whoever was called, in the order in which they began."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self._traces: dict[str, Trace] = {}

    def follow(self, call_id: str) -> None:
        """Keep what is said in a dialog from its INVITE on."""
        if call_id and call_id not in self._traces and len(self._traces) < MOST_DIALOGS:
            self._traces[call_id] = self._endpoint.traces.follow(call_id)

    async def part(self) -> None:
        """Wait a moment for the answers to the BYEs that we sent."""
        await asyncio.gather(*(trace.part(PARTING_S) for trace in self._traces.values()))

    def messages(self, began: float, *, hides: bool, withheld: str) -> list[SipMessage]:
        """Return what was said, without what is secret; `began` is when the call did, in monotonic seconds.

        `hides` says whether the caller hid, whose number is shown nowhere then; `withheld` is that which a trusted
        trunk told all the same.
        """
        hidden = self._hidden(withheld) if hides else None
        # Our own address by the peer's: a dialog has hardly more than one.
        known: dict[tuple[str, str], tuple[str, int]] = {}
        told = []
        for leg, trace in enumerate(self._traces.values(), start=1):
            for at, is_ours, data, peer in trace.messages:
                host, transport = peer.host, peer.transport.value
                local = known.get((host, transport))
                if local is None:
                    local = known[host, transport] = self._own_toward(host), self._endpoint.port_of(peer.transport)
                at_ms = max(0.0, round((at - began) * 1000, 1))
                shown = masked(data, hidden)
                told.append(SipMessage(at_ms, leg, is_ours, transport, local, (host, peer.port), shown))
        return sorted(told, key=attrgetter("at_ms"))

    def leave(self) -> None:
        """Keep nothing any more."""
        for call_id in self._traces:
            self._endpoint.traces.leave(call_id)
        self._traces.clear()

    def _hidden(self, withheld: str) -> re.Pattern[bytes]:
        """Return what finds the caller's numbers: those that its first INVITE names."""
        caller = next(iter(self._traces.values()), None)
        first = next((one.data for one in caller.messages if not one.is_ours), b"") if caller is not None else b""
        return hidden_in(first, withheld)

    def _own_toward(self, host: str) -> str:
        # A name of the peer's is resolved only where it is sent to, and a route may have gone meanwhile.
        with contextlib.suppress(OSError):
            if is_literal(host):
                return self._endpoint.own_toward(host)
        return ""
