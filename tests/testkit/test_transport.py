from dataclasses import replace

import pytest

from offhook.testkit import transport
from offhook.testkit.findings import Verdict
from offhook.testkit.replies import Hop, Reply

KEPT = Hop("https://shop.example/", 200, first_byte_ms=20.0)
NEW = replace(KEPT, dns_ms=4.0, connect_ms=30.0)


def reply(*hops: Hop, elapsed_ms: float = 20.0, body: bytes | None = b"hangup") -> Reply:
    code = "" if body is not None else "timeout"
    return Reply("event=incoming", (), elapsed_ms, hops or (KEPT,), body, code, "late" if code else "")


LOST = reply(body=None)


@pytest.mark.parametrize(
    ("url", "verdict"),
    [
        ("https://shop.example/", Verdict.OK),
        ("http://shop.example/", Verdict.WARNING),
        ("http://fc.example/", Verdict.WARNING),
        ("http://93.184.215.14/", Verdict.WARNING),
        ("http://127.0.0.1:8000/", Verdict.OK),
        ("http://[fd00::1]/", Verdict.OK),
        ("http://10.1.2.3/", Verdict.OK),
        ("http://localhost:8000/", Verdict.OK),
        ("http://shop.local/", Verdict.OK),
    ],
)
def test_http_is_for_ones_own_desk(url: str, verdict: Verdict) -> None:
    assert transport.transport(url).verdict is verdict


def test_the_first_connection_tells_its_parts() -> None:
    assert (
        transport.connect(reply(NEW)).sentence == "DNS 4 ms, connected, with TLS, after 30 ms, first byte 20 ms later"
    )
    literal = replace(NEW, url="http://192.0.2.1/", dns_ms=None)
    assert transport.connect(reply(literal)).sentence == "connected after 30 ms, first byte 20 ms later"
    slow = transport.connect(reply(replace(NEW, connect_ms=700.0)))
    assert slow.verdict is Verdict.WARNING
    assert slow.sentence.endswith("a call gives up after 2000 ms")


def test_a_connection_that_was_there_costs_nothing() -> None:
    assert transport.connect(reply()).verdict is Verdict.OK
    assert transport.connect(Reply("a", (), 1.0)).verdict is Verdict.OK


def test_speed_is_the_usual_and_the_worst_time() -> None:
    found = transport.speed([reply(elapsed_ms=ms) for ms in (10.0, 30.0, 20.0)])
    assert (found.verdict, found.sentence) == (Verdict.OK, "half of 3 answers within 20 ms, the slowest 30 ms")


def test_a_second_is_too_long_for_callers_and_a_time_out_for_the_platform() -> None:
    slow = transport.speed([reply(), reply(elapsed_ms=1500.0)])
    assert slow.verdict is Verdict.WARNING
    assert "gives up after 5 s (8 s with redirects)" in slow.sentence
    late = transport.speed([reply(), LOST])
    assert (late.verdict, late.details) == (Verdict.FAILED, ("event=incoming: timeout: late",))
    assert "the others: half of 1 answers" in late.sentence
    assert transport.speed([LOST]).sentence == "1 of 1 requests got no answer"


def test_several_at_once_must_all_be_answered_and_not_one_after_the_other() -> None:
    alone = [reply(elapsed_ms=100.0)]
    assert transport.concurrency([reply(), reply()], alone).verdict is Verdict.OK
    assert transport.concurrency([reply(), LOST], alone).sentence == "of 2 requests at once 1 got no usable answer"
    queued = transport.concurrency([reply(elapsed_ms=1200.0)], alone)
    assert (queued.verdict, "12 times as long" in queued.sentence) == (Verdict.WARNING, True)
    assert "one after the other" in queued.cure
    knocked = reply(replace(NEW, connect_ms=1100.0), elapsed_ms=1200.0)
    assert "backlog" in transport.concurrency([reply(), knocked], alone).cure
    nowhere = Reply("event=incoming", (), 1200.0, (), b"hangup")
    assert "one after the other" in transport.concurrency([nowhere], alone).cure
    # Whoever is slow alone is told so by the check of speed.
    assert transport.concurrency([reply(elapsed_ms=1200.0)], [reply(elapsed_ms=1000.0)]).verdict is Verdict.OK


def test_kept_connections_are_counted_and_missing_ones_weighed() -> None:
    assert transport.keep_alive([reply(NEW), reply(), reply(NEW)]).sentence == (
        "1 of 2 later requests used a kept connection"
    )
    assert transport.keep_alive([reply(NEW)]).verdict is Verdict.OK
    assert transport.keep_alive([reply(NEW), reply(NEW)]).sentence.endswith("costs only 30 ms")
    far = replace(NEW, connect_ms=120.0)
    assert transport.keep_alive([reply(far), reply(far)]).verdict is Verdict.WARNING


def test_redirects_show_their_way_and_second_tries_are_none() -> None:
    assert transport.redirects([reply(Hop("http://a/"), KEPT)]).verdict is Verdict.OK
    found = transport.redirects([reply(), reply(Hop("http://a/x?caller=1", 301), KEPT)])
    assert found.verdict is Verdict.WARNING
    assert found.details == ("301 http://a/x -> 200 https://shop.example/",)


def test_scripts_that_lead_on_and_on_are_shown() -> None:
    circling = Reply("event=incoming, after a redirect", (), 1.0, (KEPT,), b"redirect https://shop.example/\n")
    found = transport.redirects([reply()], [circling, circling])
    assert found.verdict is Verdict.FAILED
    assert found.details == ("event=incoming, after a redirect: redirect https://shop.example/",)


def test_what_got_lost_and_came_when_asked_again_is_the_server_s_fault() -> None:
    assert transport.steady([], 70).verdict is Verdict.OK
    found = transport.steady([LOST, LOST], 70)
    assert (found.verdict, found.details) == (Verdict.FAILED, ("event=incoming: timeout: late",))
    assert found.sentence.startswith("2 of 70 requests got no whole answer")
    assert transport.gone(LOST, 31).sentence.startswith("the server stopped answering at request 31;")


def test_cookies_never_come_back() -> None:
    assert transport.cookies([reply()]).verdict is Verdict.OK
    assert transport.cookies([reply(replace(KEPT, headers={"set-cookie": "a=b"}))]).verdict is Verdict.WARNING
