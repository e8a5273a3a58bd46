"""Whoever a line calls: one or several, of whom the first to take the call talks to the caller.

Each callee keeps its own deadlines; here the earliest of each kind is the call's. How a line came out is returned as
a value; what follows from it is the call's business.
"""

from math import inf

from offhook.domain.calls import Admission, LegUse, Reason
from offhook.domain.routes import Routes, Unroutable
from offhook.engine.call.callee import Callee, Numbers
from offhook.engine.call.clocks import Alarm, Clocks
from offhook.engine.call.effects import ExtendHold, GiveBack
from offhook.engine.call.inputs import CalleeDeclined, CalleeLost
from offhook.engine.call.journal import Journal
from offhook.engine.call.limits import Limits
from offhook.engine.call.minutes import Minutes
from offhook.engine.call.unreached import Unreached
from offhook.language import Transfer

_ALARMS = (
    Alarm.GATEWAY,
    Alarm.CALLEE,
    Alarm.CONFIRM,
    Alarm.LONGEST_TRANSFER,
    Alarm.EXTEND_CALLEE,
    Alarm.HELD_CALLEE,
)
_WORSE = ("busy", "refused", "no-answer", "failed")
"""Of several who were not reached, the first of these is what the caller is told: it says most about the callee."""


class Callees:
    """Those of one line; their numbers of legs and attempts go on counting from one transfer to the next."""

    def __init__(self, limits: Limits, clocks: Clocks, journal: Journal) -> None:
        self._limits = limits
        self._clocks = clocks
        self._journal = journal
        self._numbers = Numbers()
        self._wish = Transfer(())
        self._callees: list[Callee] = []
        self._gone: list[Callee] = []
        self._failures: list[Unreached] = []

    @property
    def used(self) -> tuple[LegUse, ...]:
        """Every callee that answered, in the order of their legs."""
        every = (use for callee in (*self._gone, *self._callees) for use in callee.used)
        return tuple(sorted(every, key=lambda use: use.leg))

    @property
    def wish(self) -> Transfer:
        """The line that is being done, or was done last."""
        return self._wish

    @property
    def paid_until(self) -> float:
        """When the first minute of theirs ends that is paid for."""
        return min((callee.minutes.paid_until for callee in self._callees), default=inf)

    @property
    def is_alone(self) -> bool:
        """Whether the caller may hear what the callee's side sends before its answer: nobody else is called."""
        return len(self._callees) == 1 and not self._wish.confirm

    def seek(self, wish: Transfer, admission: Admission, now: float) -> Unreached | None:
        """Ask how the callees of a line are reached, if the call may go any farther (RFC 3261 section 16.3)."""
        self._gone += self._callees
        self._wish, self._callees, self._failures = wish, [], []
        if self._journal.arrival.hops_left < 0:
            return Unreached(Reason.TOO_MANY_HOPS, "the call has passed as many hops as it may (Max-Forwards)")
        for number in dict.fromkeys(wish.numbers):
            callee = Callee(self._limits, self._journal, self._numbers, wish, admission)
            self._callees.append(callee)
            callee.seek(number, now)
        return None

    def routed(self, leg: int, decision: Routes | Unroutable, now: float) -> Unreached | None:
        """Take the routes of a leg; `go` is to be said when the caller's media is there."""
        callee = next((one for one in self._callees if one.is_sought(leg)), None)
        if callee is not None:
            return self._after(callee.routed(decision, now))
        if isinstance(decision, Routes):
            # It was given up meanwhile, but its minute was held.
            self._journal.do(GiveBack(leg))
        return None

    def go(self, now: float) -> None:
        """Call everybody whose routes are known."""
        for callee in self._callees:
            callee.go(now)
        self._set_alarms()

    def progressed(self, dial: int, status: int, now: float) -> bool:
        """A callee's side is at work; False if nobody waits for it."""
        callee = self._by(dial)
        found = callee is not None and callee.progressed(dial, status, now)
        self._set_alarms()
        return found

    def answered(self, dial: int, now: float) -> bool:
        """A callee answered; True if it talks to the caller now, and nobody else is called any more."""
        callee = self._by(dial)
        return self._settled(now, talks=callee is not None and callee.awaits(dial) and callee.answered(dial, now))

    def pressed(self, dial: int, key: str, now: float) -> bool:
        """A callee pressed a key; True if it takes the call by that, and nobody else is called any more."""
        callee = self._by(dial)
        return self._settled(now, talks=callee is not None and callee.pressed(dial, key, now))

    def declined(self, said: CalleeDeclined, now: float) -> Unreached | None:
        """A callee's side said no."""
        callee = self._by(said.dial)
        return self._after(callee.declined(said, now)) if callee else None

    def redirected(self, dial: int, status: int, text: str, elsewhere: tuple[str, ...], now: float) -> Unreached | None:
        """A callee's side says that it is elsewhere."""
        callee = self._by(dial)
        return self._after(callee.redirected(dial, status, text, elsewhere, now)) if callee else None

    def lost(self, lost: CalleeLost, now: float) -> Unreached | None:
        """A callee cannot be called, or what it answered cannot be used."""
        callee = self._by(lost.dial)
        return self._after(callee.lost(lost, now)) if callee else None

    def left_unconfirmed(self, dial: int, now: float) -> Unreached | None:
        """A callee hung up that was to press a key."""
        callee = self._by(dial)
        return self._after(callee.left_unconfirmed(dial, now)) if callee else None

    def gateway_is_silent(self, now: float) -> Unreached | None:
        """Not even a 100 came from some gateway."""
        return self._after(*[callee.gateway_is_silent(now) for callee in self._due(Alarm.GATEWAY, now)])

    def rang_out(self, now: float) -> Unreached | None:
        """Somebody was rung for as long as the line wanted."""
        return self._after(*[callee.rang_out(now) for callee in self._due(Alarm.CALLEE, now)])

    def never_confirmed(self, now: float) -> Unreached | None:
        """Somebody answered and pressed nothing."""
        return self._after(*[callee.never_confirmed(now) for callee in self._due(Alarm.CONFIRM, now)])

    def extend(self, now: float) -> None:
        """Pay for the next minute of whoever's begins."""
        for callee in self._due(Alarm.EXTEND_CALLEE, now):
            self._journal.do(ExtendHold(callee.leg, callee.minutes.count + 1))
        self._set_alarms()

    def minutes_of(self, leg: int) -> Minutes | None:
        """Return the minutes of a leg that was answered, None if it was not."""
        return next((callee.minutes for callee in self._callees if callee.is_talking_on(leg)), None)

    def extended(self) -> None:
        """A minute was added to somebody's."""
        self._set_alarms()

    def referred(self, dial: int, number: str, now: float) -> Transfer | None:
        """Return whom the callee wants called in its place; None for nobody."""
        callee = self._by(dial)
        return callee.referred(number, now) if callee else None

    def is_talking(self, dial: int) -> bool:
        """Tell whether this attempt's callee talks to the caller."""
        callee = self._by(dial)
        return callee is not None and callee.talks

    def hang_up(self, now: float) -> None:
        """Let go of all, however far they came."""
        for callee in self._callees:
            callee.hang_up(now)
        self._set_alarms()

    def part(self, now: float) -> int:
        """Let go of whoever talks; return how many seconds it talked, the last one begun."""
        seconds = max((callee.seconds(now) for callee in self._callees if callee.talks), default=0)
        self.hang_up(now)
        return seconds

    def give_back(self) -> None:
        """The call goes on without them: nothing stays held. The call's end does this by itself."""
        for callee in self._callees:
            callee.give_back()

    def _by(self, dial: int) -> Callee | None:
        """Return whose present attempt this is."""
        return next((callee for callee in self._callees if callee.dial == dial), None)

    def _due(self, alarm: Alarm, now: float) -> list[Callee]:
        return [callee for callee in self._callees if callee.clocks.take(alarm, now)]

    def _settled(self, now: float, *, talks: bool) -> bool:
        """If somebody talks, let go of everybody else."""
        if talks:
            for callee in self._callees:
                if not callee.talks:
                    callee.hang_up(now)
                    callee.give_back()
        self._set_alarms()
        return talks

    def _after(self, *found: Unreached | None) -> Unreached | None:
        """Return how the line came out once nobody is left, be it that others were not reached before."""
        news = [why for why in found if why is not None]
        self._failures += news
        self._set_alarms()
        if not news or any(callee.is_active for callee in self._callees):
            return None
        return min(self._failures, key=lambda why: _WORSE.index(why.word))

    def _set_alarms(self) -> None:
        for alarm in _ALARMS:
            when = min((callee.clocks.time_of(alarm) for callee in self._callees), default=inf)
            if when < inf:
                self._clocks.set(alarm, when)
            else:
                self._clocks.clear(alarm)
