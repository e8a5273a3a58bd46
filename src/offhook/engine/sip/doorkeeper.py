"""Who may come in by proving to be somebody: a user with a password, at the door that drops everybody else.

    receive(data, source, trunk, now)   LetIn | Turned     each message that only a proof lets in
    begun(host, call_id, leg)   tick(now, is_alive)         for as long as a call lasts, its other messages come in

Rule 1: a stranger who does not name a user of ours gets nothing at all. Rule 2: a stranger's bytes are parsed only if
they begin as an INVITE or a REGISTER, and within a budget. Nothing here has a transaction: a challenge is an answer
that needs no memory (RFC 3261 section 8.2.7).
"""

from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from ipaddress import IPv6Address
from typing import TypeVar

from offhook.engine.sip.bindings import Binding, Bindings
from offhook.engine.sip.challenger import Accepted, Challenged, Challenger, Code, Verdict
from offhook.engine.sip.challenges import Algorithm, Side, read_proofs
from offhook.engine.sip.digest import Hashed
from offhook.engine.sip.errors import MalformedMessage
from offhook.engine.sip.glances import call_id_in
from offhook.engine.sip.headers import parse_address
from offhook.engine.sip.message import Fields, Request
from offhook.engine.sip.outputs import Destination
from offhook.engine.sip.parser import parse
from offhook.engine.sip.rates import Rates
from offhook.engine.sip.replies import reply_to

PER_SOURCE = 10
"""Messages a second of one stranger that are parsed; twice as many in a burst."""
PER_SECOND = 200
"""Those of all strangers together; twice as many in a burst. Whoever proved itself within the hour is not counted."""
MOST_WRONG = 5
"""Wrong proofs of one source, after which it hears nothing."""
SILENCE_S = 300.0
PROVEN_S = 3600.0
LINGER_S = 32.0
"""So long after a call's end, or after an INVITE that made none, its last messages come in (64 x T1)."""
REPEATS_S = 30.0
"""So long an INVITE may come again; later it would be a new call to the agent, which by then has forgotten it."""
MOST_CALLS = 10_000
MOST_ANSWERS = 1_000
SOURCES_REMEMBERED = 4096
EVERYBODY = "all"
FORBIDDEN = 403
BAD_EXTENSION = 420

# Nothing in it can match the same bytes in two ways: a hostile message costs one pass.
_Value = TypeVar("_Value")
_WRONG = (Code.WRONG_PASSWORD, Code.NO_SECRET, Code.UNKNOWN_USER)


@dataclass(frozen=True, slots=True)
class Peer:
    """A user of ours, and whose trunk it is. `has_sources`: the trunk's calls come from its networks alone."""

    trunk: str
    user: str
    secret: Hashed
    has_sources: bool


@dataclass(frozen=True, slots=True)
class LetIn:
    """The agent may have the message; `user` has just proven that it is its own, if somebody has."""

    user: str = ""


@dataclass(frozen=True, slots=True)
class Turned:
    """The message goes no further; an `answer` is sent. `outcome` says what happened, empty for bytes that stay unread.

    `user` is as in `LetIn`.
    """

    outcome: str = ""
    answer: bytes = b""
    to: Destination | None = None
    user: str = ""


Reception = LetIn | Turned


@dataclass(slots=True)
class _Call:
    """A proven call: `branch` is that of its INVITE, `at` when that came. One to a user has no trunk and no branch."""

    trunk: str
    branch: str
    at: float
    until: float
    legs: set[str] = field(default_factory=set)


