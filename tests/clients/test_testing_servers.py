"""Whoever answers a test's calls: WSGI and ASGI applications of several makes, running servers, and broken ones."""

import asyncio
import sys
import threading
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import fastapi
import flask
import httpx2
import pytest

from guarded import guarded
from offhook.actionserver.client import ActionServers
from offhook.actionserver.errors import BadUrl
from offhook.actionserver.limits import Limits
from offhook.actionserver.targets import sendable
from offhook.domain.questions import Failure, Question
from offhook_client import BadValue
from offhook_client.testing import CallFailed, Phone
from offhook_client.testing.servers import is_asgi
from rawserver import Behaviour, Reply, Request, raw_server

Scope = MutableMapping[str, Any]


def wsgi(environ: dict[str, Any], start_response: Callable[..., object]) -> Iterable[bytes]:
    start_response("200 OK", [])
    path = environ["PATH_INFO"].encode("latin-1").decode()
    yield f'say en "{path} {environ["SERVER_NAME"]}"'.encode()


async def asgi(scope: Scope, receive: Callable[..., Any], send: Callable[..., Awaitable[None]]) -> None:
    assert scope["type"] == "http", "this application knows no lifespan"
    await send({"type": "http.response.start", "status": 200})
    await send({"type": "http.response.body", "body": b'say en "', "more_body": True})
    await send({"type": "http.response.body", "body": f'{scope["path"]} {scope["server"][0]}"'.encode()})


def flask_app() -> flask.Flask:
    app = flask.Flask("shop")

    @app.get("/<path:path>")
    def answer(path: str) -> str:
        return f'say en "/{path} {flask.request.host}"'

    return app


def fastapi_app() -> fastapi.FastAPI:
    app = fastapi.FastAPI(default_response_class=fastapi.responses.PlainTextResponse)

    @app.get("/{path:path}")
    def answer(path: str, request: fastapi.Request) -> str:
        return f'say en "/{path} {request.url.hostname}"'

    return app


APPS: list[Any] = [wsgi, partial(wsgi), flask_app(), asgi, partial(asgi), fastapi_app()]


@pytest.mark.parametrize("app", APPS, ids=["wsgi", "partial-wsgi", "flask", "asgi", "partial-asgi", "fastapi"])
def test_an_application_answers_at_its_path_and_host(app: Any) -> None:
    with Phone() as phone:
        assert phone(app, "/日本").heard == ("/日本 action.example",)
        assert phone(app, "https://shop.example/calls?a=b").heard == ("/calls shop.example",)


@pytest.mark.parametrize(("app", "is_it"), list(zip(APPS, [False] * 3 + [True] * 3, strict=True)))
def test_the_kinds_are_told_apart(app: Any, is_it: bool) -> None:
    assert is_asgi(app) is is_it


def test_a_plain_function_that_takes_three_things_is_asgi() -> None:
    assert is_asgi(lambda scope, receive, send: None)


async def test_a_call_may_be_made_where_a_loop_runs() -> None:
    with Phone() as phone:
        assert phone(fastapi_app(), "/a").heard == ("/a action.example",)


def test_a_lifespan_begins_before_the_first_call_and_ends_with_the_phone() -> None:
    happened: list[str] = []

    @asynccontextmanager
    async def lifespan(app: fastapi.FastAPI) -> Any:
        happened.append("begun")
        yield {"greeting": "Hello"}
        happened.append("ended")

    app = fastapi.FastAPI(lifespan=lifespan)

    @app.get("/")
    def answer(request: fastapi.Request) -> fastapi.Response:
        happened.append("asked")
        return fastapi.Response(f'say en "{request.state.greeting}"')

    threads = threading.active_count()
    with Phone() as phone:
        phone(app).hears("Hello")
        phone(app).hears("Hello")
        assert happened == ["begun", "asked", "asked"]
    assert happened[-1] == "ended"
    assert threading.active_count() == threads


