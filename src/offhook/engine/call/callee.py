"""One callee: found, called through one route after the other, asked to confirm, talked to, hung up.

How an attempt came out is returned as a value; what follows from it is the business of whoever calls several
(`callees`). News of an attempt that was given up change nothing.
"""

from dataclasses import dataclass, field, replace
from enum import Enum, auto
from itertools import count
from math import ceil

from offhook.domain.calls import Admission, LegUse, Reason
from offhook.domain.dialling import forms
from offhook.domain.legs import CALLER_LEG
from offhook.domain.remarks import Remark
from offhook.domain.routes import Route, Routes, Unroutable
from offhook.engine.call.clocks import Alarm, Clocks
from offhook.engine.call.effects import (
    AskToConfirm,
    Dial,
    FindRoutes,
    GiveBack,
    HangUpCallee,
    NoteCalleeAnswer,
    NoteCalleeRings,
)
from offhook.engine.call.inputs import CalleeDeclined, CalleeLost
from offhook.engine.call.journal import Journal
from offhook.engine.call.limits import Limits
from offhook.engine.call.minutes import Minutes
from offhook.engine.call.unreached import Unreached, declined, failed
from offhook.language import CallerId, Say, Transfer


class Standing(Enum):
    """How far it came with the callee."""

    AWAY = auto()
    """Nobody is called."""
    SOUGHT = auto()
    """The desk looks for routes."""
    ROUTED = auto()
    """The routes are known, and the caller's own media is waited for."""
    DIALLED = auto()
    ASKED = auto()
    """It answered, and is to confirm by a key."""
    UP = auto()
    """It answered, and talks."""


ANSWERED = (Standing.ASKED, Standing.UP)
CONFIRMS = "1"
"""The key by which a callee takes the call."""


@dataclass(frozen=True, slots=True)
class Numbers:
    """Counts the legs and attempts of one call, over all that it calls."""

    legs: "count[int]" = field(default_factory=lambda: count(CALLER_LEG + 1))
    dials: "count[int]" = field(default_factory=lambda: count(1))


