"""One call as a machine: what happens to it goes in, what it wants done comes out.

    receive(input, now)   tick(now)   deadline()

`table` says which moves exist; this file says what each costs. `now` is monotonic seconds.
Inputs that come too late (a sound for a script that was replaced) change nothing.
"""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import timedelta
from math import inf
from typing import assert_never

from offhook.domain.calls import Admission, Arrival, Ending, Reason, Refusal, Status, TimelineEvent
from offhook.domain.questions import Answer, Failure
from offhook.engine.call.chain import Apologise, AskUrl, Chain, UseText
from offhook.engine.call.clocks import Alarm, Clocks
from offhook.engine.call.effects import (
    Admit,
    AnswerCall,
    Ask,
    Effect,
    ExtendHold,
    HangUp,
    No,
    Note,
    NoteAnswer,
    OpenMedia,
    Play,
    Prepare,
    Record,
    Refuse,
    Ring,
)
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
from offhook.engine.call.limits import Limits
from offhook.engine.call.program import VERBS, Program, described, own_words
from offhook.engine.call.refusals import REFUSED_AS, REJECTED_AS
from offhook.engine.call.table import Event, State, move
from offhook.language import Hangup, Pause, Playback, Reject, Say, Script, Severity, draw, parse, unavailable, write

MINUTE_S = 60.0


