"""Requests inside a call: ACK, BYE, keys and other media.

RFC 3261 sections 12.2.2, 14.2 and 15.1.2, RFC 3311, RFC 6086.
"""

from collections.abc import Callable, Mapping

from offhook.engine.sip import sessions
from offhook.engine.sip.core import Core
from offhook.engine.sip.dialog import Early, Event, Leg, Pending, State, target_of
from offhook.engine.sip.errors import MalformedMessage
from offhook.engine.sip.identities import address_in, has_digit, number_in
from offhook.engine.sip.keys import ACCEPT, UNSUPPORTED, read_press
from offhook.engine.sip.message import Request, sdp_of
from offhook.engine.sip.outputs import Confirmed, HungUp, Informed, Output, Referred, Reoffered
from offhook.engine.sip.provisionals import Provisionals
from offhook.engine.sip.replies import Reply
from offhook.engine.sip.transactions import Transaction

BAD_INFO_PACKAGE = 469
ACCEPTED = 202
DECLINE = 603
_BEFORE_ANSWER = frozenset({State.CALLING, State.GIVING_UP, State.PROCEEDING, State.CANCELING})

Handler = Callable[[Leg, Request, Transaction, Reply, float], list[Output]]


class Midcall:
    """The part of an agent that hears what the peer of a leg wants, whoever called whom."""

    def __init__(self, core: Core, provisionals: Provisionals) -> None:
        self._core = core
        self._without_media: Mapping[str, Handler] = {
            "BYE": self._bye,
            "INFO": self._info,
            "OPTIONS": self._options,
            "PRACK": provisionals.acknowledged,
            "REFER": self._refer,
        }

    def receive(self, request: Request, transaction: Transaction, reply: Reply, now: float) -> list[Output]:
        """Do what a request inside a dialog asks for. Raises `MalformedMessage`."""
        core = self._core
        leg = self._find_leg(reply)
        if leg is None:
            return core.respond(transaction, reply, 481, now)
        early = leg.early.get(reply.from_tag)
        dialog = leg if early is None else early.dialog
        if request.cseq <= dialog.remote_cseq:
            # Out of order (section 12.2.2).
            return core.respond(transaction, reply, 500, now, fields=[("Retry-After", "1")])
        dialog.remote_cseq = request.cseq
        if (handle := self._without_media.get(request.method)) is not None:
            return handle(leg, request, transaction, reply, now)
        target = target_of(request.values("Contact"))
        wish = sessions.asked(request)
        if sessions.is_too_short(wish):
            fields = [("Min-SE", str(sessions.SHORTEST_S))]
            return core.respond(transaction, reply, sessions.INTERVAL_TOO_SMALL, now, fields=fields)
        if request.method == "UPDATE" and not request.body:
            dialog.remote_target = target or dialog.remote_target
            fields = [*core.media_fields(leg, b""), *sessions.agree(leg, wish)]
            core.keep_session(leg, now)
            return core.respond(transaction, reply, 200, now, fields=fields)
        if leg.refresh is not None and request.body:
            # Both want something at once (RFC 3261 section 14.2, RFC 3311 section 5.2).
            return core.respond(transaction, reply, sessions.REQUEST_PENDING, now)
        if not (_may_update(leg, early) if request.method == "UPDATE" else _may_reinvite(leg)):
            # One offer at a time (RFC 3261 section 14.2, RFC 3311 section 5.2).
            return core.respond(transaction, reply, 500, now, fields=[("Retry-After", "1")])
        dialog.remote_target = target or dialog.remote_target
        if request.method == "UPDATE":
            leg.offer = Pending(transaction, reply, request)
            return [Reoffered(leg.tag, request.body)]
        leg.pending = Pending(transaction, reply, request)
        transaction.owner = leg.tag
        return [*core.respond(transaction, reply, 100, now), Reoffered(leg.tag, request.body)]

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
        """Agree to a re-INVITE, UPDATE or PRACK with this answer, or with our offer when it had none."""
        asked = _asked(leg)
        return self._core.agree(leg, asked, sdp, now) if asked else []

    def decline(self, leg: Leg, status: int, now: float) -> list[Output]:
        """Refuse a re-INVITE, UPDATE or PRACK; the call goes on as it was."""
        return self._core.settle(leg, _asked(leg), status, now)

    def _info(self, leg: Leg, request: Request, transaction: Transaction, reply: Reply, now: float) -> list[Output]:
        core = self._core
        if "Info-Package" in request.headers:
            # We have told of none (RFC 6086 section 4.2.2).
            return core.respond(transaction, reply, BAD_INFO_PACKAGE, now, fields=[("Recv-Info", "")])
        try:
            press = read_press(request)
        except MalformedMessage as error:
            if error.status != UNSUPPORTED:
                raise
            fields = [("Accept", ACCEPT), ("Accept-Encoding", "identity")]
            return core.respond(transaction, reply, UNSUPPORTED, now, fields=fields)
        outputs = core.respond(transaction, reply, 200, now)
        # A request without a key only asks whether we are there; whoever we hung up on presses for nobody.
        if press is None or leg.state in (State.HANGING_UP, State.ENDING):
            return outputs
        return [*outputs, Informed(leg.tag, press.key, press.duration_ms)]

    def _options(
        self, _leg: Leg, _request: Request, transaction: Transaction, reply: Reply, now: float
    ) -> list[Output]:
        return self._core.tell_options(transaction, reply, now)

    def _bye(self, leg: Leg, _request: Request, transaction: Transaction, reply: Reply, now: float) -> list[Output]:
        core = self._core
        if not leg.may(Event.PEER_HANGS_UP):
            return core.respond(transaction, reply, 481, now)
        we_hung_up = leg.state in (State.ENDING, State.HANGING_UP)
        leg.move(Event.PEER_HANGS_UP)
        outputs = core.respond(transaction, reply, 200, now)
        outputs += core.close_offers(leg, now)
        core.forget(leg)
        return outputs if we_hung_up else [*outputs, HungUp(leg.tag)]

    def _refer(self, leg: Leg, request: Request, transaction: Transaction, reply: Reply, now: float) -> list[Output]:
        """Tell that the peer wants somebody else called in its place (RFC 3515 section 2.4.2)."""
        wanted = request.values("Refer-To")
        if len(wanted) != 1:
            # RFC 3515 section 2.4.1.
            raise MalformedMessage("a REFER has not exactly one Refer-To")
        number = number_in(address.uri) if (address := address_in(wanted[0])) is not None else ""
        if leg.referral is not None:
            return self._core.respond(transaction, reply, DECLINE, now)
        leg.referral = Pending(transaction, reply, request)
        return [Referred(leg.tag, number if has_digit(number) else "")]

    def refer(self, leg: Leg, now: float, *, is_taken: bool) -> list[Output]:
        """Take what `Referred` told, and say that it is being tried; or decline it, and the call goes on as it was.

        The peer is told no more than that (RFC 3515 section 2.4.4 asks for no more): its part in the call is over.
        """
        referral, leg.referral = leg.referral, None
        if referral is None:
            return []
        core = self._core
        if not is_taken:
            return core.respond(referral.transaction, referral.reply, DECLINE, now)
        contact = ("Contact", core.contact(leg.local, leg.flow.transport))
        is_quiet = referral.request.first("Refer-Sub").partition(";")[0].strip().lower() == "false"
        # RFC 4488 section 4: no subscription is made, and nothing is to be told.
        fields = [contact, ("Refer-Sub", "false")] if is_quiet else [contact]
        outputs = core.respond(referral.transaction, referral.reply, ACCEPTED, now, fields=fields)
        if is_quiet or leg.state is not State.CONFIRMED:
            return outputs
        told = [
            contact,
            ("Event", "refer"),
            ("Subscription-State", "terminated;reason=noresource"),
            ("Content-Type", "message/sipfrag;version=2.0"),
        ]
        return [*outputs, *core.ask(leg, "NOTIFY", now, fields=told, body=b"SIP/2.0 100 Trying\r\n")]

    def _find_leg(self, reply: Reply) -> Leg | None:
        """Return the leg whose dialog a request belongs to: Call-ID and both tags (section 12.2.2)."""
        leg = self._core.legs.get(reply.to_tag)
        if leg is None or leg.call_id != reply.call_id:
            return None
        # Peers older than RFC 3261 have no tag, which is no sign of a dialog before there is one.
        is_known = leg.remote_tag == reply.from_tag and leg.state not in _BEFORE_ANSWER
        return leg if is_known or reply.from_tag in leg.early else None


def _may_update(leg: Leg, early: Early | None) -> bool:
    """Tell whether an UPDATE may offer other media now: every offer before it has been answered for certain."""
    if leg.offer is not None or (leg.pending is not None and leg.state is not State.INCOMING) or leg.answer is not None:
        return False
    if leg.state is State.INCOMING:
        return leg.promise is not None and leg.promise.is_described
    return leg.state is State.CONFIRMED or (early is not None and bool(early.sdp))


def _may_reinvite(leg: Leg) -> bool:
    return leg.state is State.CONFIRMED and leg.pending is None and leg.offer is None and leg.answer is None


def _asked(leg: Leg) -> Pending | None:
    """Return what of the peer's waits for our word within a dialog."""
    return leg.offer or (leg.pending if leg.state is State.CONFIRMED else None)
