"""The switchboard: every call of this node, from the trunk's INVITE to its last record.

It lets known trunks in, gives each call a line and passes on what SIP tells. What a call then
does is the line's and its machine's business.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import datetime

from offhook.domain.calls import Arrival, Reason
from offhook.domain.numbers import caller_identity
from offhook.engine.call import Limits
from offhook.engine.call.inputs import Broken, CallerLeft
from offhook.engine.net import callers
from offhook.engine.net.endpoint import Endpoint
from offhook.engine.net.gate import Gate
from offhook.engine.net.line import Line
from offhook.engine.net.media_pool import MediaPool
from offhook.engine.net.negotiation import Negotiation
from offhook.engine.net.parts import Parts
from offhook.engine.net.ports import ActionServers, Desk, Sounds
from offhook.engine.net.trunks import Stranger, Trunks
from offhook.engine.sip.outputs import Canceled, Confirmed, HungUp, Invited, Lost, Output, Reoffered

STOP_TIMEOUT_S = 5.0


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
        limits: Limits,
        gate: Gate,
        token: Callable[[], str],
        call_id: Callable[[], str],
        session_id: Callable[[], int],
        wall_clock: Callable[[], datetime],
    ) -> None:
        self._lines: dict[str, Line] = {}
        self._calls_of_trunk: Counter[str] = Counter()
        self._gate = gate
        self._call_id = call_id
        self._session_id = session_id
        self._wall_clock = wall_clock
        self._is_draining = False
        self._endpoint = Endpoint(host=host, port=port, name=name, token=token, permits=self._permits, news=self._hear)
        self._trunks = Trunks(self._endpoint.logger, self._endpoint.now)
        self._parts = Parts(self._endpoint, media, desk, servers, sounds, limits, self._over)

    @property
    def port(self) -> int:
        """The UDP port of SIP."""
        return self._endpoint.port

    @property
    def calls(self) -> int:
        """How many calls are not fully recorded yet."""
        return len(self._lines)

    def use_trunks(self, trunks: Iterable[tuple[str, Iterable[str]]]) -> None:
        """Let these trunks in from now on: name and CIDRs of each."""
        self._trunks.replace(trunks)

    def strangers(self) -> list[Stranger]:
        """Return the sources that were dropped lately."""
        return self._trunks.strangers()

    def hang_up_recorded(self, record: str) -> None:
        """Say BYE on a leg that a dead node left behind. Raises `ProtocolError` for what is no record."""
        self._endpoint.do(self._endpoint.agent.hang_up_recorded(record, self._endpoint.now()))

    def drain(self) -> None:
        """Refuse new calls; those that run go on."""
        self._is_draining = True

    async def stop(self) -> None:
        """End every call with a reason, wait until all is recorded, and close the port."""
        self.drain()
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
        self._endpoint.close()

    def _permits(self, data: bytes, host: str, port: int) -> bool:
        return self._trunks.permits(data, host, port)

    def _hear(self, output: Output) -> None:
        if isinstance(output, Invited):
            self._invited(output)
            return
        line = self._lines.get(getattr(output, "leg", ""))
        if line is None:
            return
        match output:
            case Confirmed(_, sdp):
                line.confirmed(sdp)
            case Reoffered(_, sdp):
                line.reoffered(sdp)
            case Canceled():
                line.tell(CallerLeft("the caller gave up before the answer"))
            case HungUp():
                line.tell(CallerLeft("the caller hung up"))
            case Lost(_, text):
                line.tell(CallerLeft(text, Reason.NOT_CONFIRMED))

    def _invited(self, invited: Invited) -> None:
        negotiation = Negotiation(
            address=invited.local, signalling_ip=invited.source.host, session_id=self._session_id()
        )
        trunk = self._trunks.of(invited.source.host) or ""
        refusal: Reason | None = None
        if self._is_draining:
            refusal = Reason.DRAINING
        elif not self._gate.lets_in(
            invited.source.host, len(self._lines), self._calls_of_trunk[trunk], self._endpoint.now()
        ):
            refusal = Reason.OVERLOAD
        elif not negotiation.offered(invited.request.body):
            refusal = Reason.NO_COMMON_CODEC
        arrival = Arrival(
            call_id=self._call_id(),
            at=self._wall_clock(),
            trunk=trunk,
            source=f"{invited.source.host}:{invited.source.port}",
            dialled=callers.dialled(invited.request),
            caller=caller_identity(*callers.caller(invited.request)),
            refusal=refusal,
        )
        line = Line(self._parts, invited.leg, arrival, negotiation)
        self._lines[invited.leg] = line
        self._calls_of_trunk[trunk] += 1
        line.begin()

    def _over(self, line: Line) -> None:
        if self._lines.pop(line.leg, None) is not None:
            self._calls_of_trunk[line.arrival.trunk] -= 1
