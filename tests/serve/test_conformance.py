"""Examinations of real servers: those that do all rightly, and those with one fault each."""

import time
from collections.abc import Callable
from urllib.parse import parse_qsl

import pytest

from offhook.actionserver.errors import SignatureRefused
from offhook.actionserver.signature import verify
from offhook.serve.conformance import MOST_REDIRECTIONS, Report, Subject, examine
from offhook.testkit.findings import Check, Finding, Verdict
from rawserver import RawServer, Reply, Request, raw_server

SECRET = "s3cret of the account"
TIMED = (Check.CONNECT, Check.SPEED, Check.CONCURRENCY)
Answer = Callable[[Request, Reply], None]


async def examined(
    answer: Answer, *, secret: str | None = None, path: str = "/calls?shop=1", is_private_allowed: bool = True
) -> tuple[Report, RawServer]:
    async def behave(request: Request, reply: Reply) -> None:
        answer(request, reply)

    async with raw_server(behave) as server:
        subject = Subject(server.url(path), "819012345678", "815012345678", requests=3, together=3, secret=secret)
        return await examine(subject, is_private_allowed=is_private_allowed), server


def found(report: Report, check: Check) -> Finding:
    (finding,) = [finding for finding in report.findings if finding.code is check]
    return finding


def faults(report: Report) -> dict[Check, Verdict]:
    """Return what is at fault; whether this machine was busy is no matter of the server's."""
    return {
        one.code: one.verdict
        for one in report.findings
        if one.verdict is Verdict.FAILED or (one.verdict is Verdict.WARNING and one.code not in TIMED)
    }


def menu(request: Request, reply: Reply) -> None:
    """Lead from a menu to a transfer and on to voicemail, each at a URL of its own."""
    where, _, _ = request.target.partition("?")
    host = request.headers["host"]
    flow = {
        "/calls": f'gather say en "Press one" next=http://{host}/keys',
        "/keys": f"transfer 81312345678 next=http://{host}/after",
        "/after": f"voicemail next=http://{host}/left" if request.parameters.get("event") == "transfer" else "hangup",
        "/left": "hangup",
    }
    reply.respond(flow[where].encode())


def guarded(request: Request, reply: Reply) -> None:
    try:
        verify(
            request.headers.get("offhook-signature", ""),
            parse_qsl(request.target.partition("?")[2], keep_blank_values=True),
            [SECRET],
            time.time(),
        )
    except SignatureRefused:
        reply.respond(b"no", status=403)
        return
    menu(request, reply)


async def test_a_server_that_does_all_rightly_has_no_fault_and_is_asked_where_its_answers_lead() -> None:
    report, server = await examined(menu)
    assert faults(report) == {}
    assert {finding.code for finding in report.findings} == set(Check) - {
        *(Check.ROTATED, Check.WRONGLY_SIGNED, Check.LATE, Check.UNSIGNED)
    }
    assert found(report, Check.SIGNED).verdict is Verdict.SKIPPED
    asked = {(request.target.partition("?")[0], request.parameters["event"]) for request in server.requests}
    assert asked == {
        ("/calls", "incoming"),
        ("/keys", "gather"),
        ("/after", "transfer"),
        ("/left", "voicemail"),
        ("/calls", "fallback"),
    }
    assert all("offhook-signature" not in request.headers for request in server.requests)
    assert all(request.parameters["call_id"].startswith("conformance-") for request in server.requests)
    assert {request.parameters["shop"] for request in server.requests if request.target.startswith("/calls")} == {"1"}


async def test_a_server_that_verifies_signatures_takes_the_right_and_refuses_all_others() -> None:
    report, _ = await examined(guarded, secret=SECRET)
    assert faults(report) == {}
    assert found(report, Check.UNSIGNED).sentence == "a request without a signature is refused (403)"
    assert found(report, Check.LATE).verdict is Verdict.OK


async def test_a_server_that_verifies_nothing_is_warned() -> None:
    report, _ = await examined(menu, secret=SECRET)
    assert faults(report) == dict.fromkeys((Check.WRONGLY_SIGNED, Check.LATE, Check.UNSIGNED), Verdict.WARNING)


