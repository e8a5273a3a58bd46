"""What is told of an exchange: how long each step took that was needed, and what the response was like."""

import ssl

import pytest

from guarded import CERTIFICATE, found, guarded
from offhook.actionserver.client import ActionServers
from offhook.actionserver.limits import Limits
from offhook.actionserver.steps import noticing
from offhook.domain.questions import Answer, Question, Times, Try
from rawserver import Reply, Request, raw_server

LIMITS = Limits()


async def hang_up(request: Request, reply: Reply) -> None:
    reply.respond(b"hangup\n", Content_Type="text/plain", Set_Cookie="session=secret", Server="tiny")


def tls_server() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)
    return context


def taken(times: Times) -> set[str]:
    """Return the steps that were taken; each took some time, and together not more than the limit."""
    steps = {step: getattr(times, step) for step in ("dns_ms", "connect_ms", "tls_ms", "first_byte_ms")}
    found_steps = {step: ms for step, ms in steps.items() if ms is not None}
    assert all(ms >= 0 for ms in found_steps.values())
    assert sum(found_steps.values()) < LIMITS.total_s * 1000
    return set(found_steps)


async def asked(url: str, *, times: int = 1, tls: ssl.SSLContext | None = None) -> list[Try]:
    """Ask a URL some times in one session, `localhost` being a name that has to be looked up."""
    tries: list[Try] = []
    async with guarded(LIMITS, lookup=lambda host, port: found("127.0.0.1"), tls=tls) as session:
        for _ in range(times):
            answer = await ActionServers(session, LIMITS).ask(Question(url, ()))
            tries += answer.tries
    return tries


async def test_an_address_needs_no_name_and_http_no_tls() -> None:
    async with raw_server(hang_up) as server:
        (only,) = await asked(server.url())
    assert taken(only.times) == {"connect_ms", "first_byte_ms"}


async def test_a_name_is_resolved_first() -> None:
    async with raw_server(hang_up) as server:
        (only,) = await asked(server.url(host="localhost"))
    assert taken(only.times) == {"dns_ms", "connect_ms", "first_byte_ms"}


async def test_tls_is_a_step_of_its_own() -> None:
    trust = ssl.create_default_context(cafile=str(CERTIFICATE))
    async with raw_server(hang_up, tls_server()) as server:
        (only,) = await asked(server.url(), tls=trust)
    assert taken(only.times) == {"connect_ms", "tls_ms", "first_byte_ms"}


async def test_an_open_connection_needs_only_its_answer() -> None:
    async with raw_server(hang_up) as server:
        first, second = await asked(server.url(host="localhost"), times=2)
    assert taken(first.times) == {"dns_ms", "connect_ms", "first_byte_ms"}
    assert taken(second.times) == {"first_byte_ms"}


async def test_a_context_of_many_sessions_notices_once() -> None:
    trust = ssl.create_default_context(cafile=str(CERTIFICATE))
    assert noticing(trust) is trust
    once = trust.wrap_bio
    # A node's doctor opens a session with the same trust for each number that it looks at.
    assert noticing(trust) is trust
    assert trust.wrap_bio == once
    async with raw_server(hang_up, tls_server()) as server:
        (only,) = await asked(server.url(), tls=trust)
    assert taken(only.times) == {"connect_ms", "tls_ms", "first_byte_ms"}


async def test_what_was_not_reached_has_no_time() -> None:
    async with raw_server(hang_up, tls_server()) as server:
        # Nobody vouches for its certificate.
        (only,) = await asked(server.url())
    assert (only.code, taken(only.times)) == ("tls-failed", {"connect_ms"})


async def test_headers_that_explain_are_told_and_cookies_are_hidden() -> None:
    async with raw_server(hang_up) as server:
        (only,) = await asked(server.url())
    told = {"Content-Type": "text/plain", "Content-Length": "7", "Server": "tiny", "Set-Cookie": "(hidden)"}
    assert dict(only.headers) == told


@pytest.mark.parametrize(("status", "body"), [(404, "<h1>Not here</h1>"), (500, "Traceback: \ufffd")])
async def test_how_a_refusal_begins_is_told(status: int, body: str) -> None:
    async def refuse(request: Request, reply: Reply) -> None:
        reply.respond(body.encode().replace("\ufffd".encode(), b"\xff") + b"." * 1000, status=status)

    async with raw_server(refuse) as server:
        (only,) = await asked(server.url())
    assert only.body.startswith(body)
    assert len(only.body) < 400


async def test_of_an_answer_no_body_is_told_again() -> None:
    async with raw_server(hang_up) as server, guarded(LIMITS) as session:
        answer = await ActionServers(session, LIMITS).ask(Question(server.url(), ()))
    assert isinstance(answer, Answer)
    assert [one.body for one in answer.tries] == [""]


def test_steps_are_told_in_words() -> None:
    assert str(Times(1.2, 3.0, 20.6, 40.4)) == "DNS 1 ms, connect 3 ms, TLS 21 ms, first byte 40 ms"
    assert str(Times(first_byte_ms=7.0)) == "first byte 7 ms"
    assert str(Times()) == ""
