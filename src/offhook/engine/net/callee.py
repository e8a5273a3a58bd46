"""One attempt to reach a callee through one route, and the callee itself if it answers.

Tells the call's machine what became of it, until it is hung up; after that nobody asks.
"""

import asyncio
from collections.abc import Callable
from typing import assert_never

from offhook.domain.calls import Arrival, Reason
from offhook.domain.rules import Dtmf
from offhook.engine.call.effects import Dial
from offhook.engine.call.inputs import (
    Broken,
    CalleeAnswered,
    CalleeDeclined,
    CalleeLeft,
    CalleeLost,
    CalleeProgressed,
    CalleeRedirected,
    CalleeRefers,
    Input,
)
from offhook.engine.media.codecs import are_near, preferred
from offhook.engine.media.sdp import SPOKEN
from offhook.engine.net.destinations import Way
from offhook.engine.net.dialogs import Dialogs
from offhook.engine.net.loops import HOPS_FIELD
from offhook.engine.net.media_pool import LegNews, MediaLeg, MediaUnavailable
from offhook.engine.net.negotiation import Negotiation
from offhook.engine.net.orders import Digit, Finished, FirstIn, FirstOut, Hearing, RecordingEnded, Silent
from offhook.engine.net.parts import Parts
from offhook.engine.net.party import Note, Party
from offhook.engine.net.presentation import fields_of
from offhook.engine.sip.invitation import Invitation
from offhook.engine.sip.keys import USUAL_MS
from offhook.engine.sip.outputs import (
    Answered,
    Confirmed,
    Declined,
    HungUp,
    Informed,
    Lost,
    NotInformed,
    Output,
    Overheard,
    Progressed,
    Referred,
    Reoffered,
    Trying,
)
from offhook.errors import OffhookError
from offhook.language import Say

PATIENCE_S = 4.0
"""How long a target may say nothing while there are others (RFC 3263 section 4.3 leaves it to us)."""
ASKED_TIMES = 3
"""So often a callee hears how it takes the call."""
MOST_DIALS = 16
"""Attempts of one call after which no callee leads it on: two machines could do so for ever."""
TARGET_FAILED = frozenset({408, 503})
"""What a target answers that may be another one's to answer (RFC 3263 section 4.3)."""