@pytest.mark.parametrize("half", ["startup", "shutdown"])
def test_a_lifespan_that_fails_fails_the_test(half: str) -> None:
    async def app(scope: Scope, receive: Callable[..., Any], send: Callable[..., Awaitable[None]]) -> None:
        if scope["type"] == "http":
            return await asgi(scope, receive, send)
        while True:
            kind = (await receive())["type"]
            how = "failed" if kind.endswith(half) else "complete"
            await send({"type": f"{kind}.{how}", "message": "no database"})

    def call() -> None:
        with Phone() as phone:
            phone(app)

    with pytest.raises(RuntimeError, match="no database"):
        call()


def broken_wsgi(environ: dict[str, Any], start_response: Callable[..., object]) -> Iterable[bytes]:
    raise ZeroDivisionError


async def broken_asgi(scope: Scope, receive: Callable[..., Any], send: Callable[..., Any]) -> None:
    raise ZeroDivisionError


@pytest.mark.parametrize("app", [broken_wsgi, broken_asgi])
def test_an_exception_of_the_application_is_the_test_s_with_the_call_so_far(app: Any) -> None:
    with Phone() as phone, pytest.raises(ZeroDivisionError) as caught:
        phone(app, fallback_url="/fallback")
    assert "asks     https://action.example/ event=incoming" in "".join(caught.value.__notes__)


def answering(status: str, headers: list[tuple[str, str]], body: bytes = b"") -> Callable[..., list[bytes]]:
    def app(environ: dict[str, Any], start_response: Callable[..., object]) -> list[bytes]:
        start_response(status, headers)
        return [body]

    return app


@pytest.mark.parametrize(
    ("app", "told"),
    [
        (answering("404 Not Found", []), "http-status: the answer has status 404"),
        (answering("302 Found", []), "http-status: the answer has status 302"),
        (answering("302 Found", [("Location", "/again")]), "too-many-redirects: redirect number 4 leads to https://"),
        (answering("200 OK", [("Content-Encoding", "gzip")], b"hangup"), "http-status: the answer is in the encoding"),
        (answering("200 OK", [], b"#" * 8193), "too-long: the answer has more than 8,192 bytes"),
        (answering("200 OK", [("Location", "/again")], b"playbak"), "unknown-verb, line 1, column 1: there is no"),
    ],
)
def test_an_answer_that_cannot_be_done_fails_the_test(app: Any, told: str) -> None:
    with Phone() as phone, pytest.raises(CallFailed, match="The answer to event=incoming cannot be done") as caught:
        phone(app)
    assert f"\n  failed   {told}" in str(caught.value)


def test_a_redirect_is_followed_as_it_says_and_our_parameters_are_added() -> None:
    def app(environ: dict[str, Any], start_response: Callable[..., object]) -> list[bytes]:
        if environ["PATH_INFO"] == "/":
            start_response("307 Temporary Redirect", [("Location", " b?caller=1 ")])
            return []
        start_response("200 OK", [])
        return [b"hangup"]

    with Phone() as phone:
        first, second = phone(app, call_id="c").requests
    assert "/?caller=819012345678&" in first.url
    assert second.url == "https://action.example/b?caller=1&recipient=815012345678&call_id=c&event=incoming&trunk=test"


def test_no_origin_is_asked_that_was_not_named() -> None:
    with Phone() as phone:
        with pytest.raises(CallFailed, match=r'others=\{"https://other.example": app\}'):
            phone(answering("200 OK", [], b"redirect https://other.example/b"))
        others: dict[str, Any] = {"https://other.example": asgi, "http://unused.example": None}
        assert phone(answering("200 OK", [], b"redirect https://other.example/b"), others=others).heard


@pytest.mark.parametrize(
    ("server", "url", "message"),
    [
        ("http://127.0.0.1:1/", "/calls", "Leave '/calls' out"),
        ("127.0.0.1:8000", None, "no URL with http"),
        (wsgi, "ftp://a/", "no URL with http"),
        (wsgi, "https://shop:secret@a/", "without a password"),
        (wsgi, "https://\u2024/", "no URL with http"),
        (wsgi, "/?caller=1", "'caller' itself"),
        (wsgi, "/#ct=1", "behind the # of an action URL"),
        (wsgi, "/#rc=1&rc=1", "each once"),
    ],
)
def test_what_cannot_be_an_action_url_is_told_at_once(server: Any, url: str | None, message: str) -> None:
    with Phone() as phone, pytest.raises(BadValue, match=message):
        phone(server, url)


