"""One script, performed line by line on one call: each line is done, or waits for what it expects.

A line that fails ends the performance. What was heard is looked at from where the last expectation of it was met, or
from when something was last said or pressed: nothing is missed while other lines wait.
"""

import asyncio
from collections.abc import Callable
from random import Random
from time import monotonic
from typing import assert_never

from offhook.cli.dialogue.ears import Ear, Found, KnownEar, Missed, SilenceEar, SoundEar, ToneEar
from offhook.cli.dialogue.heard import RATE, Heard
from offhook.cli.dialogue.holding import offer_anew
from offhook.cli.dialogue.parties import Called, Caller, Outcome, Party, Unmet, Verdict
from offhook.cli.dialogue.patience import Patience
from offhook.cli.dialogue.scripts import Play
from offhook.cli.sip_words import words_of
from offhook.cli.talk.conversation import in_tones
from offhook.domain.sounds import BYTES_A_SECOND
from offhook.engine.net.phone_media import PhoneMedia
from offhook.language.dialogue import (
    Answer,
    Call,
    ExpectAnswer,
    ExpectHangUp,
    ExpectKeys,
    ExpectRefusal,
    ExpectRinging,
    ExpectSilence,
    ExpectSound,
    ExpectTone,
    HangUp,
    Hold,
    Lose,
    NeverAnswer,
    Press,
    Refuse,
    Resume,
    Say,
    Silent,
    Statement,
    Step,
    Wait,
    Way,
)

SENDING_SLACK_S = 10.0
"""What is said or pressed may take so much longer than it lasts before the other side is found not to take it."""
LONGEST_RING_S = 3_600.0
SEED = 4733
"""Losses are the same in every run."""
WE_HUNG_UP = "we hung up"


