"""Transactions: each request answered once, each answer repeated until it arrived.

The tables are in `moves`; this file finds the transaction that a message belongs to (RFC 3261
sections 17.1.3 and 17.2.3), moves it, does its deeds and keeps its timers (table 4).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf

from offhook.engine.sip.alarms import Alarms
from offhook.engine.sip.message import Request, Response, write_request
from offhook.engine.sip.moves import CLIENT, INVITE_CLIENT, INVITE_SERVER, SERVER, Deed, Signal, State, Table
from offhook.engine.sip.outputs import Destination, Send

COOKIE = "z9hG4bK"
_REPEATS = (Deed.REPEAT_DOUBLING, Deed.REPEAT_UP_TO_T2, Deed.REPEAT_EVERY_T2)

Key = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Timers:
    """The base timers of RFC 3261 in seconds (section 17.1.1.1 and table 4)."""

    t1: float = 0.5
    t2: float = 4.0
    t4: float = 5.0


@dataclass(frozen=True, slots=True)
class Outgoing:
    """What a client transaction must know of its request to acknowledge its responses."""

    method: str
    uri: str
    via: str
    from_: str
    call_id: str
    cseq: int
    routes: Sequence[str]
    local: str
    data: bytes


class Transaction:
    """One request and its responses, seen from one end."""

    __slots__ = (
        "destination",
        "heard",
        "interval",
        "key",
        "life_until",
        "message",
        "outgoing",
        "owner",
        "repeat_at",
        "state",
        "table",
    )

    def __init__(self, key: Key, table: Table, state: State, destination: Destination) -> None:
        self.key = key
        self.table = table
        self.state = state
        self.destination = destination
        self.message = b""
        # Only a client transaction has this.
        self.outgoing: Outgoing | None = None
        self.owner = ""
        # The To tags of the 2xx that an INVITE got: more than one when it was forked.
        self.heard: tuple[str, ...] = ()
        self.interval = 0.0
        self.repeat_at = inf
        self.life_until = inf


@dataclass(frozen=True, slots=True)
class Passed:
    """A response for the user of a client transaction."""

    transaction: Transaction
    response: Response


@dataclass(frozen=True, slots=True)
class Undelivered:
    """A request could not be sent: its connection was refused, or broke; `why` is empty if nothing tells more."""

    transaction: Transaction
    why: str = ""


@dataclass(frozen=True, slots=True)
class TimedOut:
    """Nobody answered a client transaction, or nobody acknowledged a failure we sent."""

    transaction: Transaction


Result = Send | Passed | TimedOut | Undelivered


class Transactions:
    """All transactions of one agent, both ways."""

    def __init__(self, timers: Timers) -> None:
        self._timers = timers
        self._servers: dict[Key, Transaction] = {}
        self._clients: dict[Key, Transaction] = {}
        self._alarms: Alarms[Transaction] = Alarms()

    def __len__(self) -> int:
        return len(self._servers) + len(self._clients)

    def find_server(self, key: Key) -> Transaction | None:
        """Return the live server transaction under `key`, if there is one."""
        return self._servers.get(key)

    def serve(self, key: Key, method: str, destination: Destination) -> Transaction:
        """Begin a server transaction for a request that is new."""
        invite = method == "INVITE"
        state = State.PROCEEDING if invite else State.TRYING
        transaction = Transaction(key, INVITE_SERVER if invite else SERVER, state, destination)
        self._servers[key] = transaction
        return transaction

    def repeated(self, transaction: Transaction, now: float) -> list[Result]:
        """A request of a server transaction came again."""
        return self._move(transaction, Signal.REQUEST, now)

    def acknowledged(self, transaction: Transaction, now: float) -> list[Result]:
        """The ACK of a failure arrived."""
        return self._move(transaction, Signal.ACK, now)

    def respond(self, transaction: Transaction, status: int, data: bytes, now: float) -> list[Result]:
        """Send a response through its server transaction; one too late or twice is dropped."""
        return self._move(transaction, _signal(status), now, data)

    def request(
        self, outgoing: Outgoing, branch: str, destination: Destination, owner: str, now: float
    ) -> list[Result]:
        """Send a request and keep repeating it as its transaction says; `owner` is given back by `Passed`."""
        invite = outgoing.method == "INVITE"
        key = (branch, outgoing.method)
        transaction = Transaction(
            key, INVITE_CLIENT if invite else CLIENT, State.CALLING if invite else State.TRYING, destination
        )
        transaction.outgoing = outgoing
        transaction.owner = owner
        transaction.message = outgoing.data
        transaction.interval = self._timers.t1
        if not destination.transport.is_reliable:
            transaction.repeat_at = now + self._timers.t1
        transaction.life_until = now + 64 * self._timers.t1
        self._clients[key] = transaction
        self._set_alarm(transaction)
        return [Send(outgoing.data, destination)]

    def take_over(self, outgoing: Outgoing, branch: str, destination: Destination, owner: str) -> Transaction:
        """Go on with an INVITE that somebody else sent, and that has a provisional response."""
        key = (branch, outgoing.method)
        transaction = Transaction(key, INVITE_CLIENT, State.PROCEEDING, destination)
        transaction.outgoing = outgoing
        transaction.owner = owner
        self._clients[key] = transaction
        return transaction

    def find_client(self, branch: str, method: str) -> Transaction | None:
        """Return the client transaction that a response belongs to (section 17.1.3)."""
        return self._clients.get((branch, method))

    def responded(self, transaction: Transaction, response: Response, now: float) -> list[Result]:
        """A response arrived for a client transaction."""
        return self._move(transaction, _signal(response.status), now, response=response)

    def undelivered(self, destination: Destination, why: str = "") -> list[Result]:
        """End all requests to a destination that have no response yet: none can come any more (section 17.1.4)."""
        failed = [
            transaction
            for transaction in self._clients.values()
            if transaction.destination == destination and transaction.state in (State.CALLING, State.TRYING)
        ]
        for transaction in failed:
            self._end(transaction)
        return [Undelivered(transaction, why) for transaction in failed]

    def expire(self, transaction: Transaction, now: float) -> None:
        """Give an INVITE that was canceled 64 x T1 more for its final response (section 9.1)."""
        transaction.life_until = now + 64 * self._timers.t1
        self._set_alarm(transaction)

    def tick(self, now: float) -> list[Result]:
        """Do what the timers ask for."""
        results: list[Result] = []
        for transaction in self._alarms.due(now):
            if transaction.life_until <= now:
                results += self._move(transaction, Signal.LIFE_OVER, now)
            elif transaction.repeat_at <= now:
                transaction.repeat_at = inf
                results += self._move(transaction, Signal.REPEAT_DUE, now)
            if transaction.state is not State.TERMINATED:
                self._set_alarm(transaction)
        return results

    def deadline(self) -> float | None:
        """Return when `tick` next has something to do."""
        return self._alarms.deadline()

    def _move(
        self, transaction: Transaction, signal: Signal, now: float, data: bytes = b"", response: Response | None = None
    ) -> list[Result]:
        row = transaction.table.get((transaction.state, signal))
        if row is None:
            return []
        state, deeds = row
        if state is not transaction.state:
            transaction.state = state
            if (state, Signal.REPEAT_DUE) not in transaction.table:
                transaction.repeat_at = inf
        results: list[Result] = []
        for deed in deeds:
            if deed is Deed.SEND:
                transaction.message = data
                results.append(Send(data, transaction.destination))
            elif deed is Deed.RESEND:
                if transaction.message:
                    results.append(Send(transaction.message, transaction.destination))
            elif deed is Deed.PASS and response:
                results.append(Passed(transaction, response))
            elif deed is Deed.ACK and response:
                results.append(Send(_acknowledgement(transaction, response), transaction.destination))
            elif deed is Deed.TIME_OUT:
                results.append(TimedOut(transaction))
            else:
                self._start_timer(transaction, deed, now)
        if state is State.TERMINATED:
            self._end(transaction)
        else:
            self._set_alarm(transaction)
        return results

    def _start_timer(self, transaction: Transaction, deed: Deed, now: float) -> None:
        timers = self._timers
        if transaction.destination.transport.is_reliable and _is_for_repeats(transaction, deed):
            # Nothing comes twice that was not sent twice (table 4): such a timer is over when it is set.
            if deed not in _REPEATS:
                transaction.life_until = now
        elif deed is Deed.LIVE_64_T1:
            transaction.life_until = now + 64 * timers.t1
        elif deed is Deed.LIVE_T4:
            transaction.life_until = now + timers.t4
        elif deed is Deed.LIVE_32_S:
            transaction.life_until = now + 32.0
        elif deed is Deed.LIVE_ON:
            transaction.life_until = inf
        else:
            if deed is Deed.REPEAT_EVERY_T2:
                transaction.interval = timers.t2
            elif not transaction.interval:
                transaction.interval = timers.t1
            else:
                transaction.interval *= 2
            if deed is Deed.REPEAT_UP_TO_T2:
                transaction.interval = min(transaction.interval, timers.t2)
            transaction.repeat_at = now + transaction.interval

    def _set_alarm(self, transaction: Transaction) -> None:
        when = min(transaction.repeat_at, transaction.life_until)
        if when < inf:
            self._alarms.set(transaction, when)

    def _end(self, transaction: Transaction) -> None:
        transaction.state = State.TERMINATED
        self._alarms.clear(transaction)
        own = self._servers if transaction.outgoing is None else self._clients
        del own[transaction.key]


def server_key(request: Request, branch: str, sent_by: str, from_tag: str) -> Key:
    """Return the key of the transaction that a request belongs to; an ACK has its INVITE's (section 17.2.3)."""
    method = "INVITE" if request.method == "ACK" else request.method
    if branch.startswith(COOKIE) and branch != COOKIE:
        return (branch, sent_by, method)
    # Clients older than RFC 3261 do not make branches unique; RFC 4475 section 3.2.1 shows the bare cookie.
    return (request.uri, from_tag, request.first("Call-ID"), str(request.cseq), request.first("Via"), method)


def _is_for_repeats(transaction: Transaction, deed: Deed) -> bool:
    """Tell whether a timer is there only because messages may be lost and repeated: A, D, E, G, I, J and K."""
    is_timer_j = deed is Deed.LIVE_64_T1 and transaction.table is SERVER
    return is_timer_j or deed in (Deed.LIVE_T4, Deed.LIVE_32_S) or deed in _REPEATS


def _signal(status: int) -> Signal:
    if status < 200:
        return Signal.PROVISIONAL
    return Signal.SUCCESS if status < 300 else Signal.FAILURE


def _acknowledgement(transaction: Transaction, response: Response) -> bytes:
    """Write the ACK of a failure: the request's own way, the response's To (section 17.1.1.3)."""
    request = transaction.outgoing
    assert request is not None, "only client transactions acknowledge"
    fields = [("Via", request.via), ("Max-Forwards", "70")]
    fields += [("Route", route) for route in request.routes]
    fields += [
        ("From", request.from_),
        ("To", response.first("To")),
        ("Call-ID", request.call_id),
        ("CSeq", f"{request.cseq} ACK"),
    ]
    return write_request("ACK", request.uri, fields)
