"""The breakers, second by second: when they open, whom they let through, and what they forget."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offhook.actionserver import breaker
from offhook.actionserver.breaker import MOVES, REST_S, Breakers, Event, Pass, is_up
from offhook.actionserver.errors import (
    AddressRefused,
    BadStatus,
    BadUrl,
    BreakerOpen,
    ConnectFailed,
    ConnectionLost,
    ConnectTimedOut,
    NameNotFound,
    TimedOut,
    TlsFailed,
    TooLong,
)
from offhook.domain.breakers import Breaker, Tripped
from offhook.errors import ActionServerError

ORIGIN = "https://a.example"
REFUSED = ConnectFailed("a.example took no connection: Connection refused.")


class Server:
    """An origin of an account, as its calls meet it."""

    def __init__(self, breakers: Breakers | None = None, account_id: int = 1, origin: str = ORIGIN) -> None:
        self.breakers = Breakers() if breakers is None else breakers
        self.account_id = account_id
        self.origin = origin
        self.now = 1000.0

    def enter(self) -> Pass:
        return self.breakers.enter(self.account_id, self.origin, self.now)

    def fail(self, times: int = 1) -> None:
        for _ in range(times):
            self.breakers.failed(self.enter(), REFUSED, self.now)

    def succeed(self, times: int = 1) -> None:
        for _ in range(times):
            self.breakers.succeeded(self.enter(), self.now)

    def is_refused(self) -> bool:
        try:
            passed = self.enter()
        except BreakerOpen:
            return True
        self.breakers.gave_up(passed, self.now)
        return False

    @property
    def states(self) -> list[Breaker]:
        return [one.state for one in self.breakers.tripped(self.now)]


def test_five_failures_in_a_row_open_it_and_the_sixth_question_is_told_why() -> None:
    server = Server()
    server.fail(4)
    assert not server.is_refused()
    server.fail()
    server.now += 3
    with pytest.raises(BreakerOpen) as refused:
        server.enter()
    assert refused.value.code == "breaker-open"
    assert refused.value.sentence == (
        "https://a.example is not asked now, because it failed again and again, the last time with connect-failed: "
        "a.example took no connection: Connection refused. It is asked again in 7 s."
    )
    assert server.breakers.refusals == 1
    assert server.breakers.tripped(server.now) == [
        Tripped(1, ORIGIN, Breaker.OPEN, 7.0, "connect-failed", REFUSED.sentence)
    ]


def test_a_success_begins_the_row_anew() -> None:
    server = Server()
    for _ in range(2):
        server.fail(4)
        server.succeed()
    assert not server.is_refused()


def test_most_of_twenty_within_thirty_seconds_open_it() -> None:
    server = Server()
    for _ in range(9):
        server.fail()
        server.succeed()
    server.fail()
    assert server.states == [], "ten of nineteen are no twenty yet"
    server.fail()
    assert server.states == [Breaker.OPEN]


def test_half_of_twenty_are_not_most() -> None:
    server = Server()
    for _ in range(20):
        server.fail()
        server.succeed()
    assert server.states == []


def test_failures_that_are_far_apart_do_not_open_it() -> None:
    server = Server()
    for _ in range(40):
        server.fail(2)
        server.succeed()
        server.now += 6
    assert server.states == []


def test_after_its_rest_one_question_goes_through_and_its_success_closes_it() -> None:
    server = Server()
    server.fail(5)
    server.now += REST_S - 0.1
    assert server.is_refused()
    server.now += 0.1
    probe = server.enter()
    assert probe.is_probe
    with pytest.raises(BreakerOpen, match="finding out now whether it is back"):
        server.enter()
    assert server.states == [Breaker.HALF_OPEN]
    server.breakers.succeeded(probe, server.now)
    assert server.states == []
    assert len(server.breakers) == 0
    server.fail(4)
    assert not server.is_refused()


def test_a_probe_that_fails_makes_each_rest_twice_as_long_up_to_a_minute() -> None:
    server = Server()
    server.fail(5)
    rests = []
    for _ in range(5):
        [tripped] = server.breakers.tripped(server.now)
        rests.append(tripped.rest_s)
        server.now += tripped.rest_s
        server.fail()
    assert rests == [10.0, 20.0, 40.0, 60.0, 60.0]


def test_a_probe_that_says_nothing_lets_the_next_one_try() -> None:
    server = Server()
    server.fail(5)
    server.now += REST_S
    server.breakers.gave_up(server.enter(), server.now)
    assert server.enter().is_probe
    server.now += breaker.PROBE_S
    assert server.enter().is_probe, "the one before is lost"


def test_questions_that_were_under_way_when_it_opened_change_nothing_more() -> None:
    server = Server()
    late = [server.enter() for _ in range(3)]
    server.fail(5)
    server.breakers.succeeded(late[0], server.now)
    server.breakers.gave_up(late[1], server.now)
    server.breakers.failed(late[2], TimedOut("slow."), server.now)
    assert server.states == [Breaker.OPEN]
    assert server.breakers.tripped(server.now)[0].code == "timeout"
    server.now += REST_S
    server.enter()
    server.breakers.succeeded(late[0], server.now)
    assert server.states == [Breaker.HALF_OPEN], "only the probe decides"


def test_accounts_and_origins_stand_for_themselves() -> None:
    breakers = Breakers()
    Server(breakers).fail(5)
    assert Server(breakers).is_refused()
    assert not Server(breakers, account_id=2).is_refused()
    assert not Server(breakers, origin="https://b.example").is_refused()


def test_servers_that_never_fail_are_not_remembered_and_others_only_for_a_while() -> None:
    server = Server()
    server.succeed(100)
    assert len(server.breakers) == 0
    server.fail()
    assert len(server.breakers) == 1
    server.now += breaker.WINDOW_S
    server.succeed()
    assert len(server.breakers) == 0


def test_an_account_with_many_origins_pushes_out_its_own() -> None:
    breakers = Breakers(most=100, most_of_account=3)
    Server(breakers, account_id=2).fail(5)
    for number in range(10):
        Server(breakers, origin=f"https://{number}.example").fail(5)
    assert len(breakers) == 4
    assert Server(breakers, account_id=2).is_refused()
    assert not Server(breakers, origin="https://6.example").is_refused()
    assert Server(breakers, origin="https://7.example").is_refused()


def test_there_are_never_more_than_fit_and_the_one_that_failed_longest_ago_goes() -> None:
    breakers = Breakers(most=3, most_of_account=2)
    servers = [Server(breakers, account_id=number) for number in range(4)]
    for server in servers[:3]:
        server.fail(4)
    servers[0].fail()
    servers[3].fail(5)
    assert len(breakers) == 3
    assert [server.is_refused() for server in servers] == [True, False, False, True]
    passed = Pass(1, ORIGIN)
    breakers.succeeded(passed, 1000.0)
    breakers.gave_up(passed, 1000.0)
    assert len(breakers) == 3


@pytest.mark.parametrize(
    ("error", "status", "verdict"),
    [
        (ConnectFailed(""), None, False),
        (ConnectTimedOut(""), None, False),
        (TimedOut(""), 200, False),
        (ConnectionLost(""), 200, False),
        (NameNotFound(""), None, False),
        (TlsFailed(""), None, False),
        (BadStatus(""), 500, False),
        (BadStatus(""), 503, False),
        (BadStatus(""), 404, True),
        (BadStatus(""), 301, True),
        (TooLong(""), 200, True),
        (BadStatus("no HTTP"), None, None),
        (AddressRefused(""), None, None),
        (BadUrl(""), None, None),
    ],
)
def test_only_a_server_that_is_down_counts(error: ActionServerError, status: int | None, verdict: bool | None) -> None:
    assert is_up(error, status) is verdict


def test_every_move_leads_to_a_state_from_which_another_one_leads_on() -> None:
    assert {state for state, _ in MOVES} == set(MOVES.values()) == set(Breaker)
    assert {event for _, event in MOVES} == set(Event)
    assert len(MOVES) < len(list(product(Breaker, Event)))


@given(
    st.lists(st.tuples(st.sampled_from(["ask", "fail", "succeed", "give up", "wait"]), st.integers(0, 3)), max_size=120)
)
def test_whatever_happens_one_probe_at_a_time_is_let_through_and_memory_is_bounded(
    happenings: list[tuple[str, int]],
) -> None:
    breakers, now = Breakers(most=3, most_of_account=2), 0.0
    passes: list[Pass] = []
    probing: dict[tuple[int, str], float] = {}
    for what, number in happenings:
        if what == "wait":
            now += (1.0, 10.0, 31.0, 61.0)[number]
        elif what == "ask":
            try:
                passed = breakers.enter(number % 2, f"https://{number}.example", now)
            except BreakerOpen:
                assert breakers.tripped(now)
                continue
            key = (passed.account_id, passed.origin)
            if passed.is_probe:
                assert now >= probing.get(key, now)
                probing[key] = now + breaker.PROBE_S
            passes.append(passed)
        elif passes:
            passed = passes.pop(number % len(passes))
            if passed.is_probe:
                probing.pop((passed.account_id, passed.origin), None)
            if what == "fail":
                breakers.failed(passed, REFUSED, now)
            elif what == "succeed":
                breakers.succeeded(passed, now)
            else:
                breakers.gave_up(passed, now)
        assert len(breakers) <= 3
