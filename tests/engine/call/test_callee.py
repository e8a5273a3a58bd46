"""A callee from the search for a route to the hang-up, without the call around it."""

from dataclasses import replace

import pytest

from call_machine import ARRIVAL, FREE, FRIEND, ROUTES
from offhook.domain.calls import LegUse, Reason
from offhook.domain.routes import Routes, Unroutable
from offhook.domain.rules import TrunkRules
from offhook.engine.call.callees import Callees
from offhook.engine.call.clocks import Alarm, Clocks
from offhook.engine.call.effects import (
    Dial,
    Effect,
    FindRoutes,
    GiveBack,
    HangUpCallee,
    No,
    Note,
    NoteCalleeAnswer,
    NoteCalleeRings,
)
from offhook.engine.call.inputs import CalleeDeclined, CalleeLost
from offhook.engine.call.journal import Journal
from offhook.engine.call.limits import Limits
from offhook.engine.call.unreached import Unreached
from offhook.language import CallerId, Transfer

WISH = Transfer((FRIEND,), ring_s=20)
PAID = replace(ROUTES, minute_cost=30_000)


class Search:
    """A callee, its clocks and its journal."""

    def __init__(self, wish: Transfer = WISH, routes: Routes | None = ROUTES) -> None:
        self.clocks = Clocks()
        self.journal = Journal()
        self.journal.begin(ARRIVAL, 0.0)
        self.callee = Callees(Limits(), self.clocks, self.journal)
        self.journal.take()
        self.callee.seek(wish, FREE, 0.0)
        if routes is not None:
            assert self.wanted() == [FindRoutes(2, FRIEND)]
            assert self.callee.routed(2, routes, 0.0) is None
            self.callee.go(0.0)

    def wanted(self) -> list[Effect]:
        return [effect for effect in self.journal.take() if not isinstance(effect, Note)]

    def noted(self) -> list[str]:
        return [effect.event.kind for effect in self.journal.take() if isinstance(effect, Note)]


def test_the_first_route_is_taken_when_the_callers_media_is_there() -> None:
    search = Search(routes=None)
    assert search.wanted() == [FindRoutes(2, FRIEND)]
    search.callee.go(0.0)
    assert search.wanted() == []
    search.callee.routed(2, ROUTES, 0.0)
    search.callee.go(1.0)
    assert search.wanted() == [Dial(1, FRIEND, ROUTES.ways[0], FREE.recipient)]
    search.callee.go(2.0)
    assert search.wanted() == []


def test_a_callee_that_has_no_route_is_not_reached_and_nothing_is_held_for_it() -> None:
    search = Search(routes=None)
    search.wanted()
    assert search.callee.routed(2, Unroutable(Reason.NO_ROUTE, "no trunk"), 0.0) == Unreached(
        Reason.NO_ROUTE, "no trunk"
    )
    search.callee.give_back()
    search.callee.hang_up(1.0)
    assert (search.wanted(), search.callee.used) == ([], ())


def test_routes_that_come_too_late_are_given_back() -> None:
    search = Search(routes=None)
    search.callee.hang_up(1.0)
    search.wanted()
    assert search.callee.routed(2, ROUTES, 0.0) is None
    assert search.wanted() == [GiveBack(2)]
    assert search.callee.routed(2, Unroutable(Reason.NO_ROUTE, "no trunk"), 0.0) is None
    search.callee.go(2.0)
    assert search.wanted() == []


def test_a_gateway_that_says_nothing_is_left_for_the_next_and_the_last_one_is_the_end() -> None:
    search = Search()
    search.wanted()
    assert search.clocks.next_due(5.0) is Alarm.GATEWAY
    assert search.callee.gateway_is_silent(5.0) is None
    assert search.wanted() == [HangUpCallee(1), Dial(2, FRIEND, ROUTES.ways[1], FREE.recipient)]
    assert search.clocks.next_due(10.0) is Alarm.GATEWAY
    why = search.callee.gateway_is_silent(10.0)
    assert why is not None
    assert (why.reason, why.sip_code) == (Reason.CALLEE_FAILED, None)
    assert search.wanted() == [HangUpCallee(2)]
    assert search.clocks.deadline() is None


@pytest.mark.parametrize("status", [500, 503, 599])
def test_a_broken_gateway_is_left_for_the_next(status: int) -> None:
    search = Search()
    search.wanted()
    assert search.callee.declined(CalleeDeclined(1, status, "Broken"), 1.0) is None
    assert search.wanted() == [HangUpCallee(1), Dial(2, FRIEND, ROUTES.ways[1], FREE.recipient)]
    why = search.callee.declined(CalleeDeclined(2, status, "Broken"), 2.0)
    assert why is not None
    assert why.sip_code == status


@pytest.mark.parametrize("status", [302, 404, 408, 486, 600, 603])
def test_a_callees_no_is_the_last_word_whatever_routes_are_left(status: int) -> None:
    search = Search()
    search.wanted()
    why = search.callee.declined(CalleeDeclined(1, status, "No"), 1.0)
    assert why is not None
    assert why.sip_code == status
    assert search.wanted() == [HangUpCallee(1)]
    search.callee.give_back()
    search.callee.give_back()
    assert search.wanted() == [GiveBack(2)]


