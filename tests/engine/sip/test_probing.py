"""The agent asks a gateway whether it is there, which answers whatever it likes."""

import pytest

from offhook.engine.sip.agent import Agent
from offhook.engine.sip.authenticator import Authenticator, Credentials
from offhook.engine.sip.digest import Password
from offhook.engine.sip.message import Request
from offhook.engine.sip.outputs import Destination, Output, Probed, Transport
from offhook.engine.sip.probing import Probe
from sip_call import is_empty, run
from sip_peer import THEM, US, Fields, new_agent, news_in, requests_in, response

CHALLENGE: Fields = {"Proxy-Authenticate": 'Digest realm="carrier.example", nonce="n1", qop="auth", algorithm=MD5'}


class Asked:
    """An agent that asks, and the gateway's end of it."""

    def __init__(self, destination: Destination = THEM, *, user: str = "offhook", password: str = "") -> None:
        login = Authenticator([Credentials(user, Password(password))]) if password else None
        self.agent: Agent = new_agent()
        self.wish = Probe("carrier", 7, destination, US, user, login)
        self.question: Request
        self.take(self.agent.probe(self.wish, 0.0))

    def take(self, outputs: list[Output]) -> list[Output]:
        for self.question in requests_in(outputs):
            pass
        return news_in(outputs)

    def says(self, status: int, fields: Fields | None = None) -> list[Output]:
        data = response(self.question, status, fields=fields)
        return self.take(self.agent.receive(data, THEM, US, 0.1))


def test_a_question_says_who_asks_and_needs_no_body() -> None:
    question = Asked().question
    assert (question.method, question.uri, question.body) == ("OPTIONS", "sip:10.0.0.1:5060", b"")
    assert question.first("From").startswith("<sip:offhook@10.0.0.9>;tag=")
    assert (question.first("To"), question.cseq) == ("<sip:10.0.0.1:5060>", 1)
    assert (question.first("Contact"), question.first("Accept")) == ("<sip:10.0.0.9:5060>", "application/sdp")


def test_a_user_with_marks_of_its_own_is_written_as_a_uri_wants_it() -> None:
    question = Asked(user="anna@home <x>").question
    assert question.first("From").startswith("<sip:anna%40home%20%3Cx%3E@10.0.0.9>;tag=")


@pytest.mark.parametrize("status", [200, 404, 401, 503, 600])
def test_whatever_final_answer_comes_is_told_once_and_nothing_is_left(status: int) -> None:
    asked = Asked()
    assert asked.says(100) == []
    assert asked.says(status) == [Probed("carrier", THEM, 7, status, f"answered {status} Told")]
    assert asked.says(status) == []
    run(asked.agent)
    assert is_empty(asked.agent)
    assert len(asked.agent._probes) == 0


def test_a_challenge_is_met_once() -> None:
    asked = Asked(user="anna", password="secret")
    first = asked.question
    assert asked.says(407, CHALLENGE) == []
    assert (asked.question.cseq, asked.question.first("Call-ID")) == (2, first.first("Call-ID"))
    assert 'username="anna"' in asked.question.first("Proxy-Authorization")
    assert asked.says(407, CHALLENGE) == [Probed("carrier", THEM, 7, 407, "answered 407 Told")]


def test_who_is_nobody_there_does_not_answer_a_challenge() -> None:
    assert Asked().says(401, CHALLENGE) == [Probed("carrier", THEM, 7, 401, "answered 401 Told")]


def test_silence_is_not_told_and_leaves_nothing() -> None:
    asked = Asked()
    assert [output for _, output in run(asked.agent) if isinstance(output, Probed)] == []
    assert is_empty(asked.agent)
    assert len(asked.agent._probes) == 0


def test_a_connection_that_cannot_be_made_is_told() -> None:
    by_tls = Destination("10.0.0.1", 5061, Transport.TLS)
    asked = Asked(by_tls)
    assert asked.question.uri == "sip:10.0.0.1:5061;transport=tls"
    assert asked.agent.undelivered(by_tls, 0.5) == [Probed("carrier", by_tls, 7, 503, "takes no connection")]
    assert asked.agent.undelivered(by_tls, 0.5) == []


def test_two_questions_do_not_mix() -> None:
    asked = Asked()
    first = asked.question
    asked.wish = Probe("other", 1, THEM, US, "offhook")
    asked.take(asked.agent.probe(asked.wish, 0.0))
    assert asked.says(200) == [Probed("other", THEM, 1, 200, "answered 200 Told")]
    asked.question = first
    assert asked.says(200) == [Probed("carrier", THEM, 7, 200, "answered 200 Told")]
