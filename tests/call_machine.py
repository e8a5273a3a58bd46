"""One call machine in a test's hand: what is told to it, the time it lives in, and all that it wanted."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import TypeVar

from offhook.domain.calls import Admission, Arrival, Caller, Ending, Reason, Refusal, TimelineEvent
from offhook.domain.questions import Answer, Failure, Try
from offhook.domain.routes import Route, Routes
from offhook.engine.call import Call, Limits, State
from offhook.engine.call.effects import Ask, Dial, Effect, Note, Play, Prepare, Record
from offhook.engine.call.inputs import (
    Arrived,
    CalleeAnswered,
    CalleeDeclined,
    CalleeProgressed,
    CallerLeft,
    Decided,
    Input,
    MediaOpened,
    Played,
    Prepared,
    Recorded,
    Routed,
    Told,
)

Kind = TypeVar("Kind")

ARRIVAL = Arrival(
    call_id="c-1",
    at=datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC),
    trunk="carrier",
    source="192.0.2.1:5060",
    dialled=("+81345678901",),
    caller=Caller(number="81900000001", raw="+81900000001"),
)

FREE = Admission(
    call_id="c-1",
    account_id=1,
    recipient="81345678901",
    action_url="https://a.example/action",
    fallback_url=None,
    default_action=None,
    minute_cost=0,
    held_minutes=1,
)
PAID = replace(FREE, minute_cost=30_000)

CHAIN = replace(FREE, fallback_url="https://b.example/", default_action='say en "Later"')
"""A call that has all that there can be in its chain."""

HELLO = b'say en "Hello"'

FRIEND = "81312345678"
TRANSFER = f"transfer {FRIEND}".encode()

FIRST_WAY = Route("carrier", "sip:192.0.2.1:5060", passes_caller=False)
SECOND_WAY = Route("other", "sip:192.0.2.2:5060", passes_caller=True)
ROUTES = Routes((FIRST_WAY, SECOND_WAY), minute_cost=0, held_minutes=1)


def refusal(reason: Reason) -> Refusal:
    return Refusal("c-1", reason, "no", "81345678901", ("81345678901",))


def deeds(effects: list[Effect]) -> list[Effect]:
    """Return what is to be done: all but the timeline's lines."""
    return [effect for effect in effects if not isinstance(effect, Note)]


class Machine:
    """A call whose caller, desk, servers and media are the test."""

    def __init__(self, admission: Admission = FREE, limits: Limits | None = None, now: float = 5000.0) -> None:
        self.call = Call(limits or Limits())
        self.admission = admission
        self.now = now
        self.wanted: list[Effect] = []

    @property
    def state(self) -> State:
        return self.call.state

    def is_in(self, state: State) -> bool:
        return self.call.state is state

    def tell(self, *inputs: Input) -> list[Effect]:
        """Tell what happened; return what was wanted at once."""
        found = [effect for what in inputs for effect in self.call.receive(what, self.now)]
        self.wanted += found
        return found

    def wait(self, seconds: float) -> list[tuple[float, Effect]]:
        """Let time pass, and wake the call whenever it asked for it; return what it wanted, and after how long."""
        until, start = self.now + seconds, self.now
        found: list[tuple[float, Effect]] = []
        while (deadline := self.call.deadline()) is not None and deadline <= until:
            self.now = max(self.now, deadline)
            woken = self.call.tick(self.now)
            self.wanted += woken
            found += [(round(self.now - start, 6), effect) for effect in woken]
        self.now = until
        return found

    def oversleep(self, seconds: float) -> list[Effect]:
        """Let time pass and wake the call only once, at the end of it."""
        self.now += seconds
        found = self.call.tick(self.now)
        self.wanted += found
        return found

    def all(self, kind: type[Kind]) -> list[Kind]:
        """Return everything of a kind that was ever wanted."""
        return [effect for effect in self.wanted if isinstance(effect, kind)]

    @property
    def timeline(self) -> list[TimelineEvent]:
        return [note.event for note in self.all(Note)]

    @property
    def kinds(self) -> list[str]:
        return [event.kind for event in self.timeline]

    def noted(self, kind: str) -> TimelineEvent:
        """Return the last line of a kind."""
        return [event for event in self.timeline if event.kind == kind][-1]

    @property
    def ending(self) -> Ending:
        """Return how the call is recorded, which it must be exactly once."""
        [record] = self.all(Record)
        return record.ending

    # The usual life, step by step.

    def admit(self) -> "Machine":
        self.tell(Arrived(ARRIVAL), Decided(self.admission))
        return self

    def say(self, text: bytes) -> list[Effect]:
        """Answer the last question that the call asked."""
        return self.tell(Told(self.all(Ask)[-1].serial, Answer(text, (Try("https://a.example", 1, 200, 12.4),))))

    def fail(self, code: str = "http-status") -> list[Effect]:
        """Fail the last question that the call asked."""
        return self.tell(Told(self.all(Ask)[-1].serial, Failure(code, "it failed")))

    @property
    def sounds(self) -> list[str]:
        """The keys of the sounds that were asked for, in order."""
        return [effect.key for effect in self.all(Prepare)]

    def make_ready(self, index: int = -1) -> list[Effect]:
        return self.tell(Prepared(self.sounds[index], 1000))

    def finish(self) -> list[Effect]:
        """Let the sound that plays come to its end."""
        return self.tell(Played(self.all(Play)[-1].key))

    def calling(self, text: bytes = TRANSFER, routes: Routes = ROUTES) -> "Machine":
        """Come as far as a callee's first ringing, the caller unanswered."""
        self.admit()
        self.say(text)
        self.tell(MediaOpened(), Routed(2, routes), CalleeProgressed(1, 180, has_media=False))
        return self

    def joined(self, text: bytes = TRANSFER, routes: Routes = ROUTES) -> "Machine":
        """Come as far as a callee who talks to the caller."""
        self.calling(text, routes)
        self.tell(CalleeAnswered(1))
        return self

    def decline(self, status: int, reason: str = "No") -> list[Effect]:
        """Let the callee that was called last say no."""
        return self.tell(CalleeDeclined(self.all(Dial)[-1].dial, status, reason))

    def answered(self, text: bytes = HELLO) -> "Machine":
        """Come as far as the first sound."""
        self.admit()
        self.say(text)
        self.tell(MediaOpened())
        if self.sounds:
            self.make_ready(0)
        return self


def _asking() -> Machine:
    return Machine(CHAIN).admit()


def _preparing() -> Machine:
    call = _asking()
    call.say(HELLO)
    return call


def _acting() -> Machine:
    return Machine(CHAIN).answered()


def _calling() -> Machine:
    return Machine(CHAIN).calling()


def _consulting() -> Machine:
    call = Machine(CHAIN).answered(b"gather timeout=1")
    call.wait(1)
    return call


def _joined() -> Machine:
    return Machine(CHAIN).joined()


def _ending() -> Machine:
    call = _acting()
    call.tell(CallerLeft("the caller hung up"))
    return call


def _ended() -> Machine:
    call = _ending()
    call.tell(Recorded())
    return call


def _arrived() -> Machine:
    call = Machine(CHAIN)
    call.tell(Arrived(ARRIVAL))
    return call


WAYS: dict[State, Callable[[], Machine]] = {
    State.ARRIVED: _arrived,
    State.ASKING: _asking,
    State.PREPARING: _preparing,
    State.CALLING: _calling,
    State.ACTING: _acting,
    State.CONSULTING: _consulting,
    State.JOINED: _joined,
    State.ENDING: _ending,
    State.ENDED: _ended,
}
"""How a call comes into each state, with all that there can be in its chain."""