class Callee:
    """Whoever is called by one number of a line; `clocks` holds its own deadlines."""

    def __init__(
        self, limits: Limits, journal: Journal, numbers: Numbers, wish: Transfer, admission: Admission
    ) -> None:
        self._limits = limits
        self.clocks = Clocks()
        self._journal = journal
        self._numbers = numbers
        self.minutes = Minutes(self.clocks, limits.extend_before_s, extend=Alarm.EXTEND_CALLEE, held=Alarm.HELD_CALLEE)
        self.leg = CALLER_LEG
        self.dial = 0
        self._standing = Standing.AWAY
        self._wish = wish
        self._admission = admission
        # Who is called now: the line's number, or one that a redirection led to. Those that are left, best first.
        self._number = ""
        self._elsewhere: list[str] = []
        self._is_redirected = False
        self._route: Route | None = None
        self._ring_until = 0.0
        self._ways: list[Route] = []
        self._minute_cost = 0
        self._held_minutes = 0
        # Whether something is held for a leg that was never answered.
        self._is_held = False
        # The last attempt of which it is on record that it rings.
        self._rings = 0
        # Whether the present attempt came any farther than its gateway.
        self._has_progress = False
        self._answered_at = 0.0
        self._used: list[LegUse] = []

    @property
    def used(self) -> tuple[LegUse, ...]:
        """Every callee that answered, in order."""
        return tuple(self._used)

    @property
    def is_active(self) -> bool:
        """Whether anything is still done about it."""
        return self._standing is not Standing.AWAY

    def seek(self, number: str, now: float) -> None:
        """Ask how a number is reached."""
        self._seek(number, now)

    def is_sought(self, leg: int) -> bool:
        """Tell whether the desk looks for the routes of this leg."""
        return leg == self.leg and self._standing is Standing.SOUGHT

    def routed(self, decision: Routes | Unroutable, now: float) -> Unreached | None:
        """Take the routes that were sought; `go` is to be said when the caller's media is there."""
        if isinstance(decision, Unroutable):
            self._standing = Standing.AWAY
            return self._elsewhere_or(Unreached(decision.reason, decision.text), now)
        self._ways = list(decision.ways)
        self._minute_cost, self._held_minutes = decision.minute_cost, decision.held_minutes
        self._is_held = True
        self._standing = Standing.ROUTED
        return None

    def go(self, now: float) -> None:
        """Call through the first route, if that is what is waited for."""
        if self._standing is Standing.ROUTED:
            self._dial(now)

    def awaits(self, dial: int) -> bool:
        """Tell whether this is the attempt whose outcome is waited for."""
        return self._standing is Standing.DIALLED and dial == self.dial

    def progressed(self, dial: int, status: int, now: float) -> bool:
        """The callee's side is at work; False if nobody waits for it."""
        if not self.awaits(dial):
            return False
        self.clocks.clear(Alarm.GATEWAY)
        if self._rings != dial:
            self._rings = dial
            self._journal.do(NoteCalleeRings(self.leg, dial))
        if status != 100:
            self._has_progress = True
            text = "it rings at the callee's" if status == 180 else "the callee's side is at work"
            self._journal.note(now, "callee-progress", f"{text} ({status})", data={"sip_code": status})
        return True

    def answered(self, dial: int, now: float) -> bool:
        """The callee that was awaited answered, and its minutes count from now; True if it talks at once."""
        self._standing = Standing.ASKED if self._wish.confirm else Standing.UP
        self._is_held = False
        self._answered_at = now
        self._clear_alarms()
        if self._minute_cost:
            self.minutes.begin(now, self._held_minutes)
        self._journal.do(NoteCalleeAnswer(self.leg, dial))
        if self._standing is Standing.ASKED:
            text = f"the callee answered, and takes the call by pressing {CONFIRMS}"
            self._journal.note(now, "callee-asked", text, data={"number": self._number})
            language = self._admission.language
            spoken = language if language in self._limits.press_one else "en"
            self._journal.do(AskToConfirm(dial, Say(spoken, self._limits.press_one[spoken])))
            self.clocks.set(Alarm.CONFIRM, now + self._limits.confirm_s)
            return False
        self._talks(now)
        return True

    def pressed(self, dial: int, key: str, now: float) -> bool:
        """A callee pressed a key; True if it takes the call by that."""
        if self._standing is not Standing.ASKED or dial != self.dial or key != CONFIRMS:
            return False
        self._standing = Standing.UP
        self.clocks.clear(Alarm.CONFIRM)
        self._talks(now)
        return True

    def never_confirmed(self, now: float) -> Unreached | None:
        """Nobody pressed the key: perhaps a machine answered."""
        return self._left_unconfirmed(f"it answered, but did not press {CONFIRMS}", now)

    def left_unconfirmed(self, dial: int, now: float) -> Unreached | None:
        """A callee that was asked hung up; None if this one was not."""
        if self._standing is not Standing.ASKED or dial != self.dial:
            return None
        return self._left_unconfirmed("it answered, and hung up instead of taking the call", now)

    def _left_unconfirmed(self, text: str, now: float) -> Unreached:
        self._journal.do(HangUpCallee(self.dial))
        self.left(now)
        return Unreached(Reason.CALLEE_NO_ANSWER, text)

    def _talks(self, now: float) -> None:
        if self._wish.max_s is not None:
            self.clocks.set(Alarm.LONGEST_TRANSFER, now + self._wish.max_s)
        self._journal.note(now, "transfer-answered", "the callee answered", data={"transfer_status": "answered"})

    def declined(self, said: CalleeDeclined, now: float) -> Unreached | None:
        """The callee's side said no: a broken gateway (5xx) is tried round, everything else is the last word."""
        if not self.awaits(said.dial):
            return None
        found = failed(said.status, said.text) if said.is_found else declined(said.status, said.text)
        if 500 <= said.status < 600:
            return self._failed(found, now)
        return self._over(found, now)

    def redirected(self, dial: int, status: int, text: str, elsewhere: tuple[str, ...], now: float) -> Unreached | None:
        """The callee's side says that it is elsewhere: its numbers are called if the trunk may say so, once.

        They are destinations like any other, to be judged, routed and paid for; no host of a Contact is ever asked.
        """
        route = self._route
        if not self.awaits(dial) or route is None:
            return None
        read = [found[0] for number in elsewhere if (found := forms(number, route.rules))]
        numbers = [number for number in dict.fromkeys(read) if number != self._number]
        named = ", ".join(f"+{number}" for number in numbers) or "no other number"
        data: dict[str, object] = {"trunk": route.trunk, "sip_code": status, "numbers": numbers}
        if numbers and route.rules.follows_redirects and not self._is_redirected:
            self._is_redirected = True
            self._elsewhere = numbers
            self._journal.note(now, "redirected", f"trunk {route.trunk} says that the callee is at {named}", data=data)
            return self._over(declined(status, text), now)
        if not route.rules.follows_redirects:
            why = "which is followed only where `offhook trunks set NAME --redirects` says so"
        else:
            why = "and a call is led elsewhere once" if self._is_redirected else "and nobody else can be called"
        told = f"trunk {route.trunk} says that the callee is at {named}, {why}"
        self._journal.note(now, "redirect-refused", told, Reason.CALLEE_REDIRECTED, data)
        return self._over(declined(status, text), now)

    def lost(self, lost: CalleeLost, now: float) -> Unreached | None:
        """The callee cannot be called, or what it answered cannot be used."""
        return self._over(Unreached(lost.reason, lost.text, fault=lost.fault), now) if self.awaits(lost.dial) else None

    def gateway_is_silent(self, now: float) -> Unreached | None:
        """Not even a 100 came: that gateway is out of order."""
        text = f"its gateway said nothing within {self._limits.gateway_s:g} s"
        return self._failed(Unreached(Reason.CALLEE_FAILED, text), now)

    def rang_out(self, now: float) -> Unreached | None:
        """It rang for as long as the line wanted, wherever."""
        self._elsewhere = []
        text = f"nobody answered within {self._wish.ring_s} s"
        if not self._has_progress:
            silent = f"its gateway took the call, but did not say within {self._wish.ring_s} s that it rings anywhere"
            text = f"{silent}. Ask the carrier of trunk {self._route.trunk if self._route else ''} what became of it"
        return self._over(Unreached(Reason.CALLEE_NO_ANSWER, text), now)

    def referred(self, number: str, now: float) -> Transfer | None:
        """Return whom the callee wants called in its place, as its trunk writes numbers; None for nobody."""
        read = forms(number, self._route.rules) if self._route else ()
        if not read:
            self._journal.note(now, "refer-refused", "the callee wants the caller led to what is no number")
            return None
        text = f"the callee's side wants the caller led to +{read[0]} (REFER)"
        self._journal.note(now, "referred", text, data={"number": read[0]})
        return replace(self._wish, numbers=(read[0],))

    def is_talking_on(self, leg: int) -> bool:
        """Tell whether the callee of this leg has answered, so that its minutes count."""
        return self._standing in ANSWERED and leg == self.leg

    def hang_up(self, now: float) -> None:
        """Let go of the callee, however far it came."""
        if self._standing in (Standing.DIALLED, *ANSWERED):
            self._journal.do(HangUpCallee(self.dial))
        self.left(now)

    @property
    def talks(self) -> bool:
        """Whether it talks to the caller."""
        return self._standing is Standing.UP

    def seconds(self, now: float) -> int:
        """Return how many seconds ago it answered, the last one begun."""
        return ceil(round(now - self._answered_at, 3))

    def left(self, now: float) -> None:
        """The callee is gone, and what it used is known."""
        if self._standing in ANSWERED:
            answered_at = self._journal.date(self._answered_at)
            # To the millisecond: a rounding error of the clock must not begin another minute.
            self._used.append(LegUse(self.leg, answered_at, round(now - self._answered_at, 3)))
        self._standing = Standing.AWAY
        self._clear_alarms()
        self.minutes.end()

    def give_back(self) -> None:
        """The call goes on without this callee: nothing stays held for it. The call's end does this by itself."""
        if self._is_held:
            self._is_held = False
            self._journal.do(GiveBack(self.leg))

    def _seek(self, number: str, now: float) -> None:
        self.leg = next(self._numbers.legs)
        self._number = number
        self._standing = Standing.SOUGHT
        self._journal.note(now, "transfer", f"calling {number}", data={"number": number, "leg": self.leg})
        self._journal.do(FindRoutes(self.leg, number))

    def _elsewhere_or(self, why: Unreached, now: float) -> Unreached | None:
        """Call the next number that a redirection named, or give up; a 6xx is for them all (RFC 3261 section 21.6)."""
        if not self._elsewhere or (why.sip_code or 0) >= 600:
            self._elsewhere = []
            return why
        if why.reason is not Reason.CALLEE_REDIRECTED:
            self._journal.note(now, "route-failed", why.text, why.reason, {"sip_code": why.sip_code})
        self.give_back()
        self._seek(self._elsewhere.pop(0), now)
        return None

    def _dial(self, now: float) -> None:
        self._route = route = self._ways.pop(0)
        self.dial = next(self._numbers.dials)
        self._has_progress = False
        self._standing = Standing.DIALLED
        is_passed = self._passes_through(route, now)
        shown = self._journal.arrival.caller.number if is_passed else self._admission.recipient
        number = self._number
        text = f"calling {number} through trunk {route.trunk} as {shown or 'an anonymous caller'}"
        self._journal.note(now, "dialled", text, data={"number": number, "trunk": route.trunk, "shown": shown})
        self._journal.do(Dial(self.dial, number, route, shown, self._admission.recipient if is_passed else ""))
        self.clocks.set(Alarm.GATEWAY, now + self._limits.gateway_s)
        if not self._is_redirected:
            # Each way has its own time to ring; whoever is elsewhere shares what is left of the last one's.
            self._ring_until = now + self._wish.ring_s
        self.clocks.set(Alarm.CALLEE, self._ring_until)

    def _passes_through(self, route: Route, now: float) -> bool:
        """Tell whether the callee is shown who calls, and not which number of ours was called."""
        if self._wish.from_ is CallerId.RECIPIENT or route.passes_caller:
            return self._wish.from_ is CallerId.CALLER
        text = f"trunk {route.trunk} may not show the caller's number, so the callee sees {self._admission.recipient}"
        self._journal.note(now, "warning", text, Remark.CALLER_NOT_SHOWN, {"trunk": route.trunk})
        return False

    def _failed(self, why: Unreached, now: float) -> Unreached | None:
        """One route failed: take the next, or give up."""
        if not self._ways:
            return self._over(why, now)
        self._journal.do(HangUpCallee(self.dial))
        self._journal.note(now, "route-failed", why.text, why.reason, {"sip_code": why.sip_code})
        self._dial(now)
        return None

    def _over(self, why: Unreached, now: float) -> Unreached | None:
        self._journal.do(HangUpCallee(self.dial))
        self._standing = Standing.AWAY
        self._clear_alarms()
        return self._elsewhere_or(why, now)

    def _clear_alarms(self) -> None:
        for alarm in (Alarm.GATEWAY, Alarm.CALLEE, Alarm.CONFIRM, Alarm.LONGEST_TRANSFER):
            self.clocks.clear(alarm)
