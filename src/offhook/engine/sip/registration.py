"""Registrations: telling a provider where we are, again before it forgets it (RFC 3261 section 10.2).

    keep(wish, now)     drop(name, now)     tick(now)   deadline()

The user part of our Contact is a secret of each registration: a call that comes to it was sent by somebody who
was told it, which is the provider.
"""

from dataclasses import dataclass

from offhook.engine.sip.alarms import Alarms
from offhook.engine.sip.authenticator import Attempt, Authenticator, Unanswered
from offhook.engine.sip.core import Core, bracket, sends
from offhook.engine.sip.errors import MalformedMessage
from offhook.engine.sip.headers import parse_address
from offhook.engine.sip.message import Response, write_request
from offhook.engine.sip.outputs import Destination, NotRegistered, Output, Registered
from offhook.engine.sip.text import readable
from offhook.engine.sip.transactions import Outgoing, Transaction

USUAL_S = 600
SHORTEST_S = 30
LONGEST_S = 86_400
INTERVAL_TOO_BRIEF = 423
CHALLENGES = frozenset({401, 407})
FIRST_PAUSE_S = 30.0
LONGEST_PAUSE_S = 600.0
"""After a failure; each further one waits twice as long as the one before."""


@dataclass(frozen=True, slots=True)
class Registration:
    """Where to register whom. `domain` is the provider's, as a URI writes it; `user` who we are there."""

    name: str
    domain: str
    user: str
    destination: Destination
    local: str
    authenticator: Authenticator | None = None


class _Kept:
    """One registration as it stands."""

    def __init__(self, wish: Registration, call_id: str, contact_user: str, tag: str) -> None:
        self.wish = wish
        self.call_id = call_id
        self.contact_user = contact_user
        self.tag = tag
        self.cseq = 0
        self.seconds = USUAL_S
        self.pause_s = FIRST_PAUSE_S
        self.attempt: Attempt | None = None
        self.asked: Transaction | None = None
        self.is_ending = False


