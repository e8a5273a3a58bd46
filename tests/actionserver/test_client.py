"""The client against servers that behave, misbehave and vanish."""

import asyncio
import itertools
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest

from guarded import CERTIFICATE, found, guarded
from offhook import __version__
from offhook.actionserver.breaker import Breakers
from offhook.actionserver.client import ActionServers
from offhook.actionserver.limits import Limits
from offhook.actionserver.resolver import AddressInfo
from offhook.actionserver.signature import verify
from offhook.domain.questions import Answer, Failure, Question
from rawserver import Behaviour, RawServer, Reply, Request, raw_server

LIMITS = Limits()
SHORT = Limits(connect_s=0.2, response_s=0.1, total_s=0.4)
PARAMETERS = (("caller", "819012345678"), ("caller_name", "山田 *~"), ("call_id", "c1"), ("event", "incoming"))
ENCODED = "caller=819012345678&caller_name=%E5%B1%B1%E7%94%B0%20%2A~&call_id=c1&event=incoming"


async def hang_up(request: Request, reply: Reply) -> None:
    reply.respond(b"hangup\n")


def question(url: str, *secrets: str) -> Question:
    return Question(url, PARAMETERS, secrets)


async def ask(asked: Question, limits: Limits = LIMITS, *signed_origins: str) -> Answer | Failure:
    async with guarded(limits) as session:
        return await ActionServers(session, limits).ask(asked, signed_origins=signed_origins)


async def failing(behaviour: Behaviour, limits: Limits = LIMITS) -> Failure:
    async with raw_server(behaviour) as server:
        answer = await ask(question(server.url()), limits)
    assert isinstance(answer, Failure)
    return answer


def unused_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


async def test_an_answer_is_the_body_with_one_try() -> None:
    async with raw_server(hang_up) as server:
        answer = await ask(question(server.url("/a")))
    assert isinstance(answer, Answer)
    assert answer.body == b"hangup\n"
    (only,) = answer.tries
    assert (only.attempt, only.status, only.code, only.text) == (1, 200, None, "")
    assert only.url == server.url(f"/a?{ENCODED}")
    assert 0 < only.elapsed_ms < 8000


async def test_the_urls_own_query_is_kept_byte_for_byte_and_the_fragment_is_not_sent() -> None:
    async with raw_server(hang_up) as server:
        await ask(question(server.url("/a%7e;v=1?x=%7e&y=a+b&z=%2f&x=2#part?no")))
    assert server.requests[0].target == f"/a%7e;v=1?x=%7e&y=a+b&z=%2f&x=2&{ENCODED}"


async def test_the_request_says_who_asks_and_what_for() -> None:
    tokens = itertools.count()
    async with raw_server(hang_up) as server, guarded(LIMITS) as session:
        servers = ActionServers(session, LIMITS, token=lambda size: f"{next(tokens):0{2 * size}x}")
        await servers.ask(question(server.url()))
    (request,) = server.requests
    assert request.method == "GET"
    assert request.headers == {
        "host": f"127.0.0.1:{server.port}",
        "user-agent": f"Offhook/{__version__}",
        "accept": "text/plain",
        "accept-encoding": "identity",
        "traceparent": "00-00000000000000000000000000000000-0000000000000001-01",
    }


async def test_a_request_is_signed_with_every_secret() -> None:
    async with raw_server(hang_up) as server, guarded(LIMITS) as session:
        servers = ActionServers(session, LIMITS, wall=lambda: 1_790_000_000.9)
        await servers.ask(question(server.url("/?shop=7"), "new", "old"))
    header = server.requests[0].headers["offhook-signature"]
    assert header.startswith("t=1790000000,n=call_id caller caller_name event,v1=")
    for secret in ("new", "old"):
        verify(header, server.requests[0].parameters.items(), [secret], 1_790_000_100)


