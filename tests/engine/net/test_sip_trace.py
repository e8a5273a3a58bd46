import asyncio
from dataclasses import replace
from typing import Any

import pytest

from offhook.engine.net.sip_trace import FIRST, FRESH, HEAD_BYTES, LAST, WHOLE_BYTES, Traces
from offhook.engine.sip.outputs import Destination

PEER = Destination("192.0.2.7", 5060)


def message(first: str, call_id: str, *, field: str = "Call-ID: ", cseq: str = "1 INVITE", padding: int = 0) -> bytes:
    return f"{first}\r\nVia: x\r\n{field}{call_id}\r\nCSeq: {cseq}\r\n\r\n{'x' * padding}".encode()


def invite(call_id: str, **more: Any) -> bytes:
    return message("INVITE sip:1@x SIP/2.0", call_id, **more)


@pytest.fixture
def traces() -> Traces:
    return Traces()


def test_a_call_has_what_passed_before_and_after_it_was_followed(traces: Traces) -> None:
    traces.passes(1.0, invite("a"), PEER, is_ours=False)
    trace = traces.follow("a")
    traces.passes(2.0, message("SIP/2.0 100 Trying", "a"), PEER, is_ours=True)
    traces.passes(2.5, message("SIP/2.0 100 Trying", "other"), PEER, is_ours=True)
    assert [(one.at, one.is_ours, one.peer) for one in trace.messages] == [(1.0, False, PEER), (2.0, True, PEER)]


@pytest.mark.parametrize(
    "field", ["Call-ID: ", "call-id:", "i: ", "I  :\t", "CALL-ID :  ", "Call-ID:\r\n ", "Call-ID: \r\n\t"]
)
def test_a_call_id_is_found_however_it_is_written(traces: Traces, field: str) -> None:
    trace = traces.follow("a@b")
    traces.passes(1.0, invite("a@b", field=field), PEER, is_ours=False)
    assert len(trace.messages) == 1


@pytest.mark.parametrize("before", [b"\r\n", b"\r\n\r\n"])
def test_line_breaks_before_a_message_are_none_of_it(traces: Traces, before: bytes) -> None:
    traces.passes(1.0, before + invite("a"), PEER, is_ours=False)
    traces.passes(1.1, before + message("BYE sip:1@x SIP/2.0", "a", cseq="2 BYE"), PEER, is_ours=False)
    assert [one.data[:4] for one in traces.follow("a").messages] == [b"INVI", b"BYE "]


def test_a_call_id_in_a_body_is_none(traces: Traces) -> None:
    trace = traces.follow("a")
    traces.passes(1.0, b"INVITE sip:1@x SIP/2.0\r\nCall-ID: b\r\n\r\nx\r\nCall-ID: a\r\n", PEER, is_ours=False)
    traces.passes(1.0, b"INVITE sip:1@x SIP/2.0\r\n\r\nx\r\nCall-ID: a\r\n", PEER, is_ours=False)
    assert trace.messages == []


def test_what_nobody_follows_is_forgotten(traces: Traces) -> None:
    for number in range(FRESH + 1):
        traces.passes(1.0, invite(str(number)), PEER, is_ours=False)
    assert traces.follow("0").messages == []
    assert len(traces.follow("1").messages) == 1
    traces.passes(1.0, message("OPTIONS sip:x SIP/2.0", "ping"), PEER, is_ours=False)
    assert traces.follow("ping").messages == []


def test_a_dialog_that_two_calls_follow_is_kept_until_both_left(traces: Traces) -> None:
    assert traces.follow("a") is traces.follow("a")
    traces.leave("a")
    assert len(traces) == 1
    traces.leave("a")
    assert len(traces) == 0


def test_the_beginning_and_the_end_of_a_long_dialog_are_kept(traces: Traces) -> None:
    trace = traces.follow("a")
    for number in range(FIRST + LAST + 100):
        traces.passes(float(number), message("INFO sip:1@x SIP/2.0", "a"), PEER, is_ours=False)
    at = [one.at for one in trace.messages]
    assert (at[0], at[FIRST - 1], at[FIRST], at[-1]) == (0.0, FIRST - 1.0, FIRST + 100.0, FIRST + LAST + 99.0)


