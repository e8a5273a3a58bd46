"""The session: no address reaches a socket unjudged, whichever way it was written or found."""

import socket
from collections.abc import Iterator
from ipaddress import ip_network

import pytest

from guarded import found, guarded
from offhook.actionserver.client import ActionServers
from offhook.actionserver.errors import SocketRefused
from offhook.actionserver.guard import Guard
from offhook.actionserver.limits import Limits
from offhook.actionserver.resolver import AddressInfo, Lookup, system_lookup
from offhook.actionserver.sessions import guarded_sockets, open_session
from offhook.domain.questions import Answer, Failure, Question
from rawserver import RawServer, Reply, Request, raw_server

LIMITS = Limits()


async def hang_up(request: Request, reply: Reply) -> None:
    reply.respond(b"hangup", Set_Cookie="id=1")


async def ask(url: str, lookup: Lookup = system_lookup, limits: Limits = LIMITS) -> Answer | Failure:
    async with guarded(limits, lookup=lookup) as session:
        return await ActionServers(session, limits).ask(Question(url, ()))


async def refused(url: str, lookup: Lookup = system_lookup) -> str:
    answer = await ask(url, lookup)
    assert isinstance(answer, Failure)
    assert answer.code == "address-refused", answer
    return answer.text


def always(*addresses: str) -> Lookup:
    return lambda host, port: found(*addresses)


def in_turn(*answers: list[AddressInfo]) -> Lookup:
    remaining: Iterator[list[AddressInfo]] = iter(answers)
    return lambda host, port: next(remaining)


async def test_an_opened_address_is_reached() -> None:
    async with raw_server(hang_up) as server:
        assert isinstance(await ask(server.url()), Answer)


@pytest.mark.parametrize(
    "host", ["2130706433", "0x7f.1", "0x7f000001", "0177.0.0.1", "127.1", "127.0.0.1", "localhost"]
)
async def test_no_spelling_of_loopback_passes_a_closed_guard(host: str) -> None:
    async with raw_server(hang_up) as server, open_session(Guard(), LIMITS) as session:
        answer = await ActionServers(session, LIMITS).ask(Question(server.url(host=host), ()))
        assert isinstance(answer, Failure)
        assert answer.code == "address-refused"
        assert server.connections == 0


@pytest.mark.parametrize(
    "host", ["[::ffff:127.0.0.1]", "[::127.0.0.1]", "[64:ff9b::7f00:1]", "0.0.0.0", "[::]", "[fe80::1%25lo]"]
)
async def test_an_opened_address_does_not_open_its_other_forms(host: str) -> None:
    async with raw_server(hang_up) as server:
        await refused(server.url(host=host))
        assert server.connections == 0


async def test_a_name_that_leads_inside_is_refused_with_the_address_it_leads_to() -> None:
    text = await refused("http://example.com/", always("10.1.2.3"))
    assert "example.com was not connected to: 10.1.2.3 lies in 10.0.0.0/8 (Private-Use, RFC 1918)." in text
    assert "--allow-addresses 10.1.2.3/32" in text


async def test_many_addresses_that_lead_inside_are_refused_one_and_all() -> None:
    await refused("http://example.com/", always("10.0.0.1", "::1", "fd00::1", "192.168.0.1", "169.254.169.254"))


async def test_a_second_lookup_that_leads_inside_does_not_help_an_attacker() -> None:
    limits = Limits(dns_cache_s=0)
    lookup = in_turn(found("127.0.0.1"), found("10.0.0.1"))
    async with raw_server(hang_up) as server, guarded(limits, lookup=lookup) as session:
        servers = ActionServers(session, limits)
        first = await servers.ask(Question(server.url(host="rebinding.example"), ()))
        # Another port is another connection, and so another lookup and another judgement.
        second = await servers.ask(Question("http://rebinding.example:9/", ()))
    assert isinstance(first, Answer)
    assert isinstance(second, Failure)
    assert second.code == "address-refused"


async def test_happy_eyeballs_takes_the_address_that_is_allowed_and_no_other() -> None:
    async with raw_server(hang_up) as server:
        lookup = always("::1", "10.0.0.1", "fe80::1", "127.0.0.1")
        assert isinstance(await ask(server.url(host="both.example"), lookup), Answer)
        assert server.connections == 1


async def test_a_redirect_to_a_refused_address_is_refused() -> None:
    async def redirect(request: Request, reply: Reply) -> None:
        reply.respond(status=302, Location="http://169.254.169.254/latest/meta-data/")

    async with raw_server(redirect) as server:
        assert "169.254.169.254" in await refused(server.url())


async def test_a_connection_is_kept_for_the_next_question() -> None:
    async with raw_server(hang_up) as server, guarded(LIMITS) as session:
        servers = ActionServers(session, LIMITS)
        for _ in range(3):
            assert isinstance(await servers.ask(Question(server.url(), ())), Answer)
        assert server.connections == 1


async def test_cookies_are_not_kept() -> None:
    async with raw_server(hang_up) as server, guarded(LIMITS) as session:
        servers = ActionServers(session, LIMITS)
        for _ in range(2):
            await servers.ask(Question(server.url(), ()))
        assert "cookie" not in server.requests[1].headers


async def test_proxies_of_the_environment_are_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    async with raw_server(hang_up) as proxy, raw_server(hang_up) as server:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url())
        assert isinstance(await ask(server.url()), Answer)
        assert (proxy.connections, server.connections) == (0, 1)


async def test_a_host_gets_no_more_connections_than_its_limit() -> None:
    limits = Limits(connections_per_host=1, connect_s=0.05)
    waiting: list[RawServer] = []

    async def ask_again(request: Request, reply: Reply) -> None:
        if "first" in request.target:
            answers.append(await servers.ask(Question(waiting[0].url("/second"), ())))
        reply.respond(b"hangup")

    answers: list[Answer | Failure] = []
    async with raw_server(ask_again) as server, guarded(limits) as session:
        waiting.append(server)
        servers = ActionServers(session, limits)
        assert isinstance(await servers.ask(Question(server.url("/first"), ())), Answer)
    assert [answer.code for answer in answers if isinstance(answer, Failure)] == ["timeout"]


def test_a_refused_address_gets_no_socket() -> None:
    make = guarded_sockets(Guard([ip_network("127.0.0.0/8")]))
    with pytest.raises(SocketRefused, match="Private-Use"):
        make((socket.AF_INET, socket.SOCK_STREAM, 6, "", ("10.0.0.1", 80)))
    make((socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", 80))).close()
