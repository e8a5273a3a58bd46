"""One end of a call: its SIP leg, what was negotiated with it, and its media."""

from collections.abc import Callable
from typing import Protocol, assert_never

from offhook.domain.numbers import legible
from offhook.domain.remarks import Remark
from offhook.domain.rules import Dtmf
from offhook.domain.strangers import source_of
from offhook.engine.media.audibility import Code
from offhook.engine.net.answers import NO_CODEC
from offhook.engine.net.endpoint import Endpoint
from offhook.engine.net.leg_quality import LegQuality
from offhook.engine.net.media_pool import LegNews, MediaLeg, MediaPool
from offhook.engine.net.negotiation import Negotiation
from offhook.engine.net.orders import FirstIn, FirstOut, Hearing
from offhook.engine.sip.keys import USUAL_MS
from offhook.engine.sip.midcall import DECLINE
from offhook.engine.sip.outputs import NotInformed, Overheard, Referred, Reoffered

MOST_REFUSALS_NOTED = 4
MOST_REFERS_NOTED = 8
"""So many of one leg are told of; a peer may send any number of them."""


class Note(Protocol):
    """Writes a line into the call's timeline."""

    def __call__(
        self, kind: str, text: str, code: str | None = None, data: dict[str, object] | None = None
    ) -> None: ...


