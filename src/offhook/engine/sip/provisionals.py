"""Provisional responses that arrive for certain: ours are repeated until their PRACK comes (RFC 3262 section 3).

Reliable is what describes our media, to a caller who knows 100rel, and everything to one who requires it. One at a
time: later ones wait for the PRACK, and so does the 200 of a call whose description is still under way.
"""

import re
from zlib import crc32

from offhook.engine.sip.core import Core
from offhook.engine.sip.dialog import Event, Leg, Pending, Promise, State
from offhook.engine.sip.errors import MalformedMessage
from offhook.engine.sip.message import Request
from offhook.engine.sip.outputs import Lost, Output, Reoffered, Send
from offhook.engine.sip.replies import Reply
from offhook.engine.sip.transactions import Transaction

RELIABLE = "100rel"
WAITING_LIMIT = 8
"""Provisional responses that wait for the PRACK of one before them; more tell a caller nothing new."""
LARGEST_FIRST_RSEQ = 2**31 - 1
SERVER_TIMEOUT = 504

_RACK = re.compile(r"([0-9]{1,10})[ \t]+([0-9]{1,10})[ \t]+([A-Za-z]{1,16})", re.ASCII)


class Provisionals:
    """The provisional responses of an agent to its callers."""

    def __init__(self, core: Core) -> None:
        self._core = core

    def begin(self, leg: Leg, request: Request) -> None:
        """Note whether a caller knows reliable responses, or wants no other."""
        is_required = _names(request, "Require")
        if is_required or _names(request, "Supported"):
            # Nobody outside guesses where the numbers begin (section 3 wants them spread over half of the range).
            first = crc32(self._core.token().encode()) % LARGEST_FIRST_RSEQ
            leg.promise = Promise(request.cseq, is_required, first)

    def ring(self, leg: Leg, now: float, status: int, sdp: bytes) -> list[Output]:
        """Tell the caller that somebody is being found: 180, or 183 with early media."""
        if leg.state is not State.INCOMING or leg.pending is None:
            return []
        promise = leg.promise
        if promise is None:
            return self._respond(leg, leg.pending, now, status, sdp)
        if promise.is_required and not sdp and not leg.pending.request.body:
            # The first reliable response to an INVITE without an offer has to make one (RFC 3261 section 13.2.1).
            return []
        body = b"" if promise.has_description else sdp
        if not body and not promise.is_required:
            return self._respond(leg, leg.pending, now, status, body)
        if promise.unacknowledged is not None:
            if len(promise.waiting) < WAITING_LIMIT and (status, body) not in promise.waiting:
                promise.waiting.append((status, body))
            return []
        return self._promise(leg, leg.pending, promise, now, status, body)

    def answer(self, leg: Leg, sdp: bytes, now: float) -> list[Output]:
        """Answer the call with 200, as soon as that may be, and repeat it until the ACK."""
        promise = leg.promise
        if not leg.may(Event.WE_ANSWER) or leg.pending is None:
            return []
        if promise is not None and promise.holds_answer:
            promise.answer = sdp
            return []
        leg.move(Event.WE_ANSWER)
        self._core.provisionals.clear(leg.tag)
        # A description that has arrived for certain is not given again (section 5).
        is_told = promise is not None and promise.is_described
        return self._core.agree(leg, leg.pending, b"" if is_told else sdp, now)

    def acknowledged(
        self, leg: Leg, request: Request, transaction: Transaction, reply: Reply, now: float
    ) -> list[Output]:
        """A PRACK came. Raises `MalformedMessage` for one whose RAck cannot be read."""
        core, promise = self._core, leg.promise
        if (
            promise is None
            or promise.unacknowledged is None
            or _rack(request) != (promise.rseq, promise.cseq, "INVITE")
        ):
            return core.respond(transaction, reply, 481, now)
        promise.unacknowledged = None
        promise.is_described = promise.has_description
        core.provisionals.clear(leg.tag)
        return [*self._take(leg, promise, Pending(transaction, reply, request), now), *self._go_on(leg, promise, now)]

    def _take(self, leg: Leg, promise: Promise, prack: Pending, now: float) -> list[Output]:
        """Answer a PRACK, which may hold a new offer (section 5)."""
        if not prack.request.body:
            return self._core.respond(prack.transaction, prack.reply, 200, now)
        if not promise.is_described or leg.offer is not None:
            # The offer before it is still open.
            return self._core.respond(prack.transaction, prack.reply, 500, now, fields=[("Retry-After", "1")])
        leg.offer = prack
        return [Reoffered(leg.tag, prack.request.body)]

    def _go_on(self, leg: Leg, promise: Promise, now: float) -> list[Output]:
        """Send what waited for a PRACK."""
        if leg.state is not State.INCOMING or leg.pending is None:
            return []
        if promise.answer is not None:
            return self.answer(leg, promise.answer, now)
        if not promise.waiting:
            return []
        status, body = promise.waiting.popleft()
        return self.ring(leg, now, status, body)

    def tick(self, now: float) -> list[Output]:
        """Repeat what nobody acknowledged; a caller that never does is refused (section 3)."""
        core = self._core
        outputs: list[Output] = []
        for tag in core.provisionals.due(now):
            leg = core.legs[tag]
            promise = leg.promise
            assert promise is not None, "an alarm is set with a promise and cleared with its leg"
            assert promise.unacknowledged is not None, "an alarm is cleared with the PRACK"
            if now < promise.until:
                promise.interval *= 2
                core.provisionals.set(tag, min(now + promise.interval, promise.until))
                outputs.append(promise.unacknowledged)
                continue
            leg.move(Event.WE_REFUSE)
            outputs += core.settle(leg, leg.pending, SERVER_TIMEOUT, now)
            core.forget(leg)
            outputs.append(Lost(tag, "a provisional response of ours was never acknowledged"))
        return outputs

    def _promise(self, leg: Leg, call: Pending, promise: Promise, now: float, status: int, body: bytes) -> list[Output]:
        core = self._core
        promise.rseq += 1
        promise.has_description |= bool(body)
        fields = [("Require", RELIABLE), ("RSeq", str(promise.rseq))]
        outputs = self._respond(leg, call, now, status, body, fields)
        promise.unacknowledged = Send(call.transaction.message, call.transaction.destination)
        promise.interval = core.timers.t1
        promise.until = now + 64 * core.timers.t1
        core.provisionals.set(leg.tag, now + promise.interval)
        return outputs

    def _respond(
        self, leg: Leg, call: Pending, now: float, status: int, body: bytes, fields: list[tuple[str, str]] | None = None
    ) -> list[Output]:
        head = [*self._core.media_fields(leg, body), *(fields or ())]
        leg.said = body or leg.said
        return self._core.respond(call.transaction, call.reply, status, now, tag=leg.tag, fields=head, body=body)


def _names(request: Request, header: str) -> bool:
    return any(word.lower() == RELIABLE for word in request.values(header))


def _rack(request: Request) -> tuple[int, int, str]:
    match = _RACK.fullmatch(request.first("RAck"))
    if match is None:
        raise MalformedMessage("a PRACK says in RAck what it acknowledges: two numbers and a method")
    return int(match[1]), int(match[2]), match[3].upper()
