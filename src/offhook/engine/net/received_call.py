"""One call that our answering phone received: rings, answers, speaks and hears, and tells what happens.

Every verb may come too late and then does nothing: the caller has just gone.
"""

import asyncio
from collections.abc import Callable

from offhook.engine.media.sdp import Direction
from offhook.engine.net.callers import caller, dialled
from offhook.engine.net.endpoint import Endpoint
from offhook.engine.net.happenings import Happening
from offhook.engine.net.manners import Manners
from offhook.engine.net.negotiation import Negotiation
from offhook.engine.net.phone_media import PhoneMedia
from offhook.engine.sip.outputs import (
    Canceled,
    Confirmed,
    HungUp,
    Informed,
    Invited,
    Lost,
    NotReoffered,
    Output,
    Reoffered,
)

RINGING = 180
PROGRESS = 183
NOT_ACCEPTABLE = 488
UNAVAILABLE = 480


class ReceivedCall:
    """One caller. `caller` is empty when the number is withheld; `number` is what was dialled.

    `status` is our final answer; `keys` are those that the caller pressed.
    """

    def __init__(
        self,
        invited: Invited,
        place: int,
        *,
        endpoint: Endpoint,
        manners: Manners,
        random_bits: Callable[[int], int],
        tell: Callable[["ReceivedCall", Happening], None],
    ) -> None:
        self.leg = invited.leg
        self.place = place
        self.request = invited.request
        shown = caller(invited.request)
        self.caller, self.name, self.is_anonymous = shown.number, shown.name, shown.is_anonymous
        self.number = next(iter(dialled(invited.request).places), "")
        self.happenings: list[Happening] = []
        self.status: int | None = None
        self.reoffer_status: int | None = None
        self.keys = ""
        self.answered = asyncio.Event()
        self.ended = asyncio.Event()
        self.media = PhoneMedia(invited.local, random_bits, hears_key=self._hear_key, speaks=manners.speaks)
        self._endpoint = endpoint
        self._manners = manners
        self._tell = tell
        self._came_at = endpoint.now()
        self._negotiation = Negotiation(
            address=invited.local,
            signalling_ip=invited.source.host,
            session_id=random_bits(60),
            codecs=manners.codecs,
        )
        self._description: bytes | None = None
        self._answering: asyncio.TimerHandle | None = None
        self._stopping: asyncio.Task[None] | None = None

    @property
    def is_put_away(self) -> bool:
        """Whether the call has ended and its ports are free."""
        return self._stopping is not None and self._stopping.done()

    @property
    def described(self) -> str:
        """What was agreed on about media, in words."""
        return self._negotiation.described()

    def begin(self) -> None:
        """Take the call as its manners say."""
        manners = self._manners
        self._note("a call comes in")
        if manners.refusal is not None:
            self.refuse(manners.refusal)
        elif not self._negotiation.offered(self.request.body):
            self.refuse(NOT_ACCEPTABLE)
        else:
            self.media.speak(manners.speech)
            if manners.sends_from_elsewhere:
                self.media.send_from_another_port()
            self._ring()
            if manners.answers_after_s is not None:
                loop = asyncio.get_running_loop()
                self._answering = loop.call_later(manners.answers_after_s, self.answer)

    def answer(self) -> None:
        """Answer now."""
        if self.status is not None:
            return
        self.status = 200
        self._note("we answered")
        endpoint = self._endpoint
        endpoint.do(endpoint.agent.answer(self.leg, self._describe(), endpoint.now()))
        self.talk()
        self.answered.set()

    def refuse(self, status: int) -> None:
        """Refuse the call with a final status of 400 or more."""
        if self.status is not None:
            return
        self.status = status
        endpoint = self._endpoint
        endpoint.do(endpoint.agent.refuse(self.leg, status, endpoint.now()))
        self._end(f"refused with {status}")

    def talk(self) -> None:
        """Speak and hear from now on, as far as the caller has said where; the answer does it by itself."""
        if self.ended.is_set():
            return
        self._describe()
        if agreement := self._negotiation.agreement:
            self.media.start(agreement)

    def say(self, samples: bytes) -> None:
        """Say these samples (PCMU, 8 kHz, mono) after what is still to be said."""
        self.media.speak(samples)

    def press(self, keys: str) -> None:
        """Press keys one after the other. Raises `UnknownKey`."""
        self.media.press(keys)

    def inform(self, keys: str) -> None:
        """Tell of keys by INFO, one after the other."""
        endpoint = self._endpoint
        for key in keys:
            endpoint.do(endpoint.agent.inform(self.leg, key, endpoint.now()))

    def reoffer(self, direction: Direction) -> None:
        """Have the sound flow this way only, by a re-INVITE (RFC 3264 section 8.4); `reoffer_status` tells of it."""
        endpoint = self._endpoint
        self.reoffer_status = None
        body = self._negotiation.reoffer(direction)
        endpoint.do(endpoint.agent.reoffer(self.leg, body, endpoint.now()))

    def hang_up(self) -> None:
        """End the call in whatever state it is: a caller who still hears it ring gets 480."""
        if self.ended.is_set():
            return
        if self.status is None:
            self.refuse(UNAVAILABLE)
            return
        endpoint = self._endpoint
        endpoint.do(endpoint.agent.hang_up(self.leg, endpoint.now()))
        self._end("we hung up")

    def hear(self, news: Output) -> None:
        """Take what the agent tells of this leg."""
        match news:
            case Confirmed(_, body):
                self._confirm(body)
            case NotReoffered(_, status):
                self._negotiation.withdraw()
                self.reoffer_status = status
            case Reoffered(_, body):
                self._take_offer(body)
            case Canceled():
                self.status = 487
                self._end("the caller gave up")
            case HungUp():
                self._end("the caller hung up")
            case Informed(_, key, _):
                self._hear_key(key)
            case Lost(_, text):
                self._end(text)
            case _:
                return

    async def put_away(self) -> None:
        """Wait until the ports of a call that has ended are free."""
        if self._stopping is not None:
            await self._stopping

    def _ring(self) -> None:
        # An offer in a provisional response would have to be reliable (RFC 3262 section 5), and ours is not.
        is_early = self._manners.is_early and self._negotiation.agreement is not None
        status, body = (PROGRESS, self._describe()) if is_early else (RINGING, b"")
        self._note("early media" if is_early else "it rings")
        endpoint = self._endpoint
        endpoint.do(endpoint.agent.ring(self.leg, endpoint.now(), status=status, sdp=body))
        if is_early:
            self.talk()

    def _describe(self) -> bytes:
        """Return our description, which stays the same from early media to the answer."""
        if self._description is None:
            self._description = self._negotiation.answer(self.media.port)
        return self._description

    def _confirm(self, body: bytes) -> None:
        if not self._negotiation.waits_for_answer:
            return
        if self._negotiation.answered(body):
            self.reoffer_status = 200
            self._note(f"agreed on {self.described}")
            self.talk()
        else:
            self._note("the answer fits nothing that we offered")
            self.hang_up()

    def _take_offer(self, body: bytes) -> None:
        endpoint = self._endpoint
        said = self._negotiation.reoffered(body)
        if said is None:
            endpoint.do(endpoint.agent.decline(self.leg, NOT_ACCEPTABLE, endpoint.now()))
            return
        endpoint.do(endpoint.agent.accept(self.leg, said, endpoint.now()))
        self._note(f"other media: {self.described}")
        self.talk()

    def _hear_key(self, key: str) -> None:
        self.keys += key
        self._note(f"the caller pressed {key}")

    def _end(self, text: str) -> None:
        if self.ended.is_set():
            return
        if self._answering is not None:
            self._answering.cancel()
        self._stopping = asyncio.get_running_loop().create_task(self.media.stop())
        self.ended.set()
        self._note(text)

    def _note(self, text: str) -> None:
        happening = Happening(round((self._endpoint.now() - self._came_at) * 1000, 1), text)
        self.happenings.append(happening)
        self._tell(self, happening)
