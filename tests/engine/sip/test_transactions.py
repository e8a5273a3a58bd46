"""Figures 5 to 8 of RFC 3261, corrected by RFC 6026, walked row by row with exact times."""

from collections.abc import Sequence
from math import inf
from typing import TypeVar

import pytest

from offhook.engine.sip.message import Request, Response
from offhook.engine.sip.moves import CLIENT, INVITE_CLIENT, INVITE_SERVER, SERVER, Deed, Signal, State
from offhook.engine.sip.outputs import Destination, Send, Transport
from offhook.engine.sip.parser import parse
from offhook.engine.sip.transactions import (
    Outgoing,
    Passed,
    Result,
    TimedOut,
    Timers,
    Transaction,
    Transactions,
    Undelivered,
    server_key,
)

Kind = TypeVar("Kind")

PEER = Destination("10.0.0.1", 5060)
A_TIMES = [0.5, 1.5, 3.5, 7.5, 15.5, 31.5]
E_TIMES = [0.5, 1.5, 3.5, 7.5, 11.5, 15.5, 19.5, 23.5, 27.5, 31.5]


def outgoing(method: str, routes: Sequence[str] = ()) -> Outgoing:
    via = "SIP/2.0/UDP 10.0.0.9:5060;branch=z9hG4bKus"
    return Outgoing(
        method, "sip:b@h", via, "<sip:a@h>;tag=us", "c", 7, routes, "10.0.0.9", f"{method} as sent".encode()
    )


def response(status: int, method: str = "INVITE") -> Response:
    return Response(status, "", {"To": ["<sip:b@h>;tag=them"]}, b"", 7, method)


def client(method: str) -> tuple[Transactions, Transaction]:
    transactions = Transactions(Timers())
    assert transactions.request(outgoing(method), "z9hG4bKus", PEER, "leg", 0.0) == [
        Send(f"{method} as sent".encode(), PEER)
    ]
    transaction = transactions.find_client("z9hG4bKus", method)
    assert transaction is not None
    assert transaction.owner == "leg"
    return transactions, transaction


def server(method: str) -> tuple[Transactions, Transaction]:
    transactions = Transactions(Timers())
    transaction = transactions.serve(("k", method), method, PEER)
    assert transactions.find_server(("k", method)) is transaction
    return transactions, transaction


def run(transactions: Transactions, until: float = 200.0) -> list[tuple[float, Result]]:
    """Tick exactly when asked to, and tell what came when."""
    found: list[tuple[float, Result]] = []
    while (when := transactions.deadline()) is not None and when <= until:
        found += [(when, result) for result in transactions.tick(when)]
        after = transactions.deadline()
        assert after is None or after > when
    return found


def times(found: list[tuple[float, Result]], kind: type[Kind]) -> list[float]:
    return [when for when, result in found if isinstance(result, kind)]


def ended_at(transactions: Transactions) -> float:
    """Return when the last transaction is forgotten."""
    last = 0.0
    while len(transactions):
        when = transactions.deadline()
        assert when is not None, "something is never forgotten"
        transactions.tick(when)
        last = when
    return last


# Figure 5, INVITE client.


def test_an_invite_is_repeated_by_timer_a_and_given_up_by_timer_b() -> None:
    transactions, transaction = client("INVITE")
    found = run(transactions)
    assert times(found, Send) == A_TIMES
    assert [(when, result) for when, result in found if isinstance(result, TimedOut)] == [(32.0, TimedOut(transaction))]
    assert len(transactions) == 0
    assert transaction.state is State.TERMINATED


def test_a_provisional_response_stops_timers_a_and_b_for_as_long_as_it_rings() -> None:
    transactions, transaction = client("INVITE")
    ringing = response(180)
    assert transactions.responded(transaction, ringing, 0.2) == [Passed(transaction, ringing)]
    assert transactions.responded(transaction, ringing, 40.0) == [Passed(transaction, ringing)]
    assert run(transactions) == []
    assert transaction.state is State.PROCEEDING
    assert transactions.deadline() is None, "an agent would be woken for nothing"


