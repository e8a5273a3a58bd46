"""One call on real things: carries out what the call machine wants and tells it what happened.

The machine (`engine.call`) decides; this file knows SIP legs, media legs and the other rooms.
"""

import asyncio
from collections.abc import Coroutine
from dataclasses import replace
from datetime import timedelta
from typing import assert_never

from offhook.domain.calls import Admission, Arrival, Ending, Reason, Refusal, TimelineEvent
from offhook.engine.call import Call
from offhook.engine.call.effects import (
    Admit,
    AnswerCall,
    Ask,
    Effect,
    ExtendHold,
    HangUp,
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
from offhook.engine.call.table import State
from offhook.engine.net.answers import NO_CODEC, RETRY_AFTER_S, STATUS
from offhook.engine.net.log import log
from offhook.engine.net.media_pool import LegNews, MediaLeg, MediaUnavailable
from offhook.engine.net.negotiation import Negotiation
from offhook.engine.net.orders import Closed, Digit, Finished, FirstIn, FirstOut, Silent
from offhook.engine.net.parts import Parts
from offhook.errors import OffhookError
from offhook.language import Say

EVENTS_LIMIT = 500
CLOSE_TRIES = 6
CLOSE_RETRY_S = 0.5


class Line:
    """One caller, from the INVITE until everything about it is recorded."""

    def __init__(self, parts: Parts, leg: str, arrival: Arrival, negotiation: Negotiation) -> None:
        self.leg = leg
        self.arrival = arrival
        self.is_over = asyncio.Event()
        self._parts = parts
        self._call = Call(parts.limits)
        self._negotiation = negotiation
        self._media: MediaLeg | None = None
        self._began = parts.endpoint.now()
        self._events: list[TimelineEvent] = []
        self._sounds: dict[str, tuple[str, str | None, str]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        # What nobody waits for any more once the call has ended.
        self._errands: set[asyncio.Task[None]] = set()
        # Units of work of one call are done in the order in which they were wanted.
        self._desk_turn = asyncio.Lock()
        self._timer: asyncio.Handle | None = None
        self._timer_at: float | None = None
        self._held_minutes = 0
        # False for a call that came while the desk was away: its record is made up for at its end.
        self._is_on_record = True

    def begin(self) -> None:
        """Let the call in as far as the desk."""
        self.tell(Arrived(self.arrival))

    def tell(self, what: Input) -> None:
        """Tell the machine what happened and do what it wants."""
        self._do(self._call.receive(what, self._parts.endpoint.now()))

    def confirmed(self, sdp: bytes) -> None:
        """The caller acknowledged our answer; with `sdp` it answers our offer."""
        if self._negotiation.waits_for_answer:
            if self._negotiation.answered(sdp):
                self._connect()
            else:
                self.tell(Broken(Reason.NO_COMMON_CODEC, "the caller's answer to our offer fits nothing"))

    def reoffered(self, sdp: bytes) -> None:
        """The caller wants other media."""
        agent, now = self._parts.endpoint.agent, self._parts.endpoint.now()
        body = self._negotiation.reoffered(sdp)
        if body is None or self._media is None:
            self._parts.endpoint.do(agent.decline(self.leg, NO_CODEC, now))
            return
        self._note("media-changed", self._negotiation.described())
        self._parts.endpoint.do(agent.accept(self.leg, body, now))
        if not self._negotiation.waits_for_answer:
            self._connect()

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
        endpoint, leg = self._parts.endpoint, self.leg
        match effect:
            case Note(event):
                self._keep(event)
            case Admit(arrival):
                self._spawn(self._admit(arrival))
            case Ring():
                endpoint.do(endpoint.agent.ring(leg, endpoint.now()))
            case Ask():
                self._errands.add(self._spawn(self._ask(effect)))
            case OpenMedia():
                self._spawn(self._open_media())
            case Prepare():
                self._errands.add(self._spawn(self._prepare(effect)))
            case AnswerCall():
                self._answer()
            case NoteAnswer():
                at = self.arrival.at + timedelta(seconds=endpoint.now() - self._began)
                record = endpoint.agent.record(leg)
                self._spawn(self._in_turn(self._parts.desk.answered(self.arrival.call_id, 1, at, record)))
            case Play(key, loop):
                self._play(key, loop)
            case ExtendHold():
                self._spawn(self._extend())
            case Refuse(how):
                status = STATUS[how]
                retry = RETRY_AFTER_S if status == 503 else None
                endpoint.do(endpoint.agent.refuse(leg, status, endpoint.now(), retry_after_s=retry))
            case HangUp():
                endpoint.do(endpoint.agent.hang_up(leg, endpoint.now()))
            case Record(ending):
                for errand in self._errands:
                    errand.cancel()
                self._spawn(self._record(ending))
            case _:
                assert_never(effect)

    # The desk.

    async def _admit(self, arrival: Arrival) -> None:
        decision: Admission | Refusal
        async with self._desk_turn:
            try:
                decision = await self._parts.desk.admit(arrival)
            except OffhookError as error:
                log.error("a call cannot be admitted", call_id=arrival.call_id, code=error.code, text=error.sentence)
                decision = Refusal(arrival.call_id, Reason.DATABASE_AWAY, error.sentence)
                self._is_on_record = False
        if isinstance(decision, Admission):
            self._held_minutes = decision.held_minutes
        self.tell(Decided(decision))

    async def _extend(self) -> None:
        async with self._desk_turn:
            try:
                # The minute is named, so that asking twice pays once.
                granted = await self._parts.desk.extend(self.arrival.call_id, 1, self._held_minutes + 1)
            except OffhookError as error:
                # The call goes on until the minute that is paid for ends.
                self._note("hold-failed", error.sentence, error.code)
                return
        self._held_minutes += granted
        self.tell(Extended(granted))

    async def _in_turn(self, work: Coroutine[object, object, None]) -> None:
        async with self._desk_turn:
            try:
                await work
            except OffhookError as error:
                self._note("not-recorded", error.sentence, error.code)

    async def _record(self, ending: Ending) -> None:
        try:
            if self._media is not None:
                self._note_quality(await self._media.close())
                self._media = None
            length = f"{ending.seconds:.1f} s after the answer" if ending.answered_at else "never answered"
            self._note("ended", f"{ending.status}, {length}", ending.reason)
            async with self._desk_turn:
                await self._close_at_desk(ending)
            self.tell(Recorded())
        finally:
            # Even a defect on this way leaves no line behind that nobody will ever end.
            self.is_over.set()
            self._parts.on_over(self)

    async def _close_at_desk(self, ending: Ending) -> None:
        for attempt in range(CLOSE_TRIES):
            try:
                if not self._is_on_record:
                    await self._parts.desk.admit(replace(self.arrival, refusal=Reason.DATABASE_AWAY))
                    self._is_on_record = True
                await self._parts.desk.close(ending, self._events)
            except OffhookError as error:
                log.error("a call's end is not recorded yet", call_id=ending.call_id, code=error.code, attempt=attempt)
                await asyncio.sleep(CLOSE_RETRY_S * 2**attempt)
            else:
                return
        log.error("a call's end was not recorded", call_id=ending.call_id, status=ending.status)

    # Action servers and sounds.

    async def _ask(self, effect: Ask) -> None:
        self.tell(Told(effect.serial, await self._parts.servers.ask(effect.question)))

    async def _prepare(self, effect: Prepare) -> None:
        sounds, codec, wanted = self._parts.sounds, self._negotiation.codec, effect.sound
        try:
            if isinstance(wanted, Say):
                sound = await sounds.speech(wanted.language, wanted.text, codec, wanted.voice)
            else:
                sound = await sounds.playback(wanted.url, codec)
        except OffhookError as error:
            self.tell(NotPrepared(effect.key, error.code, error.sentence))
            return
        self._sounds[effect.key] = (sound.path, sound.growing_path, sound.codec.value)
        self.tell(Prepared(effect.key, sound.duration_ms))

    # Media.

    async def _open_media(self) -> None:
        try:
            media = await self._parts.media.open(
                self.leg, self._negotiation.address, self._heard_from_media, self._media_died
            )
        except MediaUnavailable as error:
            self.tell(Broken(Reason(error.code), error.sentence))
            return
        if self._call.state in (State.ENDING, State.ENDED):
            await media.close()
            return
        self._media = media
        self.tell(MediaOpened())

    def _answer(self) -> None:
        endpoint = self._parts.endpoint
        assert self._media is not None, "a call is answered when its media is open"
        body = self._negotiation.answer(self._media.port)
        endpoint.do(endpoint.agent.answer(self.leg, body, endpoint.now()))
        if not self._negotiation.waits_for_answer:
            self._connect()

    def _connect(self) -> None:
        if self._media is not None:
            self._note("media", self._negotiation.described())
            self._media.connect(self._negotiation.order(self.leg))
            self._media.start()

    def _play(self, key: str, loop: int) -> None:
        if self._media is not None:
            path, growing_path, codec = self._sounds[key]
            self._media.play(key, path, growing_path, codec, loop)

    def _heard_from_media(self, news: LegNews) -> None:
        match news:
            case Finished(_, key, underruns):
                if underruns:
                    self._note("underrun", f"{underruns} packets of silence stood in for late sound")
                self.tell(Played(key))
            case Digit(_, digit):
                self.tell(Pressed(digit))
            case FirstOut():
                self._note("first-packet-out", "the first packet of sound left")
            case FirstIn(_, _, address, port):
                self._note("first-packet-in", f"the first packet of the caller came from {address}:{port}")
            case Silent(_, text):
                self.tell(Broken(Reason.NO_RTP, text))
            case _:
                assert_never(news)

    def _media_died(self) -> None:
        self._media = None
        self.tell(Broken(Reason.WORKER_DIED, "the process that carried the call's media died"))

    def _note_quality(self, closed: Closed | None) -> None:
        if closed is None:
            return
        heard = f"received {closed.received} packets, {closed.lost} lost, jitter {closed.jitter_ms:.1f} ms"
        data = {
            "sent": {"packets": closed.sent, "lost": closed.peer_lost, "jitter_ms": closed.peer_jitter_ms},
            "received": {
                "packets": closed.received,
                "lost": closed.lost,
                "jitter_ms": closed.jitter_ms,
                "longest_gap_ms": closed.longest_gap_ms,
            },
            "round_trip_ms": closed.round_trip_ms,
        }
        self._note("quality", f"sent {closed.sent} packets; {heard}", data=data)

    # Housekeeping.

    def _note(self, kind: str, text: str, code: str | None = None, data: dict[str, object] | None = None) -> None:
        at_ms = round((self._parts.endpoint.now() - self._began) * 1000, 1)
        self._keep(TimelineEvent(at_ms, kind, text, code, data or {}))

    def _keep(self, event: TimelineEvent) -> None:
        # A caller who presses keys for hours must not fill the memory; the end is always told.
        if len(self._events) < EVENTS_LIMIT or event.kind in ("hung-up", "quality", "ended"):
            self._events.append(event)

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
