"""A trunk full of callers in a process of its own: calls at a rate, or so many at once.

Every moment is the kernel's (arrivals) or taken before the send, so that what this process is slow at is not
told as the platform's slowness.
"""

import select
import socket
import sys
from dataclasses import dataclass, field
from enum import Enum, auto
from heapq import heappop, heappush
from multiprocessing.connection import Connection
from time import monotonic, time_ns

from bench.rig import arrivals
from bench.rig.sip_texts import CALL_NUMBER, HOST, Caller, agreed, is_to_invite, status

T1_S = 0.5
"""The first repetition (RFC 3261 section 17.1.1.2); each further one waits twice as long."""

TRIES = 6
"""The last one is given up after 31.5 s, as timers B and F would (32 s)."""

PATIENCE_S = 60.0
"""For an answer, once a provisional response has said that the request arrived."""

MESSAGE_BYTES = 65_535
BUFFER_BYTES = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Plan:
    """What to do: `rate` calls a second, or (0) `at_once` calls that are always under way, `most` calls in all.

    With `hang_up_after_s` an answer is expected and hung up so much later, else a refusal is.
    """

    number: str
    gateway: int
    first_call: int
    seconds: float
    rate: float = 0.0
    at_once: int = 0
    most: int = sys.maxsize
    hang_up_after_s: float | None = None


@dataclass(slots=True)
class Told:
    """What happened; times in nanoseconds since 1970 by the caller's phone number."""

    calls: int = 0
    seconds: float = 0.0
    failures: dict[str, int] = field(default_factory=dict)
    repeated: int = 0
    statuses: dict[int, int] = field(default_factory=dict)
    invited: dict[str, int] = field(default_factory=dict)
    invite_to_answer_ms: list[float] = field(default_factory=list)
    answer_to_sound_ms: list[float] = field(default_factory=list)

    @property
    def failed(self) -> int:
        return sum(self.failures.values())

    @property
    def began_within_s(self) -> float:
        """The time from the first call's INVITE to the last one's."""
        return (max(self.invited.values()) - min(self.invited.values())) / 1e9


class _Stage(Enum):
    INVITING = auto()
    ANSWERED = auto()
    LEAVING = auto()


@dataclass(slots=True)
class _Call:
    caller: Caller
    rtp: socket.socket
    request: bytes
    stage: _Stage = _Stage.INVITING
    tries: int = 0
    alarm: int = 0
    answer: bytes = b""
    answered_at: int = 0


def call(pipe: Connection) -> None:
    """Carry out one plan after the other; answer each with what happened."""
    while isinstance(plan := pipe.recv(), Plan):
        pipe.send(_Trunk(plan).run())


