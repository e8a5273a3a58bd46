"""Requests that come in, and the legs they make: the user agent server (RFC 3261 sections 8.2, 9.2 and 13.3)."""

from collections.abc import Sequence
from typing import NamedTuple

from offhook.engine.sip import sessions
from offhook.engine.sip.alarms import Alarms
from offhook.engine.sip.core import ALLOW, METHODS, OTHER_METHODS, SUPPORTED, Core, sends
from offhook.engine.sip.dialog import Event, Leg, Pending, State, route_set_of, target_of
from offhook.engine.sip.errors import MalformedMessage
from offhook.engine.sip.headers import parse_address
from offhook.engine.sip.message import SDP, Request, sdp_of
from offhook.engine.sip.midcall import Midcall
from offhook.engine.sip.moves import State as Stage
from offhook.engine.sip.outputs import (
    Canceled,
    Destination,
    Dropped,
    Invited,
    Lost,
    Output,
    Send,
    Transport,
    TurnedDown,
)
from offhook.engine.sip.provisionals import Provisionals
from offhook.engine.sip.replies import Reply, reply_to
from offhook.engine.sip.transactions import Transaction, server_key
from offhook.engine.sip.uri import parse_uri

_MergeKey = tuple[str, str, int]


class Inbound:
    """The half of an agent that is called."""

    def __init__(self, core: Core, midcall: Midcall, provisionals: Provisionals) -> None:
        self._core = core
        self._midcall = midcall
        self._provisionals = provisionals
        # INVITEs of the last 64 x T1, to know one that comes on a second way.
        self._recent: Alarms[_MergeKey] = Alarms()

    def receive(self, request: Request, source: Destination, local: str, now: float) -> list[Output]:
        """Find what a request is about, and do it."""
        core = self._core
        reply = reply_to(request.headers, source)
        via = reply.via
        key = server_key(request, via.branch, f"{via.host}:{via.port}", reply.from_tag)
        known = core.transactions.find_server(key)
        if request.method == "ACK":
            if known and known.state is not Stage.ACCEPTED:
                return sends(core.transactions.acknowledged(known, now))
            return self._midcall.acknowledged(request, reply, now)
        if known:
            return sends(core.transactions.repeated(known, now))
        transaction = core.transactions.serve(key, request.method, reply.destination)
        try:
            if (objection := _objection(request, transaction, reply)) is not None:
                answer = core.respond(
                    transaction, reply, objection.status, now, tag=core.token(), fields=objection.fields
                )
                return [*answer, *self._turned_down(request, reply, source, local, objection)]
            if request.method == "CANCEL":
                return self._cancel((*key[:-1], "INVITE"), transaction, reply, now)
            if reply.to_tag:
                return self._midcall.receive(request, transaction, reply, now)
            if request.method == "OPTIONS":
                return core.tell_options(transaction, reply, now)
            if request.method == "INVITE":
                return self._invite(request, transaction, reply, source, local, now)
        except MalformedMessage as error:
            dropped = Dropped(f"{request.method} answered {error.status}: {error.sentence}", source)
            objection = _Objection(error.status, error.sentence)
            turned_down = self._turned_down(request, reply, source, local, objection)
            return [*core.respond(transaction, reply, error.status, now, tag=core.token()), dropped, *turned_down]
        return core.respond(transaction, reply, 481, now, tag=core.token())

    def answer_broken(self, method: str, status: int, reply: Reply) -> list[Output]:
        """Answer a request that could not be parsed, without a transaction; ACK never is (section 17)."""
        if method == "ACK":
            return []
        return [Send(reply.write(status, self._core.token(), [("Server", self._core.name)]), reply.destination)]

    def refuse(self, leg: Leg, status: int, now: float, retry_after_s: int | None = None) -> list[Output]:
        """Refuse the call; the leg is over."""
        if not leg.may(Event.WE_REFUSE):
            return []
        leg.move(Event.WE_REFUSE)
        fields = [("Retry-After", str(retry_after_s))] if retry_after_s is not None else []
        outputs = self._core.settle(leg, leg.pending, status, now, fields=fields)
        self._core.forget(leg)
        return outputs

    def tick(self, now: float) -> list[Output]:
        """Repeat answers that nobody acknowledged; end legs whose peer never does."""
        core = self._core
        self._recent.due(now)
        outputs: list[Output] = []
        for tag in core.answers.due(now):
            leg = core.legs[tag]
            assert leg.answer is not None, "an alarm is set with an answer and cleared with it"
            if now < leg.answer_until:
                leg.answer_interval = min(2 * leg.answer_interval, core.timers.t2)
                core.answers.set(tag, min(now + leg.answer_interval, leg.answer_until))
                outputs.append(leg.answer)
                continue
            was_ours = leg.state is State.HANGING_UP
            leg.move(Event.PEER_IS_LOST)
            outputs += core.send_bye(leg, now)
            if not was_ours:
                outputs.append(Lost(tag, "our 200 was never acknowledged"))
        return outputs

    def deadline(self) -> float | None:
        """Return when `tick` next has something to do."""
        times = [time for time in (self._core.answers.deadline(), self._recent.deadline()) if time is not None]
        return min(times) if times else None

    def _turned_down(
        self, request: Request, reply: Reply, source: Destination, local: str, objection: "_Objection"
    ) -> list[Output]:
        """Tell of a new call that was refused, unless nobody could say whose it was."""
        if request.method != "INVITE" or reply.to_tag:
            return []
        try:
            for written in (reply.from_, reply.to):
                parse_address(written)
            parse_uri(request.uri)
        except MalformedMessage:
            return []
        text = f"its INVITE was answered {objection.status}: {objection.text}"
        return [TurnedDown(Invited(self._core.token(), request, source, local), text)]

    def _invite(
        self,
        request: Request,
        transaction: Transaction,
        reply: Reply,
        source: Destination,
        local: str,
        now: float,
    ) -> list[Output]:
        core = self._core
        merge_key = (reply.call_id, reply.from_tag, request.cseq)
        if merge_key in self._recent:
            # The same request on two ways (section 8.2.2.2).
            return core.respond(transaction, reply, 482, now, tag=core.token())
        self._recent.set(merge_key, now + 64 * core.timers.t1)
        if sessions.is_too_short(sessions.asked(request)):
            fields = [("Min-SE", str(sessions.SHORTEST_S))]
            return core.respond(transaction, reply, sessions.INTERVAL_TOO_SMALL, now, tag=core.token(), fields=fields)
        parse_uri(request.uri)
        target = target_of(request.values("Contact"))
        if target is None:
            raise MalformedMessage("an INVITE needs a Contact")
        parse_address(reply.from_)
        parse_address(reply.to)
        leg = Leg(core.token(), reply.call_id, State.INCOMING, local, source)
        leg.local_address = f"{reply.to};tag={leg.tag}"
        leg.remote_address = reply.from_
        leg.remote_tag = reply.from_tag
        leg.remote_cseq = request.cseq
        leg.remote_target = target
        # The called end keeps the routes in the order in which it received them (section 12.1.1).
        leg.route_set = route_set_of(request.values("Record-Route"))
        leg.pending = Pending(transaction, reply, request)
        leg.allows_update = sessions.takes_update(request)
        self._provisionals.begin(leg, request)
        transaction.owner = leg.tag
        core.legs[leg.tag] = leg
        trying = core.respond(transaction, reply, 100, now)
        return [*trying, Invited(leg.tag, request, source, local)]

    def _cancel(self, key: tuple[str, ...], transaction: Transaction, reply: Reply, now: float) -> list[Output]:
        core = self._core
        invite = core.transactions.find_server(key)
        if invite is None:
            return core.respond(transaction, reply, 481, now, tag=core.token())
        leg = core.legs.get(invite.owner)
        tag = leg.tag if leg else core.token()
        outputs = core.respond(transaction, reply, 200, now, tag=tag)
        # An INVITE that has its final answer is not touched by CANCEL (section 9.2).
        if leg is None or leg.pending is None or leg.pending.transaction is not invite:
            return outputs
        outputs += core.settle(leg, leg.pending, 487, now)
        if not leg.may(Event.PEER_CANCELS):
            # It was a re-INVITE; the call goes on as it was.
            return outputs
        leg.move(Event.PEER_CANCELS)
        core.forget(leg)
        return [*outputs, Canceled(leg.tag)]


