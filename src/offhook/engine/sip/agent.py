"""A SIP user agent as a machine: messages and wishes in, messages and news out.

    receive(data, source, local, now)   undelivered(destination, now)   tick(now)   deadline()
                                                                    what the network and the clock do
    ring  answer  refuse  accept  decline  reoffer  invite  inform  hang_up  what its owner wishes
    record  hang_up_recorded                                        a leg that outlives its agent

A wish that comes too late (the caller has just gone) does nothing and is no error.
"""

import contextlib
from collections.abc import Callable, Mapping
from typing import Protocol, assert_never

from offhook.engine.sip.core import Core
from offhook.engine.sip.dialog import Event, State
from offhook.engine.sip.errors import MalformedMessage
from offhook.engine.sip.glances import Glance
from offhook.engine.sip.headers import parse_via
from offhook.engine.sip.inbound import Inbound
from offhook.engine.sip.informing import Informing
from offhook.engine.sip.invitation import Invitation
from offhook.engine.sip.keys import KEYS, USUAL_MS, Press
from offhook.engine.sip.message import Request, Response
from offhook.engine.sip.midcall import Midcall
from offhook.engine.sip.outbound import Outbound
from offhook.engine.sip.outputs import Destination, Dropped, Output, Overheard, Send, Transport
from offhook.engine.sip.parser import BrokenRequest, parse
from offhook.engine.sip.probing import Probe, Probes
from offhook.engine.sip.provisionals import Provisionals
from offhook.engine.sip.records import read_record, write_record
from offhook.engine.sip.refreshing import Refreshing
from offhook.engine.sip.registration import Registration, Registrations
from offhook.engine.sip.replies import reply_to
from offhook.engine.sip.transactions import Passed, Result, TimedOut, Timers, Transaction, Undelivered


class Asker(Protocol):
    """Hears what came of a request that it made."""

    def responded(self, transaction: Transaction, response: Response, now: float) -> list[Output]: ...

    def timed_out(self, transaction: Transaction, now: float, /) -> list[Output]: ...

    def undelivered(self, transaction: Transaction, now: float, why: str, /) -> list[Output]: ...


