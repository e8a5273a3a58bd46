"""One call by our own phone, watched while it happens. For `offhook dial` and the demo."""

import asyncio
import secrets
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass
from functools import partial

from offhook.engine.net.addresses import LocalAddresses
from offhook.engine.net.endpoint import Overhears
from offhook.engine.net.happenings import Happening
from offhook.engine.net.phone import Phone
from offhook.engine.net.phone_media import PhoneMedia
from offhook.engine.sip.outputs import Destination
from offhook.errors import SetupError

LOOK_S = 0.02
RING_S = 120.0
"""How long we let it ring. The platform decides within 23 s; a foreign gateway may take longer."""
PRESS_AFTER_S = 0.5
"""Keys are pressed so long after the answer: who answered must be listening."""
RATE = 8_000
SAMPLE_BYTES = 2


Join = Callable[[PhoneMedia], AbstractAsyncContextManager[object]]
"""Who takes part in a call: gets its sound, and is with it until the context ends."""


def nobody_joins(_media: PhoneMedia) -> AbstractAsyncContextManager[object]:
    """Nobody talks or listens while it lasts."""
    return nullcontext()


@dataclass(frozen=True, slots=True)
class Wish:
    """Whom to call and what to do: `speech` (PCMU, 8 kHz, mono) is said and `press` pressed after the answer.

    `to` is an IP address and port. An empty `caller` withholds the number. `seconds` counts from the answer.
    """

    number: str
    caller: str
    to: Destination
    speech: bytes = b""
    press: str = ""
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a call: `heard` is linear, signed 16 bits, little endian, 8 kHz, mono. Times in milliseconds.

    `status` is 200, the last SIP status, or None for a call that was given up before there was one.
    `first_packet_ms` counts from the answer.
    """

    status: int | None
    happenings: tuple[Happening, ...]
    answer_ms: float | None
    first_packet_ms: float | None
    packets: int
    heard: bytes

    @property
    def is_answered(self) -> bool:
        """Whether somebody answered."""
        return self.answer_ms is not None

    @property
    def heard_s(self) -> float:
        """How long the sound is that was heard."""
        return len(self.heard) / SAMPLE_BYTES / RATE


async def place(
    wish: Wish,
    tell: Callable[[Happening], None],
    hang_up: asyncio.Event | None = None,
    *,
    joined: Join = nobody_joins,
) -> Outcome:
    """Make the call and return when it is over; `tell` hears of each thing as it happens.

    Set `hang_up` to end the call from outside. Whoever is `joined` has the call's sound for as long as it lasts.
    Raises SetupError when there is no way to the gateway.
    """
    phone = new_phone(wish)
    loop = asyncio.get_running_loop()
    began = loop.time()
    try:
        phone.dial(wish.number, caller=wish.caller, to=wish.to)
        phone.media.speak(wish.speech)
        async with joined(phone.media):
            await _watch(phone, wish, tell, hang_up or asyncio.Event(), began + RING_S)
    finally:
        phone.hang_up()
        await phone.close()
    return outcome_of(phone, began)


def new_phone(wish: Wish, overhears: Overhears | None = None) -> Phone:
    """Return a phone that can reach the gateway. Raises SetupError."""
    return Phone(
        _local_toward(wish.to.host),
        token=partial(secrets.token_hex, 8),
        random_bits=secrets.randbits,
        overhears=overhears,
    )


def outcome_of(phone: Phone, began: float) -> Outcome:
    """Tell what came of a call that is over and began at a moment of the loop's clock."""
    first_packet_at = phone.media.first_packet_at
    answered_at = phone.answered_at
    return Outcome(
        status=phone.status,
        happenings=tuple(phone.happenings),
        answer_ms=None if answered_at is None else _ms(answered_at - began),
        first_packet_ms=None if answered_at is None or first_packet_at is None else _ms(first_packet_at - answered_at),
        packets=phone.media.packets,
        heard=phone.media.heard(),
    )


async def _watch(
    phone: Phone, wish: Wish, tell: Callable[[Happening], None], hang_up: asyncio.Event, ring_until: float
) -> None:
    loop = asyncio.get_running_loop()
    told = 0
    has_pressed = not wish.press
    while True:
        # Looked at before the news are told, so that the last ones are told too.
        is_over = phone.ended.is_set()
        for happening in phone.happenings[told:]:
            tell(happening)
        told = len(phone.happenings)
        if is_over:
            return
        now, answered_at = loop.time(), phone.answered_at
        if not has_pressed and answered_at is not None and now >= answered_at + PRESS_AFTER_S:
            phone.media.press(wish.press)
            has_pressed = True
        if answered_at is None:
            is_time = now >= ring_until
        else:
            is_time = wish.seconds is not None and now >= answered_at + wish.seconds
        if is_time or hang_up.is_set():
            phone.hang_up()
        else:
            await asyncio.sleep(LOOK_S)


def _local_toward(host: str) -> str:
    """Return our address on the way to an IP address. Raises SetupError."""
    # Not to listen there: to be asked which of our addresses is used.
    anywhere = "::" if ":" in host else "0.0.0.0"  # noqa: S104
    try:
        return LocalAddresses(anywhere).toward(host)
    except OSError as error:
        raise SetupError(f"there is no way to {host}: {error.strerror}") from None


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 1)