class Registrations:
    """All registrations of one agent, by the names of their wishes."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._kept: dict[str, _Kept] = {}
        self._by_transaction: dict[str, _Kept] = {}
        self._due: Alarms[str] = Alarms()

    def keep(self, wish: Registration, now: float) -> list[Output]:
        """Register, and again whenever it is time; a wish of the same name is replaced."""
        kept = self._kept.get(wish.name)
        if kept is not None and kept.wish == wish:
            return []
        if kept is None:
            token = self._core.token
            kept = self._kept[wish.name] = _Kept(wish, token(), f"r{token()}", token())
        kept.wish = wish
        return self._ask(kept, now)

    def drop(self, name: str, now: float) -> list[Output]:
        """Take a registration back; nobody waits for the answer."""
        kept = self._kept.pop(name, None)
        self._due.clear(name)
        if kept is None:
            return []
        kept.is_ending = True
        return self._ask(kept, now)

    def name_of(self, contact_user: str) -> str | None:
        """Return whose registration has this user part in its Contact."""
        return next((name for name, kept in self._kept.items() if kept.contact_user == contact_user), None)

    def responded(self, transaction: Transaction, response: Response, now: float) -> list[Output]:
        """A REGISTER was answered."""
        kept = self._by_transaction.get(transaction.owner)
        if kept is None or kept.asked is not transaction or response.status < 200:
            return []
        kept.asked = None
        if response.status in CHALLENGES and kept.attempt is not None and kept.wish.authenticator is not None:
            outcome = kept.wish.authenticator.answer(kept.attempt, response, cnonce=self._core.token(), now=now)
            if isinstance(outcome, Unanswered):
                return self._failed(kept, response.status, outcome.sentence, now)
            return self._ask(kept, now, outcome)
        if kept.is_ending:
            self._by_transaction.pop(kept.tag, None)
            return []
        if response.status == INTERVAL_TOO_BRIEF and (least := _number(response.first("Min-Expires"))) > kept.seconds:
            kept.seconds = min(least, LONGEST_S)
            return self._ask(kept, now)
        if response.status >= 300:
            return self._failed(kept, response.status, readable(response.reason), now)
        granted = max(SHORTEST_S, min(self._granted(kept, response), LONGEST_S))
        kept.pause_s = FIRST_PAUSE_S
        self._due.clear(kept.wish.name)
        # Early enough for a try that is lost, and for the clocks of others.
        self._due.set(kept.wish.name, now + granted * 0.8)
        return [Registered(kept.wish.name, granted)]

    def timed_out(self, transaction: Transaction, now: float) -> list[Output]:
        """Nobody answered a REGISTER."""
        return self._unanswered(transaction, "nobody answered", now)

    def undelivered(self, transaction: Transaction, now: float, _why: str) -> list[Output]:
        """A REGISTER could not be sent."""
        return self._unanswered(transaction, "there is no connection", now)

    def _unanswered(self, transaction: Transaction, text: str, now: float) -> list[Output]:
        kept = self._by_transaction.get(transaction.owner)
        if kept is None or kept.asked is not transaction:
            return []
        kept.asked = None
        return self._failed(kept, 408, text, now)

    def tick(self, now: float) -> list[Output]:
        """Register again where it is time."""
        return [
            output for name in self._due.due(now) if name in self._kept for output in self._ask(self._kept[name], now)
        ]

    def deadline(self) -> float | None:
        """Return when `tick` next has something to do."""
        return self._due.deadline()

    def _ask(self, kept: _Kept, now: float, attempt: Attempt | None = None) -> list[Output]:
        core, wish = self._core, kept.wish
        uri, aor = f"sip:{wish.domain}", f"<sip:{wish.user}@{wish.domain}>"
        kept.cseq += 1
        if attempt is None and wish.authenticator is not None:
            attempt = wish.authenticator.begin("REGISTER", uri)
        kept.attempt = attempt
        transport = wish.destination.transport
        via, branch = core.via(wish.local, transport)
        named = f";transport={transport.lower()}" if transport.is_reliable else ""
        contact = f"<sip:{kept.contact_user}@{bracket(wish.local)}:{core.ports[transport]}{named}>"
        fields = [
            ("Via", via),
            ("Max-Forwards", "70"),
            ("From", f"{aor};tag={kept.tag}"),
            ("To", aor),
            ("Call-ID", kept.call_id),
            ("CSeq", f"{kept.cseq} REGISTER"),
            ("Contact", contact),
            ("Expires", "0" if kept.is_ending else str(kept.seconds)),
            ("User-Agent", core.name),
            *(attempt.fields if attempt else ()),
        ]
        data = write_request("REGISTER", uri, fields)
        outgoing = Outgoing("REGISTER", uri, via, fields[2][1], kept.call_id, kept.cseq, (), wish.local, data)
        self._by_transaction[kept.tag] = kept
        outputs = sends(core.transactions.request(outgoing, branch, wish.destination, kept.tag, now))
        kept.asked = core.transactions.find_client(branch, "REGISTER")
        return outputs

    def _failed(self, kept: _Kept, status: int, text: str, now: float) -> list[Output]:
        if kept.is_ending:
            self._by_transaction.pop(kept.tag, None)
            return []
        pause_s, kept.pause_s = kept.pause_s, min(2 * kept.pause_s, LONGEST_PAUSE_S)
        self._due.clear(kept.wish.name)
        self._due.set(kept.wish.name, now + pause_s)
        return [NotRegistered(kept.wish.name, status, f"{text} ({status}); again in {pause_s:.0f} s")]

    def _granted(self, kept: _Kept, response: Response) -> int:
        """Return for how many seconds the provider keeps our address: as our Contact says there, else Expires."""
        try:
            for value in response.values("Contact"):
                contact = parse_address(value)
                if contact.uri.user == kept.contact_user and (told := contact.parameter("expires")):
                    return _number(told)
        except MalformedMessage:
            # Addresses of others at the same provider; ours was taken all the same.
            return kept.seconds
        return _number(response.first("Expires")) or kept.seconds


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 9 else 0