class Agent:
    """One SIP endpoint with all its calls.

    `ports` are those we are reached at, by transport; `token` makes a new unguessable string of letters and
    digits (at least 64 bits), `name` is told in Server and User-Agent.
    """

    def __init__(
        self, *, ports: Mapping[Transport, int], token: Callable[[], str], name: str, timers: Timers | None = None
    ) -> None:
        self._core = Core(ports, token, timers or Timers(), name)
        self._provisionals = Provisionals(self._core)
        self._midcall = Midcall(self._core, self._provisionals)
        self._inbound = Inbound(self._core, self._midcall, self._provisionals)
        self._refreshing = Refreshing(self._core)
        self._outbound = Outbound(self._core, self._refreshing)
        self._registrations = Registrations(self._core)
        self._informing = Informing(self._core)
        self._probes = Probes(self._core)
        self._askers: Mapping[str, Asker] = {
            "REGISTER": self._registrations,
            "INFO": self._informing,
            "OPTIONS": self._probes,
        }

    def receive(self, data: bytes, source: Destination, local: str, now: float) -> list[Output]:
        """Take one message that came from `source` to our address `local`."""
        if not data.strip(b"\r\n\x00"):
            # A keep-alive (RFC 5626 section 4.4.1) asks for nothing over UDP.
            return []
        try:
            message = parse(data)
            if isinstance(message, Response):
                return self._responded(message, source, now)
            return self._inbound.receive(message, source, local, now)
        except BrokenRequest as error:
            return self._broken(error, source)
        except MalformedMessage as error:
            return [Dropped(error.sentence, source)]

    def undelivered(self, destination: Destination, now: float, why: str = "") -> list[Output]:
        """Nothing reaches a destination by its transport: what was on its way there has failed (section 8.1.3.1)."""
        return self._news(self._core.transactions.undelivered(destination, why), now)

    def tick(self, now: float) -> list[Output]:
        """Do what is due."""
        core = self._core
        return [
            *self._news(core.transactions.tick(now), now),
            *self._inbound.tick(now),
            *self._provisionals.tick(now),
            *self._refreshing.tick(now),
            *self._registrations.tick(now),
        ]

    def deadline(self) -> float | None:
        """Return when `tick` wants to be called next; earlier does no harm."""
        core = self._core
        parts = (core.transactions, self._inbound, core.provisionals, self._refreshing, self._registrations)
        times = [time for part in parts if (time := part.deadline()) is not None]
        return min(times) if times else None

    def ring(self, leg: str, now: float, *, status: int = 180, sdp: bytes = b"") -> list[Output]:
        """Send a provisional response to a caller."""
        found = self._core.legs.get(leg)
        return self._provisionals.ring(found, now, status, sdp) if found else []

    def answer(self, leg: str, sdp: bytes, now: float) -> list[Output]:
        """Answer a caller with 200; `Confirmed` or `Lost` follows."""
        found = self._core.legs.get(leg)
        return self._provisionals.answer(found, sdp, now) if found else []

    def refuse(self, leg: str, status: int, now: float, *, retry_after_s: int | None = None) -> list[Output]:
        """Refuse a caller with a final response of 400 or more; nothing follows."""
        found = self._core.legs.get(leg)
        return self._inbound.refuse(found, status, now, retry_after_s) if found else []

    def accept(self, leg: str, sdp: bytes, now: float) -> list[Output]:
        """Agree to what `Reoffered` told."""
        found = self._core.legs.get(leg)
        return self._midcall.accept(found, sdp, now) if found else []

    def decline(self, leg: str, status: int, now: float) -> list[Output]:
        """Refuse what `Reoffered` told; the call goes on as it was."""
        found = self._core.legs.get(leg)
        return self._midcall.decline(found, status, now) if found else []

    def reoffer(self, leg: str, sdp: bytes, now: float) -> list[Output]:
        """Offer other media within the call; `Confirmed` follows with the answer, or `NotReoffered`."""
        found = self._core.legs.get(leg)
        return self._refreshing.reoffer(found, sdp, now) if found else []

    def refer(self, leg: str, now: float, *, is_taken: bool) -> list[Output]:
        """Take or decline what `Referred` told; whoever takes it hangs up on the leg."""
        found = self._core.legs.get(leg)
        return self._midcall.refer(found, now, is_taken=is_taken) if found else []

    def invite(self, wish: Invitation, now: float) -> tuple[str, list[Output]]:
        """Call somebody; returns the leg's name. `Trying`, `Progressed`, `Answered` or `Declined` follow.

        Raises `MalformedMessage` when a field of the wish contains a line break.
        """
        return self._outbound.invite(wish, now)

    def inform(self, leg: str, key: str, now: float, *, duration_ms: int = USUAL_MS) -> list[Output]:
        """Tell the peer by INFO that a key is pressed, after those before it; `NotInformed` follows if it says no."""
        assert key in KEYS, "whoever presses has looked at the keypad"
        found = self._core.legs.get(leg)
        return self._informing.inform(found, Press(key, duration_ms), now) if found else []

    def hang_up(self, leg: str, now: float) -> list[Output]:
        """End a leg in the way its state asks for: refuse with 480, CANCEL, or BYE."""
        found = self._core.legs.get(leg)
        if found is None:
            return []
        if found.state is State.INCOMING:
            return self._inbound.refuse(found, 480, now)
        if not found.may(Event.WE_HANG_UP):
            return []
        match found.move(Event.WE_HANG_UP):
            case State.CANCELING:
                return self._outbound.cancel(found, now)
            case State.ENDING:
                return self._core.send_bye(found, now)
            case _:
                # The wish waits: CANCEL for a provisional response, BYE for the ACK.
                return []

    def record(self, leg: str) -> str | None:
        """Return what `hang_up_recorded` of another agent needs to end this leg, None when it is gone.

        A leg that goes out can be ended by others from its first provisional response on.
        """
        found = self._core.legs.get(leg)
        return write_record(found) if found else None

    def hang_up_recorded(self, record: str, now: float) -> list[Output]:
        """End a leg of an agent that died, by CANCEL or BYE. Raises `ProtocolError` for what is no record."""
        leg, invite = read_record(record)
        if leg.tag in self._core.legs:
            # It never died: it is ours, and it is talking.
            return []
        self._core.legs[leg.tag] = leg
        if invite is not None:
            self._outbound.take_over(leg, invite)
        return self.hang_up(leg.tag, now)

    def register(self, wish: Registration, now: float) -> list[Output]:
        """Tell a provider where we are, from now on; `Registered` or `NotRegistered` follows, each time."""
        return self._registrations.keep(wish, now)

    def unregister(self, name: str, now: float) -> list[Output]:
        """Tell a provider that we are there no more."""
        return self._registrations.drop(name, now)

    def probe(self, wish: Probe, now: float) -> list[Output]:
        """Ask somebody whether it is there; `Probed` follows, unless nobody answers."""
        return self._probes.ask(wish, now)

    def registered_as(self, user: str) -> str | None:
        """Return whose registration told a provider this user part, None if nobody's did."""
        return self._registrations.name_of(user)

    def overhear(self, said: Glance, host: str) -> list[Overheard]:
        """Tell which leg's dialog a request belongs to that came from `host` and may not be parsed; nothing is done."""
        leg = self._core.legs.get(said.to_tag)
        if leg is None or (leg.call_id, leg.remote_tag) != (said.call_id, said.from_tag):
            return []
        return [Overheard(leg.tag, said.method, host)]

    def call_id_of(self, leg: str) -> str:
        """Return a leg's Call-ID, an empty text when it is gone."""
        found = self._core.legs.get(leg)
        return found.call_id if found else ""

    def answer_at_source(self, leg: str) -> None:
        """Ask the peer of a leg where it was heard, whatever its Contact says: it may be behind a NAT.

        A recorded route still counts.
        """
        found = self._core.legs.get(leg)
        if found is not None:
            found.stays_at_source = True

    def has_come_back(self, request: Request) -> bool:
        """Tell whether an INVITE passed us before: a Via of it is that of an INVITE of ours that is still under way."""
        vias = []
        for value in request.values("Via"):
            # Those below the first are anybody's, and were not looked at so far.
            with contextlib.suppress(MalformedMessage):
                vias.append(parse_via(value))
        return any(self._core.transactions.find_client(via.branch, "INVITE") for via in vias)

    def has(self, leg: str) -> bool:
        """Tell whether a leg is still known: not ended, or its BYE not yet answered."""
        return leg in self._core.legs

    def _responded(self, response: Response, source: Destination, now: float) -> list[Output]:
        vias = response.values("Via")
        if len(vias) != 1:
            # A response with a second Via was meant for somebody else (section 8.1.3.3).
            return [Dropped("a response has not exactly one Via", source)]
        transaction = self._core.transactions.find_client(parse_via(vias[0]).branch, response.method)
        if transaction is None:
            return []
        return self._news(self._core.transactions.responded(transaction, response, now), now)

    def _broken(self, error: BrokenRequest, source: Destination) -> list[Output]:
        dropped = Dropped(f"{error.method} refused with {error.status}: {error.sentence}", source)
        if not error.headers.get("Via"):
            return [dropped]
        try:
            reply = reply_to(error.headers, source)
        except MalformedMessage:
            return [dropped]
        return [*self._inbound.answer_broken(error.method, error.status, reply), dropped]

    def _news(self, results: list[Result], now: float) -> list[Output]:
        outputs: list[Output] = []
        for result in results:
            match result:
                case Send():
                    outputs.append(result)
                case Passed(transaction, response):
                    outputs += self._asker(transaction).responded(transaction, response, now)
                case TimedOut(transaction):
                    outputs += self._asker(transaction).timed_out(transaction, now)
                case Undelivered(transaction, why):
                    outputs += self._asker(transaction).undelivered(transaction, now, why)
                case _:
                    assert_never(result)
        return outputs

    def _asker(self, transaction: Transaction) -> Asker:
        """Return the part of the agent that a request of ours came from."""
        method = transaction.outgoing.method if transaction.outgoing else ""
        return self._askers.get(method, self._outbound)
