"""Calls to our own phone, watched while they happen. For `offhook phone`."""

import asyncio
import secrets
import signal
from collections.abc import Callable
from functools import partial

from offhook.config.values import HostPort
from offhook.engine.net.answering_phone import AnsweringPhone
from offhook.engine.net.endpoint import Overhears
from offhook.engine.net.happenings import Happening
from offhook.engine.net.manners import Manners
from offhook.engine.net.received_call import ReceivedCall
from offhook.errors import SetupError


async def take_calls(
    place: HostPort,
    manners: Manners,
    *,
    ready: Callable[[HostPort], None],
    tell: Callable[[ReceivedCall, Happening], None],
) -> None:
    """Take calls at an IP address until SIGTERM or SIGINT, then end them all; `ready` is told where it listens.

    Raises SetupError when the port is taken.
    """
    # Whoever reads us may go away. That must end us here and not upset a call, so nothing is told within one.
    news: asyncio.Queue[tuple[ReceivedCall, Happening] | None] = asyncio.Queue()
    phone = listen(place, manners, lambda call, happening: news.put_nowait((call, happening)))
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, news.put_nowait, None)
    try:
        ready(HostPort(phone.host, phone.port))
        while (one := await news.get()) is not None:
            tell(*one)
    finally:
        await phone.close()
    while not news.empty():
        if (one := news.get_nowait()) is not None:
            tell(*one)


def listen(
    place: HostPort,
    manners: Manners,
    tell: Callable[[ReceivedCall, Happening], None],
    overhears: Overhears | None = None,
) -> AnsweringPhone:
    """Return a phone that takes calls at an IP address. Raises SetupError when the port is taken."""
    try:
        return AnsweringPhone(
            place.host,
            port=place.port,
            token=partial(secrets.token_hex, 8),
            random_bits=secrets.randbits,
            manners=manners,
            tell=tell,
            overhears=overhears,
        )
    except SetupError as error:
        hint = "another program may have it: choose another with --listen HOST:PORT"
        raise SetupError(error.sentence, hint=hint) from None