async def test_the_first_answer_that_is_none_ends_the_questions() -> None:
    report, server = await examined(guarded)
    assert faults(report) == {Check.ANSWER: Verdict.FAILED}
    assert "--secret" in found(report, Check.ANSWER).cure
    assert len(server.requests) == 1


async def test_a_first_answer_that_is_no_text_says_what_it_is_instead() -> None:
    def answer(request: Request, reply: Reply) -> None:
        reply.respond("hangup".encode("utf-16"), Content_Type="text/plain; charset=utf-16")

    report, server = await examined(answer)
    assert faults(report) == {
        Check.ANSWER: Verdict.FAILED,
        Check.UTF_8: Verdict.FAILED,
        Check.ZERO_BYTE: Verdict.FAILED,
        Check.CHARSET: Verdict.WARNING,
    }
    assert len(server.requests) == 1


async def test_nobody_on_this_machine_is_asked_unless_that_is_allowed() -> None:
    report, server = await examined(menu, is_private_allowed=False)
    assert "address-refused" in found(report, Check.ANSWER).details[0]
    assert server.requests == []


async def test_a_rare_outcome_that_fails_is_found() -> None:
    def answer(request: Request, reply: Reply) -> None:
        parameters = request.parameters
        if parameters["event"] == "transfer" and not parameters.get("sip_code"):
            reply.respond(status=500)
        elif parameters["event"] == "fallback":
            reply.respond(b"<html>what?</html>")
        else:
            reply.respond(b"transfer 81312345678 next=self")

    report, _ = await examined(answer)
    assert faults(report) == {Check.TRANSFER: Verdict.FAILED, Check.FALLBACK: Verdict.WARNING}
    assert found(report, Check.TRANSFER).sentence.startswith("2 of 6 questions")
    # What no answer leads to is not held against the grammar of the server.
    assert found(report, Check.GRAMMAR).verdict is Verdict.OK


async def test_scripts_that_lead_elsewhere_are_followed_but_not_for_ever() -> None:
    def answer(request: Request, reply: Reply) -> None:
        host = request.headers["host"]
        if request.parameters["event"] == "gather":
            reply.respond(b"playbak x" if request.target.startswith("/keys") else b"hangup")
        elif request.parameters["event"] == "transfer":
            reply.respond(f"redirect http://{host}/round".encode())
        elif request.target.startswith("/calls"):
            reply.respond(f"redirect http://{host}/menu".encode())
        else:
            reply.respond(f"gather next=http://{host}/keys".encode())

    report, server = await examined(answer)
    assert faults(report) == {Check.GATHER: Verdict.FAILED, Check.GRAMMAR: Verdict.FAILED}
    assert any(request.target.startswith("/menu?") for request in server.requests)
    round_and_round = [request for request in server.requests if request.target.startswith("/round?")]
    assert len(round_and_round) == 6 * MOST_REDIRECTIONS


async def test_a_name_that_is_not_quoted_is_found_with_its_caret() -> None:
    def answer(request: Request, reply: Reply) -> None:
        reply.respond(f'say en "Hello {request.parameters.get("caller_name", "")}"'.encode())

    report, _ = await examined(answer)
    assert faults(report) == {Check.NAME: Verdict.FAILED, Check.GRAMMAR: Verdict.FAILED}
    assert "^" in found(report, Check.NAME).details[0]


async def test_redirects_cookies_and_a_charset_are_told() -> None:
    def answer(request: Request, reply: Reply) -> None:
        if request.target.startswith("/calls?"):
            reply.respond(status=302, Location="/calls/")
        else:
            reply.respond(
                'say ja "もしもし"'.encode(), Set_Cookie="session=1", Content_Type="text/plain; charset=shift_jis"
            )

    report, _ = await examined(answer)
    assert faults(report) == dict.fromkeys((Check.REDIRECTS, Check.COOKIES, Check.CHARSET), Verdict.WARNING)
    assert found(report, Check.REDIRECTS).details[0].startswith("302 http://127.0.0.1:")


