"""An agent and a peer that calls it, with the verbs of a call."""

from offhook.engine.sip.agent import Agent
from offhook.engine.sip.message import Response
from offhook.engine.sip.outputs import (
    Confirmed,
    Destination,
    Invited,
    Output,
)
from sip_peer import SDP, THEM, US, Fields, Peer, new_agent, news_in, responses_in, statuses_in


class Call:
    """One agent and one peer that calls it."""

    def __init__(self, tag: str = "them") -> None:
        self.agent: Agent = new_agent()
        self.peer = Peer(tag=tag)
        self.leg = ""

    def hear(self, data: bytes, now: float = 0.0, source: Destination = THEM) -> list[Output]:
        return self.agent.receive(data, source, US, now)

    def invite(self, now: float = 0.0, fields: Fields | None = None) -> None:
        """Call, and remember the leg."""
        outputs = self.hear(self.peer.request("INVITE", body=SDP, branch="z9hG4bKinvite", fields=fields), now)
        assert statuses_in(outputs) == [100]
        [news] = news_in(outputs)
        assert isinstance(news, Invited)
        self.leg = self.peer.us = news.leg

    def confirm(self, now: float = 0.0, fields: Fields | None = None) -> None:
        """Call, be answered and acknowledge."""
        self.invite(now, fields)
        assert statuses_in(self.agent.answer(self.leg, SDP, now)) == [200]
        assert self.ack(now) == [Confirmed(self.leg, b"")]

    def ack(self, now: float = 0.0, cseq: int | None = None, body: bytes = b"") -> list[Output]:
        return self.hear(self.peer.request("ACK", cseq=cseq or self.peer.cseq, body=body), now)

    def answer_to(self, data: bytes, now: float = 0.0) -> Response:
        """Return the one response to a request, whatever else it caused."""
        [response] = responses_in(self.hear(data, now))
        return response


def run(agent: Agent, until: float = 1_000.0) -> list[tuple[float, Output]]:
    """Tick whenever the agent asks for it, up to a time."""
    found: list[tuple[float, Output]] = []
    while (when := agent.deadline()) is not None and when <= until:
        found += [(when, output) for output in agent.tick(when)]
        after = agent.deadline()
        assert after is None or after > when, "the agent would make its driver spin"
    return found


def is_empty(agent: Agent) -> bool:
    """Tell whether an agent has forgotten everything."""
    core, inbound = agent._core, agent._inbound
    return not (core.legs or core.transactions or len(core.answers) or len(core.provisionals) or len(inbound._recent))


def cancel(call: Call, branch: str = "z9hG4bKinvite", cseq: int = 1) -> bytes:
    """Write the CANCEL of an INVITE of the call's peer."""
    return Peer(call_id=call.peer.call_id).request("CANCEL", cseq=cseq, branch=branch)
