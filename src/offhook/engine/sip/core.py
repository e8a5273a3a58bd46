"""What both halves of an agent share: its transactions, its legs and its own name."""

from collections.abc import Callable, Iterable, Mapping

from offhook.engine.sip import sessions
from offhook.engine.sip.alarms import Alarms
from offhook.engine.sip.authenticator import Attempt
from offhook.engine.sip.dialog import Event, Leg, Pending, State
from offhook.engine.sip.message import SDP, Fields
from offhook.engine.sip.outputs import Destination, Output, Send, Transport
from offhook.engine.sip.replies import Reply
from offhook.engine.sip.sessions import TIMER
from offhook.engine.sip.transactions import COOKIE, Result, Timers, Transaction, Transactions

SUPPORTED = (TIMER, "100rel")
"""Extensions that may be required of us."""
ALLOW = "INVITE, ACK, BYE, CANCEL, OPTIONS, UPDATE, PRACK, INFO"
SESSION_MARGIN_S = 32
"""So long before its end, but at most a third of it, a session that nobody refreshed is given up."""
WITHOUT_TCP_S = 600.0
"""How long a host that refused TCP is not tried by it again."""
HOSTS_REMEMBERED = 4096
METHODS = frozenset(ALLOW.split(", "))
OTHER_METHODS = frozenset({"MESSAGE", "NOTIFY", "PUBLISH", "REFER", "REGISTER", "SUBSCRIBE"})
"""Methods that we know and do not offer."""