class _Objection(NamedTuple):
    """Why a request is refused for what it asks: status, a few words, and fields that say it to machines."""

    status: int
    text: str
    fields: Sequence[tuple[str, str]] = ()


def _objection(request: Request, transaction: Transaction, reply: Reply) -> _Objection | None:
    """Say what no request may ask of us (sections 8.2.1, 8.2.2.3 and 8.2.3). Raises MalformedMessage."""
    transport = transaction.destination.transport
    is_new = request.method != "CANCEL" and not reply.to_tag
    if is_new and transport is not Transport.TLS and parse_uri(request.uri).scheme == "sips":
        # What was asked to be secret may not come in the clear (section 26.2.2).
        raise MalformedMessage(f"a sips URI needs TLS, and this is {transport}", status=416)
    # Within a call a REFER is declined there, so that the call's timeline tells of it.
    if request.method not in METHODS and not (request.method == "REFER" and reply.to_tag):
        # Known and refused, or never heard of (sections 8.2.1 and 21.5.2).
        status = 405 if request.method in OTHER_METHODS else 501
        return _Objection(status, f"{request.method} is not done here", [("Allow", ALLOW)])
    unknown = [word for word in request.values("Require") if word.lower() not in SUPPORTED]
    if unknown and request.method != "CANCEL":
        wanted = ", ".join(unknown)
        return _Objection(420, f"it requires an extension of SIP that we lack ({wanted})", [("Unsupported", wanted)])
    is_plain = request.first("Content-Encoding").lower() in ("", "identity")
    if request.method in ("INVITE", "UPDATE", "PRACK") and request.body and not (is_plain and sdp_of(request)):
        kind = request.first("Content-Type") if is_plain else f"the encoding {request.first('Content-Encoding')}"
        fields = [("Accept", SDP), ("Accept-Encoding", "identity")]
        return _Objection(415, f"it describes its sound in {kind or 'no known form'}, and not in {SDP}", fields)
    if request.method == "INVITE" and not _takes_sdp(request):
        return _Objection(406, f"it takes no answer in {SDP} (Accept)")
    return None


def _takes_sdp(request: Request) -> bool:
    """Tell whether the caller can read our session description (section 20.1)."""
    if "Accept" not in request.headers:
        return True
    kinds = {value.partition(";")[0].strip().lower() for value in request.values("Accept")}
    return not kinds.isdisjoint((SDP, "application/*", "*/*"))
