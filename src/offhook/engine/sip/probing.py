"""OPTIONS outside of any call: asking somebody whether it is there (RFC 3261 section 11).

    ask(wish, now)

A challenge is met once, if we are somebody there; whatever final response then comes is told.
"""

from dataclasses import dataclass
from urllib.parse import quote

from offhook.engine.sip.authenticator import Attempt, Authenticator, Unanswered
from offhook.engine.sip.core import Core, bracket, sends
from offhook.engine.sip.message import SDP, Response, write_request
from offhook.engine.sip.outputs import Destination, Output, Probed
from offhook.engine.sip.text import readable
from offhook.engine.sip.transactions import Outgoing, Transaction

CHALLENGES = frozenset({401, 407})
USER_MARKS = "-_.!~*'()&=+$,"
"""Those that stand in a user part as they are (RFC 3261 section 25.1)."""
UNREACHABLE = 503
"""What a connection that cannot be made is taken for (RFC 3261 section 8.1.3.1)."""


@dataclass(frozen=True, slots=True)
class Probe:
    """Whom to ask; `name` and `serial` are told again with the answer. `user` is who we are there."""

    name: str
    serial: int
    destination: Destination
    local: str
    user: str
    authenticator: Authenticator | None = None


@dataclass(slots=True)
class _Asked:
    """A question under way."""

    wish: Probe
    tag: str
    call_id: str
    cseq: int = 0
    attempt: Attempt | None = None


class Probes:
    """All questions of one agent, by the tags of their From."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._asked: dict[str, _Asked] = {}

    def __len__(self) -> int:
        return len(self._asked)

    def ask(self, wish: Probe, now: float) -> list[Output]:
        """Send OPTIONS; `Probed` follows, unless nobody answers."""
        asked = _Asked(wish, self._core.token(), self._core.token())
        self._asked[asked.tag] = asked
        return self._send(asked, now)

    def responded(self, transaction: Transaction, response: Response, now: float) -> list[Output]:
        """A question was answered."""
        asked = self._asked.get(transaction.owner)
        if asked is None or response.status < 200:
            return []
        login = asked.wish.authenticator
        if response.status in CHALLENGES and asked.attempt is not None and login is not None:
            outcome = login.answer(asked.attempt, response, cnonce=self._core.token(), now=now)
            if not isinstance(outcome, Unanswered):
                return self._send(asked, now, outcome)
        text = f"answered {response.status} {readable(response.reason)}".rstrip()
        return self._over(transaction, response.status, text)

    def undelivered(self, transaction: Transaction, _now: float, _why: str) -> list[Output]:
        """A question could not be sent."""
        return self._over(transaction, UNREACHABLE, "takes no connection")

    def timed_out(self, transaction: Transaction, _now: float) -> list[Output]:
        """Nobody answered; whoever asked has given up before."""
        self._asked.pop(transaction.owner, None)
        return []

    def _over(self, transaction: Transaction, status: int, text: str) -> list[Output]:
        asked = self._asked.pop(transaction.owner, None)
        return [] if asked is None else [_probed(asked.wish, status, text)]

    def _send(self, asked: _Asked, now: float, attempt: Attempt | None = None) -> list[Output]:
        core, wish, to = self._core, asked.wish, asked.wish.destination
        named = f";transport={to.transport.lower()}" if to.transport.is_reliable else ""
        uri = f"sip:{bracket(to.host)}:{to.port}{named}"
        from_ = f"<sip:{quote(wish.user, safe=USER_MARKS)}@{bracket(wish.local)}>;tag={asked.tag}"
        asked.cseq += 1
        if attempt is None and wish.authenticator is not None:
            attempt = wish.authenticator.begin("OPTIONS", uri)
        asked.attempt = attempt
        via, branch = core.via(wish.local, to.transport)
        fields = [
            ("Via", via),
            ("Max-Forwards", "70"),
            ("From", from_),
            ("To", f"<{uri}>"),
            ("Call-ID", asked.call_id),
            ("CSeq", f"{asked.cseq} OPTIONS"),
            ("Contact", core.contact(wish.local, to.transport)),
            ("Accept", SDP),
            ("User-Agent", core.name),
            *(attempt.fields if attempt else ()),
        ]
        data = write_request("OPTIONS", uri, fields)
        outgoing = Outgoing("OPTIONS", uri, via, from_, asked.call_id, asked.cseq, (), wish.local, data)
        return sends(core.transactions.request(outgoing, branch, to, asked.tag, now))


def _probed(wish: Probe, status: int, text: str) -> Probed:
    return Probed(wish.name, wish.destination, wish.serial, status, text)