class Core:
    """The memory of one agent."""

    def __init__(self, ports: Mapping[Transport, int], token: Callable[[], str], timers: Timers, name: str) -> None:
        self.ports = ports
        self.token = token
        self.timers = timers
        self.name = name
        self.transactions = Transactions(timers)
        self.legs: dict[str, Leg] = {}
        self.answers: Alarms[str] = Alarms()
        self.provisionals: Alarms[str] = Alarms()
        self.sessions: Alarms[str] = Alarms()
        self._without_tcp: dict[str, float] = {}

    def contact(self, local: str, transport: Transport) -> str:
        """Return our Contact as reached at our address `local` by this transport."""
        named = f";transport={transport.lower()}" if transport.is_reliable else ""
        return f"<sip:{bracket(local)}:{self.ports[transport]}{named}>"

    def via(self, local: str, transport: Transport) -> tuple[str, str]:
        """Return a new Via value and its branch."""
        branch = COOKIE + self.token()
        return f"SIP/2.0/{transport} {bracket(local)}:{self.ports[transport]};branch={branch};rport", branch

    def may_use_tcp(self, to: Destination, now: float) -> bool:
        """Tell whether a request to a host that is usually reached by UDP may go by TCP."""
        return Transport.TCP in self.ports and self._without_tcp.get(to.host, now) <= now

    def avoid_tcp(self, to: Destination, now: float) -> None:
        """Remember that a host does not listen by TCP."""
        if len(self._without_tcp) >= HOSTS_REMEMBERED:
            self._without_tcp.clear()
        self._without_tcp[to.host] = now + WITHOUT_TCP_S

    def respond(
        self,
        transaction: Transaction,
        reply: Reply,
        status: int,
        now: float,
        *,
        tag: str = "",
        fields: Fields = (),
        body: bytes = b"",
    ) -> list[Output]:
        """Answer a request through its transaction."""
        head = [("Server", self.name), *fields]
        return sends(self.transactions.respond(transaction, status, reply.write(status, tag, head, body), now))

    def tell_options(self, transaction: Transaction, reply: Reply, now: float) -> list[Output]:
        """Answer OPTIONS with what we can do (section 11.2)."""
        fields = [
            ("Allow", ALLOW),
            ("Accept", SDP),
            ("Accept-Encoding", "identity"),
            ("Supported", ", ".join(SUPPORTED)),
        ]
        return self.respond(transaction, reply, 200, now, tag=self.token(), fields=fields)

    def media_fields(self, leg: Leg, sdp: bytes) -> list[tuple[str, str]]:
        """Return the headers of a response that makes or changes a dialog."""
        supported = ("Supported", ", ".join(SUPPORTED))
        fields = [("Contact", self.contact(leg.local, leg.flow.transport)), ("Allow", ALLOW), supported]
        return [*fields, ("Content-Type", SDP)] if sdp else fields

    def agree(self, leg: Leg, pending: Pending, sdp: bytes, now: float) -> list[Output]:
        """Answer what the peer asked of a leg with 200; an INVITE's is repeated until its ACK."""
        leg.said = sdp or leg.said
        if pending.method == "PRACK":
            # It answers for no session's time (RFC 4028 section 3).
            return self.settle(leg, pending, 200, now, fields=self.media_fields(leg, sdp), body=sdp)
        fields = [*self.media_fields(leg, sdp), *sessions.agree(leg, sessions.asked(pending.request))]
        outputs = self.settle(leg, pending, 200, now, fields=fields, body=sdp)
        self.keep_session(leg, now)
        if pending.method == "INVITE":
            self.repeat_answer(leg, pending, now)
        return outputs

    def keep_session(self, leg: Leg, now: float) -> None:
        """Count the session's time from now on: it was agreed on, or refreshed (RFC 4028 section 10)."""
        session, leg.refresh = leg.session, None
        self.sessions.clear(leg.tag)
        if session is not None:
            leg.session_until = now + session.seconds - min(SESSION_MARGIN_S, session.seconds / 3)
            self.sessions.set(leg.tag, now + session.seconds / 2 if session.is_ours else leg.session_until)

    def send_bye(self, leg: Leg, now: float) -> list[Output]:
        """Say BYE on a leg that is ENDING; its transaction's end forgets the leg."""
        closed = self.close_offers(leg, now)
        return [*closed, *self.ask(leg, "BYE", now)]

    def ask(
        self,
        leg: Leg,
        method: str,
        now: float,
        *,
        fields: Fields = (),
        body: bytes = b"",
        attempt: Attempt | None = None,
    ) -> list[Output]:
        """Send a request inside a dialog, and prove who we are to a peer that asks; `attempt` meets its challenge."""
        leg.local_cseq += 1
        to = leg.next_hop()
        via, branch = self.via(leg.local, to.transport)
        if attempt is None and leg.authenticator is not None:
            attempt = leg.authenticator.begin(method, leg.request_uri, body)
        leg.attempt = attempt
        proofs = attempt.fields if attempt else ()
        outgoing = leg.write(method, via, leg.local_cseq, [("User-Agent", self.name), *fields, *proofs], body)
        outputs = sends(self.transactions.request(outgoing, branch, to, leg.tag, now))
        leg.asked = self.transactions.find_client(branch, method)
        return outputs

    def close_offers(self, leg: Leg, now: float) -> list[Output]:
        """Stop what a leg still says: its repeated 2xx, and 487 to what it has not answered (section 15.1.2)."""
        leg.answer = None
        self.answers.clear(leg.tag)
        return [
            *self.settle(leg, leg.offer, 487, now),
            *self.settle(leg, leg.pending, 487, now),
        ]

    def settle(
        self, leg: Leg, pending: Pending | None, status: int, now: float, *, fields: Fields = (), body: bytes = b""
    ) -> list[Output]:
        """Give the final response to what the peer asked of a leg; nothing if that is not open."""
        if pending is None:
            return []
        if pending is leg.offer:
            leg.offer = None
        else:
            leg.pending = None
        return self.respond(pending.transaction, pending.reply, status, now, tag=leg.tag, fields=fields, body=body)

    def forget(self, leg: Leg) -> None:
        """Let go of a leg that has ended."""
        self.answers.clear(leg.tag)
        self.provisionals.clear(leg.tag)
        self.sessions.clear(leg.tag)
        self.legs.pop(leg.tag, None)

    def repeat_answer(self, leg: Leg, answered: Pending, now: float) -> None:
        """Keep sending our 2xx until its ACK: T1 doubling to T2, for 64 x T1 (section 13.3.1.4)."""
        leg.answer = Send(answered.transaction.message, answered.transaction.destination)
        leg.answer_cseq = answered.cseq
        leg.answer_interval = self.timers.t1
        leg.answer_until = now + 64 * self.timers.t1
        self.answers.set(leg.tag, now + self.timers.t1)

    def bye_is_over(self, leg: Leg) -> None:
        """The BYE was answered or gave up; whichever it was, the leg is gone."""
        if leg.may(Event.BYE_IS_OVER):
            leg.move(Event.BYE_IS_OVER)
        if leg.state is State.ENDED:
            self.forget(leg)


def sends(results: Iterable[Result]) -> list[Output]:
    """Keep what is to be sent; a result for a user cannot come from a user's own action."""
    return [result for result in results if isinstance(result, Send)]


def bracket(host: str) -> str:
    """Write an IP address or name as a host of a URI."""
    return f"[{host}]" if ":" in host else host