@pytest.mark.parametrize("ring", [False, True])
def test_a_success_is_passed_each_time_it_comes_until_timer_m(ring: bool) -> None:
    transactions, transaction = client("INVITE")
    if ring:
        transactions.responded(transaction, response(180), 0.5)
    ok = response(200)
    for now in (1.0, 2.0, 32.9):
        assert transactions.responded(transaction, ok, now) == [Passed(transaction, ok)]
    assert transaction.state is State.ACCEPTED
    assert transactions.responded(transaction, response(486), 2.0) == []
    assert transactions.responded(transaction, response(180), 2.0) == []
    assert run(transactions, 32.9) == []
    assert ended_at(transactions) == 33.0


@pytest.mark.parametrize("ring", [False, True])
def test_a_failure_is_passed_once_and_acknowledged_each_time_until_timer_d(ring: bool) -> None:
    transactions, transaction = client("INVITE")
    if ring:
        transactions.responded(transaction, response(180), 0.5)
    busy = response(486)
    acknowledgement, passed = transactions.responded(transaction, busy, 1.0)
    assert passed == Passed(transaction, busy)
    assert transactions.responded(transaction, busy, 2.0) == [acknowledgement]
    assert transactions.responded(transaction, response(200), 2.0) == []
    assert run(transactions, 32.9) == []
    assert ended_at(transactions) == 33.0


def test_the_ack_of_a_failure_goes_the_invite_s_way_with_the_response_s_to() -> None:
    transactions = Transactions(Timers())
    transactions.request(outgoing("INVITE", ["<sip:p1;lr>", "<sip:p2;lr>"]), "z9hG4bKus", PEER, "", 0.0)
    transaction = transactions.find_client("z9hG4bKus", "INVITE")
    assert transaction is not None
    send = transactions.responded(transaction, response(486), 1.0)[0]
    assert isinstance(send, Send)
    assert send.destination == PEER
    message = parse(send.data)
    assert isinstance(message, Request)
    assert (message.method, message.uri, message.cseq) == ("ACK", "sip:b@h", 7)
    assert message.headers == {
        "Via": ["SIP/2.0/UDP 10.0.0.9:5060;branch=z9hG4bKus"],
        "Max-Forwards": ["70"],
        "Route": ["<sip:p1;lr>", "<sip:p2;lr>"],
        "From": ["<sip:a@h>;tag=us"],
        "To": ["<sip:b@h>;tag=them"],
        "Call-ID": ["c"],
        "CSeq": ["7 ACK"],
        "Content-Length": ["0"],
    }


def test_an_invite_that_was_canceled_has_64_t1_left_for_its_final_response() -> None:
    transactions, transaction = client("INVITE")
    transactions.responded(transaction, response(180), 0.2)
    transactions.expire(transaction, 100.0)
    assert run(transactions) == [(132.0, TimedOut(transaction))]
    assert len(transactions) == 0


# Figure 6, other client.


def test_a_request_is_repeated_by_timer_e_and_given_up_by_timer_f() -> None:
    transactions, transaction = client("BYE")
    found = run(transactions)
    assert times(found, Send) == E_TIMES
    assert found[-1] == (32.0, TimedOut(transaction))
    assert len(transactions) == 0


def test_a_provisional_response_slows_timer_e_to_t2_and_leaves_timer_f() -> None:
    transactions, transaction = client("BYE")
    trying = response(100, "BYE")
    assert transactions.responded(transaction, trying, 0.2) == [Passed(transaction, trying)]
    assert transactions.responded(transaction, trying, 0.3) == [Passed(transaction, trying)]
    found = run(transactions)
    assert times(found, Send) == [0.5, 4.5, 8.5, 12.5, 16.5, 20.5, 24.5, 28.5]
    assert found[-1] == (32.0, TimedOut(transaction))


@pytest.mark.parametrize("status", [200, 481])
@pytest.mark.parametrize("provisional", [False, True])
def test_a_final_response_is_passed_once_and_absorbed_until_timer_k(status: int, provisional: bool) -> None:
    transactions, transaction = client("BYE")
    if provisional:
        transactions.responded(transaction, response(100, "BYE"), 0.1)
    final = response(status, "BYE")
    assert transactions.responded(transaction, final, 1.0) == [Passed(transaction, final)]
    assert transactions.responded(transaction, final, 2.0) == []
    assert transaction.state is State.COMPLETED
    assert run(transactions, 5.9) == []
    assert ended_at(transactions) == 6.0


