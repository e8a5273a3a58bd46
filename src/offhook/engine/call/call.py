"""One call as a machine: what happens to it goes in, what it wants done comes out.

    receive(input, now)   tick(now)   deadline()

`table` says which moves exist, `life` what each costs; this file says which input and which deadline
leads to what. `now` is monotonic seconds. Inputs that come too late change nothing.
"""

from typing import assert_never

from offhook.domain.calls import Reason, Status
from offhook.domain.remarks import Remark
from offhook.engine.call.clocks import Alarm
from offhook.engine.call.effects import Effect
from offhook.engine.call.inputs import (
    Arrived,
    Broken,
    CalleeAnswered,
    CalleeDeclined,
    CalleeLeft,
    CalleeLost,
    CalleePressed,
    CalleeProgressed,
    CalleeRedirected,
    CalleeRefers,
    CallerLeft,
    Completed,
    Decided,
    Directed,
    Extended,
    Input,
    MediaOpened,
    MessageKept,
    NotPrepared,
    Played,
    Prepared,
    Pressed,
    Recorded,
    Routed,
    Told,
)
from offhook.engine.call.life import Life
from offhook.engine.call.limits import Limits
from offhook.engine.call.stage import SoundFailed
from offhook.engine.call.table import State


class Call:
    """A caller, from the INVITE to the last posting."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._life = Life(limits)

    @property
    def state(self) -> State:
        """Where the call stands."""
        return self._life.state

    @property
    def takes_directions(self) -> bool:
        """Whether another script can still take the place of what runs."""
        return self._life.takes_directions

    def receive(self, what: Input, now: float) -> list[Effect]:
        """Take what happened; return what is to be done about it."""
        if self._concerns(what):
            self._take(what, now)
        return self._life.journal.take()

    def tick(self, now: float) -> list[Effect]:
        """Do what is due."""
        while (alarm := self._life.clocks.next_due(now)) is not None:
            self._wake(alarm, now)
        return self._life.journal.take()

    def deadline(self) -> float | None:
        """Return when `tick` wants to be called, None when nothing is waited for."""
        return self._life.clocks.deadline()

    def _concerns(self, what: Input) -> bool:
        """Tell whether an input still means anything: one arrival comes first, and after the end only its record."""
        match self.state:
            case State.ENDED:
                return False
            case State.ENDING:
                return isinstance(what, Recorded)
            case _:
                return isinstance(what, Arrived) is not self._life.journal.is_begun and not isinstance(what, Recorded)

    def _take(self, what: Input, now: float) -> None:  # noqa: C901 - one case for each input
        life = self._life
        match what:
            case Arrived(arrival):
                life.arrive(arrival, now)
            case Decided(decision):
                life.decide(decision, now)
            case Told(serial, answer):
                life.told(serial, answer, now)
            case MediaOpened():
                life.media_opened(now)
            case Prepared(key, _, making):
                life.prepared(key, making, now)
            case NotPrepared(key, code, text):
                life.follow(life.stage.not_prepared(key, code, text), now)
            case Played(key):
                life.played(key, now)
            case MessageKept():
                life.message_kept(what, now)
            case Pressed(digit):
                life.pressed(digit, now)
            case Routed(leg, decision):
                life.routed(leg, decision, now)
            case CalleeProgressed(dial, status, has_media):
                life.callee_progressed(dial, status, now, has_media=has_media)
            case CalleeAnswered(dial):
                life.callee_answered(dial, now)
            case CalleePressed(dial, digit):
                life.callee_pressed(dial, digit, now)
            case CalleeDeclined():
                life.unreached(life.callees.declined(what, now), now)
            case CalleeRedirected(dial, status, text, elsewhere):
                life.unreached(life.callees.redirected(dial, status, text, elsewhere, now), now)
            case CalleeLost():
                life.unreached(life.callees.lost(what, now), now)
            case CalleeRefers(dial, number):
                life.callee_refers(dial, number, now)
            case CalleeLeft(dial, text):
                life.callee_left(dial, text, now)
            case Extended(leg, granted):
                life.extended(leg, now, granted=granted)
            case CallerLeft(text, reason):
                life.caller_left(text, reason, now)
            case Broken(reason, text):
                life.broken(reason, text, now)
            case Directed(text, by):
                life.directed(text, by, now)
            case Completed(by):
                life.completed(by, now)
            case Recorded():
                life.recorded()
            case _:
                assert_never(what)

    def _wake(self, alarm: Alarm, now: float) -> None:  # noqa: C901 - one case for each alarm
        life = self._life
        match alarm:
            case Alarm.RING:
                life.ring(now)
            case Alarm.EXTEND | Alarm.EXTEND_CALLEE:
                life.extend(alarm, now)
            case Alarm.LONGEST:
                text = "the longest time that a call may take is over"
                life.finish(Status.COMPLETED, Reason.TOO_LONG, text, now)
            case Alarm.LONGEST_TRANSFER:
                life.transfer_is_long(now)
            case Alarm.HELD | Alarm.HELD_CALLEE:
                life.minute_ended()
            case Alarm.CHAIN:
                life.out_of_time(now)
            case Alarm.SOUND:
                text = f"no sound was ready within {self._limits.sound_s:g} s"
                life.follow(SoundFailed(Remark.SOUND_TIMEOUT, text), now)
            case Alarm.STEP:
                life.follow(life.stage.step(now), now)
            case Alarm.CONFIRM:
                life.unreached(life.callees.never_confirmed(now), now)
            case Alarm.KEYS:
                life.follow(life.stage.gathered(), now)
            case Alarm.MESSAGE:
                life.follow(life.stage.message_is_late(now), now)
            case Alarm.MEANWHILE:
                life.ring_meanwhile()
            case Alarm.GATEWAY:
                life.unreached(life.callees.gateway_is_silent(now), now)
            case Alarm.CALLEE:
                life.unreached(life.callees.rang_out(now), now)
            case _:
                assert_never(alarm)
