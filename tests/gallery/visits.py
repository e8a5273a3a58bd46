"""How somebody calls an exhibit, and what the caller sees and hears of it."""

import asyncio
import itertools
import socket
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from foreign_caller import ForeignCaller, foreign_caller
from free_ports import udp_port
from gallery.hall import Place
from offhook.domain.sounds import Codec
from offhook.engine.media import sdp
from offhook.engine.media.rtp import Stream
from offhook.engine.net.media_tones import key_turn
from phone import Caller, phone
from running_platform import RunningPlatform
from sip_peer import Fields
from tones import tone

ANSWERED = 200
ENDS_WITHIN_S = 90
NO_RTP_WITHIN_S = 30
HERE, ELSEWHERE = "127.0.0.1", "127.0.0.55"
FAX = "m=image 9 udptl t38"
FRAME = 160
FRAME_S = 0.02


@dataclass(frozen=True, slots=True)
class Visit:
    """One call to one place."""

    platform: RunningPlatform
    place: Place

    async def call(self, customer: Caller, *, number: str = "", speaks: bool = True) -> int:
        """Call with our own phone; return the status that ended the ringing."""
        return await customer.call(
            number or self.place.number, self.platform.sip, caller=self.place.caller, speaks=speaks
        )

    async def offer(self, foreign: ForeignCaller, media: str) -> tuple[int, bytes]:
        """Call with a phone that offers just this; return the final status and its body."""
        uri = f"sip:{self.place.number}@{self.platform.sip[0]}:{self.platform.sip[1]}"
        fields = self.fields(foreign, f"<{uri}>")
        answer = await foreign.call(self.platform.sip, foreign.describe(media), uri=uri, fields=fields)
        foreign.acknowledge()
        return answer.status, answer.body

    def fields(self, foreign: ForeignCaller, to: str) -> Fields:
        """Return who calls whom, for an INVITE."""
        return {"From": f"<sip:{self.place.caller}@10.0.0.1>;tag={foreign.tag}", "To": to}


async def hears_the_announcement(visit: Visit) -> None:
    """Hear our excuse, and hang up."""
    async with phone() as customer:
        assert await visit.call(customer) == ANSWERED
        await customer.hear_something()
        customer.hang_up()


def is_refused(status: int) -> Callable[[Visit], Awaitable[None]]:
    """Hear no more than ringing, and this status at the end of it."""

    async def behave(visit: Visit) -> None:
        async with phone() as customer:
            assert await visit.call(customer) == status

    return behave


async def hears_the_end(visit: Visit) -> None:
    """Listen until the platform hangs up."""
    async with phone() as customer:
        assert await visit.call(customer) == ANSWERED
        async with asyncio.timeout(ENDS_WITHIN_S):
            await customer._phone.ended.wait()
        assert len(customer.heard())


async def dials_nationally(visit: Visit) -> None:
    """Send the number as it is dialled within its country."""
    async with phone() as customer:
        assert await visit.call(customer, number=f"0{visit.place.number[2:]}") == 404


async def sends_no_sound(visit: Visit) -> None:
    """Listen, and send not a single packet."""
    async with phone() as customer:
        assert await visit.call(customer, speaks=False) == ANSWERED
        await customer.hear_the_end()


async def has_no_sound_at_all(visit: Visit) -> None:
    """Name a port at which nobody listens, and send nothing."""
    async with foreign_caller() as foreign:
        status, _ = await visit.offer(foreign, f"m=audio {udp_port()} RTP/AVP 0")
        assert status == ANSWERED
        async with asyncio.timeout(NO_RTP_WITHIN_S):
            await _goodbye(foreign)


async def speaks_g729(visit: Visit) -> None:
    """Offer a codec that we do not speak."""
    async with foreign_caller() as foreign:
        status, _ = await visit.offer(foreign, f"m=audio {foreign.rtp_port} RTP/AVP 18\r\na=rtpmap:18 G729/8000")
        assert status == 488


