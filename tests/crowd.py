"""Fifty calls at once, each of a kind that chance chose: what a kill finds, and what must have become of it.

Read `Kind` first. A crowd gathers before the kill; `survey` reads what is on record while no server runs; `check`
asks once the successor is there.
"""

import asyncio
import json
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from random import Random
from types import TracebackType
from typing import Any, Self

from action_server import ActionServer
from callee import Callee
from offhook.engine.net.manners import Manners
from offhook.engine.net.received_call import ReceivedCall
from phone import Caller, phone
from running_platform import NUMBER, RunningPlatform
from stages import FRIEND, until

GATHERS_S = 1.0
"""So long new calls come in."""
NOT_YET_WRITTEN_S = 1.0
"""What happened so shortly before the kill may not be on record: then nobody knows whom to tell."""
HEARS_THE_END_S = 5
MOST_LISTED = 100


class Kind(StrEnum):
    """What a call comes to if nobody kills it; the value is what the action server says."""

    ASKED = "hangup"
    """The action server takes its time, and the caller hears it ring."""
    TALKING = "pause 60"
    BRIEF = "pause 1"
    REJECTED = "reject declined"
    TRANSFERRED = f"transfer {FRIEND}"
    """A friend is called, who answers after a while or lets it ring."""


CROWD = (
    *(Kind.ASKED,) * 12,
    *(Kind.TALKING,) * 18,
    *(Kind.BRIEF,) * 8,
    *(Kind.REJECTED,) * 4,
    *(Kind.TRANSFERRED,) * 8,
)
ASKED_S = 30
LOST = ("failed", "node-lost")
ORDINARY = {Kind.BRIEF: ("completed", None), Kind.REJECTED: ("rejected", None)}
MOST_COST = {Kind.ASKED: 0, Kind.TALKING: 1, Kind.BRIEF: 1, Kind.REJECTED: 0, Kind.TRANSFERRED: 2}

_UNSOUND = """
SELECT call_id FROM postings WHERE call_id IS NOT NULL GROUP BY call_id
HAVING SUM(CASE WHEN kind IN ('call-hold', 'hold-extension') THEN amount ELSE 0 END)
    <> SUM(CASE WHEN kind IN ('settle', 'transfer-minutes', 'release') THEN amount ELSE 0 END)
    OR SUM(CASE WHEN kind = 'settle' THEN 1 ELSE 0 END) > 1
"""
"""Calls that did not come to exactly what was held for them: part of it charged, the rest given back, once."""


@dataclass(frozen=True, slots=True)
class Member:
    """One caller of the crowd."""

    kind: Kind
    number: str
    phone: Caller


@dataclass(frozen=True, slots=True)
class Survey:
    """Who can be told of the end: callers by number and callees by Call-ID, these with whether they answered."""

    callers: frozenset[str]
    callees: frozenset[tuple[str, bool]]
    killed: float


