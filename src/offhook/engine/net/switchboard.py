"""The switchboard: every call of this node, from the trunk's INVITE to its last record.

It lets known trunks in, gives each call a line and passes on what SIP tells. What a call then
does is the line's and its machine's business.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from offhook.domain.calls import Arrival, Reason
from offhook.domain.errors import CallIsOver
from offhook.domain.peers import REALM
from offhook.domain.routes import INSIDE, Route
from offhook.domain.rules import PLAIN, NumberFrom, TrunkRules
from offhook.domain.trunk_states import Observed
from offhook.engine.call import Limits
from offhook.engine.call.inputs import Broken
from offhook.engine.call.table import State
from offhook.engine.net import callers
from offhook.engine.net.addresses import is_literal
from offhook.engine.net.checks import Checks
from offhook.engine.net.destinations import Destinations
from offhook.engine.net.door import Door
from offhook.engine.net.endpoint import UDP_AND_TCP, Endpoint, Wires
from offhook.engine.net.gate import Gate
from offhook.engine.net.line import Line
from offhook.engine.net.load_meter import LoadMeter
from offhook.engine.net.loops import Loops
from offhook.engine.net.media_pool import MediaPool
from offhook.engine.net.negotiation import Negotiation
from offhook.engine.net.overhearing import Overhearing
from offhook.engine.net.overload import LoadLimits
from offhook.engine.net.parts import Owner, Parts
from offhook.engine.net.ports import ActionServers, Desk, Observer, Sounds
from offhook.engine.net.registrar import Registrar
from offhook.engine.net.resolution import Resolution
from offhook.engine.net.trunks import Stranger, Trunks
from offhook.engine.sip.doorkeeper import Doorkeeper, Peer
from offhook.engine.sip.outputs import Destination, Invited, NotRegistered, Output, Probed, Registered, Send, TurnedDown
from offhook.engine.sip.uri import parse_uri

STOP_TIMEOUT_S = 5.0
KEY_TOKENS = 4
"""Tokens of 64 bits that make the key of our nonces."""
LOOP_DETECTED = 482
FORBIDDEN = 403
UNAVAILABLE = 503


class Switchboard:
    """All calls of one node."""

    def __init__(
        self,
        *,
        host: str,
        port: int,
        name: str,
        media: MediaPool,
        desk: Desk,
        servers: ActionServers,
        sounds: Sounds,
        observer: Observer,
        limits: Limits,
        gate: Gate,
        load_limits: LoadLimits,
        token: Callable[[], str],
        call_id: Callable[[], str],
        session_id: Callable[[], int],
        wall_clock: Callable[[], datetime],
        wires: Wires = UDP_AND_TCP,
    ) -> None:
        self._lines: dict[str, Line] = {}
        self._legs: dict[str, Owner] = {}
        self._calls_of_trunk: Counter[str] = Counter()
        self._gate = gate
        self._call_id = call_id
        self._session_id = session_id
        self._wall_clock = wall_clock
        self.is_draining = False
        self._idle = asyncio.Event()
        self._idle.set()
        self._endpoint = Endpoint(
            host=host,
            port=port,
            name=name,
            token=token,
            permits=self._permits,
            news=self._hear,
            wires=wires,
            welcomes=self._welcomes,
        )
        self._trunks = Trunks(self._endpoint.logger, self._endpoint.now)
        self._overhearing = Overhearing(self._endpoint, self._legs)
        # Known to no one, and new at each start: what was challenged before is challenged again.
        key = "".join(token() for _ in range(KEY_TOKENS)).encode()
        self._door = Door(self._endpoint, self._trunks, Doorkeeper(realm=REALM, key=key, token=token, name=name), gate)
        self._rules: Mapping[str, TrunkRules] = {}
        self._destinations = Destinations(
            self._endpoint, host, token(), self._trunks.expect, Resolution(host, wires.name_server), self._door
        )
        self._load = LoadMeter(load_limits, media.loads)
        self._registrar = Registrar(self._endpoint, self._destinations, wall_clock)
        self._checks = Checks(self._endpoint, self._destinations)
        self._parts = Parts(
            self._endpoint,
            media,
            desk,
            servers,
            sounds,
            observer,
            limits,
            self._destinations,
            self._legs,
            Loops(),
            session_id,
            self._over,
        )

    @property
    def port(self) -> int:
        """The port of SIP over UDP and TCP."""
        return self._endpoint.port

    @property
    def registrations(self) -> int:
        """How many peers are registered at this node."""
        return self._door.registrations

    @property
    def unread(self) -> int:
        """How many messages of known sources were dropped unread, as there were too many of them."""
        return self._gate.unread

    @property
    def lag_s(self) -> float:
        """How late the loop is on average."""
        return self._load.lag_s

    @property
    def is_overloaded(self) -> bool:
        """Whether new calls are refused for what runs already."""
        return self._load.is_overloaded

    @property
    def calls(self) -> int:
        """How many calls are not fully recorded yet."""
        return len(self._lines)

    @property
    def dropped(self) -> int:
        """How many datagrams of strangers were dropped unread since the start."""
        return self._trunks.dropped

    def calls_by_state(self) -> dict[tuple[str, str], int]:
        """Count the calls by state and trunk; every state of every trunk is there, be it with 0."""
        states = [state.value for state in State if state is not State.ENDED]
        nobody = {(state, trunk): 0 for trunk in self._trunks.names for state in states}
        return {**nobody, **Counter((line.state.value, line.arrival.trunk) for line in self._lines.values())}

    def use_trunks(
        self,
        trunks: Iterable[tuple[str, Iterable[str]]],
        rules: Mapping[str, TrunkRules],
        registered: Iterable[Route] = (),
        checked: Iterable[Route] = (),
        peers: Iterable[Peer] = (),
    ) -> None:
        """Let these trunks in from now on: name and CIDRs of each, and by its name how its calls are read.

        `registered` are the ways to those that want us to register, `checked` to those whose gateways are asked
        whether they are up; `peers` are those that prove themselves to us.
        """
        self._trunks.replace(trunks)
        self._door.use(peers, rules)
        self._rules = rules
        self._registrar.use(registered)
        self._checks.use(checked)

    def strangers(self) -> list[Stranger]:
        """Return the sources that were dropped lately."""
        return self._trunks.strangers()

    def trunk_states(self) -> list[Observed]:
        """Return how the trunks fare, as far as that is known."""
        return [*self._registrar.observed(), *self._checks.observed()]

    def hang_up_recorded(self, record: str) -> None:
        """Say CANCEL or BYE on a leg that a dead node left behind. Raises `ProtocolError` for what is no record."""
        outputs = self._endpoint.agent.hang_up_recorded(record, self._endpoint.now())
        for output in outputs:
            if isinstance(output, Send) and is_literal(output.destination.host):
                self._trunks.expect(output.destination.host)
        self._endpoint.do(outputs)

    def direct(self, call_id: str, action: str | None, by: str) -> str | None:
        """Have a call do an action text, or end it; returns what `Line.direct` does."""
        line = next((line for line in self._lines.values() if line.arrival.call_id == call_id), None)
        return CallIsOver.code if line is None else line.direct(action, by)

    def measure_load(self) -> None:
        """Refuse new calls from now on when there is more to do than can be done in time."""
        self._load.start()

    def drain(self) -> None:
        """Refuse new calls; those that run go on."""
        self.is_draining = True

    async def idle(self) -> None:
        """Wait until no call runs."""
        await self._idle.wait()

    async def stop(self) -> None:
        """End every call with a reason, wait until all is recorded, and close the port."""
        self.drain()
        self._registrar.stop()
        self._checks.stop()
        lines = list(self._lines.values())
        for line in lines:
            line.tell(Broken(Reason.DRAINING, "the platform is being stopped"))
        if lines:
            waits = [asyncio.create_task(line.is_over.wait()) for line in lines]
            await asyncio.wait(waits, timeout=STOP_TIMEOUT_S)
            for wait in waits:
                wait.cancel()
        for line in list(self._lines.values()):
            line.abandon()
        self._door.stop()
        self._load.stop()
        self._endpoint.close()

    def _permits(self, data: bytes, source: Destination) -> bool:
        if self._destinations.is_ours(source.host, source.port) or self._door.permits(data, source):
            return True
        self._overhearing.hear(data, source.host)
        return False

    def _welcomes(self, source: Destination) -> bool:
        return self._door.welcomes(source)

    def _hear(self, output: Output) -> None:
        if isinstance(output, Invited):
            self._invited(output)
        elif isinstance(output, TurnedDown):
            self._turned_down(output)
        elif isinstance(output, Registered | NotRegistered):
            self._registrar.hear(output)
        elif isinstance(output, Probed):
            self._checks.hear(output)
        elif (owner := self._legs.get(getattr(output, "leg", ""))) is not None:
            owner.hear(output)

    def _invited(self, invited: Invited) -> None:
        trunk = self._trunk_of(invited)
        if trunk is None:
            return
        if self._load.is_overloaded and trunk != INSIDE:
            self._turn_away(invited)
            return
        rules = self._rules_of(trunk, invited)
        negotiation = self._negotiation(invited, rules)
        refusal, because = self._refusal_of(invited, trunk, negotiation)
        self._begin(invited, trunk, rules, negotiation, refusal, because)

    def _turned_down(self, turned: TurnedDown) -> None:
        """Put on record what was refused already, unless there is too much to do."""
        invited = turned.invited
        trunk = self._trunk_of(invited)
        if trunk is None or self.is_draining or self._load.is_overloaded or self._objection(invited, trunk):
            return
        rules = self._rules_of(trunk, invited)
        self._begin(invited, trunk, rules, self._negotiation(invited, rules), Reason.REQUEST_NOT_TAKEN, turned.text)

    def _rules_of(self, trunk: str, invited: Invited) -> TrunkRules:
        rules = self._rules.get(trunk, PLAIN)
        if rules.number_from is NumberFrom.REQUEST_URI and self._is_registered(invited):
            # There stands our own secret; whom the caller dialled stands in To.
            return replace(rules, number_from=NumberFrom.TO)
        return rules

    def _negotiation(self, invited: Invited, rules: TrunkRules) -> Negotiation:
        return Negotiation(
            address=invited.local,
            signalling_ip=invited.source.host,
            session_id=self._session_id(),
            needs_srtp=rules.needs_srtp,
            dtmf=rules.dtmf,
        )

    def _begin(
        self,
        invited: Invited,
        trunk: str,
        rules: TrunkRules,
        negotiation: Negotiation,
        refusal: Reason | None,
        because: str,
    ) -> None:
        arrival = callers.arrival(
            invited.request,
            rules,
            call_id=self._call_id(),
            at=self._wall_clock(),
            trunk=trunk,
            source=f"{invited.source.host}:{invited.source.port}",
            refusal=refusal,
        )
        if refusal is Reason.NO_COMMON_CODEC:
            arrival = replace(arrival, misfit=negotiation.misfit)
        if because:
            arrival = replace(arrival, because=because)
        if arrival.refusal is None and self._is_loop(invited, arrival):
            arrival = replace(arrival, refusal=Reason.LOOP)
        line = Line(self._parts, invited.leg, arrival, negotiation)
        self._lines[invited.leg] = self._legs[invited.leg] = line
        self._calls_of_trunk[trunk] += 1
        self._idle.clear()
        line.begin(invited.request.first("Call-ID"))

    def _turn_away(self, invited: Invited) -> None:
        """Refuse a call at once: neither the database nor the media hear of it, so that those that run stay clean."""
        endpoint = self._endpoint
        self._parts.observer.refused(str(Reason.OVERLOAD))
        seconds = self._load.retry_after_s()
        endpoint.do(endpoint.agent.refuse(invited.leg, UNAVAILABLE, endpoint.now(), retry_after_s=seconds))

    def _trunk_of(self, invited: Invited) -> str | None:
        """Return whose call it is; None, and refuse it, when it comes in by a door that only answers may take."""
        source, endpoint = invited.source, self._endpoint
        if self._destinations.is_ours(source.host, source.port):
            if self._destinations.came_inside(invited.request):
                return INSIDE
            # A route of ours that leads to ourselves.
            endpoint.do(endpoint.agent.refuse(invited.leg, LOOP_DETECTED, endpoint.now()))
            return None
        if (proven := self._door.trunk_of(invited)) is not None:
            return proven
        user = parse_uri(invited.request.uri).user
        trunk = self._registrar.trunk_of(source.host, user) or self._trunks.of(source.host)
        if trunk is not None and self._door.asks(trunk):
            # What proved nothing never comes so far; if it does, it is not let in.
            trunk = None
        if trunk is not None and (missing := self._door.missing_name(trunk, source)):
            # One that we register at: whose call it is was not known before it was read.
            endpoint.logger.warning("a trunk is not let in", trunk=trunk, source=source.host, text=missing)
            endpoint.do(endpoint.agent.refuse(invited.leg, FORBIDDEN, endpoint.now()))
            return None
        if trunk is None:
            # A gateway that we send to, but that no trunk names as a source of calls.
            endpoint.logger.warning("a gateway that only takes calls brought one", source=source.host)
            self._trunks.remember(source.host, f"INVITE {invited.request.uri} SIP/2.0".encode("utf-8", "replace"))
            endpoint.do(endpoint.agent.refuse(invited.leg, FORBIDDEN, endpoint.now()))
        return trunk

    def _is_loop(self, invited: Invited, arrival: Arrival) -> bool:
        """Tell whether a call of ours has come back; the one that goes inside is meant to."""
        endpoint = self._endpoint
        has_come_back = arrival.trunk != INSIDE and endpoint.agent.has_come_back(invited.request)
        return has_come_back or self._parts.loops.has_closed(arrival, endpoint.now())

    def _is_registered(self, invited: Invited) -> bool:
        user = parse_uri(invited.request.uri).user
        return self._registrar.trunk_of(invited.source.host, user) is not None

    def _refusal_of(self, invited: Invited, trunk: str, negotiation: Negotiation) -> tuple[Reason | None, str]:
        """Return why the engine cannot take a call, and what there is to say of that besides."""
        # A call of our own that goes inside belongs to one that runs already.
        if self.is_draining and trunk != INSIDE:
            return Reason.DRAINING, ""
        if because := self._objection(invited, trunk):
            return Reason.OVERLOAD, because
        return None if negotiation.offered(invited.request.body) else Reason.NO_COMMON_CODEC, ""

    def _objection(self, invited: Invited, trunk: str) -> str:
        """Return which limit a further call would break, empty if none."""
        running, of_trunk = len(self._lines), self._calls_of_trunk[trunk]
        return self._gate.objection(invited.source.host, running, of_trunk, self._endpoint.now())

    def _over(self, line: Line) -> None:
        self._legs.pop(line.leg, None)
        if self._lines.pop(line.leg, None) is not None:
            self._calls_of_trunk[line.arrival.trunk] -= 1
        if not self._lines:
            self._idle.set()