async def test_a_server_that_counts_requests_answers_the_second_try_otherwise() -> None:
    count = 0

    def answer(request: Request, reply: Reply) -> None:
        nonlocal count
        count += 1
        if "offhook_conformance" in request.parameters:
            reply.respond(status=400)
        else:
            reply.respond(f'say en "Caller {count}"'.encode())

    report, _ = await examined(answer)
    assert faults(report) == {Check.REPEATED: Verdict.WARNING, Check.UNKNOWN_PARAMETERS: Verdict.FAILED}


@pytest.mark.parametrize(("lost", "goes_on"), [(range(2, 4), True), (range(2, 1000), False)])
async def test_a_server_that_stops_answering_is_not_asked_on_and_on(lost: range, goes_on: bool) -> None:
    count = 0

    def answer(request: Request, reply: Reply) -> None:
        nonlocal count
        if count in lost:
            reply.close()
        else:
            reply.respond(b"hangup")
        count += 1

    report, server = await examined(answer)
    assert found(report, Check.SPEED).verdict is Verdict.FAILED
    codes = {finding.code for finding in report.findings}
    assert Check.CONCURRENCY not in codes
    assert (Check.GRAMMAR in codes) is goes_on
    assert (len(server.requests) > 10) is goes_on


async def test_a_server_that_vanishes_in_the_middle_is_the_only_fault() -> None:
    def answer(request: Request, reply: Reply) -> None:
        if request.parameters["event"] == "transfer":
            vanished.append(request)
        if vanished:
            reply.close()
        else:
            menu(request, reply)

    vanished: list[Request] = []
    report, server = await examined(answer)
    assert faults(report) == {Check.STEADY: Verdict.FAILED}
    assert "stopped answering at request 11;" in found(report, Check.STEADY).sentence
    # Each question is put to a new connection once more by the client itself.
    assert len(server.requests) < 20


async def test_a_question_that_gets_lost_once_is_not_held_against_its_answer() -> None:
    def answer(request: Request, reply: Reply) -> None:
        what = (request.parameters["event"], request.parameters.get("digits", ""))
        if what in (("gather", "0*"), ("voicemail", "")) and what not in lost:
            lost.append(what)
            reply.send(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhang")
            reply.close()
        else:
            menu(request, reply)

    lost: list[tuple[str, str]] = []
    report, _ = await examined(answer)
    assert faults(report) == {Check.STEADY: Verdict.FAILED}
    assert found(report, Check.STEADY).details[0].startswith("event=gather, digits=0*: connect-failed")


async def test_an_event_that_breaks_its_worker_each_time_is_that_event_s_fault() -> None:
    def answer(request: Request, reply: Reply) -> None:
        if request.parameters["event"] == "gather":
            reply.close()
        else:
            menu(request, reply)

    report, _ = await examined(answer)
    assert faults(report) == {Check.GATHER: Verdict.FAILED}


async def test_answers_that_lead_in_a_circle_are_told() -> None:
    def answer(request: Request, reply: Reply) -> None:
        reply.respond(f"redirect http://{request.headers['host']}/calls".encode())

    report, _ = await examined(answer)
    assert faults(report) == {Check.REDIRECTS: Verdict.FAILED}


async def test_who_answers_each_time_otherwise_is_told_once() -> None:
    def answer(request: Request, reply: Reply) -> None:
        answers.append(request)
        reply.respond(f'say en "You are number {len(answers)}"'.encode())

    answers: list[Request] = []
    report, _ = await examined(answer)
    assert faults(report) == {Check.REPEATED: Verdict.WARNING}


async def test_connections_are_kept_and_their_times_measured() -> None:
    report, server = await examined(menu)
    first = report.replies[0].hops[0]
    assert first.connect_ms is not None
    assert first.first_byte_ms is not None
    assert report.replies[1].hops[0].connect_ms is None
    assert server.connections < len(server.requests)


async def test_who_waits_is_told_what_is_asked() -> None:
    async def behave(request: Request, reply: Reply) -> None:
        reply.respond(status=404)

    told: list[str] = []
    async with raw_server(behave) as server:
        subject = Subject(server.url(), "819012345678", "815012345678", requests=2, together=2)
        await examine(subject, is_private_allowed=True, tell=told.append)
    assert told == ["event=incoming"]
