"""What a call does about what happens to it: each verb is a thing that happened, or a deadline that has come.

`table` says which moves exist; this file says what each costs. Read it from the way in to the way out. Which
input and which deadline leads to which verb is `call`'s business.
"""

from collections.abc import Mapping
from typing import assert_never

from offhook.domain.calls import Admission, Arrival, Reason, Refusal, Status
from offhook.domain.legs import CALLER_LEG
from offhook.domain.questions import Answer, Failure
from offhook.domain.questions import Event as About
from offhook.domain.remarks import Remark
from offhook.domain.routes import Routes, Unroutable
from offhook.domain.sounds import Making
from offhook.engine.call.callees import Callees
from offhook.engine.call.chain import Apologise, AskUrl, Chain, Parameters, UseText
from offhook.engine.call.choice import Chosen, Unusable, choose
from offhook.engine.call.clocks import Alarm, Clocks
from offhook.engine.call.effects import (
    Ask,
    ExtendHold,
    HangUp,
    Join,
    No,
    OpenMedia,
    PassEarlyMedia,
    PlayRinging,
    Refuse,
    Ring,
    StopPlaying,
    StopRinging,
)
from offhook.engine.call.exchanges import of_tries, took
from offhook.engine.call.inputs import MessageKept
from offhook.engine.call.journal import Journal
from offhook.engine.call.limits import Limits
from offhook.engine.call.minutes import Minutes
from offhook.engine.call.program import own_words, sound_of
from offhook.engine.call.refusals import REFUSED_AS, REJECTED_AS
from offhook.engine.call.stage import Calls, Gathered, LeadsTo, Left, Outcome, Over, SoundFailed, Stage
from offhook.engine.call.table import ANSWERED, ASKING, DIRECTABLE, Event, State, move
from offhook.engine.call.unreached import Unreached
from offhook.language import Hangup, Redirect, Reject, Script, Transfer, write


