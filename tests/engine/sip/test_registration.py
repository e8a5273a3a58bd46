"""The agent registers at a provider, which answers whatever it likes."""

import pytest

from offhook.engine.sip.agent import Agent
from offhook.engine.sip.authenticator import Authenticator, Credentials
from offhook.engine.sip.digest import Password
from offhook.engine.sip.message import Request
from offhook.engine.sip.outputs import Destination, NotRegistered, Output, Registered, Send, Transport
from offhook.engine.sip.registration import Registration
from sip_call import run
from sip_peer import THEM, US, Fields, new_agent, news_in, requests_in, response

CHALLENGE: Fields = {"WWW-Authenticate": 'Digest realm="provider.example", nonce="n1", qop="auth", algorithm=SHA-256'}


def wish(destination: Destination = THEM, password: str = "secret") -> Registration:
    login = Authenticator([Credentials("anna", Password(password))])
    return Registration("home", "provider.example", "anna", destination, US, login)


class Provider:
    """An agent that registers, and the provider's end of it."""

    def __init__(self, of: Registration | None = None) -> None:
        self.agent: Agent = new_agent()
        [self.asked] = requests_in(self.agent.register(of or wish(), 0.0))

    def says(self, status: int, now: float, fields: Fields | None = None) -> list[Output]:
        outputs = self.agent.receive(response(self.asked, status, fields=fields), THEM, US, now)
        for request in requests_in(outputs):
            self.asked = request
        return outputs

    def takes(self, now: float, seconds: int = 600) -> list[Output]:
        return self.says(200, now, {"Contact": f"{self.asked.first('Contact')};expires={seconds}"})


def again(agent: Agent, until: float) -> tuple[float, Request]:
    """Return when the next REGISTER leaves."""
    for when, output in run(agent, until):
        if isinstance(output, Send):
            [request] = requests_in([output])
            return when, request
    raise AssertionError("nothing was sent")


def test_a_registration_says_who_we_are_and_where() -> None:
    asked = Provider().asked
    assert (asked.method, asked.uri, asked.cseq) == ("REGISTER", "sip:provider.example", 1)
    assert asked.first("From").startswith("<sip:anna@provider.example>;tag=")
    assert (asked.first("To"), asked.first("Expires")) == ("<sip:anna@provider.example>", "600")
    assert asked.first("Contact").endswith("@10.0.0.9:5060>")


def test_a_challenge_is_met_and_the_next_registration_proves_itself_unasked() -> None:
    provider = Provider()
    first = provider.asked
    assert len(requests_in(provider.says(401, 0.1, CHALLENGE))) == 1
    assert provider.asked.first("Call-ID") == first.first("Call-ID")
    assert (provider.asked.cseq, 'username="anna"' in provider.asked.first("Authorization")) == (2, True)
    assert provider.takes(0.2) == [Registered("home", 600)]
    when, request = again(provider.agent, 600)
    assert when == pytest.approx(480.2)
    assert "nc=00000002" in request.first("Authorization")


def test_a_wrong_password_is_told_and_asked_again_later_and_more_and_more_rarely() -> None:
    provider = Provider()
    provider.says(401, 0.1, CHALLENGE)
    [told] = provider.says(401, 0.2, CHALLENGE)
    assert isinstance(told, NotRegistered)
    assert "check user name and password" in told.text
    assert again(provider.agent, 100)[0] == pytest.approx(30.2)


def test_a_provider_that_wants_a_longer_time_gets_it() -> None:
    provider = Provider()
    provider.says(423, 0.1, {"Min-Expires": "3600"})
    assert provider.asked.first("Expires") == "3600"
    assert provider.takes(0.2, 3600) == [Registered("home", 3600)]


@pytest.mark.parametrize(
    ("fields", "seconds"),
    [
        ({"Contact": "<sip:other@10.0.0.1>;expires=20", "Expires": "120"}, 120),
        ({"Contact": "nonsense <"}, 600),
        ({}, 600),
        ({"Expires": "1"}, 30),
        ({"Expires": "99999999"}, 86_400),
    ],
)
def test_how_long_it_lasts_is_what_the_provider_says(fields: Fields, seconds: int) -> None:
    assert Provider().says(200, 0.1, {"Contact": None, **fields}) == [Registered("home", seconds)]


def test_a_provider_that_is_silent_or_refuses_is_asked_again_with_growing_pauses() -> None:
    provider = Provider()
    found = run(provider.agent, 400)
    silent = [output for _, output in found if isinstance(output, NotRegistered)]
    assert [news.status for news in silent[:2]] == [408, 408]
    other = Provider()
    [told] = other.says(403, 0.1)
    assert told == NotRegistered("home", 403, "Told (403); again in 30 s")
    when, _ = again(other.agent, 100)
    assert when == pytest.approx(30.1)


def test_without_a_connection_it_is_tried_again() -> None:
    by_tcp = Destination("10.0.0.1", 5060, Transport.TCP)
    agent = new_agent()
    [request] = requests_in(agent.register(wish(by_tcp), 0.0))
    assert ";transport=tcp>" in request.first("Contact")
    [told] = agent.undelivered(by_tcp, 1.0)
    assert isinstance(told, NotRegistered)


def test_the_same_wish_is_kept_another_replaces_it_and_dropped_it_is_taken_back() -> None:
    provider = Provider()
    kept = wish()
    agent = new_agent()
    assert len(requests_in(agent.register(kept, 0.0))) == 1
    assert agent.register(kept, 1.0) == []
    [changed] = requests_in(agent.register(wish(password="other"), 2.0))
    assert changed.cseq == 2
    provider.takes(0.1)
    [goodbye] = requests_in(provider.agent.unregister("home", 5.0))
    assert goodbye.first("Expires") == "0"
    assert news_in(provider.agent.receive(response(goodbye, 200), THEM, US, 5.1)) == []
    assert run(provider.agent, 5000) == []
    assert provider.agent.unregister("home", 6.0) == []


def test_a_call_is_known_by_the_user_that_the_provider_was_told() -> None:
    provider = Provider()
    user = provider.asked.first("Contact").removeprefix("<sip:").partition("@")[0]
    assert provider.agent.registered_as(user) == "home"
    assert provider.agent.registered_as("anna") is None


def test_an_old_answer_says_nothing() -> None:
    provider = Provider()
    first = provider.asked
    provider.says(401, 0.1, CHALLENGE)
    assert provider.agent.receive(response(first, 200), THEM, US, 0.2) == []