# Figure 7, INVITE server.


def test_a_repeated_invite_gets_the_last_provisional_response_again() -> None:
    transactions, transaction = server("INVITE")
    assert transactions.repeated(transaction, 0.0) == [], "nothing has been said yet"
    for status in (100, 180):
        data = str(status).encode()
        assert transactions.respond(transaction, status, data, 0.0) == [Send(data, PEER)]
    assert transactions.repeated(transaction, 0.5) == [Send(b"180", PEER)]
    assert transactions.acknowledged(transaction, 0.6) == []
    assert transaction.state is State.PROCEEDING


def test_a_failure_is_repeated_by_timer_g_and_given_up_by_timer_h() -> None:
    transactions, transaction = server("INVITE")
    assert transactions.respond(transaction, 486, b"busy", 0.0) == [Send(b"busy", PEER)]
    found = run(transactions)
    assert times(found, Send) == E_TIMES
    assert found[-1] == (32.0, TimedOut(transaction))
    assert len(transactions) == 0


def test_an_ack_stops_a_failure_and_its_repetitions_are_absorbed_until_timer_i() -> None:
    transactions, transaction = server("INVITE")
    transactions.respond(transaction, 486, b"busy", 0.0)
    assert transactions.repeated(transaction, 0.2) == [Send(b"busy", PEER)]
    assert transactions.acknowledged(transaction, 1.0) == []
    assert transaction.state is State.CONFIRMED
    assert transactions.acknowledged(transaction, 1.1) == []
    assert transactions.repeated(transaction, 1.2) == []
    assert transactions.respond(transaction, 200, b"too late", 1.3) == []
    assert run(transactions, 5.9) == []
    assert ended_at(transactions) == 6.0


def test_after_a_success_the_invite_is_absorbed_and_the_user_may_repeat_it_until_timer_l() -> None:
    transactions, transaction = server("INVITE")
    assert transactions.respond(transaction, 200, b"ok", 0.0) == [Send(b"ok", PEER)]
    assert transactions.repeated(transaction, 0.5) == []
    assert transactions.respond(transaction, 200, b"ok", 0.5) == [Send(b"ok", PEER)]
    assert transactions.respond(transaction, 486, b"no", 0.6) == []
    assert transactions.acknowledged(transaction, 0.7) == []
    assert run(transactions, 31.9) == []
    assert ended_at(transactions) == 32.0


# Figure 8, other server.


def test_a_repeated_request_is_absorbed_until_there_is_something_to_say() -> None:
    transactions, transaction = server("UPDATE")
    assert transactions.repeated(transaction, 0.5) == []
    assert transactions.respond(transaction, 100, b"100", 1.0) == [Send(b"100", PEER)]
    assert transactions.repeated(transaction, 1.5) == [Send(b"100", PEER)]
    assert transactions.respond(transaction, 183, b"183", 2.0) == [Send(b"183", PEER)]
    assert transactions.repeated(transaction, 2.5) == [Send(b"183", PEER)]


@pytest.mark.parametrize("status", [200, 481])
@pytest.mark.parametrize("provisional", [False, True])
def test_a_final_response_is_sent_again_for_each_repetition_until_timer_j(status: int, provisional: bool) -> None:
    transactions, transaction = server("BYE")
    if provisional:
        transactions.respond(transaction, 100, b"100", 0.0)
    assert transactions.respond(transaction, status, b"final", 0.0) == [Send(b"final", PEER)]
    assert transactions.repeated(transaction, 1.0) == [Send(b"final", PEER)]
    assert transactions.respond(transaction, 500, b"again", 2.0) == []
    assert run(transactions, 31.9) == []
    assert ended_at(transactions) == 32.0


# All of them.

TABLES = {"INVITE_CLIENT": INVITE_CLIENT, "CLIENT": CLIENT, "INVITE_SERVER": INVITE_SERVER, "SERVER": SERVER}
LIVES = {Deed.LIVE_64_T1: 132.0, Deed.LIVE_T4: 105.0, Deed.LIVE_32_S: 132.0, Deed.LIVE_ON: inf}
REPEATS = {Deed.REPEAT_DOUBLING: 106.0, Deed.REPEAT_UP_TO_T2: 104.0, Deed.REPEAT_EVERY_T2: 104.0}