async def names_it_in_to(visit: Visit) -> None:
    """Ask for an account's name, and have the number in To alone."""
    async with foreign_caller() as foreign:
        uri = f"sip:account42@{visit.platform.sip[0]}:{visit.platform.sip[1]}"
        fields = visit.fields(foreign, f"<sip:+{visit.place.number}@10.0.0.1>")
        offer = foreign.describe(f"m=audio {foreign.rtp_port} RTP/AVP 0")
        answer = await foreign.call(visit.platform.sip, offer, uri=uri, fields=fields)
        foreign.acknowledge()
        assert answer.status == 404


async def offers_a_fax(visit: Visit) -> None:
    """Offer a fax and no sound."""
    async with foreign_caller() as foreign:
        status, _ = await visit.offer(foreign, FAX)
        assert status == 488


async def wants_a_fax_later(visit: Visit) -> None:
    """Offer a fax within the call, and hang up because it is declined."""
    async with foreign_caller() as foreign:
        await visit.offer(foreign, f"m=audio {foreign.rtp_port} RTP/AVP 0")
        assert (await foreign.reinvite(foreign.describe(FAX))).status == 488
        foreign.acknowledge()
        foreign.hang_up()


def speaks(payload_type: int, *, host: str = "") -> Callable[[Visit], Awaitable[None]]:
    """Speak with packets of this type, perhaps from an address that is named nowhere, until the platform hangs up."""

    async def behave(visit: Visit) -> None:
        async with foreign_caller() as foreign:
            status, body = await visit.offer(foreign, f"m=audio {foreign.rtp_port} RTP/AVP 0")
            assert status == ANSWERED
            audio = sdp.parse(body).media[0].audio
            assert audio is not None
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
                other.bind((host or HERE, 0))
                mouth = other if host else foreign.mouth
                speaking = asyncio.create_task(_speak(mouth, (visit.platform.sip[0], audio.port), payload_type))
                async with asyncio.timeout(NO_RTP_WITHIN_S):
                    await _goodbye(foreign)
                speaking.cancel()

    return behave


async def informs(visit: Visit) -> None:
    """Agree on telephone-events, and press a key by INFO."""
    async with phone() as customer:
        assert await visit.call(customer) == ANSWERED
        customer.inform("1")
        await customer.hear_the_end()


async def presses_tones(visit: Visit) -> None:
    """Offer no telephone-events, and press keys as tones in the sound."""
    async with foreign_caller() as foreign:
        status, body = await visit.offer(foreign, f"m=audio {foreign.rtp_port} RTP/AVP 0")
        assert status == ANSWERED
        audio = sdp.parse(body).media[0].audio
        assert audio is not None
        pressing = asyncio.create_task(_press(foreign, audio.port, "123"))
        async with asyncio.timeout(NO_RTP_WITHIN_S):
            await _goodbye(foreign)
        pressing.cancel()


async def talks(visit: Visit) -> None:
    """Talk to the callee for a moment."""
    async with phone() as customer:
        assert await visit.call(customer) == ANSWERED
        customer.say(tone(700, 1))
        await customer.hear(1)
        customer.hang_up()


async def _speak(mouth: socket.socket, to: tuple[str, int], payload_type: int) -> None:
    """Send packets of 20 ms, one after the other."""
    stream = Stream(ssrc=7, sequence=1, timestamp=0, payload_type=payload_type)
    while True:
        mouth.sendto(stream.next_packet(bytes(FRAME)), to)
        await asyncio.sleep(FRAME_S)


async def _goodbye(foreign: ForeignCaller) -> None:
    while True:
        try:
            await foreign.hears_request("BYE")
        except TimeoutError:
            # The timer of one message is over; whoever waits for the call's end has one of its own.
            continue
        return


async def _press(foreign: ForeignCaller, port: int, keys: str) -> None:
    """Send keys as tones, over and over, a packet every 20 ms."""
    sound = b"".join(key_turn(key, 120, Codec.PCMU) for key in keys)
    frames = [sound[at : at + FRAME] for at in range(0, len(sound) - FRAME, FRAME)]
    for frame in itertools.cycle(frames):
        foreign.say(port, frame)
        await asyncio.sleep(FRAME_S)
