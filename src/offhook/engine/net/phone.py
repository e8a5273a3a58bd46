"""Our own phone: calls a number, says and presses something, keeps what it hears.

For `offhook dial`, the demo and the tests. It is a plain SIP phone on the same machines that the
platform is made of, and it tells what happened with the time of each thing.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace

from offhook.domain.sounds import Codec
from offhook.engine.media import sdp
from offhook.engine.media.errors import MalformedSdp
from offhook.engine.net.endpoint import Endpoint, Overhears
from offhook.engine.net.happenings import Happening
from offhook.engine.net.phone_media import PhoneMedia
from offhook.engine.sip.invitation import Invitation
from offhook.engine.sip.outputs import (
    Answered,
    Confirmed,
    Declined,
    Destination,
    HungUp,
    Informed,
    Lost,
    NotReoffered,
    Output,
    Progressed,
    Reoffered,
)

NAME = "Offhook phone"
NOT_ACCEPTABLE = 488


class Phone:
    """One call at a time from `host` (an address of this machine)."""

    def __init__(
        self,
        host: str,
        *,
        token: Callable[[], str],
        random_bits: Callable[[int], int],
        port: int = 0,
        overhears: Overhears | None = None,
    ) -> None:
        self._host = host
        self._random_bits = random_bits
        self._endpoint = Endpoint(
            host=host,
            port=port,
            name=NAME,
            token=token,
            permits=self._permits,
            news=self._hear,
            overhears=overhears,
        )
        self._peer = ""
        self._leg = ""
        self._offer: sdp.Offer | None = None
        self._reoffer: sdp.Offer | None = None
        self._dialled_at = 0.0
        self._media: PhoneMedia | None = None
        self.happenings: list[Happening] = []
        self.status: int | None = None
        self.reoffer_status: int | None = None
        self.keys = ""
        self._has_heard_key = asyncio.Event()
        self.ringing = asyncio.Event()
        self.answered = asyncio.Event()
        self.ended = asyncio.Event()
        self.answered_at: float | None = None
        self.ended_at: float | None = None

    @property
    def port(self) -> int:
        """The UDP port of our SIP."""
        return self._endpoint.port

    @property
    def media(self) -> PhoneMedia:
        """What is said and heard, once a number was dialled."""
        assert self._media is not None, "dial first"
        return self._media

    def dial(
        self,
        number: str,
        *,
        caller: str,
        to: Destination,
        name: str = "",
        speaks: bool = True,
        codecs: Sequence[Codec] = sdp.SPOKEN,
    ) -> None:
        """Call `number` at the gateway `to` (an IP address) as `caller`; `answered` or `ended` follow.

        A phone that does not speak sends no RTP at all. `codecs` are offered in their order.
        """
        self._media = PhoneMedia(self._host, self._random_bits, hears_key=self._hear_key, speaks=speaks)
        self._peer = to.host
        self._dialled_at = self._endpoint.now()
        local = self._endpoint.local_toward(to.host)
        self._offer = sdp.offer(
            address=local,
            port=self._media.port,
            origin=sdp.Origin(self._random_bits(60), local),
            codecs=codecs,
            rtcp_mux=False,
        )
        gateway = f"[{to.host}]" if ":" in to.host else to.host
        here = f"[{local}]" if ":" in local else local
        shown = f'"{name}" ' if name else ""
        user = f"{caller}@{here}" if caller else "anonymous@anonymous.invalid"
        uri = f"sip:{number}@{gateway}:{to.port}"
        invitation = Invitation(
            uri=uri,
            from_=f"{shown}<sip:{user}>",
            to=f"<{uri}>",
            sdp=self._offer.body,
            destination=to,
            local=local,
        )
        self._note(f"dialling {number}")
        self._leg, outputs = self._endpoint.agent.invite(invitation, self._endpoint.now())
        self._endpoint.do(outputs)

    def inform(self, keys: str) -> None:
        """Tell of keys by INFO, one after the other."""
        for key in keys:
            self._endpoint.do(self._endpoint.agent.inform(self._leg, key, self._endpoint.now()))

    def reoffer(self, direction: sdp.Direction) -> None:
        """Have the sound flow this way only, by a re-INVITE (RFC 3264 section 8.4); `reoffer_status` tells of it."""
        assert self._offer is not None, "dial first"
        last = self._offer
        self.reoffer_status = None
        self._reoffer = sdp.offer(
            address=last.address,
            port=self.media.port,
            origin=last.origin,
            codecs=last.codecs,
            direction=direction,
            rtcp_mux=last.rtcp_mux,
        )
        self._endpoint.do(self._endpoint.agent.reoffer(self._leg, self._reoffer.body, self._endpoint.now()))

    def hang_up(self) -> None:
        """End the call in whatever state it is."""
        if not self.ended.is_set():
            self._endpoint.do(self._endpoint.agent.hang_up(self._leg, self._endpoint.now()))
            self._end("we hung up")

    async def hear_keys(self, count: int) -> str:
        """Wait until the other side has pressed so many keys; return all that it has pressed."""
        while len(self.keys) < count:
            self._has_heard_key.clear()
            await self._has_heard_key.wait()
        return self.keys

    async def close(self) -> None:
        """Let a BYE be answered, then free the ports."""
        await self._endpoint.forgets([self._leg])
        if self._media is not None:
            await self._media.stop()
        self._endpoint.close()

    def _permits(self, _data: bytes, source: Destination) -> bool:
        return source.host == self._peer

    def _hear(self, output: Output) -> None:
        match output:
            case Progressed(_, status, body):
                self._note({180: "it rings", 183: "early media"}.get(status, f"progress {status}"))
                if body and (agreement := self._agreement(body)):
                    self.media.listen(agreement)
                self.ringing.set()
            case Answered(_, body):
                self.status = 200
                self.answered_at = self._endpoint.now()
                self._note("answered")
                if agreement := self._agreement(body):
                    self.media.start(agreement)
                else:
                    self.hang_up()
                self.answered.set()
            case Declined(_, status, reason):
                self.status = status
                self._end(f"not answered: {status} {reason}")
            case HungUp():
                self._end("the other side hung up")
            case Informed(_, key, _):
                self._hear_key(key)
            case Lost(_, text):
                self._end(text)
            case Confirmed() | NotReoffered():
                self._take_word(output)
            case Reoffered(_, body):
                self._take_offer(body)
            case _:
                return

    def _take_offer(self, body: bytes) -> None:
        """Answer an offer within the call: the other side holds, or talks on."""
        assert self._offer is not None, "a call that goes on began with an offer"
        agent, now = self._endpoint.agent, self._endpoint.now()
        try:
            agreement = sdp.answer(
                sdp.parse(body),
                address=self._offer.address,
                port=self.media.port,
                origin=self._offer.origin,
                codecs=self._offer.codecs,
            )
        except MalformedSdp:
            agreement = None
        if agreement is None:
            self._endpoint.do(agent.decline(self._leg, NOT_ACCEPTABLE, now))
            return
        self._offer = replace(self._offer, origin=agreement.origin)
        self._endpoint.do(agent.accept(self._leg, agreement.body, now))
        self._note("the other side holds" if agreement.on_hold else "the other side offers other media")
        self.media.start(agreement)

    def _take_word(self, word: Confirmed | NotReoffered) -> None:
        """Take what the other side says of an offer of ours within the call."""
        offer, self._reoffer = self._reoffer, None
        if offer is None:
            return
        if isinstance(word, NotReoffered):
            self.reoffer_status = word.status
            return
        self._offer = offer
        agreement = self._agreement(word.sdp)
        self.reoffer_status = 200 if agreement else NOT_ACCEPTABLE
        if agreement:
            self.media.start(agreement)

    def _hear_key(self, key: str) -> None:
        self.keys += key
        self._has_heard_key.set()
        self._note(f"the other side pressed {key}")

    def _agreement(self, body: bytes) -> sdp.Agreement | None:
        assert self._offer is not None, "an answer follows an offer"
        try:
            agreement = sdp.accept(sdp.parse(body), self._offer)
        except MalformedSdp as error:
            self._note(error.sentence)
            agreement = None
        if agreement is None:
            self._note("the answer fits nothing that we offered")
        return agreement

    def _end(self, text: str) -> None:
        if not self.ended.is_set():
            self._note(text)
            self.ended_at = self._endpoint.now()
            self.ended.set()

    def _note(self, text: str) -> None:
        self.happenings.append(Happening(round((self._endpoint.now() - self._dialled_at) * 1000, 1), text))