class Life:
    """The life of one call; what it wants done gathers in `journal`, what it waits for in `clocks`."""

    def __init__(self, limits: Limits) -> None:
        self.state = State.ARRIVED
        self.clocks = Clocks()
        self.journal = Journal()
        self.stage = Stage(limits, self.clocks, self.journal)
        self.callees = Callees(limits, self.clocks, self.journal)
        self._limits = limits
        self._minutes = Minutes(self.clocks, limits.extend_before_s)
        self._admission: Admission | None = None
        self._chain: Chain | None = None
        # Counts questions, so that the answer to one that was given up is known to be late.
        self._serial = 0
        # Whether a caller who was not answered hears a callee's side instead of its own phone's ringing.
        self._has_early_media = False
        # Whether we play ringing because nobody has said yet what comes next.
        self._rings_meanwhile = False
        self._has_media = False
        self._has_asked_for_media = False
        # Why the call will be recorded as failed or ended early, decided before its end.
        self._verdict: tuple[Status, str | None] = (Status.COMPLETED, None)

    # The way in.

    def arrive(self, arrival: Arrival, now: float) -> None:
        """The INVITE is here."""
        self.journal.begin(arrival, now)

    def decide(self, decision: Admission | Refusal, now: float) -> None:
        """The desk has said whether the call may come in."""
        if self.state is not State.ARRIVED:
            return
        if isinstance(decision, Refusal):
            near = {"near": decision.near, "rules": decision.rules, "near_in": decision.near_in}
            data = {"tried": list(decision.tried), **{name: said for name, said in near.items() if decision.near}}
            self.journal.note(now, "refused", decision.text, decision.reason, data)
            self.journal.do(Refuse(REFUSED_AS[decision.reason]))
            self._end(Event.REFUSED, Status.REFUSED, decision.reason, now)
        else:
            self._admit(decision, now)

    def _admit(self, admission: Admission, now: float) -> None:
        until = now + self._limits.chain_s
        self._admission = admission
        self._chain = Chain(self.journal.arrival, admission, until, self._limits.requests)
        self._move(Event.ADMITTED)
        credit = {"held_minutes": admission.held_minutes, "max_seconds": admission.max_seconds}
        self.journal.note(now, "admitted", admission.text, data=credit)
        if admission.is_charged:
            self._begin_minutes(self.journal.arrived)
        self.ring(now)
        self.clocks.set(Alarm.CHAIN, until)
        reason = "" if admission.action_url or admission.decision else Remark.ACTION_URL_NOT_SET
        if reason:
            self.journal.note(now, "action-failed", "no action URL is set for this number", reason)
        self._ask_next(reason, now)

    def ring(self, now: float) -> None:
        """Tell the caller, and again after a while, that it rings."""
        self.journal.do(Ring())
        self.clocks.set(Alarm.RING, now + self._limits.ring_again_s)

    # The chain.

    def _ask_next(self, reason: str, now: float) -> None:
        """Go to the next link of the chain; `reason` is the code of what failed before."""
        assert self._chain is not None, "only an admitted call has a chain"
        match link := self._chain.next(reason, now):
            case AskUrl(question):
                self._serial += 1
                self.journal.note(now, "action-requested", f"asking {question.url}", data={"url": question.url})
                self.journal.do(Ask(self._serial, question))
            case UseText(text, kind, why, data):
                self.journal.note(now, kind, why, data=data)
                self._use(text.encode(), now)
            case Apologise():
                self._verdict = (Status.FAILED, reason)
                self.journal.note(now, "announcement", "telling the caller that nobody can take the call")
                self._begin(self._own_words(self._limits.sorry), now, is_last=True)
            case None:
                # Only before the answer: whoever is answered heard the announcement, and nothing comes after it.
                exhausted = Reason.CHAIN_EXHAUSTED
                self.journal.note(now, "chain-exhausted", "nothing is left to tell the caller", exhausted)
                self.journal.do(Refuse(REFUSED_AS[exhausted]))
                self._end(Event.EXHAUSTED, Status.FAILED, reason, now)
            case _:
                assert_never(link)

    def told(self, serial: int, answer: Answer | Failure, now: float) -> None:
        """The action server answered the question so numbered, or did not."""
        if self.state not in ASKING or serial != self._serial:
            return
        tries = of_tries(answer.tries)
        if isinstance(answer, Failure):
            self._fail("action-failed", answer.code, answer.text, now, {"tries": tries})
        else:
            text = f"the action server answered{took(answer.tries)}"
            self.journal.note(now, "action-answered", text, data={"tries": tries})
            self._use(answer.body, now)

    def _use(self, text: bytes, now: float) -> None:
        """Do what an action text says, if it can be done."""
        match choice := choose(text):
            case Chosen(script, warnings):
                self.journal.note(now, "script", write(script), data={"warnings": list(warnings)})
                self._begin(script, now, is_last=False)
            case Unusable(code, why, data):
                self._fail("action-failed", code, why, now, data)
            case _:
                assert_never(choice)

    def _fail(self, kind: str, code: str, text: str, now: float, data: Mapping[str, object] | None = None) -> None:
        """What should have told us, or a sound, failed: note it and go on in the chain."""
        assert self._chain is not None, "only an admitted call can be failed"
        self.journal.note(now, kind, text, code, data)
        if self.state is not State.ACTING:
            # Before the answer, or while an action server is asked.
            self._move(Event.FAILED)
            self.stage.strike()
        elif self.stage.is_closing:
            self.finish(*self._verdict, "the announcement cannot be played", now)
            return
        else:
            # The caller is answered: nobody is asked any more, but the call ends politely.
            self._chain.only_apology()
        self._ask_next(code, now)

    def _consult(self, url: str | None, event: About, result: Parameters, now: float) -> None:
        """Ask what comes next, now that an action has a result; without a URL the action URL is asked."""
        assert self._chain is not None, "only an admitted call does anything"
        self._chain.follow(url, event, result, now + self._limits.chain_s)
        self._ask_anew(now)

    def _redirect(self, url: str, now: float) -> None:
        """Ask elsewhere what was asked last."""
        assert self._chain is not None, "only an admitted call does anything"
        self.journal.note(now, "redirect", f"the script says to ask {url}", data={"url": url})
        self._chain.redirect(url, now + self._limits.chain_s)
        self._ask_anew(now)

    def _ask_anew(self, now: float) -> None:
        assert self._chain is not None, "only an admitted call does anything"
        self._move(Event.ASKS)
        self.stage.strike()
        self.clocks.set(Alarm.CHAIN, now + self._limits.chain_s)
        if self.state is State.CONSULTING:
            self.clocks.set(Alarm.MEANWHILE, now + self._limits.meanwhile_s)
        if self._chain.is_spent:
            text = f"the call has made {self._limits.requests} action requests, and may make no more"
            self._fail("action-failed", Remark.TOO_MANY_REQUESTS, text, now)
        elif not self._chain.has_url:
            self._fail("action-failed", Remark.ACTION_URL_NOT_SET, "no action URL is set for this number", now)
        else:
            self._ask_next("", now)

    def ring_meanwhile(self) -> None:
        """An answered caller has heard nothing for a while: rather ringing than dead air."""
        if self.state is State.CONSULTING:
            self._rings_meanwhile = True
            self.journal.do(PlayRinging())

    def out_of_time(self, now: float) -> None:
        """The action servers used up the time of the chain; a script that is being prepared goes on."""
        if self.state in ASKING:
            self._fail("action-failed", Remark.TIMEOUT, f"no usable answer within {self._limits.chain_s:g} s", now)

    # From outside.

    @property
    def takes_directions(self) -> bool:
        """Whether another script can take the place of this one; the credit's last words stay."""
        return self.state in DIRECTABLE and self._verdict[1] != Reason.CREDIT_ENDED

    def directed(self, text: str, by: str, now: float) -> None:
        """Somebody wants another script in place of what runs, or of what would have been chosen."""
        if not self.takes_directions:
            return
        match choice := choose(text.encode()):
            case Chosen(script, warnings):
                data = {"by": by, "warnings": list(warnings)}
                self.journal.note(now, "directed", f"API user {by} put another script in place", data=data)
                self.journal.note(now, "script", write(script), data={"warnings": list(warnings)})
                self._replace(script, now)
            case Unusable(code, why, data):
                told = f"API user {by} wanted another script, which cannot be done: {why}"
                self.journal.note(now, "direction-refused", told, code, {"by": by, **data})
            case _:
                assert_never(choice)

    def _replace(self, script: Script, now: float) -> None:
        """Let go of what the present script does, and begin with another one."""
        assert self._chain is not None, "only an admitted call is directed"
        self._verdict = (Status.COMPLETED, None)
        # What is put in the place of our excuse may fail as well.
        self._chain.may_apologise_again()
        self.callees.hang_up(now)
        self.callees.give_back()
        if self._has_early_media:
            # Its own phone stopped ringing for what the callee's side sent.
            self._has_early_media, self._rings_meanwhile = False, True
            self.journal.do(PlayRinging())
        if self.state is State.ACTING and sound_of(script.actions[0]) is None:
            # No sound comes and takes the place of the present one.
            self.journal.do(StopPlaying())
        self._begin(script, now, is_last=False)

    def completed(self, by: str, now: float) -> None:
        """Somebody wants the call to be over."""
        text = f"API user {by} ended the call"
        if self.state in ANSWERED:
            self.journal.note(now, "completed", text, data={"by": by})
            self.finish(*self._verdict, text, now)
        elif self.state in DIRECTABLE:
            self.journal.note(now, "completed", text, data={"by": by})
            self._reject(No.UNAVAILABLE, text, now)

    # A script.

    def _begin(self, script: Script, now: float, *, is_last: bool) -> None:
        if self.state in ANSWERED:
            self.callees.hang_up(now)
            self._move(Event.CHOSEN)
            self.clocks.clear(Alarm.CHAIN)
            self.clocks.clear(Alarm.MEANWHILE)
            self.stage.set_up(script, now, is_last=is_last)
            if self._rings_meanwhile and self.stage.is_ready:
                # A sound takes the ringing's place by itself, when it is there.
                self.journal.do(StopRinging())
            self._rings_meanwhile = False
            self.follow(self.stage.run(now), now)
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
                    self.journal.do(OpenMedia())
                self.stage.set_up(script, now, is_last=is_last)
                self._go_ahead(now)

    def _reject(self, how: No, text: str, now: float) -> None:
        self.journal.note(now, "rejected", text)
        self.journal.do(Refuse(how))
        self._end(Event.REJECTED, Status.REJECTED, None, now)

    def _go_ahead(self, now: float) -> None:
        """Begin the present line: a transfer unanswered, all else as soon as the caller can hear it."""
        if self.state is not State.PREPARING:
            return
        match self.stage.action:
            case Transfer() as wish:
                self._move(Event.DIALS)
                self.clocks.clear(Alarm.SOUND)
                self._seek(wish, now)
            case Hangup():
                self._reject(No.UNAVAILABLE, "the script says hangup", now)
            case Redirect(url):
                self._redirect(url, now)
            case _ if self.stage.failure is not None:
                self.follow(self.stage.failure, now)
            case _ if self._has_media and self.stage.is_ready:
                # Media and first sound are there, so that nobody hears dead air.
                self._move(Event.READY)
                self._answer(now)
                self.follow(self.stage.run(now), now)

    def _answer(self, now: float) -> None:
        assert self._admission is not None, "only an admitted call is prepared"
        for alarm in (Alarm.RING, Alarm.CHAIN, Alarm.SOUND):
            self.clocks.clear(alarm)
        if self._rings_meanwhile:
            self._rings_meanwhile = False
            self.journal.do(StopRinging())
        self.clocks.set(Alarm.LONGEST, now + self._limits.call_s)
        if not self._admission.is_charged:
            self._begin_minutes(now)
        self.journal.answer(now)

    def media_opened(self, now: float) -> None:
        """A media leg is ready for the caller."""
        self._has_media = True
        self.callees.go(now)
        self._go_ahead(now)

    def prepared(self, key: str, making: Making, now: float) -> None:
        """A sound can be played, and how it became ready."""
        if not self.stage.prepared(key, making, now):
            return
        if self.state is State.ACTING:
            self.follow(self.stage.run(now), now)
        else:
            self._go_ahead(now)

    def played(self, key: str, now: float) -> None:
        """The last packet of a sound has been sent."""
        if self.state is State.ACTING:
            self.follow(self.stage.played(key, now), now)

    def message_kept(self, kept: MessageKept, now: float) -> None:
        """The recording of a message is over."""
        said = f"a message of {kept.seconds:.1f} s is kept" if kept.url else "there is no message to keep"
        data = {"seconds": kept.seconds, "ended_by": kept.code}
        self.journal.note(now, "recorded", said, data=data)
        if self.state is State.ACTING:
            self.follow(self.stage.message_kept(kept, now), now)

    def pressed(self, key: str, now: float) -> None:
        """The caller pressed a key."""
        self.journal.note(now, "digit", f"the caller pressed {key}", data={"digit": key})
        if self.state is State.ACTING:
            self.follow(self.stage.pressed(key, now), now)

    def follow(self, outcome: Outcome | None, now: float) -> None:
        """Do what follows from how a line came out."""
        match outcome:
            case SoundFailed(code, text):
                self._fail("sound-failed", code, text, now, self.stage.place)
            case Calls(transfer):
                self.journal.do(PlayRinging())
                self._seek(transfer, now)
            case Gathered(url, digits):
                self.journal.note(now, "gathered", f"the caller pressed {digits or 'nothing'}", data={"digits": digits})
                self._consult(url, About.GATHER, [("digits", digits)], now)
            case Left(url, recording_url):
                told = [("recording_url", recording_url)] if recording_url else []
                self._consult(url, About.VOICEMAIL, told, now)
            case LeadsTo(url):
                self._redirect(url, now)
            case Over():
                self.finish(*self._verdict, "the script is over", now)
            case None:
                # The script goes on by itself.
                return
            case _:
                assert_never(outcome)

    # A transfer.

    def _seek(self, wish: Transfer, now: float) -> None:
        assert self._admission is not None, "only an admitted call calls somebody"
        self.unreached(self.callees.seek(wish, self._admission, now), now)

    def routed(self, leg: int, decision: Routes | Unroutable, now: float) -> None:
        """The desk has said how a callee is reached."""
        self.unreached(self.callees.routed(leg, decision, now), now)
        if self._has_media:
            self.callees.go(now)

    def callee_progressed(self, dial: int, status: int, now: float, *, has_media: bool) -> None:
        """The callee's side is at work, and with early media it sends sound already."""
        if self.callees.progressed(dial, status, now) and has_media and self.callees.is_alone:
            self.journal.note(now, "early-media", "the caller hears what the callee's side sends")
            if self.state is State.ACTING:
                self.journal.do(Join(dial))
            else:
                self._has_early_media = True
                self.journal.do(PassEarlyMedia(dial))

    def callee_answered(self, dial: int, now: float) -> None:
        """The callee answered: now the caller is answered too, and both are joined."""
        if self.callees.answered(dial, now):
            self._connect(dial, now)

    def callee_pressed(self, dial: int, key: str, now: float) -> None:
        """A callee pressed a key, by which it may take the call."""
        if self.callees.pressed(dial, key, now):
            self._connect(dial, now)

    def _connect(self, dial: int, now: float) -> None:
        if self.state is State.CALLING:
            self._answer(now)
        self._move(Event.CONNECTED)
        self.journal.do(Join(dial))

    def unreached(self, why: Unreached | None, now: float) -> None:
        """The transfer came to nothing: the next line is for that case, else the caller is told why."""
        if why is None:
            return
        data = {"transfer_status": why.word, "sip_code": why.sip_code, **({"fault": why.fault} if why.fault else {})}
        self.journal.note(now, "transfer-failed", f"the callee was not reached: {why.text}", why.reason, data)
        url = self.callees.wish.next
        if self.stage.has_more or url is not None:
            self.callees.give_back()
        if self._has_early_media and (self.stage.has_more or url is not None):
            # Its own phone stopped ringing for what the callee's side sent.
            self._has_early_media, self._rings_meanwhile = False, True
            self.journal.do(PlayRinging())
        if url is not None:
            if self.state is State.ACTING:
                self.journal.do(StopRinging())
            code = [("sip_code", str(why.sip_code))] if why.sip_code is not None else []
            self._consult(url, About.TRANSFER, [("transfer_status", why.word), *code], now)
        elif self.state is State.ACTING:
            if not self.stage.has_more:
                self._verdict = (Status.COMPLETED, why.reason)
            self.journal.do(StopRinging())
            self.follow(self.stage.step(now), now)
        elif self.stage.has_more:
            self._move(Event.UNREACHED)
            self.stage.skip()
            self.stage.wait(now)
            self._go_ahead(now)
        else:
            self.journal.do(Refuse(why.told_as))
            self._end(Event.NOT_CONNECTED, Status.FAILED, why.reason, now)

    def callee_refers(self, dial: int, number: str, now: float) -> None:
        """The callee has the caller led to another number, as a line of the script would, and is out of it itself."""
        if not self.callees.is_talking(dial):
            return
        wish = self.callees.referred(dial, number, now)
        if wish is not None:
            self._begin(Script((wish,)), now, is_last=False)
        else:
            self.callee_left(dial, "the callee left", now)

    def callee_left(self, dial: int, text: str, now: float) -> None:
        """A callee who had answered hung up."""
        self.unreached(self.callees.left_unconfirmed(dial, now), now)
        if not self.callees.is_talking(dial):
            return
        self.journal.note(now, "hung-up", text)
        if self.callees.wish.next is not None:
            self._ask_after_transfer(self.callees.wish.next, now)
        else:
            self.journal.do(HangUp())
            self._end(Event.CALLEE_LEFT, *self._verdict, now)

    def transfer_is_long(self, now: float) -> None:
        """The script wanted its transfer to be no longer."""
        text = f"the transfer was to last no longer than {self.callees.wish.max_s} s"
        if self.callees.wish.next is None:
            self.finish(Status.COMPLETED, None, text, now)
        else:
            self.journal.note(now, "hung-up", f"we hung up on the callee: {text}")
            self._ask_after_transfer(self.callees.wish.next, now)

    def _ask_after_transfer(self, url: str, now: float) -> None:
        """The callee is gone and the caller is not: ask what comes next."""
        seconds = self.callees.part(now)
        result = [("transfer_status", "answered"), ("duration", str(seconds))]
        self._consult(url, About.TRANSFER, result, now)

    # Credit.

    def _begin_minutes(self, when: float) -> None:
        assert self._admission is not None, "only an admitted call is charged"
        if self._admission.minute_cost:
            self._minutes.begin(when, self._admission.held_minutes)

    def extend(self, alarm: Alarm, now: float) -> None:
        """Pay for the next minute of the leg whose alarm it is."""
        if alarm is Alarm.EXTEND:
            self.journal.do(ExtendHold(CALLER_LEG, self._minutes.count + 1))
        else:
            self.callees.extend(now)

    def minute_ended(self) -> None:
        """A timer wakes a little late, but the call ends with its minute and not in the next."""
        end = min(self._minutes.paid_until, self.callees.paid_until)
        text = "the minute that was paid for is over"
        if self.state in ANSWERED:
            self.finish(Status.COMPLETED, Reason.CREDIT_ENDED, text, end)
        else:
            self.broken(Reason.CREDIT_ENDED, text, end)

    def extended(self, leg: int, now: float, *, granted: bool) -> None:
        """The next minute of a leg is paid for, or there is no credit for it."""
        is_counting = self.state in ANSWERED or (self._admission is not None and self._admission.is_charged)
        minutes = self._minutes if leg == CALLER_LEG else self.callees.minutes_of(leg)
        if not is_counting or minutes is None:
            return
        if granted:
            minutes.add()
            self.callees.extended()
            self.journal.note(now, "hold-extended", "the next minute is paid for", data={"leg": leg})
            return
        self.journal.note(now, "credit-ended", "there is no credit for the next minute", Reason.CREDIT_ENDED)
        # Last words are not interrupted by others: they too end with the minute. Who was not answered hears none.
        if self.state in ANSWERED and not self.stage.is_closing:
            self._verdict = (Status.COMPLETED, Reason.CREDIT_ENDED)
            self._begin(self._own_words(self._limits.credit_ended), now, is_last=True)

    def _own_words(self, texts: Mapping[str, str]) -> Script:
        assert self._admission is not None, "only an admitted call is spoken to"
        return own_words(texts, self._admission.language)

    # The way out.

    def caller_left(self, text: str, reason: Reason | None, now: float) -> None:
        self.journal.note(now, "hung-up", text, reason)
        if self.state not in ANSWERED:
            self._end(Event.CALLER_LEFT, Status.CANCELED, None, now)
        elif reason is not None:
            self._end(Event.CALLER_LEFT, Status.FAILED, reason, now)
        else:
            self._end(Event.CALLER_LEFT, *self._verdict, now)

    def broken(self, reason: Reason, text: str, now: float) -> None:
        self.journal.note(now, "broken", text, reason)
        self.journal.do(HangUp() if self.state in ANSWERED else Refuse(REFUSED_AS[reason]))
        self._end(Event.BROKEN, Status.FAILED, reason, now)

    def finish(self, status: Status, reason: str | None, text: str, now: float) -> None:
        """Hang up on an answered caller."""
        self.journal.note(now, "hung-up", f"we hung up: {text}", reason)
        self.journal.do(HangUp())
        self._end(Event.FINISHED, status, reason, now)

    def recorded(self) -> None:
        """Ledger and timeline are closed."""
        self._move(Event.RECORDED)

    def _end(self, event: Event, status: Status, reason: str | None, now: float) -> None:
        self._move(event)
        self.callees.hang_up(now)
        self.clocks.clear_all()
        self.journal.close(status, reason, now, self.callees.used)

    def _move(self, event: Event) -> None:
        self.state = move(self.state, event)