class Callee:
    """Whoever is called; `arrival` and `beside` are the caller's, `caller` is what was negotiated with it."""

    def __init__(
        self,
        parts: Parts,
        wish: Dial,
        arrival: Arrival,
        beside: MediaLeg,
        caller: Negotiation,
        tell: Callable[[Input], None],
        note: Note,
        dialogs: Dialogs,
    ) -> None:
        self.dial = wish.dial
        self._parts = parts
        self._wish = wish
        self._arrival = arrival
        self._beside = beside
        self._codec = caller.codec
        self._has_noise = caller.knows_noise
        self._tell = tell
        self._note = note
        self._dialogs = dialogs
        self._party: Party | None = None
        self._way: Way | None = None
        self._other_ways: list[Way] = []
        self._has_progress = False
        self._patience: asyncio.TimerHandle | None = None
        self._is_over = False
        self._is_answered = False
        self._may_transcode = parts.media.can_transcode(beside)
        # Is told of each key of the callee, how it came and for how long it was pressed.
        self.on_key: Callable[[str, Dtmf, int], None] | None = None

    @property
    def media(self) -> MediaLeg | None:
        """The callee's media, while there is any."""
        return self._party.media if self._party else None

    @property
    def record(self) -> str | None:
        """What another process needs to hang up this leg."""
        return self._parts.endpoint.agent.record(self._party.leg) if self._party else None

    async def call(self) -> None:
        """Find the gateway, open the media and send the INVITE."""
        try:
            way, *self._other_ways = await self._parts.destinations.find(self._wish.route)
            party = self._meet(way)
            media = await party.open(
                self._parts.media,
                self._heard_from_media,
                self._media_died,
                name=f"{self._beside.name}:{self.dial}",
                beside=self._beside,
            )
        except MediaUnavailable as error:
            self._lose(Reason(error.code), error.sentence)
            return
        except OffhookError as error:
            self._lose(Reason.CALLEE_FAILED, error.sentence, error.code)
            return
        if self._is_over:
            await media.close()
            return
        party.media = media
        media.may_differ = self._may_transcode
        self._party = party
        self._invite(party, way)

    def _try_next(self, text: str) -> bool:
        """Call the gateway's next target in place of the one that did not take the call; False if there is none."""
        endpoint, party = self._parts.endpoint, self._party
        if party is None or self._has_progress:
            return False
        if self._way is not None:
            self._parts.destinations.is_down(self._way)
        own = endpoint.own_toward(party.negotiation.signalling_ip)
        while self._other_ways:
            way = self._other_ways.pop(0)
            # The port of the media is open at one address.
            if endpoint.own_toward(way.destination.host) == own:
                self._note("callee-target", f"{text}; the next target is {way.destination.host}:{way.destination.port}")
                self._party = self._meet(way)
                self._party.media = party.media
                self._invite(self._party, way)
                return True
        return False

    def _stop_waiting(self) -> None:
        """The target was heard, or is not wanted any more."""
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None

    def _lose_patience(self) -> None:
        """Turn from a target that says nothing to the next one."""
        party = self._party
        if party is None:
            return
        silent = party.leg
        if self._try_next(f"nobody answered within {PATIENCE_S:g} s"):
            self._parts.legs.pop(silent, None)
            party.hang_up()

    def hear(self, output: Output) -> None:
        """Take what SIP tells of this leg."""
        match output:
            case Trying():
                self._stop_waiting()
                self._tell(CalleeProgressed(self.dial, 100, has_media=False))
            case Progressed(_, status, sdp):
                self._stop_waiting()
                self._has_progress = True
                self._tell(CalleeProgressed(self.dial, status, has_media=self._has_early_media(sdp)))
            case Answered(_, sdp):
                self._answered(sdp)
            case Declined(leg, status, reason, elsewhere, is_found):
                self._stop_waiting()
                self._parts.legs.pop(leg, None)
                if status in TARGET_FAILED and self._try_next(f"{status} {reason}".strip()):
                    return
                if 300 <= status < 400:
                    self._tell(CalleeRedirected(self.dial, status, reason, elsewhere))
                else:
                    self._tell(CalleeDeclined(self.dial, status, reason, is_found))
            case Referred(_, number) if self._party is not None and self._may_lead_on(number):
                self._party.follow_referral()
                self._tell(CalleeRefers(self.dial, number))
            case Reoffered() | Referred() | NotInformed() | Overheard() if self._party is not None:
                self._party.hear(output)
            case Confirmed(_, sdp):
                self._confirmed(sdp)
            case Informed(_, key, duration_ms) if self._party is not None and self._party.negotiation.takes_info:
                self._pressed(key, Dtmf.INFO, duration_ms)
            case HungUp() | Lost():
                text = "the callee hung up" if isinstance(output, HungUp) else f"the callee is lost: {output.text}"
                self._tell(CalleeLeft(self.dial, text))
            case _:
                return

    def _may_lead_on(self, number: str) -> bool:
        """Tell whether the callee may have the caller led to another number: it talks to it, and its trunk may."""
        may = self._wish.route.rules.takes_refer and self.dial <= MOST_DIALS
        return may and self._is_answered and not self._is_over and bool(number)

    async def ask(self, words: Say) -> None:
        """Let a callee who answered hear, some times over, what it is to press; without a voice the key counts too."""
        party = self._party
        if party is None:
            return
        try:
            sound = await self._parts.sounds.speech(words.language, words.text, party.negotiation.codec)
        except OffhookError as error:
            self._note("sound-failed", error.sentence, error.code)
            return
        if party.media is not None and not self._is_over:
            party.media.play("confirm", sound.path, sound.growing_path, sound.codec.value, ASKED_TIMES)

    def hang_up(self) -> None:
        """Cancel or hang up, whichever it takes; nothing is told any more."""
        self._is_over = True
        self._stop_waiting()
        if self._party is not None:
            self._parts.legs.pop(self._party.leg, None)
            self._party.hang_up()

    async def close(self) -> None:
        """Free the media."""
        if self._party is not None:
            await self._party.close()

    def _meet(self, way: Way) -> Party:
        negotiation = Negotiation(
            address=way.local,
            signalling_ip=way.destination.host,
            session_id=self._parts.session_id(),
            codecs=preferred(self._codec, SPOKEN, may_transcode=self._may_transcode),
            needs_srtp=self._wish.route.rules.needs_srtp,
            has_noise=self._has_noise,
            dtmf=self._wish.route.rules.dtmf,
        )
        return Party(self._parts.endpoint, "", negotiation, self._note, self._parts.observer.leg_closed, "callee-")

    def _connect(self, party: Party) -> None:
        """Use what was agreed on with the callee."""
        if party.media is not None:
            party.media.may_differ = not are_near(party.negotiation.codec, self._codec)
        party.connect()

    def _invite(self, party: Party, way: Way) -> None:
        assert party.media is not None, "a callee is invited when its media is open"
        endpoint = self._parts.endpoint
        invitation = Invitation(
            uri=way.uri(self._wish.number),
            from_=way.from_(self._wish.shown),
            to=f"<{way.to(self._wish.number)}>",
            sdp=party.negotiation.offer(party.media.port),
            destination=way.destination,
            local=way.local,
            fields=(
                *way.fields,
                (HOPS_FIELD, str(self._arrival.transfers + 1)),
                *fields_of(self._wish, self._arrival, way),
            ),
            authenticator=way.authenticator,
            forwards=self._arrival.hops_left,
            stays_with_transport=way.is_inside,
        )
        self._way = way
        if self._other_ways:
            self._patience = asyncio.get_running_loop().call_later(PATIENCE_S, self._lose_patience)
        party.leg, outputs = endpoint.agent.invite(invitation, endpoint.now())
        self._parts.legs[party.leg] = self
        self._dialogs.follow(self._parts.endpoint.agent.call_id_of(party.leg))
        self._parts.destinations.called(way, party.leg)
        endpoint.do(outputs)

    def _has_early_media(self, sdp: bytes) -> bool:
        party = self._party
        if not sdp or party is None or not party.negotiation.answered(sdp, is_final=False):
            return False
        self._connect(party)
        return True

    def _answered(self, sdp: bytes) -> None:
        party = self._party
        assert party is not None, "only who was invited answers"
        # Some leave out of their 200 what a 183 said, be it that this could have been lost.
        is_told = bool(sdp) or party.negotiation.agreement is None
        if is_told and not party.negotiation.answered(sdp):
            found = party.negotiation.misfit
            self._lose(Reason.NO_COMMON_CODEC, f"the callee {found.text}", found.misfit.value)
            return
        if sdp:
            self._connect(party)
        party.answered()
        self._is_answered = True
        self._tell(CalleeAnswered(self.dial))

    def _confirmed(self, sdp: bytes) -> None:
        """The callee acknowledged an answer of ours within the call; with `sdp` it answers our offer."""
        party = self._party
        if party is not None and party.negotiation.waits_for_answer and party.negotiation.answered(sdp):
            self._connect(party)

    def _lose(self, reason: Reason, text: str, fault: str = "") -> None:
        if not self._is_over:
            self._tell(CalleeLost(self.dial, reason, text, fault))

    def _heard_from_media(self, news: LegNews) -> None:
        match news:
            case Digit(_, digit) if self._party is not None:
                self._pressed(digit, self._party.negotiation.heard_key_way)
            case FirstOut() | FirstIn() if self._party is not None:
                self._party.first_packet(news)
            case Hearing() if self._party is not None:
                self._party.heard(news)
            case Silent(_, text):
                self._tell(Broken(Reason.NO_RTP, f"the callee: {text}"))
            case Finished() | FirstOut() | FirstIn() | Hearing() | Digit() | RecordingEnded():
                return
            case _:
                assert_never(news)

    def pass_on(self, key: str, came: Dtmf, duration_ms: int) -> None:
        """Let the callee hear a key of the caller that did not come with the sound."""
        if self._party is not None:
            self._party.pass_on(key, came, duration_ms)

    def _pressed(self, key: str, came: Dtmf, duration_ms: int = USUAL_MS) -> None:
        self._note("digit", f"the callee pressed {key}", data={"digit": key})
        if self.on_key is not None:
            self.on_key(key, came, duration_ms)

    def _media_died(self) -> None:
        if not self._is_over:
            self._tell(Broken(Reason.WORKER_DIED, "the process that carried the callee's media died"))