def test_any_word_of_a_gateway_stops_the_wait_for_it_but_not_the_ringing() -> None:
    search = Search()
    assert search.callee.progressed(1, 100, 1.0)
    assert "callee-progress" not in search.noted()
    assert search.clocks.deadline() == 20.0
    assert search.callee.progressed(1, 180, 2.0)
    assert search.callee.progressed(1, 183, 3.0)
    assert search.noted() == ["callee-progress", "callee-progress"]
    why = search.callee.rang_out(20.0)
    assert why is not None
    assert (why.reason, why.text) == (Reason.CALLEE_NO_ANSWER, "nobody answered within 20 s")
    assert search.wanted() == [HangUpCallee(1)]


def test_a_gateway_that_took_the_call_and_rang_nobody_is_told_apart() -> None:
    search = Search()
    assert search.callee.progressed(1, 100, 1.0)
    why = search.callee.rang_out(20.0)
    assert why is not None
    assert why.reason is Reason.CALLEE_NO_ANSWER
    assert why.text.startswith("its gateway took the call, but did not say within 20 s that it rings anywhere. Ask the")


def test_each_attempt_is_put_on_record_once_with_the_first_word_of_its_gateway() -> None:
    search = Search()
    search.wanted()
    search.callee.progressed(1, 100, 1.0)
    search.callee.progressed(1, 180, 2.0)
    assert search.wanted() == [NoteCalleeRings(2, 1)]
    search.callee.declined(CalleeDeclined(1, 503, "Broken"), 3.0)
    search.wanted()
    search.callee.progressed(2, 180, 4.0)
    assert search.wanted() == [NoteCalleeRings(2, 2)]


def test_a_callee_that_cannot_be_called_is_not_reached() -> None:
    search = Search()
    assert search.callee.lost(CalleeLost(1, Reason.OVERLOAD, "no port"), 1.0) == Unreached(Reason.OVERLOAD, "no port")
    assert search.callee.lost(CalleeLost(1, Reason.OVERLOAD, "no port"), 1.0) is None


def test_news_of_an_attempt_that_was_given_up_change_nothing() -> None:
    search = Search()
    search.callee.gateway_is_silent(5.0)
    search.journal.take()
    deadline = search.clocks.deadline()
    assert not search.callee.progressed(1, 180, 6.0)
    assert not search.callee.answered(1, 6.0)
    assert search.callee.declined(CalleeDeclined(1, 486, "Busy Here"), 6.0) is None
    assert search.callee.lost(CalleeLost(1, Reason.OVERLOAD, "no port"), 1.0) is None
    assert (search.journal.take(), search.clocks.deadline()) == ([], deadline)


def test_a_callee_is_charged_from_its_own_answer() -> None:
    search = Search(routes=PAID)
    search.wanted()
    search.callee.answered(1, 10.0)
    assert search.wanted() == [NoteCalleeAnswer(2, 1)]
    assert search.callee.is_talking(1)
    assert search.callee.minutes_of(2)
    assert search.callee.paid_until == 70.0
    search.callee.hang_up(25.5)
    assert search.wanted() == [HangUpCallee(1)]
    assert search.callee.used == (LegUse(2, search.journal.date(10.0), 15.5),)
    assert not search.callee.is_talking(1)
    assert not search.callee.minutes_of(2)
    assert search.clocks.deadline() is None


def test_a_transfer_lasts_no_longer_than_its_line_wants() -> None:
    search = Search(Transfer((FRIEND,), max_s=90))
    search.callee.answered(1, 10.0)
    assert search.clocks.next_due(100.0) is Alarm.LONGEST_TRANSFER
    assert search.clocks.deadline() is None


def test_the_next_transfer_has_a_leg_and_attempts_of_its_own() -> None:
    search = Search()
    search.callee.declined(CalleeDeclined(1, 486, "Busy Here"), 1.0)
    search.wanted()
    search.callee.seek(WISH, FREE, 2.0)
    assert search.wanted() == [FindRoutes(3, FRIEND)]
    search.callee.routed(2, Unroutable(Reason.NO_ROUTE, "late"), 0.0)
    search.callee.routed(3, ROUTES, 0.0)
    search.callee.go(2.0)
    assert search.wanted() == [Dial(2, FRIEND, ROUTES.ways[0], FREE.recipient)]


def test_the_callers_number_is_shown_only_where_the_trunk_allows_it() -> None:
    search = Search(Transfer((FRIEND,), from_=CallerId.CALLER))
    effects = search.journal.take()
    assert Dial(1, FRIEND, ROUTES.ways[0], FREE.recipient) in effects
    [warning] = [one.event for one in effects if isinstance(one, Note) and one.event.kind == "warning"]
    assert (warning.code, warning.data) == ("caller-not-shown", {"trunk": "carrier"})
    search.callee.declined(CalleeDeclined(1, 503, "Busy"), 1.0)
    assert search.wanted() == [
        HangUpCallee(1),
        Dial(2, FRIEND, ROUTES.ways[1], ARRIVAL.caller.number, by=FREE.recipient),
    ]