class Call:
    """A caller, from the INVITE to the last posting."""

    def __init__(self, limits: Limits) -> None:
        self.state = State.ARRIVED
        self._limits = limits
        self._out: list[Effect] = []
        self._arrived_at = 0.0
        self._answered_at: float | None = None
        self._arrival: Arrival | None = None
        self._admission: Admission | None = None
        self._chain: Chain | None = None
        self._program: Program | None = None
        self._serial = 0
        self._has_media = False
        self._has_asked_for_media = False
        self._is_over = False
        # Why the call will be recorded as failed or ended early, decided before its end.
        self._verdict: tuple[Status, str | None] = (Status.COMPLETED, None)
        self._clocks = Clocks()
        self._chain_until = inf
        self._held_until = inf

    def receive(self, what: Input, now: float) -> list[Effect]:  # noqa: C901 - one case for each input
        """Take what happened; return what is to be done about it."""
        self._out = []
        match what:
            case Arrived(arrival):
                self._arrive(arrival, now)
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
                self._not_prepared(key, code, text, now)
            case Played(key):
                self._played(key, now)
            case Pressed(digit):
                self._note(now, "digit", f"the caller pressed {digit}", data={"digit": digit})
            case Extended(granted):
                self._extended(granted, now)
            case CallerLeft(text, reason):
                self._caller_left(text, reason, now)
            case Broken(reason, text):
                self._broken(reason, text, now)
            case Recorded():
                self._move(Event.RECORDED)
            case _:
                assert_never(what)
        return self._out

    def tick(self, now: float) -> list[Effect]:
        """Do what is due."""
        self._out = []
        for alarm in self._clocks.due(now):
            self._wake(alarm, now)
        return self._out

    def deadline(self) -> float | None:
        """Return when `tick` wants to be called, None when nothing is waited for."""
        return self._clocks.deadline()

    def _wake(self, alarm: Alarm, now: float) -> None:
        match alarm:
            case Alarm.RING:
                self._clocks.set(Alarm.RING, now + self._limits.ring_again_s)
                self._do(Ring())
            case Alarm.EXTEND:
                self._do(ExtendHold())
            case Alarm.LONGEST:
                self._finish(Status.COMPLETED, Reason.TOO_LONG, "the longest time that a call may take is over", now)
            case Alarm.HELD:
                self._finish(Status.COMPLETED, Reason.CREDIT_ENDED, "the minute that was paid for is over", now)
            case Alarm.CHAIN:
                self._out_of_time(now)
            case Alarm.SOUND:
                self._fail(
                    "sound-failed", "sound-timeout", f"no sound was ready within {self._limits.sound_s:g} s", now
                )
            case Alarm.STEP:
                self._step(now)
            case _:
                assert_never(alarm)

    # The way in.

    def _arrive(self, arrival: Arrival, now: float) -> None:
        self._arrival = arrival
        self._arrived_at = now
        self._note(
            now,
            "arrived",
            f"a call from {arrival.caller.raw or 'nobody'} through trunk {arrival.trunk}",
            data={"source": arrival.source, "dialled": list(arrival.dialled)},
        )
        self._do(Admit(arrival))

    def _decide(self, decision: Admission | Refusal, now: float) -> None:
        if isinstance(decision, Refusal):
            if self.state is State.ARRIVED:
                self._note(now, "refused", decision.text, decision.reason, {"tried": list(decision.tried)})
                self._do(Refuse(REFUSED_AS[decision.reason]))
                self._end(Event.REFUSED, Status.REFUSED, decision.reason, now)
            return
        if self.state is not State.ARRIVED or self._arrival is None:
            return
        self._admission = decision
        self._chain = Chain(self._arrival, decision)
        self._move(Event.ADMITTED)
        self._note(now, "admitted", f"{decision.recipient} is subscribed", data={"held_minutes": decision.held_minutes})
        self._do(Ring())
        self._clocks.set(Alarm.RING, now + self._limits.ring_again_s)
        self._chain_until = now + self._limits.chain_s
        self._clocks.set(Alarm.CHAIN, self._chain_until)
        if decision.action_url is None:
            self._note(now, "action-failed", "no action URL is set for this number", "action-url-not-set")
            self._ask_next("action-url-not-set", now)
        else:
            self._ask_next("", now)

    # The chain.

    def _ask_next(self, reason: str, now: float) -> None:
        """Go to the next link of the chain; `reason` is the code of what failed before."""
        assert self._chain is not None, "only an admitted call has a chain"
        match self._chain.next(reason):
            case AskUrl(question):
                self._serial += 1
                self._note(now, "action-requested", f"asking {question.url}", data={"url": question.url})
                self._do(Ask(self._serial, question))
            case UseText(text):
                self._note(now, "default-action", "doing the subscription's default action")
                self._choose(text.encode(), now)
            case Apologise():
                self._verdict = (Status.FAILED, reason)
                self._note(now, "announcement", "telling the caller that nobody can take the call")
                self._begin(self._own_words(self._limits.sorry), now, is_last=True)
            case None:
                self._note(now, "chain-exhausted", "nothing is left to tell the caller", Reason.CHAIN_EXHAUSTED)
                if self.state is State.ACTING:
                    self._finish(*self._verdict, "there is nothing left to do", now)
                else:
                    self._do(Refuse(REFUSED_AS[Reason.CHAIN_EXHAUSTED]))
                    self._end(Event.EXHAUSTED, Status.FAILED, reason, now)

    def _told(self, serial: int, answer: Answer | Failure, now: float) -> None:
        if self.state is not State.ASKING or serial != self._serial:
            return
        tries = [asdict(one) for one in answer.tries]
        if isinstance(answer, Failure):
            self._fail("action-failed", answer.code, answer.text, now, {"tries": tries})
        else:
            elapsed = f" in {answer.tries[-1].elapsed_ms:.0f} ms" if answer.tries else ""
            self._note(now, "action-answered", f"the action server answered{elapsed}", data={"tries": tries})
            self._choose(answer.body, now)

    def _choose(self, text: bytes, now: float) -> None:
        """Do what an action text says, if it can be done."""
        parsed = parse(text)
        problems = parsed.problems if parsed.script is None else unavailable(parsed.script, VERBS)
        if parsed.script is None or problems:
            worst = next(one for one in problems if one.severity is Severity.ERROR)
            drawn = draw(worst, text.decode("utf-8", "replace"))
            data = {"line": worst.line, "column": worst.column, "drawn": drawn}
            self._fail("action-failed", worst.code, f"line {worst.line}: {worst.sentence}", now, data)
            return
        self._note(now, "script", write(parsed.script), data={"warnings": [one.sentence for one in parsed.problems]})
        self._begin(parsed.script, now, is_last=False)

    def _fail(self, kind: str, code: str, text: str, now: float, data: Mapping[str, object] | None = None) -> None:
        """What should have told us, or a sound, failed: note it and go on in the chain."""
        self._note(now, kind, text, code, data)
        self._clocks.clear(Alarm.SOUND)
        if self.state is State.ACTING:
            if self._program is None or self._program.is_last or self._chain is None:
                self._finish(*self._verdict, "the announcement cannot be played", now)
                return
            # The caller is answered: nobody is asked any more, but the call ends politely.
            self._chain.only_apology()
        else:
            self._move(Event.FAILED)
            self._program = None
            if now >= self._chain_until and self._chain is not None:
                self._chain.skip_urls()
        self._ask_next(code, now)

    def _out_of_time(self, now: float) -> None:
        """The action servers used up the time of the chain; a script that is being prepared goes on."""
        if self.state is State.ASKING and self._chain is not None:
            self._serial += 1
            self._chain.skip_urls()
            self._fail("action-failed", "timeout", f"no usable answer within {self._limits.chain_s:g} s", now)

    # A script.

    def _begin(self, script: Script, now: float, *, is_last: bool) -> None:
        self._serial += 1
        self._program = Program(script, self._serial, is_last=is_last)
        self._is_over = False
        if self.state is State.ACTING:
            self._move(Event.CHOSEN)
            self._clocks.clear(Alarm.STEP)
            self._run(now)
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
                    self._do(OpenMedia())
                self._prepare()
                self._clocks.set(Alarm.SOUND, now + self._limits.sound_s)
                self._answer_when_ready(now)

    def _reject(self, how: No, text: str, now: float) -> None:
        self._note(now, "rejected", text)
        self._do(Refuse(how))
        self._end(Event.REJECTED, Status.REJECTED, None, now)

    def _answer_when_ready(self, now: float) -> None:
        """Answer as soon as the caller can hear something: media and first sound are there."""
        program = self._program
        if self.state is not State.PREPARING or program is None or not (self._has_media and program.is_ready):
            return
        assert self._admission is not None, "only an admitted call is prepared"
        self._move(Event.READY)
        self._clocks.clear_all()
        self._answered_at = now
        self._clocks.set(Alarm.LONGEST, now + self._limits.call_s)
        if self._admission.minute_cost:
            self._pay_until(now + self._admission.held_minutes * MINUTE_S)
        self._do(AnswerCall())
        self._do(NoteAnswer())
        self._note(now, "answered", "the call is answered")
        self._run(now)

    def _run(self, now: float) -> None:
        """Do the present action, or wait for its sound."""
        program = self._program
        assert program is not None, "only a chosen script runs"
        action = program.action
        self._prepare()
        match action:
            case Say() | Playback():
                if program.failure:
                    self._fail("sound-failed", *program.failure, now)
                elif program.is_ready:
                    self._clocks.clear(Alarm.SOUND)
                    self._note(now, "playing", described(action), data={"line": program.line})
                    self._do(Play(program.key, action.loop))
                else:
                    self._clocks.set(Alarm.SOUND, now + self._limits.sound_s)
            case Pause(seconds):
                self._note(now, "pause", f"silence for {seconds} s", data={"line": program.line})
                self._clocks.set(Alarm.STEP, now + seconds)
            case _:
                # After the last action, and at `hangup`, the caller's phone may play its last word.
                self._is_over = True
                self._clocks.set(Alarm.STEP, now + self._limits.goodbye_s)

    def _step(self, now: float) -> None:
        """The present action is over."""
        assert self._program is not None, "only a chosen script runs"
        if self._is_over:
            self._finish(*self._verdict, "the script is over", now)
            return
        self._program.advance()
        self._run(now)

    def _played(self, key: str, now: float) -> None:
        if self.state is State.ACTING and self._program is not None and key == self._program.key:
            self._step(now)

    def _prepare(self) -> None:
        assert self._program is not None, "only a chosen script has sounds"
        for key, sound in self._program.wanted():
            self._do(Prepare(key, sound))

    def _prepared(self, key: str, now: float) -> None:
        program = self._program
        if program is None or not program.owns(key):
            return
        program.ready(key)
        self._note(now, "sound-ready", f"the sound of action {key.partition(':')[2]} is ready", data={"key": key})
        if self.state is State.ACTING and key == program.key:
            self._run(now)
        else:
            self._answer_when_ready(now)

    def _not_prepared(self, key: str, code: str, text: str, now: float) -> None:
        program = self._program
        if program is None or not program.owns(key) or self.state not in (State.PREPARING, State.ACTING):
            return
        program.failed(key, code, text)
        # A sound of a later line fails when its line is reached.
        if key == program.key:
            self._fail("sound-failed", code, text, now)

    def _own_words(self, texts: Mapping[str, str]) -> Script:
        assert self._admission is not None, "only an admitted call is spoken to"
        return own_words(texts, self._admission.language)

    # Credit.

    def _extended(self, granted: bool, now: float) -> None:
        if self.state is not State.ACTING:
            return
        if granted:
            self._pay_until(self._held_until + MINUTE_S)
            self._note(now, "hold-extended", "the next minute is paid for")
            return
        self._note(now, "credit-ended", "there is no credit for the next minute", Reason.CREDIT_ENDED)
        self._verdict = (Status.COMPLETED, Reason.CREDIT_ENDED)
        self._begin(self._own_words(self._limits.credit_ended), now, is_last=True)

    def _pay_until(self, when: float) -> None:
        self._held_until = when
        self._clocks.set(Alarm.HELD, when)
        self._clocks.set(Alarm.EXTEND, when - self._limits.extend_before_s)

    # The way out.

    def _caller_left(self, text: str, reason: Reason | None, now: float) -> None:
        if self.state in (State.ENDING, State.ENDED):
            return
        self._note(now, "hung-up", text, reason)
        if self.state is not State.ACTING:
            self._end(Event.CALLER_LEFT, Status.CANCELED, None, now)
        elif reason is not None:
            self._end(Event.CALLER_LEFT, Status.FAILED, reason, now)
        else:
            self._end(Event.CALLER_LEFT, *self._verdict, now)

    def _broken(self, reason: Reason, text: str, now: float) -> None:
        if self.state in (State.ENDING, State.ENDED):
            return
        self._note(now, "broken", text, reason)
        self._do(HangUp() if self.state is State.ACTING else Refuse(REFUSED_AS[reason]))
        self._end(Event.BROKEN, Status.FAILED, reason, now)

    def _finish(self, status: Status, reason: str | None, text: str, now: float) -> None:
        """Hang up on an answered caller."""
        if self.state is State.ACTING:
            self._note(now, "hung-up", f"we hung up: {text}", reason)
            self._do(HangUp())
            self._end(Event.FINISHED, status, reason, now)

    def _end(self, event: Event, status: Status, reason: str | None, now: float) -> None:
        self._move(event)
        self._clocks.clear_all()
        assert self._arrival is not None, "a call begins with its arrival"
        answered = self._answered_at
        ending = Ending(
            call_id=self._arrival.call_id,
            status=status,
            reason=reason,
            ended_at=self._arrival.at + timedelta(seconds=now - self._arrived_at),
            answered_at=None if answered is None else self._arrival.at + timedelta(seconds=answered - self._arrived_at),
            seconds=0.0 if answered is None else now - answered,
        )
        self._do(Record(ending))

    def _move(self, event: Event) -> None:
        self.state = move(self.state, event)

    def _do(self, effect: Effect) -> None:
        self._out.append(effect)

    def _note(
        self, now: float, kind: str, text: str, code: str | None = None, data: Mapping[str, object] | None = None
    ) -> None:
        at_ms = round((now - self._arrived_at) * 1000, 1)
        self._do(Note(TimelineEvent(at_ms, kind, text, code, data or {})))
