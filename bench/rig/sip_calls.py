"""Whole calls through the pure SIP agent: bytes in, bytes out, no socket; time is simulated, 100 calls a second."""

import re
import secrets

from bench.rig.sip_texts import HOST, Caller

from offhook.engine.sip.agent import Agent
from offhook.engine.sip.outputs import Destination, Invited, Output, Send, Transport

NUMBER = "815012345678"
PORT = 5060
TRUNK = Destination(HOST, 5070)
RTP_PORT = 20000
APART_S = 0.01
ANSWER = b"v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 16384 RTP/AVP 0\r\n"
STAND_IN = b"\r\nTo: <sip:x@x>;tag=TAG\r\nContact: <sip:127.0.0.1:5060>\r\n"

_TAG = re.compile(rb"\r\nTo:[^\r]*;tag=([^\r;]+)")


class SipCalls:
    """One agent; `refused(n)` and `answered(n)` are the n-th call. The texts are written beforehand."""

    def __init__(self, calls: int) -> None:
        self._agent = Agent(ports={Transport.UDP: PORT}, token=lambda: secrets.token_hex(8), name="Offhook/bench")
        callers = [Caller(number, NUMBER, TRUNK.port, PORT) for number in range(calls)]
        self._invites = [caller.invite(RTP_PORT) for caller in callers]
        self._refusals = [caller.acknowledgement(STAND_IN, 486) for caller in callers]
        self._answers = [caller.acknowledgement(STAND_IN, 200) for caller in callers]
        self._byes = [caller.bye(STAND_IN) for caller in callers]
        self._now = 0.0
        self._calls = 0

    def refused(self, _: int) -> None:
        """INVITE, 100, 180, 486, ACK."""
        call, leg = self._begin()
        tag = _tag(self._agent.refuse(leg, 486, self._now))
        self._receive(self._refusals[call].replace(b"TAG", tag))
        self._pass()

    def answered(self, _: int) -> None:
        """INVITE, 100, 180, 200, ACK, BYE, 200."""
        call, leg = self._begin()
        tag = _tag(self._agent.answer(leg, ANSWER, self._now))
        self._receive(self._answers[call].replace(b"TAG", tag))
        self._receive(self._byes[call].replace(b"TAG", tag))
        assert not self._agent.has(leg), "the call has ended"
        self._pass()

    def _begin(self) -> tuple[int, str]:
        call, self._calls = self._calls, self._calls + 1
        invited = self._receive(self._invites[call])[-1]
        assert isinstance(invited, Invited), "the agent takes calls"
        self._agent.ring(invited.leg, self._now)
        return call, invited.leg

    def _receive(self, data: bytes) -> list[Output]:
        return self._agent.receive(data, TRUNK, HOST, self._now)

    def _pass(self) -> None:
        """Let time pass; what is due is part of what a call costs."""
        self._now += APART_S
        deadline = self._agent.deadline()
        if deadline is not None and deadline <= self._now:
            self._agent.tick(self._now)


def _tag(outputs: list[Output]) -> bytes:
    sent = next(output.data for output in outputs if isinstance(output, Send))
    found = _TAG.search(sent)
    assert found is not None, "a final response has a tag (RFC 3261 section 8.2.6.2)"
    return found[1]
