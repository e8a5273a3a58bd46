"""Requests that we make, and the legs they make: the user agent client (RFC 3261 sections 8.1, 9.1 and 13.2)."""

from dataclasses import replace

from offhook.engine.sip import sessions
from offhook.engine.sip.authenticator import Attempt, Unanswered
from offhook.engine.sip.core import ALLOW, SUPPORTED, Core, bracket, sends
from offhook.engine.sip.dialog import FORKS_LIMIT, Event, Leg, State, establish
from offhook.engine.sip.errors import MalformedMessage
from offhook.engine.sip.excuses import said_in
from offhook.engine.sip.invitation import Invitation
from offhook.engine.sip.message import SDP, Response, sdp_of, write_request
from offhook.engine.sip.outputs import Answered, Declined, Output, Progressed, Send, Transport, Trying
from offhook.engine.sip.pracks import Pracks
from offhook.engine.sip.records import SentInvite
from offhook.engine.sip.redirections import elsewhere_of
from offhook.engine.sip.refreshing import Refreshing
from offhook.engine.sip.transactions import Outgoing, Transaction

CHALLENGES = frozenset({401, 407})
LARGEST_DATAGRAM = 1300
"""Bytes of a request; a larger one may need fragments, which firewalls drop (section 18.1.1)."""