class Doorkeeper:
    """All proofs, registrations and proven calls of one endpoint; `key` and `token` are those of `Nonces`."""

    def __init__(self, *, realm: str, key: bytes, token: Callable[[], str], name: str) -> None:
        self._realm = realm
        self._token = token
        self._name = name
        self._peers: dict[str, Peer] = {}
        self._by_trunk: dict[str, Peer] = {}
        self._challenger = Challenger(realm=realm, key=key, token=token, secret_of=self._secret_of)
        # For peers that give up on a challenge by SHA-256, though one by MD5 stands beside it.
        self._old_challenger = Challenger(
            realm=realm, key=key + b"MD5", token=token, secret_of=self._secret_of, algorithms=(Algorithm.MD5,)
        )
        self._bindings = Bindings()
        self._calls: dict[tuple[str, str], _Call] = {}
        self._answers: OrderedDict[tuple[str, ...], tuple[float, bytes]] = OrderedDict()
        self._per_source = Rates(PER_SOURCE, 2 * PER_SOURCE)
        self._in_all = Rates(PER_SECOND, 2 * PER_SECOND)
        self._wrong: OrderedDict[str, tuple[int, float]] = OrderedDict()
        self._proven: OrderedDict[str, float] = OrderedDict()

    @property
    def welcomes_strangers(self) -> bool:
        """Whether somebody may come from anywhere."""
        return any(not peer.has_sources for peer in self._peers.values())

    def asks(self, trunk: str | None) -> bool:
        """Tell whether the calls of a trunk need a proof."""
        return trunk in self._by_trunk

    def use(self, peers: Iterable[Peer]) -> None:
        """Know these from now on; whose secret is another one has to register again."""
        before, self._peers = self._peers, {peer.user: peer for peer in peers}
        self._by_trunk = {peer.trunk: peer for peer in self._peers.values()}
        self._bindings.keep_only(user for user, peer in self._peers.items() if before.get(user) == peer)

    def receive(self, data: bytes, source: Destination, trunk: str | None, now: float) -> Reception:
        """Judge a message that comes from a stranger, or from a source of a `trunk` that asks for a proof."""
        call = self._calls.get((source.host, _call_id(data))) if self._calls else None
        # The parser overlooks line breaks before a message, and so must whoever guards it.
        begins = data.lstrip(b"\r\n")[:9]
        is_invite = begins.startswith(b"INVITE ")
        if not is_invite and begins != b"REGISTER ":
            return self._let_in_besides(call, source, trunk, now)
        is_near = trunk is not None or self.knows(source, now)
        if not is_near and not self.welcomes_strangers:
            return Turned()
        if not is_near and call is None and not self._has_budget(_network(source.host), now):
            return Turned("unread: too many, or too many wrong proofs")
        try:
            request = parse(data)
            assert isinstance(request, Request), "a response begins otherwise"
            branch = reply_to(request.headers, source).via.branch
            is_inside = bool(parse_address(request.first("To")).tag)
        except MalformedMessage as error:
            return Turned(f"unanswered: {error.sentence}")
        if is_invite and is_inside:
            return LetIn() if call is not None or trunk is not None else Turned("unanswered: of no call that is known")
        # A call of ours has no branch here, and an INVITE without one cannot be told from another.
        if is_invite and call is not None and branch and call.branch == branch and now - call.at < REPEATS_S:
            # Sent again, as its 100 was lost: it is proven already.
            return LetIn()
        return self._judge(request, source, trunk, is_near, branch, now)

    def knows(self, source: Destination, now: float) -> bool:
        """Tell whether a user is registered from this very address, port and connection."""
        return self._bindings.owner(source, now) is not None

    def trunk_of(self, host: str, call_id: str) -> str | None:
        """Return whose call it is that was proven."""
        call = self._calls.get((host, call_id))
        return call.trunk or None if call else None

    def trunk_of_user(self, user: str) -> str:
        """Return whose trunk a user is; it must be one."""
        return self._peers[user].trunk

    def begun(self, host: str, call_id: str, leg: str, now: float) -> None:
        """A proven INVITE became a leg, or we call a user by one: what belongs to it comes in while it lives."""
        known = self._calls.get((host, call_id))
        if known is None:
            known = self._calls[host, call_id] = _Call("", "", now, now + LINGER_S)
        known.legs.add(leg)

    def tick(self, now: float, is_alive: Callable[[str], bool]) -> None:
        """Forget the calls that are over; to be called every second or so while there are `calls`."""
        for key, call in list(self._calls.items()):
            if any(is_alive(leg) for leg in call.legs):
                call.until = now + LINGER_S
            elif call.until <= now:
                del self._calls[key]

    @property
    def calls(self) -> int:
        """How many calls are known."""
        return len(self._calls)

    def contacts(self, trunk: str, now: float) -> tuple[Binding, ...]:
        """Return where a trunk's user is registered, the latest first."""
        peer = self._by_trunk.get(trunk)
        return self._bindings.contacts(peer.user, now) if peer else ()

    def registrations(self, now: float) -> int:
        """Count the users that are registered."""
        return sum(bool(self._bindings.contacts(user, now)) for user in self._peers)

    def _let_in_besides(self, call: _Call | None, source: Destination, trunk: str | None, now: float) -> Reception:
        if call is not None or trunk is not None or self.knows(source, now):
            return LetIn()
        return Turned()

    def _has_budget(self, host: str, now: float) -> bool:
        if self._proven.get(host, -PROVEN_S) > now - PROVEN_S:
            # Else whoever sends wrong proofs from a forged address could silence who is there.
            return True
        if self._is_silenced(host, now):
            return False
        return self._per_source.allows(host, now) and self._in_all.allows(EVERYBODY, now)

    def _judge(
        self, request: Request, source: Destination, trunk: str | None, is_near: bool, branch: str, now: float
    ) -> Reception:
        key = (source.host, request.first("Call-ID"), str(request.cseq), branch)
        if request.method == "REGISTER" and (again := self._answers.get(key)) and again[0] > now:
            return self._answered(request, source, again[1], "repeated")
        user = _named(request, self._realm)
        peer = self._peers.get(user)
        if not is_near and (peer is None or peer.has_sources):
            return Turned(f"unanswered: the {request.method} names no user")
        asked = self._by_trunk[trunk] if trunk is not None else peer
        challenger = self._challenger if asked is None or asked.secret.sha_256 else self._old_challenger
        verdict = challenger.judge(request, now)
        if isinstance(verdict, Accepted):
            return self._accepted(request, verdict, source, trunk, key, now)
        self._count(verdict, _network(source.host), now)
        fields = verdict.fields if isinstance(verdict, Challenged) else ()
        return self._answered(request, source, self._write(request, source, verdict.status, fields), verdict.sentence)

    def _accepted(
        self,
        request: Request,
        verdict: Accepted,
        source: Destination,
        trunk: str | None,
        key: tuple[str, ...],
        now: float,
    ) -> Reception:
        peer = self._peers[verdict.user]
        if (trunk is not None or peer.has_sources) and peer.trunk != trunk:
            return Turned(f"unanswered: {verdict.sentence}, but from where that trunk's calls do not come")
        host = _network(source.host)
        self._wrong.pop(host, None)
        _remember(self._proven, host, now)
        if request.method == "REGISTER":
            return self._register(request, peer, source, key, now)
        if len(self._calls) >= MOST_CALLS:
            return Turned("unanswered: there are too many calls")
        # One that goes on under the same Call-ID keeps coming in.
        older = self._calls.get((source.host, request.first("Call-ID")))
        legs = older.legs if older else set[str]()
        self._calls[source.host, request.first("Call-ID")] = _Call(peer.trunk, key[-1], now, now + LINGER_S, legs)
        return LetIn(peer.user)

    def _register(
        self, request: Request, peer: Peer, source: Destination, key: tuple[str, ...], now: float
    ) -> Reception:
        status, fields = self._do_register(request, peer, source, now)
        answer = self._write(request, source, status, fields)
        self._answers[key] = now + LINGER_S, answer
        if len(self._answers) > MOST_ANSWERS:
            self._answers.popitem(last=False)
        return self._answered(request, source, answer, f"registration of {peer.user} answered {status}", peer.user)

    def _do_register(self, request: Request, peer: Peer, source: Destination, now: float) -> tuple[int, Fields]:
        try:
            if unknown := request.values("Require"):
                return BAD_EXTENSION, [("Unsupported", ", ".join(unknown))]
            if parse_address(request.first("To")).uri.dialled != peer.user:
                # Somebody's password is no leave to say where others are (section 10.3, step 4).
                return FORBIDDEN, ()
            return self._bindings.register(peer.user, request, source, now)
        except MalformedMessage as error:
            return error.status, ()

    def _write(self, request: Request, source: Destination, status: int, fields: Fields) -> bytes:
        head = [("Server", self._name), *fields]
        return reply_to(request.headers, source).write(status, self._token(), head)

    def _answered(
        self, request: Request, source: Destination, answer: bytes, outcome: str, user: str = ""
    ) -> Reception:
        return Turned(outcome, answer, reply_to(request.headers, source).destination, user)

    def _count(self, verdict: Verdict, host: str, now: float) -> None:
        if verdict.code in _WRONG:
            count, _ = self._wrong.get(host, (0, now))
            _remember(self._wrong, host, (count + 1, now))

    def _is_silenced(self, host: str, now: float) -> bool:
        count, at = self._wrong.get(host, (0, now))
        if now - at >= SILENCE_S:
            self._wrong.pop(host, None)
            return False
        return count >= MOST_WRONG

    def _secret_of(self, user: str) -> Hashed | None:
        peer = self._peers.get(user)
        return peer.secret if peer else None


def _remember(memory: "OrderedDict[str, _Value]", host: str, value: _Value) -> None:
    memory[host] = value
    memory.move_to_end(host)
    if len(memory) > SOURCES_REMEMBERED:
        memory.popitem(last=False)


def _call_id(data: bytes) -> str:
    """Find a message's Call-ID without parsing it."""
    return call_id_in(data).decode("utf-8", "surrogateescape")


def _network(host: str) -> str:
    """Return what one stranger can change its address within: a /64 of IPv6."""
    return IPv6Address(host.partition("%")[0]).packed[:8].hex() if ":" in host else host


def _named(request: Request, realm: str) -> str:
    """Return the user that a request says it comes from: that of its proof, else of the address that it is about."""
    try:
        proofs = read_proofs(request.headers.get(Side.SERVER.proof_field, ()), realm)
        if proofs:
            return proofs[0].user
        return parse_address(request.first("To" if request.method == "REGISTER" else "From")).uri.dialled
    except MalformedMessage:
        return ""
