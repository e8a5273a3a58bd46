"""An agent of ours and SIPp, with a clock that leaps: a session of 90 s, the shortest there is, takes no 90 s.

The agent is the real one on a real socket; the time that it is told jumps to its next deadline whenever nothing is on
its way. What the platform around it does with a call that is lost is shown elsewhere.
"""

import socket
import threading
import time
from itertools import count
from pathlib import Path

import pytest

import sipp
from free_ports import sip_port
from offhook.engine.sip.agent import Agent
from offhook.engine.sip.invitation import Invitation
from offhook.engine.sip.outputs import Answered, Destination, Lost, Output, Send, Transport

pytestmark = pytest.mark.peers

HOST = "127.0.0.1"
QUIET_S = 0.25
"""Nothing is on its way any more if nothing came for so long; shorter than the first retransmission (T1)."""

PATIENCE_S = 20
OFFER = b"v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 9 RTP/AVP 0\r\n"


class LeapingAgent:
    """An agent on a socket of loopback. `sent` is what left it: when by its own clock, and the first word."""

    def __init__(self) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((HOST, 0))
        port, tokens = self._socket.getsockname()[1], count(1)
        self.agent = Agent(ports={Transport.UDP: port}, token=lambda: f"leap{next(tokens):06d}", name="leaping")
        self.sent: list[tuple[float, str]] = []
        self.news: list[Output] = []
        self._leapt_s = 0.0

    @property
    def now(self) -> float:
        return time.monotonic() + self._leapt_s

    def do(self, outputs: list[Output]) -> None:
        """Send what is to be sent, and keep the rest."""
        for output in outputs:
            if isinstance(output, Send):
                self.sent.append((self.now, output.data.split(b" ", 1)[0].decode()))
                self._socket.sendto(output.data, (output.destination.host, output.destination.port))
            else:
                self.news.append(output)

    def run_until_lost(self) -> Lost:
        """Go on until the call is lost, and what was said about it is answered."""
        end = time.monotonic() + PATIENCE_S
        self._socket.settimeout(QUIET_S)
        while time.monotonic() < end:
            try:
                data, (host, port) = self._socket.recvfrom(65_535)
            except TimeoutError:
                if lost := [news for news in self.news if isinstance(news, Lost)]:
                    return lost[0]
                deadline = self.agent.deadline()
                assert deadline is not None, "nothing is left to wait for"
                # Until it answers, SIPp may still be starting.
                if any(isinstance(news, Answered) for news in self.news):
                    self._leapt_s += max(0.0, deadline - self.now)
                self.do(self.agent.tick(self.now))
            else:
                self.do(self.agent.receive(data, Destination(host, port), HOST, self.now))
        raise AssertionError(f"the call was not lost within {PATIENCE_S} s, but {self.sent} and {self.news}")

    def close(self) -> None:
        self._socket.close()


def test_sipp_is_refreshed_by_update_and_by_invite_and_hung_up_when_it_refreshes_no_more(tmp_path: Path) -> None:
    port, traces = sip_port(), list[sipp.Trace]()
    callee = threading.Thread(
        target=lambda: traces.append(sipp.be_called("session-refreshed", port, folder=tmp_path)), daemon=True
    )
    callee.start()
    caller = LeapingAgent()
    try:
        friend = f"sip:friend@{HOST}:{port}"
        wish = Invitation(friend, f"<sip:us@{HOST}>", f"<{friend}>", OFFER, Destination(HOST, port), HOST)
        caller.do(caller.agent.invite(wish, caller.now)[1])
        lost = caller.run_until_lost()
    finally:
        caller.close()
    callee.join(PATIENCE_S)
    assert traces, "SIPp did not see what the scenario says"
    assert lost.text == "the session expired: the peer did not refresh it"
    # What was said again while SIPp started counts once.
    answered_at = next(at for at, word in caller.sent if word == "ACK")
    sent = [(word, at - answered_at) for at, word in caller.sent if at >= answered_at]
    assert [word for word, _ in sent] == ["ACK", "UPDATE", "UPDATE", "INVITE", "ACK", "BYE"]
    # At half of 90 s each time; who waits for the other's refresh gives up a third before the end (section 10).
    assert [at for _, at in sent] == pytest.approx([0, 45, 90, 90, 90, 150], abs=3)
    updates = [one for one in traces[0].messages if one.received and one.first_line.startswith("UPDATE")]
    assert [one.values("Session-Expires") for one in updates] == [["90;refresher=uac"]] * 2