@pytest.fixture
def in_tokyo(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let this machine's own time be nine hours ahead of UTC."""
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize(
    ("date", "skew_s"),
    [
        ("Sun, 06 Nov 1994 08:49:37 GMT", -23),
        ("Sun, 06 Nov 1994 08:50:30 GMT", 30),
        # Neither names a zone, and both mean UTC wherever this machine stands.
        ("Sun Nov  6 08:50:30 1994", 30),
        ("Sun, 06 Nov 1994 08:50:30 -0000", 30),
        ("yesterday", None),
        ("Sun, 06 Nov 9999999 08:49:37 GMT", None),
        ("Sun, 06 Nov 1994 08:49:37 +99999999999999999999", None),
        (None, None),
    ],
)
async def test_a_try_tells_how_far_the_servers_clock_is_ahead_and_whether_we_signed(
    date: str | None, skew_s: int | None, in_tokyo: None
) -> None:
    async def refuse(request: Request, reply: Reply) -> None:
        if date is None:
            reply.respond(status=403)
        else:
            reply.respond(status=403, Date=date)

    async with raw_server(refuse) as server, guarded(LIMITS) as session:
        servers = ActionServers(session, LIMITS, wall=lambda: 784111800.4)
        failed = [await servers.ask(question(server.url(), *secrets)) for secrets in ((), ("secret",))]
    assert [(one.tries[-1].skew_s, one.tries[-1].is_signed) for one in failed] == [(skew_s, False), (skew_s, True)]


async def test_a_basic_password_is_sent_but_not_told() -> None:
    async with raw_server(hang_up) as server:
        answer = await ask(question(server.url(host="user:pass@127.0.0.1")))
    assert server.requests[0].headers["authorization"] == "Basic dXNlcjpwYXNz"
    assert "pass" not in answer.tries[0].url


@pytest.mark.parametrize(
    ("status", "advice"),
    [
        (201, "answers 200"),
        (204, "Answer 200 with a text"),
        (301, "Give the redirect a Location"),
        (304, "Switch caching off"),
        (401, "they are not signed until"),
        (404, "Check the path"),
        (500, "Look into the server's log"),
        (503, "takes no requests now"),
    ],
)
async def test_a_status_that_is_not_200_is_a_failure(status: int, advice: str) -> None:
    async def answer(request: Request, reply: Reply) -> None:
        reply.respond(status=status)

    failure = await failing(answer)
    assert (failure.code, failure.tries[0].status) == ("http-status", status)
    assert str(status) in failure.text
    assert advice in failure.text
    assert failure.tries[0].code == "http-status"


async def test_a_large_answer_is_cut_at_the_limit() -> None:
    sent = 0

    async def gigabyte(request: Request, reply: Reply) -> None:
        nonlocal sent
        reply.send(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n")
        for _ in range(1000):
            reply.send(bytes(1_000_000))
            await reply.writer.drain()
            sent += 1_000_000

    failure = await failing(gigabyte)
    assert failure.code == "too-long"
    assert "8192 bytes" in failure.text
    assert sent < 100_000_000


@pytest.mark.parametrize(("size", "code"), [(8192, None), (8193, "too-long")])
async def test_the_limit_of_an_answer_is_exact(size: int, code: str | None) -> None:
    async def answer(request: Request, reply: Reply) -> None:
        reply.respond(b"#" * size)

    async with raw_server(answer) as server:
        came = await ask(question(server.url()))
    assert (came.code if isinstance(came, Failure) else None) == code


async def test_an_answer_in_many_small_pieces_is_put_together() -> None:
    async def pieces(request: Request, reply: Reply) -> None:
        reply.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        for letter in b"hangup":
            reply.send(b"1\r\n%c\r\n" % letter)
            await asyncio.sleep(0)
        reply.send(b"0\r\n\r\n")

    async with raw_server(pieces) as server:
        answer = await ask(question(server.url()))
    assert isinstance(answer, Answer)
    assert answer.body == b"hangup"


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "unheard-of"])
async def test_a_compressed_answer_is_refused_unopened(encoding: str) -> None:
    async def bomb(request: Request, reply: Reply) -> None:
        reply.respond(b"\x1f\x8b", Content_Encoding=encoding)

    failure = await failing(bomb)
    assert failure.code == "http-status"
    assert encoding in failure.text