class Crowd:
    """The callers of one round, and the friend whom some of them are transferred to."""

    def __init__(self, friend: Callee, first_number: int) -> None:
        self._friend = friend
        self._first_number = first_number
        self._members: list[Member] = []
        self._phones: list[AsyncExitStack] = []
        self._friends_before = len(friend.calls)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        # One after the other they would take a second each: who still hears it ring waits for an answer.
        await asyncio.gather(*(phones.aclose() for phones in self._phones))

    async def gather(self, platform: RunningPlatform, actions: ActionServer, chance: Random) -> None:
        """Call, one after the other at moments of chance."""
        kinds = chance.sample(CROWD, len(CROWD))
        for number, kind in enumerate(kinds, self._first_number):
            await asyncio.sleep(chance.uniform(0, 2 * GATHERS_S / len(kinds)))
            self._friend.manners = Manners(answers_after_s=chance.choice((None, 0.1, 0.5, 1.0)))
            after_s = ASKED_S if kind is Kind.ASKED else chance.uniform(0, 1)
            actions.says_to(str(number), kind.value, after_s=after_s)
            self._phones.append(AsyncExitStack())
            member = Member(kind, str(number), await self._phones[-1].enter_async_context(phone()))
            self._members.append(member)
            member.phone.dial(NUMBER, platform.sip, caller=member.number)

    def survey(self, platform: RunningPlatform, killed: float) -> Survey:
        """Read what a server that was killed at this moment left on record."""
        legs = platform.rows(
            "SELECT caller, leg, dialog, legs.answered_at FROM legs JOIN calls ON calls.call_id = legs.call_id"
            " WHERE dialog IS NOT NULL"
        )
        return Survey(
            frozenset(leg.caller for leg in legs if leg.leg == 0),
            frozenset((json.loads(leg.dialog)["call_id"], leg.answered_at is not None) for leg in legs if leg.leg),
            killed,
        )

    async def check(self, platform: RunningPlatform, survey: Survey, killed_at: datetime) -> None:
        """Check that all who can be told were told, and that each call that was lost has ended and is paid for."""
        await self._hear_the_end(survey)
        kinds = {member.number: member.kind for member in self._members}
        calls = await self._calls(platform)
        # A server that is killed before it has admitted a call knows nothing of it.
        assert len({call["caller"] for call in calls}) == len(calls) <= len(kinds)
        for call in calls:
            # A phone that had no answer at all says its INVITE again: that call is the successor's own.
            if datetime.fromisoformat(call["start_time"]) <= killed_at:
                _check_call(kinds[call["caller"]], call, killed_at)

    async def cost(self, platform: RunningPlatform) -> float:
        """Return what all calls cost together, once the phones are put away and the last call has ended."""

        def all_have_ended() -> bool:
            return not platform.rows("SELECT 1 FROM calls WHERE ended_at IS NULL")

        await until(platform, all_have_ended, "every call to end")
        assert platform.rows(_UNSOUND) == []
        return float(sum(call["cost"] for call in await self._calls(platform)))

    async def _calls(self, platform: RunningPlatform) -> list[dict[str, Any]]:
        numbers = {member.number for member in self._members}
        return [call for call in await asyncio.to_thread(platform.calls, MOST_LISTED) if call["caller"] in numbers]

    async def _hear_the_end(self, survey: Survey) -> None:
        callers = [
            member.phone
            for member in self._members
            if _must_hear(member.number in survey.callers, member.phone.answered_at, survey)
        ]
        callees = [call for call in self._friend.calls[self._friends_before :] if _must_be_told(call, survey)]
        async with asyncio.timeout(HEARS_THE_END_S):
            await asyncio.gather(*(caller.hear_the_end() for caller in callers))
            await asyncio.gather(*(call.ended.wait() for call in callees))


def _must_be_told(call: ReceivedCall, survey: Survey) -> bool:
    """Tell whether a callee's phone must stop ringing, or hear the other side hang up."""
    is_answered = call.answered.is_set()
    on_record = (call.request.first("Call-ID"), is_answered) in survey.callees
    since = call._came_at + call.happenings[-1].at_ms / 1000
    return _must_hear(on_record, since, survey)


def _must_hear(on_record: bool, since: float | None, survey: Survey) -> bool:
    """Tell whether somebody whose phone rings or is answered since a moment hears the end: if that was written."""
    return since is not None and (on_record or since < survey.killed - NOT_YET_WRITTEN_S)


def _check_call(kind: Kind, call: dict[str, Any], killed_at: datetime) -> None:
    came_to = call["status"], call["reason"]
    if came_to != LOST:
        assert came_to == ORDINARY.get(kind), (kind, call)
        assert datetime.fromisoformat(call["end_time"]) <= killed_at, (kind, call)
    assert call["end_time"], (kind, call)
    assert call["cost"] <= MOST_COST[kind], (kind, call)
    if call["answer_time"]:
        assert call["cost"] >= 1, (kind, call)