def test_once_much_was_said_only_the_beginnings_are_kept(traces: Traces) -> None:
    trace = traces.follow("a")
    for _ in range(4):
        traces.passes(1.0, message("INFO sip:1@x SIP/2.0", "a", padding=WHOLE_BYTES // 3), PEER, is_ours=False)
    sizes = [len(one.data) for one in trace.messages]
    assert sizes[-1] <= HEAD_BYTES
    assert trace.messages[-1].data.startswith(b"INFO ")
    assert sum(sizes) <= WHOLE_BYTES + HEAD_BYTES * len(sizes)


async def test_the_answer_to_our_bye_is_waited_for(traces: Traces) -> None:
    trace = traces.follow("a")
    traces.passes(1.0, message("BYE sip:1@x SIP/2.0", "a", cseq="2 BYE"), PEER, is_ours=True)
    traces.passes(1.0, message("SIP/2.0 200 OK", "a"), PEER, is_ours=False)
    waiting = asyncio.create_task(trace.part(60.0))
    await asyncio.sleep(0)
    assert not waiting.done()
    traces.passes(1.1, message("SIP/2.0 200 OK", "a", cseq="2 BYE"), replace(PEER, port=5080), is_ours=False)
    await asyncio.wait_for(waiting, 5.0)
    assert len(trace.messages) == 3


async def test_the_ack_of_our_refusal_is_waited_for(traces: Traces) -> None:
    trace = traces.follow("a")
    traces.passes(1.0, invite("a"), PEER, is_ours=False)
    traces.passes(1.0, message("SIP/2.0 404 Not Found", "a"), PEER, is_ours=True)
    waiting = asyncio.create_task(trace.part(60.0))
    await asyncio.sleep(0)
    assert not waiting.done()
    traces.passes(1.1, message("ACK sip:1@x SIP/2.0", "a", cseq="1 ACK"), PEER, is_ours=False)
    await asyncio.wait_for(waiting, 5.0)


async def test_two_calls_hear_of_the_end_of_the_dialog_that_both_follow(traces: Traces) -> None:
    trace = traces.follow("a")
    # What we say to ourselves is seen when it leaves, and never comes.
    traces.passes(1.0, message("BYE sip:1@x SIP/2.0", "a", cseq="2 BYE"), PEER, is_ours=True)
    waiting = [asyncio.create_task(trace.part(60.0)) for _ in range(2)]
    await asyncio.sleep(0)
    assert not any(one.done() for one in waiting)
    traces.passes(1.1, message("SIP/2.0 200 OK", "a", cseq="2 BYE"), PEER, is_ours=True)
    await asyncio.wait_for(asyncio.gather(*waiting), 5.0)
    await asyncio.wait_for(trace.part(60.0), 5.0)


def test_a_beginning_ends_with_a_whole_line(traces: Traces) -> None:
    trace = traces.follow("a")
    traces.passes(1.0, invite("a", padding=WHOLE_BYTES), PEER, is_ours=False)
    traces.passes(
        1.0, invite("a", padding=WHOLE_BYTES).replace(b"Via: x", b"Subject: " + b"y" * HEAD_BYTES), PEER, False
    )
    assert [one.data[-2:] for one in trace.messages] == [b"\r\n", b"\r\n"]
    assert b"yy" not in trace.messages[1].data


async def test_nothing_is_waited_for_when_the_peer_said_bye_or_never_answers(traces: Traces) -> None:
    trace = traces.follow("a")
    traces.passes(1.0, message("BYE sip:1@x SIP/2.0", "a", cseq="2 BYE"), PEER, is_ours=False)
    await asyncio.wait_for(trace.part(60.0), 5.0)
    traces.passes(1.0, message("BYE sip:1@x SIP/2.0", "a", cseq="3 BYE"), PEER, is_ours=True)
    await asyncio.wait_for(trace.part(0.01), 5.0)
