"""One call on real things: carries out what the call machine wants and tells it what happened.

The machine (`engine.call`) decides; this file knows SIP legs, media legs and the other rooms.
"""

import asyncio
from collections.abc import Coroutine
from datetime import datetime, timedelta
from functools import partial
from typing import assert_never

from offhook.domain.calls import Arrival, Ending, Reason, Status
from offhook.domain.errors import CallIsOver, CreditHasEnded
from offhook.domain.legs import CALLER_LEG
from offhook.domain.questions import Failure
from offhook.domain.remarks import Remark
from offhook.domain.rules import Dtmf
from offhook.domain.sip_messages import SipMessage
from offhook.domain.sounds import Beep
from offhook.engine.call import Call
from offhook.engine.call.choice import Unusable, choose
from offhook.engine.call.effects import (
    Admit,
    AnswerCall,
    Ask,
    AskToConfirm,
    Dial,
    Effect,
    ExtendHold,
    FindRoutes,
    GiveBack,
    HangUp,
    HangUpCallee,
    Join,
    Note,
    NoteAnswer,
    NoteCalleeAnswer,
    NoteCalleeRings,
    OpenMedia,
    PassEarlyMedia,
    Play,
    PlayRinging,
    Prepare,
    Record,
    RecordMessage,
    Refuse,
    Ring,
    StopPlaying,
    StopRecording,
    StopRinging,
)
from offhook.engine.call.inputs import (
    Arrived,
    Broken,
    CalleePressed,
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
from offhook.engine.call.table import State
from offhook.engine.net.answers import RETRY_AFTER_S, STATUS
from offhook.engine.net.callee import Callee
from offhook.engine.net.clerk import Clerk
from offhook.engine.net.dialogs import Dialogs
from offhook.engine.net.log import log
from offhook.engine.net.media_pool import LegNews, MediaUnavailable
from offhook.engine.net.message_tape import MessageTape
from offhook.engine.net.negotiation import Negotiation
from offhook.engine.net.orders import Digit, Finished, FirstIn, FirstOut, Hearing, RecordingEnded, Silent
from offhook.engine.net.parts import Parts
from offhook.engine.net.party import Party
from offhook.engine.net.timeline import Timeline
from offhook.engine.sip.keys import USUAL_MS
from offhook.engine.sip.outputs import (
    Canceled,
    Confirmed,
    HungUp,
    Informed,
    Lost,
    NotInformed,
    Output,
    Overheard,
    Referred,
    Reoffered,
)
from offhook.errors import OffhookError
from offhook.language import Say


class Line:
    """One caller, from the INVITE until everything about it is recorded."""

    def __init__(self, parts: Parts, leg: str, arrival: Arrival, negotiation: Negotiation) -> None:
        self.leg = leg
        self.arrival = arrival
        self.is_over = asyncio.Event()
        self._parts = parts
        self._call = Call(parts.limits)
        self._timeline = Timeline(parts.endpoint.now)
        self._clerk = Clerk(parts.desk, arrival, self._timeline)
        self._tape = MessageTape(self._clerk)
        self._caller = Party(parts.endpoint, leg, negotiation, self._timeline.note, parts.observer.leg_closed)
        # Whoever is called, by the attempt, and with which of them the caller was joined last.
        self._callees: dict[int, Callee] = {}
        self._dialogs = Dialogs(parts.endpoint)
        self._said: list[SipMessage] = []
        self._joined = 0
        self._has_ignored_key = False
        # The body of our 183, once the caller hears something before the answer.
        self._early_sdp = b""
        self._sounds: dict[str, tuple[str, str | None, str]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        # What nobody waits for any more once the call has ended.
        self._errands: set[asyncio.Task[None]] = set()
        self._farewells: set[asyncio.Task[None]] = set()
        self._timer: asyncio.Handle | None = None
        self._timer_at: float | None = None

    @property
    def state(self) -> State:
        """Where the call stands."""
        return self._call.state

    def begin(self, call_id: str) -> None:
        """Let the call in as far as the desk; `call_id` is the Call-ID of its INVITE."""
        self._dialogs.follow(call_id)
        self.tell(Arrived(self.arrival))

    def tell(self, what: Input) -> None:
        """Tell the machine what happened and do what it wants."""
        self._do(self._call.receive(what, self._parts.endpoint.now()))

    def direct(self, action: str | None, by: str) -> str | None:
        """Put an action text in place of what the call does, or end it.

        Returns an empty text, else the code of why it cannot be, or None while it is not known whether it may come in.
        """
        state = self._call.state
        if state is State.ARRIVED:
            return None
        if state in (State.ENDING, State.ENDED):
            return CallIsOver.code
        if action is None:
            self.tell(Completed(by))
            return ""
        if not self._call.takes_directions:
            return CreditHasEnded.code
        choice = choose(action.encode())
        self.tell(Directed(action, by))
        return str(choice.code) if isinstance(choice, Unusable) else ""

    def hear(self, output: Output) -> None:
        """Take what SIP tells of the caller's leg."""
        match output:
            case Confirmed(_, sdp):
                self._confirmed(sdp)
            case Reoffered() | Referred() | NotInformed() | Overheard():
                self._caller.hear(output)
            case Informed(_, key, duration_ms) if self._caller.negotiation.takes_info:
                self._pressed(key, Dtmf.INFO, duration_ms)
            case Informed(_, key) if not self._has_ignored_key:
                self._has_ignored_key = True
                text = f"the caller pressed {key} by INFO, which is not listened to: its side agreed on another way"
                self._timeline.note("key-ignored", text, Remark.KEYS_BY_INFO, {"digit": key})
            case Canceled():
                self.tell(CallerLeft("the caller gave up before the answer"))
            case HungUp():
                self.tell(CallerLeft("the caller hung up"))
            case Lost(_, text):
                self.tell(CallerLeft(text, Reason.NOT_CONFIRMED))
            case _:
                return

    def abandon(self) -> None:
        """Stop everything at once; nothing more is recorded."""
        if self._timer is not None:
            self._timer.cancel()
        for task in self._tasks:
            task.cancel()

    def _do(self, effects: list[Effect]) -> None:
        try:
            for effect in effects:
                self._carry_out(effect)
        finally:
            self._set_timer()

    def _carry_out(self, effect: Effect) -> None:  # noqa: C901 - one case for each effect
        match effect:
            case Note(event):
                self._timeline.keep(event)
            case Admit():
                self._spawn(self._admit())
            case Ring():
                self._ring()
            case Ask():
                self._errands.add(self._spawn(self._ask(effect)))
            case OpenMedia():
                self._spawn(self._open_media())
            case Prepare():
                self._errands.add(self._spawn(self._prepare(effect)))
            case AnswerCall():
                self._answer()
            case NoteAnswer():
                self._parts.observer.answered(self._timeline.elapsed_s)
                record = self._parts.endpoint.agent.record(self.leg)
                self._spawn(self._clerk.answered(CALLER_LEG, self._now(), record))
            case NoteCalleeRings(number, dial):
                if (record := self._record_of(dial)) is not None:
                    self._spawn(self._clerk.rings(number, record))
            case NoteCalleeAnswer(number, dial):
                self._parts.loops.lands(self.arrival)
                record = self._record_of(dial)
                self._spawn(self._clerk.answered(number, self._now(), record))
            case Play(key, loop):
                self._play(key, loop)
            case FindRoutes(number, to):
                self._errands.add(self._spawn(self._find_routes(number, to)))
            case Dial():
                self._dial(effect)
            case PlayRinging():
                if self._caller.media is not None:
                    self._caller.media.ring()
            case StopRinging():
                if self._caller.media is not None:
                    self._caller.media.quiet()
            case RecordMessage():
                if self._caller.media is not None:
                    self._tape.begin(self._caller.media, effect)
            case StopRecording():
                self._spawn(self._keep_message(self._tape.stop()))
            case StopPlaying():
                if self._caller.media is not None:
                    self._caller.media.quiet()
            case PassEarlyMedia(dial):
                self._pass_early_media(dial)
            case Join(dial):
                self._join(dial)
            case AskToConfirm(dial, words):
                if (asked := self._callees.get(dial)) is not None:
                    self._errands.add(self._spawn(asked.ask(words)))
            case HangUpCallee(dial):
                self._hang_up_callee(dial)
            case GiveBack(number):
                self._spawn(self._clerk.give_back(number))
            case ExtendHold(number, minute):
                self._spawn(self._extend(number, minute))
            case Refuse(how):
                self._refuse(STATUS[how])
            case HangUp():
                self._caller.hang_up()
            case Record(ending):
                self._parts.loops.lands(self.arrival)
                if ending.status is Status.REFUSED:
                    self._parts.observer.refused(str(ending.reason))
                for errand in self._errands:
                    errand.cancel()
                self._spawn(self._record(ending))
            case _:
                assert_never(effect)

    # The caller's SIP.

    def _ring(self) -> None:
        agent, now = self._parts.endpoint.agent, self._parts.endpoint.now()
        # A 180 after early media would make the caller's phone ring over it.
        status = 183 if self._early_sdp else 180
        self._parts.endpoint.do(agent.ring(self.leg, now, status=status, sdp=self._early_sdp))

    def _answer(self) -> None:
        endpoint, caller = self._parts.endpoint, self._caller
        assert caller.media is not None, "a call is answered when its media is open"
        body = caller.negotiation.answer(caller.media.port)
        endpoint.do(endpoint.agent.answer(self.leg, body, endpoint.now()))
        if not caller.negotiation.waits_for_answer:
            caller.connect()
        caller.answered()

    def _confirmed(self, sdp: bytes) -> None:
        """The caller acknowledged our answer; with `sdp` it answers our offer."""
        negotiation = self._caller.negotiation
        if negotiation.waits_for_answer:
            if negotiation.answered(sdp):
                self._caller.connect()
            else:
                self.tell(Broken(Reason.NO_COMMON_CODEC, f"the caller {negotiation.misfit.text}"))

    def _refuse(self, status: int) -> None:
        endpoint = self._parts.endpoint
        retry = RETRY_AFTER_S if status == 503 else None
        endpoint.do(endpoint.agent.refuse(self.leg, status, endpoint.now(), retry_after_s=retry))

    # The desk.

    async def _admit(self) -> None:
        self.tell(Decided(await self._clerk.admit()))

    async def _find_routes(self, leg: int, number: str) -> None:
        self.tell(Routed(leg, await self._clerk.find_routes(leg, number)))

    async def _extend(self, leg: int, minute: int) -> None:
        granted = await self._clerk.extend(leg, minute)
        if granted is not None:
            self.tell(Extended(leg, granted))

    async def _keep_message(self, keeping: Coroutine[object, object, MessageKept | None]) -> None:
        kept = await keeping
        if kept is not None:
            self.tell(kept)

    async def _record(self, ending: Ending) -> None:
        try:
            # A task of its own: a defect in it is told of, and the call is put on record all the same.
            await asyncio.wait([self._spawn(self._let_go())])
            length = f"{ending.seconds:.1f} s after the answer" if ending.answered_at else "never answered"
            self._timeline.note("ended", f"{ending.status}, {length}", ending.reason)
            await self._clerk.close(ending, self._said)
            self.tell(Recorded())
        finally:
            # Even a defect on this way leaves no line behind that nobody will ever end.
            self._dialogs.leave()
            self.is_over.set()
            self._parts.on_over(self)

    async def _let_go(self) -> None:
        try:
            if (kept := await self._tape.close()) is not None:
                self._timeline.note("recorded", f"a message of {kept.seconds:.1f} s", data={"ended_by": kept.code})
        finally:
            await self._caller.close()
            if self._farewells:
                await asyncio.wait(self._farewells)
            await self._dialogs.part()
            self._said = self._dialogs.messages(
                self._timeline.began, hides=self.arrival.caller.anonymous, withheld=self.arrival.withheld
            )

    # Action servers and sounds.

    async def _ask(self, effect: Ask) -> None:
        asked_at = self._parts.endpoint.now()
        answer = await self._parts.servers.ask(effect.question)
        seconds = self._parts.endpoint.now() - asked_at
        self._parts.observer.action_server_asked(seconds, failed=isinstance(answer, Failure))
        self.tell(Told(effect.serial, answer))

    async def _prepare(self, effect: Prepare) -> None:
        sounds, codec, wanted = self._parts.sounds, self._caller.negotiation.codec, effect.sound
        try:
            if isinstance(wanted, Beep):
                await self._tape.prepare()
                sound = await sounds.beep(codec)
            elif isinstance(wanted, Say):
                sound = await sounds.speech(wanted.language, wanted.text, codec, wanted.voice)
            else:
                sound = await sounds.playback(wanted.url, codec)
        except OffhookError as error:
            # A hint is a sentence of its own, which begins behind a full stop.
            told = f"{error.sentence.removesuffix('.')}. {error.hint}" if error.hint else error.sentence
            self.tell(NotPrepared(effect.key, error.code, told))
            return
        self._sounds[effect.key] = (sound.path, sound.growing_path, sound.codec.value)
        self.tell(Prepared(effect.key, sound.duration_ms, sound.making))

    # Media.

    async def _open_media(self) -> None:
        try:
            media = await self._caller.open(self._parts.media, self._heard_from_media, self._media_died, name=self.leg)
        except MediaUnavailable as error:
            self.tell(Broken(Reason(error.code), error.sentence))
            return
        if self._call.state in (State.ENDING, State.ENDED):
            await media.close()
            return
        self._caller.media = media
        self.tell(MediaOpened())

    def _play(self, key: str, loop: int) -> None:
        if self._caller.media is not None:
            path, growing_path, codec = self._sounds[key]
            self._caller.media.play(key, path, growing_path, codec, loop)

    def _heard_from_media(self, news: LegNews) -> None:
        match news:
            case Finished(_, key, underruns):
                if underruns:
                    self._timeline.note("underrun", f"{underruns} packets of silence stood in for late sound")
                self.tell(Played(key))
            case Digit(_, digit):
                self._pressed(digit, self._caller.negotiation.heard_key_way)
            case RecordingEnded():
                self._spawn(self._keep_message(self._tape.ended(news)))
            case FirstOut() | FirstIn():
                self._caller.first_packet(news)
            case Hearing():
                self._caller.heard(news)
            case Silent(_, text):
                self.tell(Broken(Reason.NO_RTP, text))
            case _:
                assert_never(news)

    def _pressed(self, key: str, came: Dtmf, duration_ms: int = USUAL_MS) -> None:
        self.tell(Pressed(key))
        if (callee := self._callees.get(self._joined)) is not None:
            callee.pass_on(key, came, duration_ms)

    def _pressed_by_callee(self, dial: int, key: str, came: Dtmf, duration_ms: int = USUAL_MS) -> None:
        self.tell(CalleePressed(dial, key))
        if dial == self._joined:
            self._caller.pass_on(key, came, duration_ms)

    def _media_died(self) -> None:
        self.tell(Broken(Reason.WORKER_DIED, "the process that carried the call's media died"))

    # The callee.

    def _dial(self, wish: Dial) -> None:
        caller = self._caller
        assert caller.media is not None, "somebody is called when the caller's media is open"
        self._parts.loops.takes_off(self.arrival, self._parts.endpoint.now())
        callee = self._callees[wish.dial] = Callee(
            self._parts,
            wish,
            self.arrival,
            caller.media,
            caller.negotiation,
            self.tell,
            self._timeline.note,
            self._dialogs,
        )
        callee.on_key = partial(self._pressed_by_callee, wish.dial)
        self._spawn(callee.call())

    def _pass_early_media(self, dial: int) -> None:
        """Let an unanswered caller hear it, if its INVITE said where (RFC 3261 section 13.3.1.1)."""
        caller = self._caller
        if caller.media is None or not caller.negotiation.can_answer:
            return
        if not self._early_sdp:
            self._early_sdp = caller.negotiation.answer(caller.media.port)
            self._ring()
            caller.connect()
        self._join(dial)

    def _join(self, dial: int) -> None:
        callee = self._callees.get(dial)
        if callee is not None and callee.media is not None and self._caller.media is not None:
            self._caller.media.join(callee.media)
            self._joined = dial

    def _record_of(self, dial: int) -> str | None:
        callee = self._callees.get(dial)
        return callee.record if callee is not None else None

    def _hang_up_callee(self, dial: int) -> None:
        callee = self._callees.pop(dial, None)
        if callee is not None:
            self._parts.loops.lands(self.arrival)
            callee.hang_up()
            farewell = self._spawn(callee.close())
            self._farewells.add(farewell)
            farewell.add_done_callback(self._farewells.discard)

    # Housekeeping.

    def _now(self) -> datetime:
        return self.arrival.at + timedelta(seconds=self._timeline.elapsed_s)

    def _spawn(self, work: Coroutine[object, object, None]) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)
        return task

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._errands.discard(task)
        if task.cancelled() or (error := task.exception()) is None:
            return
        # Our own defect: this call ends with a word about it, and no other call notices.
        log.error("a call met a defect", call_id=self.arrival.call_id, exc_info=error)
        self.tell(Broken(Reason.DEFECT, f"a defect of ours: {type(error).__name__}"))

    def _set_timer(self) -> None:
        deadline = self._call.deadline()
        if deadline == self._timer_at:
            return
        if self._timer is not None:
            self._timer.cancel()
        self._timer_at = deadline
        self._timer = None if deadline is None else asyncio.get_running_loop().call_at(deadline, self._tick)

    def _tick(self) -> None:
        self._timer = self._timer_at = None
        self._do(self._call.tick(self._parts.endpoint.now()))
