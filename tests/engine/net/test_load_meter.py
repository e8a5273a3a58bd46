"""A loop that is kept from its work is measured; one that works is not."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence

import pytest

from offhook.engine.net import load_meter, overload
from offhook.engine.net.load_meter import LoadMeter
from offhook.engine.net.media_pool import WorkerLoad
from offhook.engine.net.overload import LONGEST_RETRY_S, SHORTEST_RETRY_S, LoadLimits

WAIT_S = 10.0


class Pool:
    """The loads of media workers."""

    def __init__(self, *busy: float) -> None:
        self.busy = busy

    def loads(self) -> Sequence[WorkerLoad]:
        return [WorkerLoad(index, 0, busy) for index, busy in enumerate(self.busy)]


@pytest.fixture
def pool(monkeypatch: pytest.MonkeyPatch) -> Pool:
    monkeypatch.setattr(load_meter, "BEAT_S", 0.01)
    monkeypatch.setattr(overload, "RELIEF_S", 0.0)
    return Pool()


@pytest.fixture
async def meter(pool: Pool) -> AsyncIterator[LoadMeter]:
    made = LoadMeter(LoadLimits(lag_s=0.2), pool.loads)
    made.start()
    yield made
    made.stop()


async def until(meter: LoadMeter, *, is_overloaded: bool) -> None:
    async with asyncio.timeout(WAIT_S):
        while meter.is_overloaded is not is_overloaded:  # noqa: ASYNC110 - nobody tells when
            await asyncio.sleep(0.01)


async def test_a_loop_that_is_kept_busy_is_overloaded_until_it_is_not(meter: LoadMeter) -> None:
    assert not meter.is_overloaded
    asyncio.get_running_loop().call_soon(time.sleep, 1.0)
    await until(meter, is_overloaded=True)
    assert meter.lag_s >= 0.2
    assert SHORTEST_RETRY_S <= meter.retry_after_s() <= LONGEST_RETRY_S
    await until(meter, is_overloaded=False)


async def test_what_kept_the_loop_before_the_start_is_no_load(pool: Pool) -> None:
    made = LoadMeter(LoadLimits(lag_s=0.2), pool.loads)
    time.sleep(1.0)  # noqa: ASYNC251 - it is the loop that is kept
    made.start()
    await asyncio.sleep(0.05)
    made.stop()
    assert made.lag_s < 0.2
    assert not made.is_overloaded


async def test_one_worker_that_has_room_is_enough(meter: LoadMeter, pool: Pool) -> None:
    pool.busy = (1.0, 1.0)
    await until(meter, is_overloaded=True)
    pool.busy = (1.0, 0.1)
    await until(meter, is_overloaded=False)