@pytest.mark.parametrize(("fragment", "attempts"), [("", [None]), ("#rc=2", [None, "2", "3"])])
def test_a_server_error_is_tried_again_as_often_as_the_fragment_says(fragment: str, attempts: list[str | None]) -> None:
    with Phone() as phone:
        call = phone(answering("503 Busy", []), f"/{fragment}", default_action="reject")
    assert [one.parameters.get("attempt") for one in call.requests] == attempts
    assert [failure.code for failure in call.failures] == ["http-status"]


def test_a_wrong_fragment_of_a_url_that_a_script_names_counts_for_nothing() -> None:
    def app(environ: dict[str, Any], start_response: Callable[..., object]) -> list[bytes]:
        start_response("200 OK", [])
        return [b"hangup" if environ["PATH_INFO"] == "/b" else b"redirect https://action.example/b#rc=9"]

    with Phone() as phone:
        assert phone(app).refused_as == "unavailable"


def test_a_host_that_no_name_can_be_is_a_failure_as_on_the_platform() -> None:
    text = "redirect https://例。。jp/".encode()
    with Phone() as phone:
        call = phone(answering("200 OK", [], text), default_action="reject")
    assert [failure.code for failure in call.failures] == ["bad-url"]
    with pytest.raises(BadUrl):
        sendable("https://例。。jp/")


async def test_a_running_server_is_called_by_its_url() -> None:
    async def behave(request: Request, reply: Reply) -> None:
        reply.respond(b"gather" if request.parameters["event"] == "incoming" else b"hangup")

    def call(url: str) -> None:
        with Phone() as phone:
            assert phone(url).presses("7").is_over

    async with raw_server(behave) as server:
        await asyncio.to_thread(call, server.url("/a?b=c"))
    assert [request.target.partition("&")[0] for request in server.requests] == ["/a?b=c", "/a?b=c"]


def failing(url: str) -> tuple[list[str], int]:
    """Return the codes of what failed, and how many requests were sent."""
    with Phone() as phone:
        call = phone(url, default_action="reject")
    return [failure.code for failure in call.failures], len(call.requests)


async def hang_up_at_once(request: Request, reply: Reply) -> None:
    reply.close()


