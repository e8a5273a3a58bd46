"""The settlement of a call: each of its legs is charged what it used, and holds nothing any more."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from offhook.domain.calls import Call, Ending, TimelineEvent
from offhook.domain.credits import Hold
from offhook.domain.legs import CALLER_LEG, Leg, used_minutes
from offhook.domain.remarks import Remark
from offhook.domain.settlement import callers_minutes
from offhook.domain.terms import Terms
from offhook.service import holds
from offhook.service.ports import Work


@dataclass(frozen=True, slots=True)
class Settlement:
    """What a call cost in micro-credits, and an alarm for each leg that used more than it held."""

    cost: int
    alarms: list[TimelineEvent]


def settle_call(work: Work, call: Call, legs: Iterable[Leg], ending: Ending, terms: Terms) -> Settlement:
    """Settle every leg of a running call. `ending` tells whether and when it was answered."""
    cost, alarms = 0, list[TimelineEvent]()
    for held, used in _uses(call, legs, ending, terms):
        holds.release(work, held, used, ending.ended_at)
        cost += min(used, held.minutes) * held.minute_cost
        if used > held.minutes:
            alarms.append(_alarm(call, ending, held, used))
    return Settlement(cost, alarms)


def _uses(call: Call, legs: Iterable[Leg], ending: Ending, terms: Terms) -> Iterator[tuple[Hold, int]]:
    yield holds.of_caller(call), callers_minutes(call, ending, terms)
    callees = {leg.leg: leg for leg in legs if leg.leg != CALLER_LEG}
    told = {use.leg: use for use in ending.legs}
    for number in sorted(callees.keys() | told.keys()):
        # What is told of a leg that was never let out is our defect: nothing is held, so nothing is charged.
        leg = callees.get(number) or Leg(number, None, 0, call.minute_cost, None, None)
        yield holds.of_callee(call, leg), used_minutes(leg, told.get(number), ending.ended_at)


def _alarm(call: Call, ending: Ending, held: Hold, used: int) -> TimelineEvent:
    at_ms = (ending.ended_at - call.started_at).total_seconds() * 1000
    unit = "minute was" if used == 1 else "minutes were"
    text = f"{used} {unit} used{held.whose} but only {held.minutes} held; the rest is not charged"
    data = {"used": used, "held": held.minutes}
    if held.leg != CALLER_LEG:
        data["leg"] = held.leg
    return TimelineEvent(at_ms, "alarm", text, Remark.HELD_EXCEEDED, data)