async def test_a_server_that_takes_the_request_and_says_nothing_times_out() -> None:
    async def silent(request: Request, reply: Reply) -> None:
        await reply.hang()

    failure = await failing(silent, SHORT)
    assert failure.code == "timeout"
    assert "kept us waiting for more than 0.1 s" in failure.text
    # The request was seen, so it is not sent again.
    assert [one.attempt for one in failure.tries] == [1]
    assert failure.tries[0].elapsed_ms > 90


async def test_a_server_that_drips_its_answer_times_out_all_the_same() -> None:
    async def drip(request: Request, reply: Reply) -> None:
        reply.send(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        while not reply.over.is_set():
            reply.send(b"#")
            await asyncio.sleep(0.01)

    failure = await failing(drip, Limits(response_s=1.0))
    assert failure.code == "timeout"
    assert failure.tries[0].status == 200


async def test_redirects_that_each_come_in_time_end_with_the_total_time() -> None:
    async def slow(request: Request, reply: Reply) -> None:
        if request.target.startswith("/on"):
            await reply.hang()
        reply.respond(status=302, Location="/on")

    failure = await failing(slow, Limits(response_s=60.0, total_s=1.0))
    assert failure.code == "timeout"
    assert "The time for the whole request was up" in failure.text
    assert len(failure.tries) == 2


async def test_a_port_that_takes_connections_and_speaks_no_tls_is_told_as_such() -> None:
    heard: list[asyncio.Task[None] | None] = []

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(asyncio.current_task())
        await reader.read(-1)
        writer.close()
        await writer.wait_closed()

    silent = await asyncio.start_server(listen, "127.0.0.1", 0)
    port = silent.sockets[0].getsockname()[1]
    async with silent, guarded(SHORT) as session:
        failure = await ActionServers(session, Limits(connect_s=0.05)).ask(question(f"https://127.0.0.1:{port}/"))
        await asyncio.gather(*(task for task in heard if task is not None))
    assert isinstance(failure, Failure)
    assert "took the connection, and TLS was not agreed on within 0.05 s" in failure.text


async def test_a_response_that_does_not_come_to_its_end_is_told_as_begun() -> None:
    async def half(_request: Request, reply: Reply) -> None:
        reply.send(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhangup")
        await reply.hang()

    failure = await failing(half)
    assert failure.code == "timeout"
    assert "was not done with its response after" in failure.text
    assert failure.tries[0].was_sent


async def test_a_name_server_that_never_answers_times_out_and_is_tried_twice() -> None:
    over = threading.Event()

    def lookup(host: str, port: int) -> list[AddressInfo]:
        over.wait(10)
        return []

    async with guarded(SHORT, lookup=lookup) as session:
        failure = await ActionServers(session, Limits(connect_s=0.05)).ask(question("http://slow.example/"))
        over.set()
    assert isinstance(failure, Failure)
    assert failure.code == "timeout"
    assert "slow.example could not be resolved within 0.05 s: no name server answered." in failure.text
    assert [(one.attempt, one.was_sent) for one in failure.tries] == [(1, False), (2, False)]
    assert failure.tries[1].url.endswith("&attempt=2")


async def test_the_second_try_does_not_begin_after_the_total_time() -> None:
    over = threading.Event()

    def lookup(host: str, port: int) -> list[AddressInfo]:
        over.wait(10)
        return []

    async with guarded(SHORT, lookup=lookup) as session:
        failure = await ActionServers(session, Limits(total_s=0.05)).ask(question("http://slow.example/"))
        over.set()
    assert isinstance(failure, Failure)
    assert [one.attempt for one in failure.tries] == [1]


@pytest.mark.parametrize("reads_first", [True, False])
async def test_a_port_without_tls_is_told_as_such(reads_first: bool) -> None:
    async def close(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # What is closed with unread bytes is reset.
        if reads_first:
            await reader.read(65536)
        writer.close()

    listener = await asyncio.start_server(close, "127.0.0.1", 0)
    try:
        failure = await ask(question(f"https://127.0.0.1:{listener.sockets[0].getsockname()[1]}/"))
    finally:
        listener.close()
    assert isinstance(failure, Failure)
    assert failure.code == "tls-failed"
    assert "broke off the handshake" in failure.text


async def test_a_closed_port_is_tried_twice() -> None:
    failure = await ask(question(f"http://127.0.0.1:{unused_port()}/"))
    assert isinstance(failure, Failure)
    assert failure.code == "connect-failed"
    assert "took no connection" in failure.text
    assert [(one.attempt, one.status, one.code) for one in failure.tries] == [
        (1, None, "connect-failed"),
        (2, None, "connect-failed"),
    ]


@pytest.mark.parametrize("end", [Reply.close, Reply.reset])
async def test_a_connection_that_ends_without_a_response_is_tried_again(end: Callable[[Reply], None]) -> None:
    async def first_ends(request: Request, reply: Reply) -> None:
        if "attempt" in request.parameters:
            reply.respond(b"hangup")
        else:
            end(reply)

    async with raw_server(first_ends) as server:
        answer = await ask(question(server.url(), "secret"))
    assert isinstance(answer, Answer)
    # Two requests and no third: the library must not send one again behind our back.
    assert [request.parameters.get("attempt") for request in server.requests] == [None, "2"]
    assert [(one.attempt, one.code) for one in answer.tries] == [(1, "connect-failed"), (2, None)]
    header = server.requests[1].headers["offhook-signature"]
    assert "n=attempt call_id" in header
    assert server.requests[0].parameters["call_id"] == server.requests[1].parameters["call_id"]


async def test_a_connection_that_always_ends_is_given_up_after_the_second_try() -> None:
    async def end(request: Request, reply: Reply) -> None:
        reply.close()

    failure = await failing(end)
    assert (failure.code, len(failure.tries)) == ("connect-failed", 2)
    assert "closed the connection without a response" in failure.text


async def test_a_response_that_breaks_off_is_not_asked_for_again() -> None:
    async def half(request: Request, reply: Reply) -> None:
        reply.send(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhang")
        reply.close()

    failure = await failing(half)
    assert (failure.code, len(failure.tries)) == ("connect-failed", 1)
    assert "broke off in the middle" in failure.text


@pytest.mark.parametrize(
    "garbage",
    [
        b"SSH-2.0-OpenSSH_9.2\r\n\r\n",
        b"HTTP/1.1 two hundred\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nhangup",
        b"HTTP/1.1 200 OK\r\nX: " + b"x" * 100_000 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X: x\r\n" * 10_000 + b"\r\n",
    ],
    ids=["ssh", "status", "length", "chunk", "long header", "many headers"],
)
async def test_what_is_not_http_is_a_failure(garbage: bytes) -> None:
    async def answer(request: Request, reply: Reply) -> None:
        reply.send(garbage)
        await reply.hang()

    assert (await failing(answer)).code == "http-status"


async def test_redirects_are_followed_with_our_parameters_where_they_lack() -> None:
    async def redirect(request: Request, reply: Reply) -> None:
        match request.target.partition("?")[0]:
            case "/":
                reply.respond(status=302, Location="next?keep=%7e&event=theirs")
            case "/next":
                reply.respond(status=308, Location=f"http://127.0.0.1:{server.port}/last")
            case _:
                reply.respond(b"hangup")

    async with raw_server(redirect) as server:
        answer = await ask(question(server.url(), "secret"))
    assert isinstance(answer, Answer)
    assert [one.status for one in answer.tries] == [302, 308, 200]
    assert server.requests[1].target == f"/next?keep=%7e&event=theirs&{ENCODED.replace('&event=incoming', '')}"
    assert server.requests[2].target == f"/last?{ENCODED}"
    assert {request.method for request in server.requests} == {"GET"}
    assert all("offhook-signature" in request.headers for request in server.requests)


async def test_three_redirects_are_followed_and_a_fourth_is_not() -> None:
    async def count_down(request: Request, reply: Reply) -> None:
        left = int(request.target[1])
        if left:
            reply.respond(status=301, Location=f"/{left - 1}")
        else:
            reply.respond(b"hangup")

    async with raw_server(count_down) as server:
        assert isinstance(await ask(question(server.url("/3"))), Answer)
        failure = await ask(question(server.url("/4")))
    assert isinstance(failure, Failure)
    assert failure.code == "too-many-redirects"
    assert len(failure.tries) == 4


async def elsewhere(signed_origins: Callable[[RawServer], str]) -> Request:
    """Ask a server that redirects to another origin, and return what arrived there."""

    async def redirect(request: Request, reply: Reply) -> None:
        reply.respond(status=307, Location=other.url("/there"))

    async with raw_server(hang_up) as other, raw_server(redirect) as server:
        assert isinstance(await ask(question(server.url(), "secret"), LIMITS, signed_origins(other)), Answer)
    assert "offhook-signature" in server.requests[0].headers
    return other.requests[0]


async def test_another_origin_gets_no_signature() -> None:
    assert "offhook-signature" not in (await elsewhere(lambda other: "http://127.0.0.1")).headers


async def test_another_origin_that_the_account_listed_gets_a_signature() -> None:
    request = await elsewhere(lambda other: f"HTTP://127.0.0.1:{other.port}")
    verify(request.headers["offhook-signature"], request.parameters.items(), ["secret"], _signed_at(request))


def _signed_at(request: Request) -> int:
    return int(request.headers["offhook-signature"].partition(",")[0].removeprefix("t="))


@pytest.mark.parametrize("location", ["ftp://127.0.0.1/", "file:///etc/passwd", "http://[::1", ""])
async def test_a_redirect_that_cannot_be_followed_is_a_failure(location: str) -> None:
    async def redirect(request: Request, reply: Reply) -> None:
        reply.respond(status=302, Location=location)

    failure = await failing(redirect)
    assert (failure.code, failure.tries[0].status) == ("http-status", 302)


async def test_a_name_that_does_not_exist_is_a_failure() -> None:
    def lookup(host: str, port: int) -> list[AddressInfo]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    async with guarded(LIMITS, lookup=lookup) as session:
        failure = await ActionServers(session, LIMITS).ask(question("http://nowhere.example/"))
    assert isinstance(failure, Failure)
    assert (failure.code, len(failure.tries)) == ("dns-failed", 1)
    assert "nowhere.example could not be resolved: Name or service not known." in failure.text


@pytest.mark.parametrize("url", ["", "ftp://127.0.0.1/", "http://", "http://127.0.0.1:99999/"])
async def test_a_url_that_cannot_be_asked_is_a_failure_without_a_try(url: str) -> None:
    failure = await ask(question(url))
    assert isinstance(failure, Failure)
    assert (failure.code, failure.tries) == ("bad-url", ())


async def test_https_to_a_server_without_tls_is_a_failure() -> None:
    async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mail.example ESMTP\r\n")
        await reader.read()
        writer.close()

    async with await asyncio.start_server(greet, "127.0.0.1", 0) as server:
        failure = await ask(question(f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}/"))
    assert isinstance(failure, Failure)
    assert (failure.code, len(failure.tries)) == ("tls-failed", 1)


def tls_server() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)
    return context


async def test_a_certificate_that_nobody_vouches_for_is_refused() -> None:
    async with raw_server(hang_up, tls_server()) as server:
        failure = await ask(question(server.url()))
    assert isinstance(failure, Failure)
    assert (failure.code, len(failure.tries), server.requests) == ("tls-failed", 1, [])


async def test_a_certificate_for_another_name_is_refused() -> None:
    trust = ssl.create_default_context(cafile=str(CERTIFICATE))
    session_there = guarded(LIMITS, lookup=lambda host, port: found("127.0.0.1"), tls=trust)
    async with raw_server(hang_up, tls_server()) as server, session_there as session:
        failure = await ActionServers(session, LIMITS).ask(question(server.url(host="other.example")))
    assert isinstance(failure, Failure)
    assert failure.code == "tls-failed"


async def test_a_certificate_that_is_vouched_for_is_accepted() -> None:
    trust = ssl.create_default_context(cafile=str(CERTIFICATE))
    async with raw_server(hang_up, tls_server()) as server, guarded(LIMITS, tls=trust) as session:
        assert isinstance(await ActionServers(session, LIMITS).ask(question(server.url())), Answer)


async def test_a_caller_who_hangs_up_ends_the_request() -> None:
    asked = asyncio.Event()

    async def silent(request: Request, reply: Reply) -> None:
        asked.set()
        await reply.hang()

    async with raw_server(silent) as server, guarded(LIMITS) as session:
        asking = asyncio.create_task(ActionServers(session, LIMITS).ask(question(server.url())))
        await asked.wait()
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking


async def ask_often(url: str, times: int, *, account_id: int = 1) -> list[Answer | Failure]:
    async with guarded(LIMITS) as session:
        servers = ActionServers(session, LIMITS)
        return [await servers.ask(Question(url, PARAMETERS, account_id=account_id)) for _ in range(times)]


async def test_a_server_that_is_down_is_not_asked_any_more() -> None:
    async def broken(request: Request, reply: Reply) -> None:
        reply.respond(status=500)

    async with raw_server(broken) as server:
        *before, last = await ask_often(server.url(), 6)
    assert [isinstance(one, Failure) and one.code for one in before] == ["http-status"] * 5
    assert isinstance(last, Failure)
    assert (last.code, last.tries) == ("breaker-open", ())
    assert "the last time with http-status" in last.text
    assert "the call goes on with its fallback" in last.text.lower()
    assert len(server.requests) == 5


@pytest.mark.parametrize("status", [404, 410])
async def test_a_wrong_answer_of_a_server_that_is_up_opens_no_breaker(status: int) -> None:
    async def answer(request: Request, reply: Reply) -> None:
        reply.respond(status=status)

    async with raw_server(answer) as server:
        await ask_often(server.url(), 8)
    assert len(server.requests) == 8


async def test_a_breaker_is_of_one_account_and_of_where_a_redirect_leads() -> None:
    nowhere = f"http://127.0.0.1:{unused_port()}/"

    async def elsewhere(request: Request, reply: Reply) -> None:
        reply.respond(status=302, Location=nowhere)

    async with raw_server(elsewhere) as server, guarded(LIMITS) as session:
        servers = ActionServers(session, LIMITS)
        for _ in range(5):
            await servers.ask(Question(server.url(), PARAMETERS, account_id=1))
        mine = await servers.ask(Question(server.url(), PARAMETERS, account_id=1))
        other = await servers.ask(Question(server.url(), PARAMETERS, account_id=2))
    assert isinstance(mine, Failure)
    assert isinstance(other, Failure)
    assert (mine.code, [one.status for one in mine.tries]) == ("breaker-open", [302])
    assert nowhere.rstrip("/") in mine.text
    assert other.code == "connect-failed"


async def test_a_caller_who_hangs_up_during_the_probe_leaves_it_to_the_next_one() -> None:
    calls = 0
    asked = asyncio.Event()

    async def answer(request: Request, reply: Reply) -> None:
        nonlocal calls
        calls += 1
        if calls <= 5:
            reply.respond(status=500)
        elif calls == 6:
            asked.set()
            await reply.hang()
        else:
            reply.respond(b"hangup\n")

    breakers = Breakers()
    async with raw_server(answer) as server, guarded(LIMITS) as session:
        servers = ActionServers(session, LIMITS, breakers=breakers)
        mine = Question(server.url(), PARAMETERS, account_id=1)
        for _ in range(5):
            await servers.ask(mine)
        # Its rest is over: it began longer ago than it lasts.
        breakers._circuits[1, server.url("")].rests_until = 0.0
        probe = asyncio.create_task(servers.ask(mine))
        await asked.wait()
        assert isinstance(meanwhile := await servers.ask(mine), Failure)
        assert meanwhile.code == "breaker-open"
        probe.cancel()
        with suppress(asyncio.CancelledError):
            await probe
        assert isinstance(await servers.ask(mine), Answer)
    assert len(breakers) == 0


@pytest.mark.parametrize(
    ("retries", "attempts"), [(None, [None]), (0, [None]), (1, [None, "2"]), (2, [None, "2", "3"])]
)
async def test_a_status_of_500_is_tried_again_as_often_as_the_fragment_says(
    retries: int | None, attempts: list[str | None]
) -> None:
    async def broken(request: Request, reply: Reply) -> None:
        reply.respond(status=503)

    fragment = "" if retries is None else f"#rc={retries}"
    async with raw_server(broken) as server:
        failure = await ask(question(server.url(f"/{fragment}")))
    assert [request.parameters.get("attempt") for request in server.requests] == attempts
    assert [one.attempt for one in failure.tries] == list(range(1, len(attempts) + 1))
    assert isinstance(failure, Failure)
    assert failure.code == "http-status"


async def test_a_second_try_that_succeeds_is_an_answer() -> None:
    async def second(request: Request, reply: Reply) -> None:
        reply.respond(b"hangup\n", status=200 if "attempt" in request.parameters else 500)

    async with raw_server(second) as server:
        assert isinstance(await ask(question(server.url("/#rc=1"))), Answer)


async def test_a_404_is_not_tried_again() -> None:
    async def answer(request: Request, reply: Reply) -> None:
        reply.respond(status=404)

    async with raw_server(answer) as server:
        await ask(question(server.url("/#rc=2")))
    assert len(server.requests) == 1


async def test_the_fragment_says_how_long_is_waited_and_that_a_time_out_is_tried_again() -> None:
    async def silent(request: Request, reply: Reply) -> None:
        await reply.hang()

    async with raw_server(silent) as server:
        failure = await ask(question(server.url("/#rt=100&rc=1")))
    assert isinstance(failure, Failure)
    assert [(one.code, one.attempt) for one in failure.tries] == [("timeout", 1), ("timeout", 2)]
    assert "more than 0.1 s" in failure.text


async def test_retries_end_with_the_time_of_the_whole_question() -> None:
    async def silent(request: Request, reply: Reply) -> None:
        await reply.hang()

    async with raw_server(silent) as server:
        failure = await ask(question(server.url("/#rt=8000&rc=2")), SHORT)
    assert [one.code for one in failure.tries] == ["timeout"]


async def test_the_fragment_says_how_long_a_connection_may_take() -> None:
    stuck = threading.Event()

    def slow(_host: str, _port: int) -> list[AddressInfo]:
        stuck.wait()
        return found("127.0.0.1")

    try:
        async with guarded(LIMITS, lookup=slow) as session:
            failure = await ActionServers(session, LIMITS).ask(question("http://slow.example/#ct=50"))
    finally:
        stuck.set()
    assert [(one.code, one.attempt) for one in failure.tries] == [("timeout", 1), ("timeout", 2)]
    assert "within 0.05 s" in failure.tries[0].text


async def test_a_fragment_that_cannot_be_read_is_told_and_overlooked() -> None:
    async with raw_server(hang_up) as server:
        answer = await ask(question(server.url("/#rt=5")))
    assert isinstance(answer, Answer)
    assert [one.warning for one in answer.tries] == ["bad-fragment: rt is a whole number from 100 to 8000, not '5'"]


async def test_a_redirect_is_signed_where_the_account_listed_the_origin_and_nowhere_else() -> None:
    async def elsewhere(request: Request, reply: Reply) -> None:
        reply.respond(status=302, Location=other.url())

    async with raw_server(hang_up) as other, raw_server(elsewhere) as server:
        for homes in ((server.url(),), (server.url(), other.url(""))):
            await ask(Question(server.url(), PARAMETERS, ("a secret",), homes))
    assert all("offhook-signature" in request.headers for request in server.requests)
    assert ["offhook-signature" in request.headers for request in other.requests] == [False, True]