class Performance:
    """Of one call, which began at `began` (monotonic seconds). Set `stop` to end it from outside."""

    def __init__(
        self,
        play: Play,
        party: Party,
        *,
        caller: Caller | None = None,
        called: Called | None = None,
        began: float,
        stop: asyncio.Event,
    ) -> None:
        self._play = play
        self._party = party
        self._caller = caller
        self._called = called
        self._began = began
        self._patience = Patience(party, stop)
        self._heard = Heard(began)
        # From which place on what was heard counts, and which of the other side's keys do.
        self._from = 0
        self._keys_from = 0
        party.media.overhear(lambda ssrc, timestamp, samples: self._heard.add(ssrc, timestamp, samples, monotonic()))

    async def run(self, tell: Callable[[Outcome], None]) -> tuple[Outcome, ...]:
        """Do all lines, tell of each when it is done, and hang up."""
        outcomes: list[Outcome] = []
        try:
            for step in self._play.script.steps:
                outcomes.append(await self._outcome(step))
                tell(outcomes[-1])
                if outcomes[-1].verdict is Verdict.FAILED:
                    break
        finally:
            self._party.hang_up()
        rest = [Outcome(step, Verdict.NOT_REACHED) for step in self._play.script.steps[len(outcomes) :]]
        for outcome in rest:
            tell(outcome)
        return (*outcomes, *rest)

    async def _outcome(self, step: Step) -> Outcome:
        try:
            words = await self._do(step.statement)
        except Unmet as unmet:
            return Outcome(step, Verdict.FAILED, self._at_s(), str(unmet))
        return Outcome(step, Verdict.PASSED, self._at_s(), words)

    async def _do(self, statement: Statement) -> str:  # noqa: C901 (one case a statement)
        match statement:
            case Call():
                # Who calls was known when it was dialled.
                return ""
            case ExpectRinging() | ExpectAnswer() | ExpectRefusal():
                return await self._progress(statement)
            case ExpectSound() | ExpectTone() | ExpectSilence():
                return await self._listen(statement)
            case ExpectKeys(keys, within_s):
                return await self._hear_keys(keys, within_s)
            case ExpectHangUp(within_s):
                return await self._patience.until(self._was_hung_up, within_s, "the call still goes on")
            case Press(keys, way):
                return await self._press(keys, way)
            case Say(sound):
                return await self._say(self._play.sounds[sound])
            case Wait(seconds):
                await self._patience.wait(seconds)
            case Silent(seconds):
                self._party.media.mute(True)
                if seconds is not None:
                    await self._patience.wait(seconds)
                    self._party.media.mute(False)
            case Lose(percent):
                # Each way of its own: how packets of both follow on each other is not the same in every run.
                self._party.media.lose(_loses(percent), _loses(percent))
            case Hold() | Resume():
                words = await offer_anew(statement, self._party, self._patience)
                # What came before belongs to another part of the call.
                self._from = self._heard.place_at(monotonic())
                return words
            case HangUp():
                self._party.hang_up()
            case Answer() | Refuse() | NeverAnswer():
                return await self._take(statement)
            case _:
                assert_never(statement)
        return ""

    async def _progress(self, statement: ExpectRinging | ExpectAnswer | ExpectRefusal) -> str:
        caller = self._caller
        assert caller is not None, "the reader knows on which side a statement stands"
        match statement:
            case ExpectRinging(within_s):
                return await self._patience.until(lambda: self._rings(caller), within_s, "it does not ring")
            case ExpectAnswer(within_s):
                words = await self._patience.until(
                    lambda: "answered" if caller.answered.is_set() else None, within_s, "nobody answered"
                )
                # What is expected to be heard next is what the callee says, and not what it was like to wait.
                self._from = self._heard.place_at(caller.answered_at or 0.0)
                return words
            case ExpectRefusal(status, within_s):
                return await self._patience.until(
                    lambda: self._is_refused(status), within_s, "the call was not refused"
                )
            case _:
                assert_never(statement)

    def _rings(self, caller: Caller) -> str | None:
        if caller.ringing.is_set():
            return "it rings"
        if caller.answered.is_set():
            raise Unmet("it was answered without ringing")
        return None

    def _is_refused(self, status: int | None) -> str | None:
        party = self._party
        if party.answered.is_set():
            raise Unmet("the call was answered")
        if not party.ended.is_set() or party.status is None:
            return None
        words = f"{party.status}: {words_of(party.status)}"
        if status is not None and party.status != status:
            raise Unmet(f"it was refused with {words}")
        return words

    def _was_hung_up(self) -> str | None:
        if not self._party.ended.is_set():
            return None
        was_taken = self._party.answered.is_set() or self._called is not None
        last = self._party.happenings[-1].text
        if not was_taken or last == WE_HUNG_UP:
            raise Unmet(self._patience.ending())
        return last

    async def _listen(self, wish: ExpectSound | ExpectTone | ExpectSilence) -> str:
        ear = self._ear(wish, self._heard.place_at(monotonic() + wish.within_s))
        while True:
            # Looked at before what was heard, so that the last of it is heard too.
            is_over, now = self._party.ended.is_set(), monotonic()
            settled = self._heard.settle_all(now) if is_over else self._heard.settle(now)
            match ear.listen(self._heard, settled):
                case Found(end, words):
                    self._from = end
                    return words
                case Missed(words):
                    raise Unmet(words)
            if is_over:
                raise Unmet(self._patience.ending())
            await self._patience.look_again()

    def _ear(self, wish: ExpectSound | ExpectTone | ExpectSilence, begins_by: int) -> Ear:
        match wish:
            case ExpectSound(sound=None):
                return SoundEar(self._from, begins_by)
            case ExpectSound():
                return KnownEar(self._from, begins_by, self._play.known(wish))
            case ExpectTone(hz, for_s):
                return ToneEar(self._from, begins_by, round(for_s * RATE), hz)
            case ExpectSilence(for_s):
                return SilenceEar(self._from, begins_by, round(for_s * RATE))
            case _:
                assert_never(wish)

    async def _hear_keys(self, keys: str, within_s: float) -> str:
        def look() -> str | None:
            pressed = self._party.keys[self._keys_from :]
            if not keys.startswith(pressed[: len(keys)]):
                raise Unmet(f"the other side pressed {' '.join(pressed)}")
            return "" if len(pressed) >= len(keys) else None

        await self._patience.until(look, within_s, "the other side did not press so many keys")
        self._keys_from += len(keys)
        return f"the other side pressed {' '.join(keys)}"

    async def _press(self, keys: str, way: Way) -> str:
        media = self._talk()
        match way:
            case Way.INFO:
                self._party.inform(keys)
                return ""
            case Way.EVENTS:
                if not media.takes_events:
                    raise Unmet("the other side takes no telephone-events: press by info, or by inband")
                media.press(keys)
                return await self._until_sent(lambda: media.is_pressing, SENDING_SLACK_S + len(keys))
            case Way.TONES:
                return await self._say(in_tones(keys))
            case _:
                assert_never(way)

    async def _say(self, pcmu: bytes) -> str:
        media = self._talk()
        media.speak(pcmu)
        return await self._until_sent(lambda: media.is_speaking, SENDING_SLACK_S + len(pcmu) / BYTES_A_SECOND)

    def _talk(self) -> PhoneMedia:
        """Return the sound of a call in which one can say something; what is heard counts from now on."""
        media = self._party.media
        if self._party.ended.is_set():
            raise Unmet(self._patience.ending())
        if not media.has_started:
            raise Unmet("nobody has answered yet")
        media.mute(False)
        self._from = self._heard.place_at(monotonic())
        return media

    async def _until_sent(self, is_sending: Callable[[], bool], within_s: float) -> str:
        """Wait until all is sent; a call that is over meanwhile is for the next line to judge."""

        def look() -> str | None:
            if self._party.ended.is_set():
                return f"{self._party.happenings[-1].text} meanwhile"
            return None if is_sending() else ""

        return await self._patience.until(look, within_s, "the other side takes no sound now")

    async def _take(self, statement: Answer | Refuse | NeverAnswer) -> str:
        called = self._called
        assert called is not None, "the reader knows on which side a statement stands"
        if called.status is not None:
            raise Unmet("the call was taken already" if not called.ended.is_set() else self._patience.ending())
        match statement:
            case Answer(after_s):
                await self._patience.wait(after_s)
                if called.ended.is_set():
                    raise Unmet(self._patience.ending())
                called.answer()
                self._from = self._heard.place_at(monotonic())
                return "answered"
            case Refuse(status):
                called.refuse(status)
                return words_of(status)
            case NeverAnswer():
                return await self._patience.until(
                    lambda: self._patience.ending() if called.ended.is_set() else None,
                    LONGEST_RING_S,
                    "the caller never gave up",
                )
            case _:
                assert_never(statement)

    def _at_s(self) -> float:
        return round(monotonic() - self._began, 2)


def _loses(percent: float) -> Callable[[], bool]:
    """Return what says of each packet whether it is lost: the same ones each time."""
    chance = Random(SEED)  # noqa: S311 (nothing secret)
    return lambda: chance.random() * 100 < percent
