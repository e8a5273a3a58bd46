"""One call as a machine: what happens to it goes in, what it wants done comes out.

    receive(input, now)   tick(now)   deadline()

`table` says which moves exist; this file says what each costs. `now` is monotonic seconds.
Inputs that come too late (a sound for a script that was replaced) change nothing.
"""

from collections.abc import Mapping
from dataclasses import asdict
from typing import assert_never

from offhook.domain.calls import Admission, Reason, Refusal, Status
from offhook.domain.questions import Answer, Failure
from offhook.engine.call.chain import Apologise, AskUrl, Chain, UseText
from offhook.engine.call.choice import Chosen, Unusable, choose
from offhook.engine.call.clocks import Alarm, Clocks
from offhook.engine.call.effects import Ask, Effect, ExtendHold, HangUp, No, OpenMedia, Refuse, Ring
from offhook.engine.call.inputs import (
    Arrived,
    Broken,
    CallerLeft,
    Decided,
    Extended,
    Input,
    MediaOpened,
    NotPrepared,
    Played,
    Prepared,
    Pressed,
    Recorded,
    Told,
)
from offhook.engine.call.journal import Journal
from offhook.engine.call.limits import Limits
from offhook.engine.call.minutes import Minutes
from offhook.engine.call.program import own_words
from offhook.engine.call.refusals import REFUSED_AS, REJECTED_AS
from offhook.engine.call.stage import Outcome, Over, SoundFailed, Stage
from offhook.engine.call.table import Event, State, move
from offhook.language import Hangup, Reject, Script, write