def standing(name: str, state: State) -> tuple[Transactions, Transaction]:
    """Return a transaction of a table in any of its states, with three seconds between its last repetitions."""
    method = "INVITE" if "INVITE" in name else "BYE"
    transactions, transaction = client(method) if "CLIENT" in name else server(method)
    transaction.state, transaction.message, transaction.interval = state, b"remembered", 3.0
    transaction.repeat_at, transaction.life_until = 101.0, 150.0
    return transactions, transaction


@pytest.mark.parametrize("name", TABLES)
@pytest.mark.parametrize("signal", Signal)
@pytest.mark.parametrize("state", [state for state in State if state is not State.TERMINATED])
def test_each_row_is_done_as_written_and_what_no_row_lists_does_nothing(
    name: str, state: State, signal: Signal
) -> None:
    transactions, transaction = standing(name, state)
    told = response(200)
    found = transactions._move(transaction, signal, 100.0, b"told", told)
    table = TABLES[name]
    if (state, signal) not in table:
        assert (found, transaction.state) == ([], state)
        assert (transaction.repeat_at, transaction.life_until) == (101.0, 150.0)
        return
    after, deeds = table[state, signal]
    assert transaction.state is after
    sent = [result.data for result in found if isinstance(result, Send)]
    acknowledged = Deed.ACK in deeds
    assert [data for data in sent if not data.startswith(b"ACK ")] == (
        [b"told"] * (Deed.SEND in deeds) + [b"remembered"] * (Deed.RESEND in deeds)
    )
    assert any(data.startswith(b"ACK ") for data in sent) == acknowledged
    assert [result for result in found if isinstance(result, Passed)] == [Passed(transaction, told)] * (
        Deed.PASS in deeds
    )
    assert [result for result in found if isinstance(result, TimedOut)] == [TimedOut(transaction)] * (
        Deed.TIME_OUT in deeds
    )
    lives = [LIVES[deed] for deed in deeds if deed in LIVES]
    assert transaction.life_until == (lives[-1] if lives else 150.0)
    repeats = [REPEATS[deed] for deed in deeds if deed in REPEATS]
    goes_on = after is state or (after, Signal.REPEAT_DUE) in table
    assert transaction.repeat_at == (repeats[-1] if repeats else 101.0 if goes_on else inf)
    assert len(transactions) == (after is not State.TERMINATED)


def test_a_late_tick_ends_what_is_over_and_repeats_nothing_first() -> None:
    transactions, transaction = client("INVITE")
    assert transactions.tick(500.0) == [TimedOut(transaction)]
    assert transactions.deadline() is None


def test_a_tick_that_comes_too_early_does_nothing() -> None:
    transactions, transaction = client("BYE")
    transactions.responded(transaction, response(200, "BYE"), 0.0)
    assert transactions.deadline() == 0.5, "the heap still knows timer E"
    assert transactions.tick(0.5) == []
    assert transactions.deadline() == 5.0


def test_the_timers_follow_their_base() -> None:
    transactions = Transactions(Timers(t1=0.1, t2=0.2, t4=1.0))
    transactions.request(outgoing("BYE"), "z9hG4bKus", PEER, "", 0.0)
    assert times(run(transactions, 1.0), Send) == pytest.approx([0.1, 0.3, 0.5, 0.7, 0.9])
    assert times(run(transactions), TimedOut) == pytest.approx([6.4])


def test_a_client_and_a_server_may_bear_the_same_key() -> None:
    transactions = Transactions(Timers())
    transactions.request(outgoing("BYE"), "k", PEER, "", 0.0)
    transaction = transactions.serve(("k", "BYE"), "BYE", PEER)
    transactions.respond(transaction, 200, b"ok", 0.0)
    assert len(transactions) == 2
    assert ended_at(transactions) == 32.0


def request(method: str, cseq: int = 1, via: str = "v") -> Request:
    return Request(method, "sip:b@h", {"Call-ID": ["c"], "Via": [via]}, b"", cseq)


def test_a_unique_branch_names_a_transaction_and_an_ack_has_its_invite_s() -> None:
    key = server_key(request("INVITE"), "z9hG4bKx", "h:5060", "tag")
    assert key == ("z9hG4bKx", "h:5060", "INVITE")
    assert server_key(request("ACK", cseq=9), "z9hG4bKx", "h:5060", "other") == key
    assert server_key(request("CANCEL"), "z9hG4bKx", "h:5060", "tag") == (*key[:-1], "CANCEL")
    assert server_key(request("INVITE"), "z9hG4bKx", "other:5060", "tag") != key