AWAY = ("+81399999999", "sip-user", "0388888888", FRIEND)
FOLLOWING = replace(
    ROUTES, ways=(replace(ROUTES.ways[0], rules=TrunkRules(country_code="81", follows_redirects=True)), ROUTES.ways[1])
)


def test_a_redirection_is_the_last_word_where_the_trunk_may_not_lead_calls_elsewhere() -> None:
    search = Search()
    search.wanted()
    why = search.callee.redirected(1, 302, "Moved Temporarily", AWAY, 1.0)
    assert why is not None
    assert (why.reason, why.word, why.sip_code) == (Reason.CALLEE_REDIRECTED, "refused", 302)
    effects = search.journal.take()
    assert HangUpCallee(1) in effects
    [refused] = [one.event for one in effects if isinstance(one, Note)]
    assert (refused.kind, refused.code) == ("redirect-refused", "callee-redirected")
    # Without its country code, which the trunk's rules do not name here, a national number stands for nothing.
    assert refused.data == {"trunk": "carrier", "sip_code": 302, "numbers": ["81399999999"]}
    assert search.callee.redirected(1, 302, "Moved Temporarily", AWAY, 1.0) is None


def test_a_redirection_that_is_followed_leads_to_numbers_one_after_the_other() -> None:
    search = Search(routes=FOLLOWING)
    search.wanted()
    assert search.callee.redirected(1, 302, "Moved", AWAY, 4.0) is None
    # Each is judged, routed and paid for like the number of any line, and the first number's minute is given back.
    assert search.wanted() == [HangUpCallee(1), GiveBack(2), FindRoutes(3, "81399999999")]
    assert search.callee.routed(3, Unroutable(Reason.DESTINATION_REFUSED, "far away"), 4.0) is None
    assert search.wanted() == [FindRoutes(4, "81388888888")]
    assert search.callee.routed(4, FOLLOWING, 5.0) is None
    search.callee.go(5.0)
    assert search.wanted() == [Dial(2, "81388888888", FOLLOWING.ways[0], FREE.recipient)]
    search.callee.progressed(2, 180, 6.0)
    assert search.clocks.deadline() == 20.0, "it rings for as long as the line wanted, wherever"
    why = search.callee.declined(CalleeDeclined(2, 486, "Busy Here"), 7.0)
    assert why is not None
    assert why.reason is Reason.CALLEE_BUSY


def test_a_callee_is_led_elsewhere_once_and_not_to_where_it_was() -> None:
    search = Search(routes=FOLLOWING)
    search.callee.redirected(1, 302, "Moved", ("+81399999999", "+81388888888"), 1.0)
    search.callee.routed(3, FOLLOWING, 1.0)
    search.callee.go(1.0)
    search.wanted()
    assert search.callee.redirected(2, 301, "Moved", AWAY, 2.0) is None
    assert search.wanted() == [HangUpCallee(2), GiveBack(3), FindRoutes(4, "81388888888")]
    search.callee.routed(4, FOLLOWING, 2.0)
    search.callee.go(2.0)
    why = search.callee.redirected(3, 302, "Moved", AWAY, 3.0)
    assert why is not None
    assert why.reason is Reason.CALLEE_REDIRECTED
    again = Search(routes=FOLLOWING)
    assert again.callee.redirected(1, 302, "Moved", (FRIEND, "nobody"), 1.0) is not None


@pytest.mark.parametrize("status", [486, 603])
def test_the_next_number_is_called_unless_everybody_declined(status: int) -> None:
    search = Search(routes=FOLLOWING)
    search.callee.redirected(1, 300, "Choices", ("+81399999999", "+81388888888"), 1.0)
    search.callee.routed(3, FOLLOWING, 1.0)
    search.callee.go(1.0)
    search.wanted()
    why = search.callee.declined(CalleeDeclined(2, status, "No"), 2.0)
    if status < 600:
        assert why is None
        assert search.wanted() == [HangUpCallee(2), GiveBack(3), FindRoutes(4, "81388888888")]
    else:
        assert why is not None
        assert search.wanted() == [HangUpCallee(2)]


def test_who_rings_for_too_long_elsewhere_is_not_followed_by_others() -> None:
    search = Search(routes=FOLLOWING)
    search.callee.redirected(1, 302, "Moved", ("+81399999999", "+81388888888"), 1.0)
    search.callee.routed(3, FOLLOWING, 1.0)
    search.callee.go(1.0)
    why = search.callee.rang_out(20.0)
    assert why is not None
    assert why.reason is Reason.CALLEE_NO_ANSWER


def test_a_call_that_has_no_hop_left_is_not_put_through() -> None:
    journal = Journal()
    journal.begin(replace(ARRIVAL, hops_left=-1), 0.0)
    journal.take()
    why = Callees(Limits(), Clocks(), journal).seek(WISH, FREE, 0.0)
    assert why is not None
    assert (why.reason, why.word, why.told_as) == (Reason.TOO_MANY_HOPS, "failed", No.TOO_MANY_HOPS)
    assert journal.take() == []