class Call:
    """A caller, from the INVITE to the last posting."""

    def __init__(self, limits: Limits) -> None:
        self.state = State.ARRIVED
        self._limits = limits
        self._clocks = Clocks()
        self._journal = Journal()
        self._minutes = Minutes(self._clocks, limits.extend_before_s)
        self._stage = Stage(limits, self._clocks, self._journal)
        self._admission: Admission | None = None
        self._chain: Chain | None = None
        # Counts questions, so that the answer to one that was given up is known to be late.
        self._serial = 0
        self._has_media = False
        self._has_asked_for_media = False
        # Why the call will be recorded as failed or ended early, decided before its end.
        self._verdict: tuple[Status, str | None] = (Status.COMPLETED, None)

    def receive(self, what: Input, now: float) -> list[Effect]:
        """Take what happened; return what is to be done about it."""
        if self._concerns(what):
            self._take(what, now)
        return self._journal.take()

    def tick(self, now: float) -> list[Effect]:
        """Do what is due."""
        while (alarm := self._clocks.next_due(now)) is not None:
            self._wake(alarm, now)
        return self._journal.take()

    def deadline(self) -> float | None:
        """Return when `tick` wants to be called, None when nothing is waited for."""
        return self._clocks.deadline()

    def _concerns(self, what: Input) -> bool:
        """Tell whether an input still means anything: one arrival comes first, and after the end only its record."""
        match self.state:
            case State.ENDED:
                return False
            case State.ENDING:
                return isinstance(what, Recorded)
            case _:
                return isinstance(what, Arrived) is not self._journal.is_begun and not isinstance(what, Recorded)

    def _take(self, what: Input, now: float) -> None:  # noqa: C901 - one case for each input
        match what:
            case Arrived(arrival):
                self._journal.begin(arrival, now)
            case Decided(decision):
                self._decide(decision, now)
            case Told(serial, answer):
                self._told(serial, answer, now)
            case MediaOpened():
                self._has_media = True
                self._answer_when_ready(now)
            case Prepared(key, _):
                self._prepared(key, now)
            case NotPrepared(key, code, text):
                self._follow(self._stage.not_prepared(key, code, text), now)
            case Played(key):
                if self.state is State.ACTING:
                    self._follow(self._stage.played(key, now), now)
            case Pressed(digit):
                self._journal.note(now, "digit", f"the caller pressed {digit}", data={"digit": digit})
            case Extended(granted):
                if self.state is State.ACTING:
                    self._extended(granted, now)
            case CallerLeft(text, reason):
                self._caller_left(text, reason, now)
            case Broken(reason, text):
                self._broken(reason, text, now)
            case Recorded():
                self._move(Event.RECORDED)
            case _:
                assert_never(what)

    def _wake(self, alarm: Alarm, now: float) -> None:
        match alarm:
            case Alarm.RING:
                self._ring(now)
            case Alarm.EXTEND:
                self._journal.do(ExtendHold())
            case Alarm.LONGEST:
                self._finish(Status.COMPLETED, Reason.TOO_LONG, "the longest time that a call may take is over", now)
            case Alarm.HELD:
                # A timer wakes a little late, but the call ends with its minute and not in the next.
                end = self._minutes.paid_until
                self._finish(Status.COMPLETED, Reason.CREDIT_ENDED, "the minute that was paid for is over", end)
            case Alarm.CHAIN:
                self._out_of_time(now)
            case Alarm.SOUND:
                text = f"no sound was ready within {self._limits.sound_s:g} s"
                self._follow(SoundFailed("sound-timeout", text), now)
            case Alarm.STEP:
                self._follow(self._stage.step(now), now)
            case _:
                assert_never(alarm)

    # The way in.

    def _decide(self, decision: Admission | Refusal, now: float) -> None:
        if self.state is not State.ARRIVED:
            return
        if isinstance(decision, Refusal):
            self._journal.note(now, "refused", decision.text, decision.reason, {"tried": list(decision.tried)})
            self._journal.do(Refuse(REFUSED_AS[decision.reason]))
            self._end(Event.REFUSED, Status.REFUSED, decision.reason, now)
        else:
            self._admit(decision, now)

    def _admit(self, admission: Admission, now: float) -> None:
        until = now + self._limits.chain_s
        self._admission = admission
        self._chain = Chain(self._journal.arrival, admission, until)
        self._move(Event.ADMITTED)
        held = {"held_minutes": admission.held_minutes}
        self._journal.note(now, "admitted", f"{admission.recipient} is subscribed", data=held)
        self._ring(now)
        self._clocks.set(Alarm.CHAIN, until)
        reason = "" if admission.action_url else "action-url-not-set"
        if reason:
            self._journal.note(now, "action-failed", "no action URL is set for this number", reason)
        self._ask_next(reason, now)

    def _ring(self, now: float) -> None:
        self._journal.do(Ring())
        self._clocks.set(Alarm.RING, now + self._limits.ring_again_s)

    # The chain.

    def _ask_next(self, reason: str, now: float) -> None:
        """Go to the next link of the chain; `reason` is the code of what failed before."""
        assert self._chain is not None, "only an admitted call has a chain"
        match link := self._chain.next(reason, now):
            case AskUrl(question):
                self._serial += 1
                self._journal.note(now, "action-requested", f"asking {question.url}", data={"url": question.url})
                self._journal.do(Ask(self._serial, question))
            case UseText(text):
                self._journal.note(now, "default-action", "doing the subscription's default action")
                self._use(text.encode(), now)
            case Apologise():
                self._verdict = (Status.FAILED, reason)
                self._journal.note(now, "announcement", "telling the caller that nobody can take the call")
                self._begin(self._own_words(self._limits.sorry), now, is_last=True)
            case None:
                # Only before the answer: whoever is answered heard the announcement, and nothing comes after it.
                exhausted = Reason.CHAIN_EXHAUSTED
                self._journal.note(now, "chain-exhausted", "nothing is left to tell the caller", exhausted)
                self._journal.do(Refuse(REFUSED_AS[exhausted]))
                self._end(Event.EXHAUSTED, Status.FAILED, reason, now)
            case _:
                assert_never(link)

    def _told(self, serial: int, answer: Answer | Failure, now: float) -> None:
        if self.state is not State.ASKING or serial != self._serial:
            return
        tries = [asdict(one) for one in answer.tries]
        if isinstance(answer, Failure):
            self._fail("action-failed", answer.code, answer.text, now, {"tries": tries})
        else:
            elapsed = f" in {answer.tries[-1].elapsed_ms:.0f} ms" if answer.tries else ""
            self._journal.note(now, "action-answered", f"the action server answered{elapsed}", data={"tries": tries})
            self._use(answer.body, now)

    def _use(self, text: bytes, now: float) -> None:
        """Do what an action text says, if it can be done."""
        match choice := choose(text):
            case Chosen(script, warnings):
                self._journal.note(now, "script", write(script), data={"warnings": list(warnings)})
                self._begin(script, now, is_last=False)
            case Unusable(code, why, data):
                self._fail("action-failed", code, why, now, data)
            case _:
                assert_never(choice)

    def _fail(self, kind: str, code: str, text: str, now: float, data: Mapping[str, object] | None = None) -> None:
        """What should have told us, or a sound, failed: note it and go on in the chain."""
        assert self._chain is not None, "only an admitted call can be failed"
        self._journal.note(now, kind, text, code, data)
        if self.state is not State.ACTING:
            self._move(Event.FAILED)
            self._stage.strike()
        elif self._stage.is_closing:
            self._finish(*self._verdict, "the announcement cannot be played", now)
            return
        else:
            # The caller is answered: nobody is asked any more, but the call ends politely.
            self._chain.only_apology()
        self._ask_next(code, now)

    def _out_of_time(self, now: float) -> None:
        """The action servers used up the time of the chain; a script that is being prepared goes on."""
        if self.state is State.ASKING:
            self._fail("action-failed", "timeout", f"no usable answer within {self._limits.chain_s:g} s", now)

    # A script.

    def _begin(self, script: Script, now: float, *, is_last: bool) -> None:
        if self.state is State.ACTING:
            self._move(Event.CHOSEN)
            self._stage.set_up(script, now, is_last=is_last)
            self._follow(self._stage.run(now), now)
            return
        match script.actions[0]:
            case Reject(kind):
                self._reject(REJECTED_AS[kind], f"the script says reject {kind.value}", now)
            case Hangup():
                self._reject(No.UNAVAILABLE, "the script says hangup", now)
            case _:
                self._move(Event.CHOSEN)
                if not self._has_asked_for_media:
                    self._has_asked_for_media = True
                    self._journal.do(OpenMedia())
                self._stage.set_up(script, now, is_last=is_last)
                self._answer_when_ready(now)

    def _reject(self, how: No, text: str, now: float) -> None:
        self._journal.note(now, "rejected", text)
        self._journal.do(Refuse(how))
        self._end(Event.REJECTED, Status.REJECTED, None, now)

    def _answer_when_ready(self, now: float) -> None:
        """Answer as soon as the caller can hear something: media and first sound are there."""
        if self.state is not State.PREPARING or not (self._has_media and self._stage.is_ready):
            return
        assert self._admission is not None, "only an admitted call is prepared"
        self._move(Event.READY)
        self._clocks.clear_all()
        self._clocks.set(Alarm.LONGEST, now + self._limits.call_s)
        if self._admission.minute_cost:
            self._minutes.begin(now, self._admission.held_minutes)
        self._journal.answer(now)
        self._follow(self._stage.run(now), now)

    def _prepared(self, key: str, now: float) -> None:
        if not self._stage.prepared(key, now):
            return
        if self.state is State.ACTING:
            self._follow(self._stage.run(now), now)
        else:
            self._answer_when_ready(now)

    def _follow(self, outcome: Outcome | None, now: float) -> None:
        """Do what follows from how a line came out."""
        match outcome:
            case SoundFailed(code, text):
                self._fail("sound-failed", code, text, now)
            case Over():
                self._finish(*self._verdict, "the script is over", now)
            case None:
                # The script goes on by itself.
                return
            case _:
                assert_never(outcome)

    def _extended(self, granted: bool, now: float) -> None:
        if granted:
            self._minutes.add()
            self._journal.note(now, "hold-extended", "the next minute is paid for")
            return
        self._journal.note(now, "credit-ended", "there is no credit for the next minute", Reason.CREDIT_ENDED)
        # Last words are not interrupted by others: they too end with the minute.
        if not self._stage.is_closing:
            self._verdict = (Status.COMPLETED, Reason.CREDIT_ENDED)
            self._begin(self._own_words(self._limits.credit_ended), now, is_last=True)

    def _own_words(self, texts: Mapping[str, str]) -> Script:
        assert self._admission is not None, "only an admitted call is spoken to"
        return own_words(texts, self._admission.language)

    # The way out.

    def _caller_left(self, text: str, reason: Reason | None, now: float) -> None:
        self._journal.note(now, "hung-up", text, reason)
        if self.state is not State.ACTING:
            self._end(Event.CALLER_LEFT, Status.CANCELED, None, now)
        elif reason is not None:
            self._end(Event.CALLER_LEFT, Status.FAILED, reason, now)
        else:
            self._end(Event.CALLER_LEFT, *self._verdict, now)

    def _broken(self, reason: Reason, text: str, now: float) -> None:
        self._journal.note(now, "broken", text, reason)
        self._journal.do(HangUp() if self.state is State.ACTING else Refuse(REFUSED_AS[reason]))
        self._end(Event.BROKEN, Status.FAILED, reason, now)

    def _finish(self, status: Status, reason: str | None, text: str, now: float) -> None:
        """Hang up on an answered caller."""
        self._journal.note(now, "hung-up", f"we hung up: {text}", reason)
        self._journal.do(HangUp())
        self._end(Event.FINISHED, status, reason, now)

    def _end(self, event: Event, status: Status, reason: str | None, now: float) -> None:
        self._move(event)
        self._clocks.clear_all()
        self._journal.close(status, reason, now)

    def _move(self, event: Event) -> None:
        self.state = move(self.state, event)