class Party:
    """A caller, or a callee. `prefix` stands before the kinds of its lines in the timeline.

    `observe` is told what the leg was like in the end.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        leg: str,
        negotiation: Negotiation,
        note: Note,
        observe: Callable[[LegQuality], None],
        prefix: str = "",
    ) -> None:
        self.leg = leg
        self.negotiation = negotiation
        self.media: MediaLeg | None = None
        self._endpoint = endpoint
        self._note = note
        self._observe = observe
        self._prefix = prefix
        self._refers = 0
        self._refusals = 0

    async def open(
        self,
        pool: MediaPool,
        on_news: Callable[[LegNews], None],
        on_death: Callable[[], None],
        *,
        name: str,
        beside: MediaLeg | None = None,
    ) -> MediaLeg:
        """Make a media leg, in the worker of the leg that it is to be joined with. Raises `MediaUnavailable`."""

        def died() -> None:
            self.media = None
            on_death()

        own = self._endpoint.own_toward(self.negotiation.signalling_ip)
        return await pool.open(name, own, on_news, died, beside=beside)

    def connect(self) -> None:
        """Send to where the peer said, and hear it."""
        if self.media is not None:
            self._note(f"{self._prefix}media", self.negotiation.described(), data=self.negotiation.told())
            self.media.connect(self.negotiation.order(self.media.name))
            self.media.start()

    def answered(self) -> None:
        """The call is answered: from now on the peer's sound is missed when it does not come."""
        if self.media is not None:
            self.media.expect()

    def first_packet(self, news: FirstOut | FirstIn) -> None:
        """Note that sound has begun to leave, or to come; its RTP header goes into the call's capture."""
        own = f"{self.negotiation.address}:{self.media.port if self.media else 0}"
        if isinstance(news, FirstOut):
            to = f"{self.negotiation.remote[0]}:{self.negotiation.remote[1]}"
            text = "the first packet to the callee left" if self._prefix else "the first packet of sound left"
            data: dict[str, object] = {"source": own, "target": to, "rtp": news.header}
            self._note(f"{self._prefix}first-packet-out", text, data=data)
        else:
            came_from = f"{news.address}:{news.port}"
            text = f"the first packet of {self._peer} came from {came_from}"
            self._note(
                f"{self._prefix}first-packet-in", text, data={"source": came_from, "target": own, "rtp": news.header}
            )

    def heard(self, hearing: Hearing) -> None:
        """Note that the peer cannot be heard, or can be again."""
        code = Code(hearing.code)
        text, is_trouble = self._found(code, hearing.still_s)
        data: dict[str, object] = {"still_ms": round(hearing.still_s * 1000, 1)}
        self._note(f"{self._prefix}{code}", text, code if is_trouble else None, data)

    def press(self, key: str, duration_ms: int = USUAL_MS) -> None:
        """Press a key, by the way that the peer takes keys."""
        if self.negotiation.key_way is Dtmf.INFO:
            agent, now = self._endpoint.agent, self._endpoint.now()
            self._endpoint.do(agent.inform(self.leg, key, now, duration_ms=duration_ms))
        elif self.media is not None:
            self.media.press(key, duration_ms)

    def pass_on(self, key: str, came: Dtmf, duration_ms: int = USUAL_MS) -> None:
        """Press a key that came from the other end by another way; events and tones are relayed with the sound."""
        if came is Dtmf.INFO or came is not self.negotiation.key_way:
            self.press(key, duration_ms)

    def _not_informed(self, output: NotInformed) -> None:
        """Note that the peer did not take a key."""
        text = f"{self._peer} did not take the key {output.key} by INFO: {output.status}"
        self._note(f"{self._prefix}key-not-taken", text, data={"digit": output.key, "sip_code": output.status})

    def _overheard(self, said: Overheard) -> None:
        """Note what a stranger said within the leg's dialog, and what to do if it is no stranger."""
        text = f"a {said.method} of {self._peer} came from {said.host}, which no trunk names, and was dropped"
        hint = f"if that is the carrier: offhook trunks add NAME --source {source_of(said.host)}"
        data: dict[str, object] = {"method": said.method, "source": said.host}
        self._note(f"{self._prefix}{Remark.STRANGER_IN_DIALOG}", f"{text}; {hint}", Remark.STRANGER_IN_DIALOG, data)

    def hear(self, output: Reoffered | Referred | NotInformed | Overheard) -> None:
        """Take what SIP tells that is no business of the call's."""
        match output:
            case Reoffered(_, sdp):
                self._reoffered(sdp)
            case Referred(_, number):
                self._referred(number)
            case NotInformed():
                self._not_informed(output)
            case Overheard():
                self._overheard(output)
            case _:
                assert_never(output)

    def _reoffered(self, sdp: bytes) -> None:
        """The peer wants other media."""
        agent, now = self._endpoint.agent, self._endpoint.now()
        body = self.negotiation.reoffered(sdp)
        if body is None or self.media is None:
            self._endpoint.do(agent.decline(self.leg, NO_CODEC, now))
            if body is None:
                self._refused()
            return
        self._note(f"{self._prefix}media-changed", self.negotiation.described())
        self._endpoint.do(agent.accept(self.leg, body, now))
        if not self.negotiation.waits_for_answer:
            self.connect()

    def _refused(self) -> None:
        """Note what is wrong with an offer within the call."""
        self._refusals += 1
        if self._refusals <= MOST_REFUSALS_NOTED:
            found = self.negotiation.misfit
            data: dict[str, object] = {"misfit": found.misfit.value, "unfit": found.text, "sip_code": NO_CODEC}
            text = f"{self._peer}'s side {found.text}; the offer is declined, and the sound stays as it was"
            self._note(f"{self._prefix}media-refused", text, data=data)

    def _referred(self, number: str) -> None:
        """The peer wants the call to be led elsewhere, and that is declined."""
        self._endpoint.do(self._endpoint.agent.refer(self.leg, self._endpoint.now(), is_taken=False))
        self._refers += 1
        if self._refers > MOST_REFERS_NOTED:
            return
        whom = legible(number) or "an address without a number"
        text = f"{self._peer}'s side wants the call to be led to {whom} (REFER), which is declined"
        data: dict[str, object] = {"number": legible(number), "sip_code": DECLINE}
        self._note(f"{self._prefix}{Remark.REFER_REFUSED}", text, Remark.REFER_REFUSED, data)

    def follow_referral(self) -> None:
        """Agree that the call is led elsewhere by us, without the peer."""
        self._endpoint.do(self._endpoint.agent.refer(self.leg, self._endpoint.now(), is_taken=True))

    def hang_up(self) -> None:
        """End the leg in the way its state asks for."""
        self._endpoint.do(self._endpoint.agent.hang_up(self.leg, self._endpoint.now()))

    async def close(self) -> None:
        """Free the media, and note what it was like."""
        media, self.media = self.media, None
        if media is not None and (closed := await media.close()) is not None:
            quality = LegQuality(self.negotiation.codec, closed)
            self._note(f"{self._prefix}quality", quality.sentence(self._peer), data=quality.data())
            self._observe(quality)

    @property
    def _peer(self) -> str:
        return "the callee" if self._prefix else "the caller"

    def _found(self, code: Code, still_s: float) -> tuple[str, bool]:
        """Return a sentence, and whether it tells of something that is wrong."""
        match code:
            case Code.NOT_YET:
                return f"no sound came from {self._peer} in the first {still_s:.1f} s", True
            case Code.STOPPED:
                return f"no sound came from {self._peer} for the last {still_s:.1f} s", True
            case Code.AGAIN:
                return f"sound comes from {self._peer} again after {still_s:.1f} s", False
            case _:
                assert_never(code)
