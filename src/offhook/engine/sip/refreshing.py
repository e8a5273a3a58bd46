"""Keeps the sessions of an agent's legs alive, and ends those that their peers let expire (RFC 4028 sections 7 and 10).

A refresh is an UPDATE without a body where the peer takes it, else a re-INVITE with what we described last. A re-INVITE
that offers other media refreshes, too.
"""

from contextlib import suppress
from dataclasses import replace

from offhook.engine.sip import sessions
from offhook.engine.sip.core import ALLOW, SUPPORTED, Core
from offhook.engine.sip.dialog import Event, Leg, State
from offhook.engine.sip.errors import MalformedMessage
from offhook.engine.sip.message import SDP, Response, sdp_of
from offhook.engine.sip.outputs import Confirmed, Lost, NotReoffered, Output, Send
from offhook.engine.sip.transactions import Transaction

GONE = frozenset({408, 481})
AGAIN_AFTER_S = 3.0
"""After a refresh met one of the peer's (RFC 3261 section 14.1: 2.1 to 4 s for who made the call)."""


class Refreshing:
    """The session timers of one agent."""

    def __init__(self, core: Core) -> None:
        self._core = core

    def tick(self, now: float) -> list[Output]:
        """Refresh what is due, and end what has expired."""
        outputs: list[Output] = []
        for tag in self._core.sessions.due(now):
            leg = self._core.legs.get(tag)
            if leg is None or leg.session is None or leg.state is not State.CONFIRMED:
                continue
            if now >= leg.session_until:
                whose = "we could not refresh it" if leg.session.is_ours else "the peer did not refresh it"
                outputs += self._lose(leg, f"the session expired: {whose}", now)
            else:
                self._core.sessions.set(tag, leg.session_until)
                outputs += self._refresh(leg, now)
        return outputs

    def deadline(self) -> float | None:
        """Return when `tick` next has something to do."""
        return self._core.sessions.deadline()

    def reoffer(self, leg: Leg, sdp: bytes, now: float) -> list[Output]:
        """Offer other media (RFC 3261 section 14.1); `Confirmed` or `NotReoffered` follows."""
        if leg.state is not State.CONFIRMED:
            return []
        if self._is_busy(leg):
            return [NotReoffered(leg.tag, sessions.REQUEST_PENDING)]
        leg.reoffer = sdp
        return self._refresh(leg, now)

    def responded(self, leg: Leg, transaction: Transaction, response: Response, now: float) -> list[Output]:
        """A refresh of ours was answered."""
        status = response.status
        if status < 200:
            return []
        if status < 300:
            return self._succeeded(leg, transaction, response, now)
        leg.refresh = None
        if status in GONE:
            return self._lose(leg, f"the peer does not know the call any more ({status})", now)
        if status == sessions.INTERVAL_TOO_SMALL:
            self._widen(leg, response)
            return self._refresh(leg, now)
        if leg.reoffer is not None:
            leg.reoffer = None
            return [NotReoffered(leg.tag, status)]
        if status == sessions.REQUEST_PENDING:
            self._core.sessions.set(leg.tag, now + AGAIN_AFTER_S)
        elif leg.allows_update:
            # It said that it takes UPDATE, and takes none: perhaps it takes an INVITE.
            leg.allows_update = False
            return self._refresh(leg, now)
        return []

    def acknowledge(self, leg: Leg, transaction: Transaction) -> Send:
        """Acknowledge the 2xx of a re-INVITE, each time that it comes: the last ACK was lost (section 13.2.2.4)."""
        assert transaction.outgoing is not None, "only client transactions get responses"
        to = leg.next_hop()
        via, _ = self._core.via(leg.local, to.transport)
        return Send(leg.write("ACK", via, transaction.outgoing.cseq).data, to)

    def timed_out(self, leg: Leg, now: float) -> list[Output]:
        """Nobody answered a refresh."""
        leg.refresh = None
        return self._lose(leg, "the peer did not answer when the session was refreshed", now)

    def _refresh(self, leg: Leg, now: float) -> list[Output]:
        core = self._core
        if self._is_busy(leg):
            # One at a time; what the peer asks refreshes too.
            return []
        is_update = leg.allows_update and leg.reoffer is None
        method, body = ("UPDATE", b"") if is_update else ("INVITE", leg.reoffer or leg.said)
        fields = [
            ("Contact", core.contact(leg.local, leg.next_hop().transport)),
            ("Allow", ALLOW),
            ("Supported", ", ".join(SUPPORTED)),
            *sessions.wish_of(leg),
        ]
        if body:
            fields.append(("Content-Type", SDP))
        outputs = core.ask(leg, method, now, fields=fields, body=body)
        leg.refresh = leg.asked
        return outputs

    @staticmethod
    def _is_busy(leg: Leg) -> bool:
        waits = (leg.refresh, leg.pending, leg.offer, leg.answer)
        return any(one is not None for one in waits)

    def _succeeded(self, leg: Leg, transaction: Transaction, response: Response, now: float) -> list[Output]:
        assert transaction.outgoing is not None, "only client transactions get responses"
        outputs: list[Output] = []
        if transaction.outgoing.method == "INVITE":
            # Its 200 may come again, and is none of a fork's then.
            transaction.heard = (leg.remote_tag,)
            outputs = [self.acknowledge(leg, transaction)]
            sdp = sdp_of(response)
            if sdp or leg.reoffer is not None:
                outputs.append(Confirmed(leg.tag, sdp))
            leg.said, leg.reoffer = leg.reoffer or leg.said, None
        # If what it says of time cannot be read, the session goes on as it was agreed on before.
        with suppress(MalformedMessage):
            sessions.accept(leg, sessions.asked(response))
        self._core.keep_session(leg, now)
        return outputs

    def _widen(self, leg: Leg, response: Response) -> None:
        try:
            least = sessions.asked(response).shortest
        except MalformedMessage:
            least = sessions.SHORTEST_S
        leg.least_session_s = max(leg.least_session_s, least)
        if leg.session is not None:
            leg.session = replace(leg.session, seconds=max(leg.session.seconds, least))

    def _lose(self, leg: Leg, text: str, now: float) -> list[Output]:
        if not leg.may(Event.PEER_IS_LOST):
            return []
        leg.move(Event.PEER_IS_LOST)
        return [*self._core.send_bye(leg, now), Lost(leg.tag, text)]
