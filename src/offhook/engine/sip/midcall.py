"""Requests inside a call: ACK, BYE and other media (RFC 3261 sections 12.2.2, 14.2 and 15.1.2, RFC 3311)."""

from offhook.engine.sip import sessions
from offhook.engine.sip.core import Core
from offhook.engine.sip.dialog import Event, Leg, Pending, State, target_of
from offhook.engine.sip.message import Request, sdp_of
from offhook.engine.sip.outputs import Confirmed, HungUp, Output, Reoffered
from offhook.engine.sip.replies import Reply
from offhook.engine.sip.transactions import Transaction


class Midcall:
    """The part of an agent that hears what the peer of a leg wants, whoever called whom."""

    def __init__(self, core: Core) -> None:
        self._core = core

    def receive(self, request: Request, transaction: Transaction, reply: Reply, now: float) -> list[Output]:
        """Do what a request inside a dialog asks for. Raises `MalformedMessage`."""
        core = self._core
        leg = self._find_leg(reply)
        if leg is None:
            return core.respond(transaction, reply, 481, now)
        if request.cseq <= leg.remote_cseq:
            # Out of order (section 12.2.2).
            return core.respond(transaction, reply, 500, now, fields=[("Retry-After", "1")])
        leg.remote_cseq = request.cseq
        if request.method == "BYE":
            return self._bye(leg, transaction, reply, now)
        if request.method == "OPTIONS":
            return core.tell_options(transaction, reply, now)
        target = target_of(request.values("Contact"))
        wish = sessions.asked(request)
        if sessions.is_too_short(wish):
            fields = [("Min-SE", str(sessions.SHORTEST_S))]
            return core.respond(transaction, reply, sessions.INTERVAL_TOO_SMALL, now, fields=fields)
        if request.method == "UPDATE" and not request.body:
            leg.remote_target = target or leg.remote_target
            fields = [*core.media_fields(leg, b""), *sessions.agree(leg, wish)]
            core.keep_session(leg, now)
            return core.respond(transaction, reply, 200, now, fields=fields)
        if leg.refresh is not None and request.body:
            # Both want something at once (RFC 3261 section 14.2, RFC 3311 section 5.2).
            return core.respond(transaction, reply, sessions.REQUEST_PENDING, now)
        if leg.state is not State.CONFIRMED or leg.pending is not None or leg.answer is not None:
            # One offer at a time (RFC 3261 section 14.2, RFC 3311 section 5.2).
            return core.respond(transaction, reply, 500, now, fields=[("Retry-After", "1")])
        leg.remote_target = target or leg.remote_target
        leg.pending = Pending(transaction, reply, request)
        transaction.owner = leg.tag
        trying = core.respond(transaction, reply, 100, now) if request.method == "INVITE" else []
        return [*trying, Reoffered(leg.tag, request.body)]

    def acknowledged(self, request: Request, reply: Reply, now: float) -> list[Output]:
        """The ACK of a 2xx arrived, or of nothing that we know."""
        core = self._core
        leg = self._find_leg(reply)
        if leg is None or leg.answer is None or request.cseq != leg.answer_cseq:
            return []
        leg.answer = None
        core.answers.clear(leg.tag)
        if leg.may(Event.PEER_ACKNOWLEDGES):
            leg.move(Event.PEER_ACKNOWLEDGES)
        if leg.state is State.ENDING:
            return core.send_bye(leg, now)
        return [Confirmed(leg.tag, sdp_of(request))]

    def accept(self, leg: Leg, sdp: bytes, now: float) -> list[Output]:
        """Agree to a re-INVITE or UPDATE with this answer, or with our offer when it had none."""
        return self._core.agree(leg, sdp, now) if leg.state is State.CONFIRMED else []

    def decline(self, leg: Leg, status: int, now: float) -> list[Output]:
        """Refuse a re-INVITE or UPDATE; the call goes on as it was."""
        return self._core.settle(leg, status, now) if leg.state is State.CONFIRMED else []

    def _bye(self, leg: Leg, transaction: Transaction, reply: Reply, now: float) -> list[Output]:
        core = self._core
        if not leg.may(Event.PEER_HANGS_UP):
            return core.respond(transaction, reply, 481, now)
        we_hung_up = leg.state in (State.ENDING, State.HANGING_UP)
        leg.move(Event.PEER_HANGS_UP)
        outputs = core.respond(transaction, reply, 200, now)
        outputs += core.close_offers(leg, now)
        core.forget(leg)
        return outputs if we_hung_up else [*outputs, HungUp(leg.tag)]

    def _find_leg(self, reply: Reply) -> Leg | None:
        """Return the leg whose dialog a request belongs to: Call-ID and both tags (section 12.2.2)."""
        leg = self._core.legs.get(reply.to_tag)
        return leg if leg and leg.call_id == reply.call_id and leg.remote_tag == reply.from_tag else None