class _Trunk:
    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._told = Told()
        self._calls: dict[int, _Call] = {}
        self._alarms: list[tuple[float, int, int]] = []
        self._by_rtp: dict[int, _Call] = {}
        self._poller = select.epoll()
        self._sip = arrivals.stamped(HOST)
        for option in (socket.SO_RCVBUF, socket.SO_SNDBUF):
            self._sip.setsockopt(socket.SOL_SOCKET, option, BUFFER_BYTES)
        self._sip.connect((HOST, plan.gateway))
        self._poller.register(self._sip.fileno(), select.EPOLLIN)

    def run(self) -> Told:
        """Begin calls for the time of the plan, then wait until all of them have ended."""
        began = monotonic()
        until = began + self._plan.seconds
        while (goes_on := (now := monotonic()) < until and self._told.calls < self._plan.most) or self._calls:
            while goes_on and self._wants_another(now - began):
                self._begin()
            self._poll(0.001)
            self._ring_alarms()
        self._told.seconds = monotonic() - began
        self._sip.close()
        return self._told

    def _wants_another(self, elapsed_s: float) -> bool:
        if self._told.calls >= self._plan.most:
            return False
        if self._plan.rate:
            return self._told.calls < elapsed_s * self._plan.rate
        return len(self._calls) < self._plan.at_once

    def _begin(self) -> None:
        number = self._plan.first_call + self._told.calls
        self._told.calls += 1
        rtp = arrivals.stamped(HOST)
        caller = Caller(number, self._plan.number, self._sip.getsockname()[1], self._plan.gateway)
        one = self._calls[number] = _Call(caller, rtp, caller.invite(rtp.getsockname()[1]))
        if self._plan.hang_up_after_s is not None:
            self._by_rtp[rtp.fileno()] = one
            self._poller.register(rtp.fileno(), select.EPOLLIN)
        self._told.invited[caller.phone] = time_ns()
        self._send(one)

    def _send(self, one: _Call) -> None:
        """Send the present request, again and again until it is answered."""
        self._told.repeated += one.tries > 0
        self._sip.send(one.request)
        self._set_alarm(one, T1_S * 2**one.tries)
        one.tries += 1

    def _set_alarm(self, one: _Call, wait_s: float) -> None:
        # The alarm that was set before knows another number, and is void.
        one.alarm += 1
        heappush(self._alarms, (monotonic() + wait_s, one.caller.call, one.alarm))

    def _poll(self, timeout_s: float) -> None:
        for descriptor, _ in self._poller.poll(timeout_s):
            if descriptor == self._sip.fileno():
                self._read_sip()
            elif (one := self._by_rtp.pop(descriptor, None)) is not None:
                self._hear_first(one)

    def _read_sip(self) -> None:
        while True:
            try:
                message, at = arrivals.receive(self._sip, MESSAGE_BYTES)
            except BlockingIOError:
                return
            found = CALL_NUMBER.search(message)
            one = self._calls.get(int(found[1])) if found else None
            code = status(message)
            if code is None:
                self._sip.send(agreed(message))
                if one is not None:
                    self._end(one, "hung up by the platform")
            elif one is None:
                # The answer to our BYE was repeated, or a refusal whose ACK is under way.
                self._told.repeated += 1
            elif code >= 200:
                self._heard_final(one, message, code, at)
            elif one.stage is _Stage.INVITING:
                # RFC 3261 section 17.1.1.2: it has arrived, and is not repeated any more.
                one.tries = TRIES
                self._set_alarm(one, PATIENCE_S)

    def _heard_final(self, one: _Call, message: bytes, code: int, at: int) -> None:
        if not is_to_invite(message):
            self._end(one, None if code == 200 else f"a BYE was answered {code}")
            return
        self._sip.send(one.caller.acknowledgement(message, code))
        if one.stage is not _Stage.INVITING:
            self._told.repeated += 1
            return
        self._told.statuses[code] = self._told.statuses.get(code, 0) + 1
        if self._plan.hang_up_after_s is None:
            self._end(one, None if code >= 300 else f"answered {code} instead of refused")
        elif code >= 300:
            self._end(one, f"refused with {code}")
        else:
            one.stage, one.answer, one.answered_at = _Stage.ANSWERED, message, at
            self._told.invite_to_answer_ms.append((at - self._told.invited[one.caller.phone]) / 1e6)
            self._set_alarm(one, self._plan.hang_up_after_s)

    def _hear_first(self, one: _Call) -> None:
        self._poller.unregister(one.rtp.fileno())
        _, at = arrivals.receive(one.rtp, 1)
        # Sound must not come before the answer; if it were seen to, the figure would be below zero.
        if one.answered_at:
            self._told.answer_to_sound_ms.append((at - one.answered_at) / 1e6)

    def _ring_alarms(self) -> None:
        while self._alarms and self._alarms[0][0] <= monotonic():
            _, number, alarm = heappop(self._alarms)
            one = self._calls.get(number)
            if one is None or one.alarm != alarm:
                continue
            if one.stage is _Stage.ANSWERED:
                one.stage, one.request, one.tries = _Stage.LEAVING, one.caller.bye(one.answer), 0
            if one.tries < TRIES:
                self._send(one)
            else:
                self._end(one, "no answer to " + one.request.partition(b" ")[0].decode())

    def _end(self, one: _Call, failure: str | None) -> None:
        if failure is not None:
            self._told.failures[failure] = self._told.failures.get(failure, 0) + 1
        self._calls.pop(one.caller.call, None)
        if self._by_rtp.pop(one.rtp.fileno(), None) is not None:
            self._poller.unregister(one.rtp.fileno())
        one.rtp.close()