@pytest.mark.parametrize("branch", ["", "1", "z9hG4bK"])
def test_an_old_branch_names_nothing_and_the_request_itself_does(branch: str) -> None:
    key = server_key(request("INVITE"), branch, "h:5060", "tag")
    assert server_key(request("ACK"), branch, "h:5060", "tag") == key
    assert server_key(request("CANCEL"), branch, "h:5060", "tag") == (*key[:-1], "CANCEL")
    assert server_key(request("INVITE", cseq=2), branch, "h:5060", "tag") != key
    assert server_key(request("INVITE", via="w"), branch, "h:5060", "tag") != key
    assert server_key(request("INVITE"), branch, "h:5060", "tag2") != key


BY_TCP = Destination("10.0.0.1", 5060, Transport.TCP)


@pytest.mark.parametrize("method", ["INVITE", "OPTIONS"])
def test_by_tcp_a_request_is_sent_once_and_given_up_by_timer_b_or_f(method: str) -> None:
    transactions = Transactions(Timers())
    transactions.request(outgoing(method), "z9hG4bKus", BY_TCP, "leg", 0.0)
    found = run(transactions)
    assert (times(found, Send), times(found, TimedOut)) == ([], [32.0])
    assert len(transactions) == 0


@pytest.mark.parametrize("method", ["INVITE", "OPTIONS"])
def test_by_tcp_nothing_is_kept_for_repetitions_of_a_failure(method: str) -> None:
    """Timers D and K of the client, J of the server are zero; timer L of a success is not (table 4, RFC 6026)."""
    transactions = Transactions(Timers())
    transactions.request(outgoing(method), "z9hG4bKus", BY_TCP, "leg", 0.0)
    asked = transactions.find_client("z9hG4bKus", method)
    assert asked is not None
    transactions.responded(asked, response(486, method), 1.0)
    assert run(transactions) == []
    assert len(transactions) == 0
    serving = transactions.serve(("k", method), method, BY_TCP)
    transactions.respond(serving, 486, b"no", 1.0)
    found = run(transactions)
    assert times(found, Send) == []
    # A failure of an INVITE still waits for its ACK: timer H is not about repetitions.
    assert times(found, TimedOut) == ([33.0] if method == "INVITE" else [])
    assert len(transactions) == 0


def test_by_tcp_an_ack_ends_a_failure_at_once() -> None:
    transactions = Transactions(Timers())
    serving = transactions.serve(("k", "INVITE"), "INVITE", BY_TCP)
    transactions.respond(serving, 486, b"no", 1.0)
    transactions.acknowledged(serving, 2.0)
    assert transactions.deadline() == 2.0
    assert transactions.tick(2.0) == []
    assert len(transactions) == 0


def test_a_success_by_tcp_may_still_be_repeated_by_its_user() -> None:
    transactions = Transactions(Timers())
    serving = transactions.serve(("k", "INVITE"), "INVITE", BY_TCP)
    transactions.respond(serving, 200, b"yes", 1.0)
    assert transactions.respond(serving, 200, b"yes", 2.0) == [Send(b"yes", BY_TCP)]
    assert run(transactions) == []
    assert len(transactions) == 0


def test_what_cannot_be_delivered_ends_the_requests_that_wait_there_and_no_others() -> None:
    transactions = Transactions(Timers())
    for branch, method, to in (
        ("one", "INVITE", BY_TCP),
        ("two", "BYE", BY_TCP),
        ("rings", "INVITE", BY_TCP),
        ("elsewhere", "INVITE", PEER),
    ):
        transactions.request(outgoing(method), branch, to, branch, 0.0)
    rings = transactions.find_client("rings", "INVITE")
    assert rings is not None
    transactions.responded(rings, response(180), 0.5)
    failed = transactions.undelivered(BY_TCP)
    assert [result.transaction.owner for result in failed if isinstance(result, Undelivered)] == ["one", "two"]
    assert len(transactions) == 2
    assert transactions.undelivered(BY_TCP) == []
