"""One making for many who wait."""

import asyncio
import logging

import pytest

from offhook.audio.errors import SoundNotAudio
from offhook.audio.flights import Flight, Flights


async def test_who_joins_gets_what_is_under_way() -> None:
    begun = 0
    go_on = asyncio.Event()

    async def work(flight: Flight[str]) -> None:
        nonlocal begun
        begun += 1
        flight.land("sound")
        flight.land("a later one does not count")
        await go_on.wait()

    flights: Flights[str] = Flights()
    assert await asyncio.gather(*(flights.join("name", work).wait() for _ in range(5))) == ["sound"] * 5
    assert begun == 1
    go_on.set()
    await flights.join("name", work).task
    await flights.join("name", work).wait()
    assert begun == 2
    await flights.cancel()


async def test_who_stops_waiting_does_not_stop_the_others() -> None:
    go_on = asyncio.Event()

    async def work(flight: Flight[str]) -> None:
        await go_on.wait()
        flight.land("sound")

    flights: Flights[str] = Flights()
    patient, impatient = (asyncio.create_task(flights.join("name", work).wait()) for _ in range(2))
    await asyncio.sleep(0)
    impatient.cancel()
    await asyncio.sleep(0)
    go_on.set()
    assert await patient == "sound"


async def test_a_failure_reaches_all_who_wait() -> None:
    async def work(_: Flight[str]) -> None:
        raise SoundNotAudio("no sound")

    flights: Flights[str] = Flights()
    results = await asyncio.gather(*(flights.join("name", work).wait() for _ in range(3)), return_exceptions=True)
    assert [type(result) for result in results] == [SoundNotAudio] * 3


async def test_a_failure_that_nobody_waits_for_is_no_noise() -> None:
    async def work(_: Flight[str]) -> None:
        raise SoundNotAudio("no sound")

    with pytest.raises(SoundNotAudio):
        await Flights[str]().join("name", work).task


async def test_a_failure_after_landing_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    async def work(flight: Flight[str]) -> None:
        flight.land("sound")
        raise SoundNotAudio("the rest is broken")

    flight = Flights[str]().join("name", work)
    with caplog.at_level(logging.WARNING), pytest.raises(SoundNotAudio):
        await flight.task
    assert await flight.wait() == "sound"
    assert "the rest is broken" in caplog.text


async def test_what_is_cancelled_tells_those_who_wait() -> None:
    async def work(_: Flight[str]) -> None:
        await asyncio.Event().wait()

    flights: Flights[str] = Flights()
    waiting = asyncio.create_task(flights.join("name", work).wait())
    await asyncio.sleep(0)
    await flights.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