class Outbound:
    """The half of an agent that calls."""

    def __init__(self, core: Core, refreshing: Refreshing) -> None:
        self._core = core
        self._refreshing = refreshing
        self._pracks = Pracks(core)

    def invite(self, wish: Invitation, now: float) -> tuple[str, list[Output]]:
        """Call somebody; returns the new leg's name. Raises `MalformedMessage` for a wish with a line break in it."""
        core = self._core
        leg = Leg(core.token(), core.token(), State.CALLING, wish.local, wish.destination)
        leg.local_address = f"{wish.from_};tag={leg.tag}"
        leg.remote_address = wish.to
        leg.remote_target = wish.uri
        leg.authenticator = wish.authenticator
        leg.local_cseq = 1
        outgoing, branch = self._write(leg, wish)
        if (
            not wish.stays_with_transport
            and leg.flow.transport is Transport.UDP
            and len(outgoing.data) > LARGEST_DATAGRAM
            and core.may_use_tcp(leg.flow, now)
        ):
            leg.flow = replace(leg.flow, transport=Transport.TCP)
            leg.is_too_large = True
            outgoing, branch = self._write(leg, wish)
        core.legs[leg.tag] = leg
        leg.wish = wish
        return leg.tag, self._send(leg, outgoing, branch, now)

    def _write(self, leg: Leg, wish: Invitation, attempt: Attempt | None = None) -> tuple[Outgoing, str]:
        core, transport = self._core, leg.flow.transport
        if attempt is None and wish.authenticator is not None:
            attempt = wish.authenticator.begin("INVITE", wish.uri, wish.sdp)
        leg.attempt = attempt
        via, branch = core.via(wish.local, transport)
        fields = [
            ("Via", via),
            ("Max-Forwards", str(wish.forwards)),
            ("From", leg.local_address),
            ("To", wish.to),
            ("Call-ID", leg.call_id),
            ("CSeq", f"{leg.local_cseq} INVITE"),
            ("Contact", core.contact(wish.local, transport)),
            ("Allow", ALLOW),
            ("Supported", ", ".join(SUPPORTED)),
            ("User-Agent", core.name),
            *sessions.wish_of(leg),
            *wish.fields,
            *(attempt.fields if attempt else ()),
        ]
        if wish.sdp:
            fields.append(("Content-Type", SDP))
        data = write_request("INVITE", wish.uri, fields, wish.sdp)
        leg.said = wish.sdp
        cseq = leg.local_cseq
        return Outgoing("INVITE", wish.uri, via, leg.local_address, leg.call_id, cseq, (), wish.local, data), branch

    def _send(self, leg: Leg, outgoing: Outgoing, branch: str, now: float) -> list[Output]:
        outputs = sends(self._core.transactions.request(outgoing, branch, leg.flow, leg.tag, now))
        leg.invite = self._core.transactions.find_client(branch, "INVITE")
        return outputs

    def take_over(self, leg: Leg, invite: SentInvite) -> None:
        """Wait for the final response to an INVITE that another agent sent and that rings."""
        leg.invite = self._core.transactions.take_over(invite.outgoing, invite.branch, invite.destination, leg.tag)

    def cancel(self, leg: Leg, now: float) -> list[Output]:
        """CANCEL the INVITE of a leg that is CANCELING; its final response, or 64 x T1 without one, ends the leg."""
        transaction = leg.invite
        assert transaction is not None, "a leg that goes out has its INVITE"
        invite = transaction.outgoing
        assert invite is not None, "only client transactions can be canceled"
        # Same Request-URI, Via, From, To, Call-ID and CSeq number as the INVITE (section 9.1).
        fields = [
            ("Via", invite.via),
            ("Max-Forwards", "70"),
            ("From", invite.from_),
            ("To", leg.remote_address),
            ("Call-ID", invite.call_id),
            ("CSeq", f"{invite.cseq} CANCEL"),
        ]
        outgoing = replace(invite, method="CANCEL", data=write_request("CANCEL", invite.uri, fields))
        branch, destination = transaction.key[0], transaction.destination
        self._core.transactions.expire(transaction, now)
        return sends(self._core.transactions.request(outgoing, branch, destination, leg.tag, now))

    def responded(self, transaction: Transaction, response: Response, now: float) -> list[Output]:
        """A response to a request of ours arrived."""
        leg = self._core.legs.get(transaction.owner)
        assert transaction.outgoing is not None, "only client transactions get responses"
        method = transaction.outgoing.method
        is_refresh = leg is not None and transaction is leg.refresh
        if method == "INVITE" and 200 <= response.status < 300 and not is_refresh:
            if leg is not None and leg.state is State.CONFIRMED and transaction is not leg.invite:
                return [self._refreshing.acknowledge(leg, transaction)]
            return self._succeeded(leg, transaction, response, now)
        if leg is None:
            return []
        if transaction is leg.refresh:
            return self._refreshing.responded(leg, transaction, response, now)
        if method == "INVITE" and response.status == sessions.INTERVAL_TOO_SMALL and self._widens(leg, response):
            return self._again(leg, now)
        if method == "PRACK":
            return self._pracks.responded(leg, response, now) if response.status in CHALLENGES else []
        if response.status in CHALLENGES and leg.authenticator is not None:
            return self._challenged(leg, method, response, now)
        if method == "INVITE" and response.status < 200:
            return self._progressed(leg, transaction, response, now)
        if method == "INVITE":
            return self._declined(leg, response.status, said_in(response), elsewhere_of(response))
        if method == "BYE" and response.status >= 200:
            self._core.bye_is_over(leg)
        return []

    def timed_out(self, transaction: Transaction, now: float) -> list[Output]:
        """A request of ours was never answered, or a failure of ours never acknowledged."""
        leg = self._core.legs.get(transaction.owner)
        if leg is None or transaction.outgoing is None:
            return []
        if transaction is leg.refresh:
            return self._refreshing.timed_out(leg, now)
        if transaction is leg.invite and leg.state is State.CANCELING:
            return self._found(leg, 487, "nobody answered the CANCEL")
        if transaction is leg.invite:
            return self._found(leg, 408, "nobody answered")
        if transaction.outgoing.method == "BYE":
            self._core.bye_is_over(leg)
        return []

    def _challenged(self, leg: Leg, method: str, response: Response, now: float) -> list[Output]:
        """Meet a challenge to our INVITE or BYE, or tell why it cannot be met (section 22.2)."""
        assert leg.authenticator is not None, "the caller has looked"
        is_first = method == "INVITE" and leg.state in (State.CALLING, State.PROCEEDING)
        outcome: Attempt | Unanswered | None = None
        if leg.attempt is not None:
            outcome = leg.authenticator.answer(leg.attempt, response, cnonce=self._core.token(), now=now)
        if isinstance(outcome, Attempt) and is_first:
            return self._again(leg, now, outcome)
        if isinstance(outcome, Attempt) and method == "BYE":
            return self._core.ask(leg, "BYE", now, attempt=outcome)
        if method == "BYE":
            self._core.bye_is_over(leg)
            return []
        if isinstance(outcome, Unanswered):
            return self._found(leg, response.status, outcome.sentence)
        return self._declined(leg, response.status, said_in(response))

    def _widens(self, leg: Leg, response: Response) -> bool:
        """Take a longer session interval, if the peer wants one and we have not asked for so long already."""
        least = sessions.asked(response).shortest
        if leg.state not in (State.CALLING, State.PROCEEDING) or least <= leg.session_s or least > sessions.LONGEST_S:
            return False
        leg.session_s = leg.least_session_s = least
        return True

    def _again(self, leg: Leg, now: float, attempt: Attempt | None = None) -> list[Output]:
        """Send the INVITE once more, changed as its refusal asked (section 8.1.3.5): the same call, the next number."""
        assert leg.wish is not None, "a leg that goes out has been wished for"
        leg.local_cseq += 1
        return self._send(leg, *self._write(leg, leg.wish, attempt), now)

    def undelivered(self, transaction: Transaction, now: float, why: str) -> list[Output]:
        """A request of ours could not be sent at all (section 8.1.3.1: as if 503 had been answered)."""
        leg = self._core.legs.get(transaction.owner)
        if leg is None or transaction.outgoing is None:
            return []
        if transaction is leg.invite and leg.is_too_large and leg.wish is not None:
            # Nothing listens there by TCP: rather in fragments than not at all (section 18.1.1).
            self._core.avoid_tcp(leg.flow, now)
            leg.flow, leg.is_too_large = leg.wish.destination, False
            return self._send(leg, *self._write(leg, leg.wish), now)
        if transaction is leg.invite:
            to = transaction.destination
            told = f"there is no connection to {bracket(to.host)}:{to.port} by {to.transport}"
            return self._found(leg, 503, f"{told}: {why}" if why else told)
        if transaction.outgoing.method == "BYE":
            self._core.bye_is_over(leg)
        if transaction is leg.refresh:
            return self._refreshing.timed_out(leg, now)
        return []

    def _progressed(self, leg: Leg, transaction: Transaction, response: Response, now: float) -> list[Output]:
        acknowledgement = self._pracks.hear(leg, transaction, response, now)
        if acknowledgement is None:
            return []
        was_giving_up = leg.state is State.GIVING_UP
        state = leg.move(Event.PEER_PROGRESSES)
        if was_giving_up:
            return [*acknowledgement, *self.cancel(leg, now)]
        if state is State.CANCELING:
            return acknowledgement
        if response.status == 100:
            return [Trying(leg.tag)]
        return [*acknowledgement, Progressed(leg.tag, response.status, sdp_of(response))]

    def _declined(self, leg: Leg, status: int, reason: str, elsewhere: tuple[str, ...] = ()) -> list[Output]:
        return self._over(leg, Declined(leg.tag, status, reason, elsewhere))

    def _found(self, leg: Leg, status: int, why: str) -> list[Output]:
        """The callee's side is taken to have said this status; `why` are our own words."""
        return self._over(leg, Declined(leg.tag, status, why, is_found=True))

    def _over(self, leg: Leg, how: Declined) -> list[Output]:
        if not leg.may(Event.PEER_DECLINES):
            return []
        leg.move(Event.PEER_DECLINES)
        self._core.forget(leg)
        return [how]

    def _succeeded(self, leg: Leg | None, transaction: Transaction, response: Response, now: float) -> list[Output]:
        try:
            if leg is not None and leg.may(Event.PEER_ANSWERS):
                return self._answered(leg, transaction, response, now)
            return self._answered_again(transaction, response, now)
        except MalformedMessage as error:
            # An answer without a way to reach the callee cannot be acknowledged.
            return self._found(leg, 502, error.sentence) if leg else []

    def _answered(self, leg: Leg, transaction: Transaction, response: Response, now: float) -> list[Output]:
        establish(leg, response)
        sessions.accept(leg, sessions.asked(response))
        leg.allows_update = sessions.takes_update(response)
        self._core.keep_session(leg, now)
        transaction.heard = (leg.remote_tag,)
        sdp = sdp_of(response) or _told_before(leg)
        state = leg.move(Event.PEER_ANSWERS)
        acknowledgement = self._acknowledge(leg, transaction)
        if state is State.ENDING:
            # The answer crossed our CANCEL: acknowledge, then hang up.
            return [acknowledgement, *self._core.send_bye(leg, now), Declined(leg.tag, 487, "canceled", is_found=True)]
        return [acknowledgement, Answered(leg.tag, sdp)]

    def _answered_again(self, transaction: Transaction, response: Response, now: float) -> list[Output]:
        """Acknowledge every 2xx; another branch of a fork is a dialog made only to be ended (section 13.2.2.4)."""
        invite = transaction.outgoing
        assert invite is not None, "only client transactions get responses"
        # It is nobody's leg, so nothing is told about it and no BYE of its ends the real one.
        fork = Leg("", invite.call_id, State.ENDING, invite.local, transaction.destination)
        fork.local_address = invite.from_
        fork.local_cseq = invite.cseq
        establish(fork, response)
        acknowledgement = self._acknowledge(fork, transaction)
        if fork.remote_tag in transaction.heard:
            return [acknowledgement]
        if len(transaction.heard) >= FORKS_LIMIT:
            return []
        transaction.heard += (fork.remote_tag,)
        return [acknowledgement, *self._core.send_bye(fork, now)]

    def _acknowledge(self, leg: Leg, transaction: Transaction) -> Send:
        assert transaction.outgoing is not None, "only client transactions are acknowledged"
        to = leg.next_hop()
        via, _ = self._core.via(leg.local, to.transport)
        # The ACK carries what its INVITE carried (section 22.1).
        proofs = leg.attempt.fields if leg.attempt and transaction is leg.invite else ()
        return Send(leg.write("ACK", via, transaction.outgoing.cseq, proofs).data, to)


def _told_before(leg: Leg) -> bytes:
    """Let the early dialogs end in the one that was answered; return its description, which the 200 may leave out."""
    early, leg.early = leg.early.get(leg.remote_tag), {}
    if early is None:
        return b""
    leg.remote_cseq = max(leg.remote_cseq, early.dialog.remote_cseq)
    return early.sdp