async def break_off(request: Request, reply: Reply) -> None:
    reply.send(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhang")
    reply.close()


async def be_silent(request: Request, reply: Reply) -> None:
    await reply.hang()


async def speak_otherwise(request: Request, reply: Reply) -> None:
    reply.send(b"SSH-2.0-OpenSSH_9.9\r\n\r\n")
    reply.close()


async def never_end(request: Request, reply: Reply) -> None:
    reply.send(b"HTTP/1.1 200 OK\r\n\r\n" + b"#" * 100_000)
    await reply.hang()


async def on_the_platform(url: str) -> tuple[list[str], int]:
    """Return the code of what fails there, and how many requests were sent."""
    limits = Limits(response_s=0.2)
    async with guarded(limits) as session:
        failure = await ActionServers(session, limits).ask(Question(url, (("event", "incoming"),)))
    assert isinstance(failure, Failure)
    return [failure.code], len(failure.tries)


async def close_headless(request: Request, reply: Reply) -> None:
    reply.send(b"HTTP/1.1 200 OK\r\nContent-")
    reply.close()


async def send_no_chunk(request: Request, reply: Reply) -> None:
    reply.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nnothing\r\n")
    reply.close()


async def reset(request: Request, reply: Reply) -> None:
    reply.reset()


def leading_to(location: str) -> Behaviour:
    async def lead(request: Request, reply: Reply) -> None:
        reply.respond(status=302, Location=location)

    return lead


BROKEN: dict[str, tuple[Behaviour, str]] = {
    "closes": (hang_up_at_once, "connect-failed"),
    "resets": (reset, "connect-failed"),
    "breaks off": (break_off, "connect-failed"),
    "closes in the head": (close_headless, "connect-failed"),
    "is silent": (be_silent, "timeout"),
    "speaks otherwise": (speak_otherwise, "http-status"),
    "sends no chunk": (send_no_chunk, "http-status"),
    "never ends": (never_end, "too-long"),
    "leads nowhere": (leading_to("mailto:us@example.com"), "http-status"),
    "leads to no host": (leading_to("http://[::1"), "http-status"),
}


@pytest.mark.parametrize("how", BROKEN)
async def test_a_server_that_is_broken_fails_as_it_does_on_the_platform(how: str) -> None:
    behaviour, code = BROKEN[how]
    async with raw_server(behaviour) as server:
        theirs = await on_the_platform(server.url())
        assert await asyncio.to_thread(failing, server.url("/#rt=200")) == theirs
    assert theirs[0] == [code]


@pytest.mark.parametrize(
    ("url", "code", "requests"),
    [("http://127.0.0.1:1/", "connect-failed", 2), ("http://nothing.invalid/", "dns-failed", 1)],
)
def test_a_server_that_is_not_there_has_the_platform_s_code(url: str, code: str, requests: int) -> None:
    assert failing(url) == ([code], requests)


def test_a_failure_of_the_application_s_own_requests_is_not_taken_for_its_answer() -> None:
    def app(environ: dict[str, Any], start_response: Callable[..., object]) -> list[bytes]:
        raise httpx2.ConnectError("its database")

    with Phone() as phone, pytest.raises(httpx2.ConnectError, match="its database"):
        phone(app, default_action="reject")


async def test_tls_with_a_server_that_speaks_none_has_the_platform_s_code() -> None:
    async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"SSH-2.0-OpenSSH_9.9\r\n")
        await reader.read()
        writer.close()

    async with await asyncio.start_server(greet, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        assert await asyncio.to_thread(failing, f"https://127.0.0.1:{port}/") == (["tls-failed"], 1)


@pytest.mark.parametrize("app", [broken_wsgi, broken_asgi])
def test_an_exception_may_be_the_status_500_that_it_is_on_the_platform(app: Any) -> None:
    with Phone() as phone:
        call = phone(app, default_action="reject", raise_app_exceptions=False)
        with pytest.raises(CallFailed, match=r"has status 500, and only one with 200 is read:\n *ZeroDivisionError:"):
            phone(app, raise_app_exceptions=False)
    assert [failure.code for failure in call.failures] == ["http-status"]


def test_a_task_behind_the_answer_is_waited_for_and_its_exception_is_no_answer() -> None:
    done = []

    async def app(scope: Scope, receive: Callable[..., Any], send: Callable[..., Awaitable[None]]) -> None:
        await asgi(scope, receive, send)
        await asyncio.sleep(0)
        done.append((await receive())["type"])
        done.append((await receive())["type"])
        raise ZeroDivisionError

    with Phone() as phone:
        assert phone(app, raise_app_exceptions=False).heard
        with pytest.raises(ZeroDivisionError):
            phone(app)
    assert done == ["http.request", "http.disconnect"] * 2


def test_a_page_that_a_framework_makes_of_an_exception_is_its_answer() -> None:
    def app(environ: dict[str, Any], start_response: Callable[..., object]) -> list[bytes]:
        start_response("200 OK", [])
        try:
            raise ZeroDivisionError
        except ZeroDivisionError:
            start_response("500 Internal Server Error", [], sys.exc_info())
        return [b"<html><title>Sorry!\x1b</title>"]

    with Phone() as phone:
        with pytest.raises(ZeroDivisionError):
            phone(app)
        with pytest.raises(CallFailed, match=r"\n *<title>Sorry!\ufffd</title>"):
            phone(app, raise_app_exceptions=False)


def test_of_an_answer_that_is_not_read_the_beginning_is_shown() -> None:
    body = b"\n".join(f"wrong signature {number}".encode() for number in range(9))
    with Phone() as phone, pytest.raises(CallFailed, match=r"wrong signature 4\n *…$") as caught:
        phone(answering("403 Forbidden", [], body), secret="not theirs")
    assert "wrong signature 5" not in str(caught.value)


async def stream(scope: Scope, receive: Callable[..., Any], send: Callable[..., Awaitable[None]]) -> None:
    assert scope["type"] == "http", "this application knows no lifespan"
    await send({"type": "http.response.start", "status": 200})
    while True:
        await send({"type": "http.response.body", "body": b"hangup\n", "more_body": True})


def endless(environ: dict[str, Any], start_response: Callable[..., object]) -> Iterable[bytes]:
    start_response("200 OK", [])
    while True:
        yield b"hangup\n"


@pytest.mark.parametrize("app", [stream, endless])
def test_an_answer_that_never_ends_is_cut_off(app: Any) -> None:
    with Phone() as phone:
        assert [failure.code for failure in phone(app, default_action="reject").failures] == ["too-long"]


def test_what_is_written_by_the_old_way_of_wsgi_is_heard() -> None:
    def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        start_response("200 OK", [])(b'say en "Hello"')
        return []

    with Phone() as phone:
        phone(app).hears("Hello")


def test_an_application_need_not_be_hashable() -> None:
    class Unhashable:
        __hash__ = None  # type: ignore[assignment] # as a dataclass has it

        def __call__(self, environ: dict[str, Any], start_response: Callable[..., object]) -> Iterable[bytes]:
            return wsgi(environ, start_response)

    with Phone() as phone:
        assert phone(Unhashable()).heard == phone(Unhashable()).heard


def returning(answer: Any, status: str | None = "200 OK", headers: Any = ()) -> Callable[..., Any]:
    def app(environ: dict[str, Any], start_response: Callable[..., object]) -> Any:
        if status is not None:
            start_response(status, headers)
        return answer

    return app


def sending(*messages: dict[str, Any]) -> Callable[..., Awaitable[None]]:
    async def app(scope: Scope, receive: Callable[..., Any], send: Callable[..., Awaitable[None]]) -> None:
        assert scope["type"] == "http", "this application knows no lifespan"
        for message in messages:
            await send(message)

    return app


START = {"type": "http.response.start", "status": 200}
BODY = {"type": "http.response.body", "body": b"hangup"}


@pytest.mark.parametrize(
    ("app", "told"),
    [
        (returning(None), "returned None, but WSGI wants a list of bytes"),
        (returning("hangup"), "body holds 'h', but WSGI wants bytes: encode it as UTF-8"),
        (returning(b"hangup"), "body holds 104, but WSGI wants bytes: return a list"),
        (returning([b"hangup"], status=None), "ended without start_response"),
        (returning([b"hangup"], status="OK"), "the status 'OK', but WSGI wants one such as"),
        (returning([b"hangup"], headers=["Content-Type"]), "headers are no pairs as WSGI wants them"),
        (sending(), "never sent http.response.start"),
        (sending(START), "in the middle of its answer"),
        (sending(START, BODY | {"more_body": True}), "in the middle of its answer"),
        (sending(START, START), "sent http.response.start, which cannot come here"),
        (sending(BODY), "sent http.response.body, which cannot come here"),
        (sending(START, BODY, BODY), "sent http.response.body, which cannot come here"),
        (sending(START, BODY | {"body": "hangup"}), "body holds 'hangup', but ASGI wants bytes: encode it"),
        (sending(START | {"status": "200"}, BODY), "status is '200', but ASGI wants a number"),
    ],
)
def test_what_breaks_the_protocol_is_told_in_a_sentence_with_the_call(app: Any, told: str) -> None:
    with Phone() as phone, pytest.raises(CallFailed) as caught:
        phone(app, raise_app_exceptions=False)
    assert told in str(caught.value)
    assert "  asks     https://action.example/ event=incoming" in str(caught.value)


@pytest.mark.parametrize(
    ("server", "told"),
    [
        (None, "None is no application and no URL"),
        (flask, "is no application and no URL"),
        (flask.Flask, "is a class. Give an application that was made of it"),
        (lambda request: "hangup", "an ASGI one with (scope, receive, send), but here too many positional arguments"),
    ],
)
def test_what_is_no_application_is_refused_before_anybody_is_called(server: Any, told: str) -> None:
    with Phone() as phone, pytest.raises(BadValue) as caught:
        phone(server)
    assert told in str(caught.value)
