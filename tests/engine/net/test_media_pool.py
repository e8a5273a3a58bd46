"""The main process's side: legs are spread, heard from, and told when their worker dies."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from free_ports import udp_range
from media_process import HOST, PATIENCE_S, connection, phone_socket
from offhook.engine.media.rtp import Stream
from offhook.engine.net.media_pool import LegNews, MediaLeg, MediaPool, MediaUnavailable, _share
from offhook.engine.net.orders import Finished, FirstOut, RecordingEnded
from processes import kill

PACKETS_AT_MOST = 500
SILENCE = b"\xff" * 160


@dataclass
class Ear:
    """Whoever a leg reports to."""

    news: list[LegNews] = field(default_factory=list)
    deaths: int = 0
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    def hear(self, news: LegNews) -> None:
        self.news.append(news)
        self.changed.set()

    def mourn(self) -> None:
        self.deaths += 1
        self.changed.set()

    async def hears(self, kind: type[LegNews]) -> LegNews:
        """Wait for news of a kind."""
        async with asyncio.timeout(PATIENCE_S):
            while not (found := [news for news in self.news if isinstance(news, kind)]):
                self.changed.clear()
                await self.changed.wait()
        return found[-1]

    async def mourns(self) -> None:
        async with asyncio.timeout(PATIENCE_S):
            while not self.deaths:
                self.changed.clear()
                await self.changed.wait()


@pytest.fixture
async def pool() -> AsyncIterator[MediaPool]:
    made = MediaPool(workers=2, ports=udp_range(16), random_bits=Random(1).getrandbits)
    await made.start()
    yield made
    async with asyncio.timeout(PATIENCE_S):
        await made.stop()


async def _leg(pool: MediaPool, name: str, ear: Ear, *, beside: MediaLeg | None = None) -> MediaLeg:
    async with asyncio.timeout(PATIENCE_S):
        return await pool.open(name, HOST, ear.hear, ear.mourn, beside=beside)


async def test_a_leg_is_opened_plays_and_is_closed(pool: MediaPool, tmp_path: Path) -> None:
    ear = Ear()
    sound = tmp_path / "sound.ulaw"
    sound.write_bytes(bytes(480))
    with phone_socket() as phone:
        leg = await _leg(pool, "leg", ear)
        assert leg.port % 2 == 0
        leg.connect(connection("leg", phone))
        leg.start()
        leg.play("1:0", str(sound), None, "PCMU", 1)
        assert await ear.hears(Finished) == Finished("leg", "1:0", 0)
        assert isinstance(ear.news[0], FirstOut)
        closed = await leg.close()
    assert closed is not None
    assert closed.sent >= 3
    assert await leg.close() is closed


async def test_legs_are_spread_over_the_workers(pool: MediaPool) -> None:
    legs = [await _leg(pool, f"leg-{number}", Ear()) for number in range(4)]
    ports = sorted(leg.port for leg in legs)
    assert len(pool.processes) == 2
    assert len({leg.worker.index for leg in legs[:2]}) == 2
    assert ports == sorted(set(ports))


async def test_a_leg_is_opened_beside_another_and_joined_with_it(pool: MediaPool) -> None:
    with phone_socket() as left, phone_socket() as right:
        phones = {"left": left, "right": right}
        first = await _leg(pool, "left", Ear())
        await _leg(pool, "elsewhere", Ear())
        second = await _leg(pool, "right", Ear(), beside=first)
        assert second.worker is first.worker
        for leg in (first, second):
            leg.connect(connection(leg.name, phones[leg.name]))
            leg.start()
        first.join(second)
        speech = Stream(ssrc=1, sequence=1, timestamp=1, payload_type=0)
        # The first packets may be there before the order to join is read.
        for _ in range(PACKETS_AT_MOST):
            left.sendto(speech.next_packet(b"\x05" * 160), (HOST, first.port))
            if right.recv(2048)[12:] == b"\x05" * 160:
                break
        else:
            pytest.fail("what is said at one end is not heard at the other")
        second.part()
        first.ring()
        _until(left, lambda sound: sound not in (SILENCE, b"\x05" * 160))
        first.quiet()
        _until(left, lambda sound: sound == SILENCE)


def _until(phone: socket.socket, is_so: Callable[[bytes], bool]) -> None:
    """Receive packets until one carries what is waited for."""
    assert any(is_so(phone.recv(2048)[12:]) for _ in range(PACKETS_AT_MOST))


async def test_legs_of_different_workers_are_never_joined(pool: MediaPool) -> None:
    first, second = await _leg(pool, "one", Ear()), await _leg(pool, "two", Ear())
    with pytest.raises(AssertionError, match="one worker"):
        first.join(second)
    with pytest.raises(AssertionError, match="another"):
        first.join(first)


async def test_nothing_is_opened_beside_a_leg_whose_worker_died(pool: MediaPool) -> None:
    ear = Ear()
    leg = await _leg(pool, "leg", ear)
    with capture_logs():
        await kill(leg.worker.process.pid)
        await ear.mourns()
        with pytest.raises(MediaUnavailable, match="the other leg died"):
            await _leg(pool, "beside", Ear(), beside=leg)


async def test_a_port_range_that_is_used_up_is_told(pool: MediaPool) -> None:
    for number in range(8):
        await _leg(pool, f"leg-{number}", Ear())
    with pytest.raises(MediaUnavailable, match="no RTP port is free"):
        await _leg(pool, "one too many", Ear())


async def test_a_worker_that_is_killed_is_replaced_and_its_legs_are_told(pool: MediaPool) -> None:
    ears = [Ear(), Ear()]
    legs = [await _leg(pool, f"leg-{number}", ear) for number, ear in enumerate(ears)]
    victim, survivor = legs
    pid = victim.worker.process.pid
    with capture_logs():
        await kill(pid)
        await ears[0].mourns()
        assert (ears[0].deaths, ears[1].deaths) == (1, 0)
        assert await victim.close() is None
        victim.start()
        # Whoever listened to the dead worker is done when there is another in its place.
        await asyncio.wait(pool._tasks, timeout=PATIENCE_S, return_when=asyncio.FIRST_COMPLETED)
    assert len(pool.processes) == 2
    assert pid not in pool.processes
    assert (await _leg(pool, "next", Ear())).port
    assert await survivor.close() is not None


async def test_a_leg_that_is_being_opened_when_its_worker_dies_is_refused() -> None:
    pool = MediaPool(workers=1, ports=udp_range(4), random_bits=Random(1).getrandbits)
    await pool.start()
    ear = Ear()
    with capture_logs():
        [pid] = pool.processes
        opening = asyncio.create_task(pool.open("leg", HOST, ear.hear, ear.mourn))
        await asyncio.sleep(0)
        await kill(pid)
        with pytest.raises(MediaUnavailable, match="died"):
            await opening
        assert ear.deaths == 0
        with pytest.raises(MediaUnavailable, match="no media worker is running"):
            await pool.open("next", HOST, ear.hear, ear.mourn)
        async with asyncio.timeout(PATIENCE_S):
            await pool.stop()
    assert pool.processes == []


async def test_a_defect_in_one_call_does_not_end_the_others(pool: MediaPool, tmp_path: Path) -> None:
    found: asyncio.Queue[str] = asyncio.Queue()
    asyncio.get_running_loop().set_exception_handler(lambda _, context: found.put_nowait(str(context["exception"])))

    def trip(_news: LegNews) -> None:
        raise KeyError("a defect")

    with phone_socket() as phone:
        leg = await pool.open("leg", HOST, trip, lambda: None)
        leg.connect(connection("leg", phone))
        leg.start()
        assert await asyncio.wait_for(found.get(), PATIENCE_S) == "'a defect'"
        assert await leg.close() is not None
    assert len(pool.processes) == 2


async def test_nothing_is_left_after_the_stop() -> None:
    pool = MediaPool(workers=2, ports=udp_range(8), random_bits=Random(1).getrandbits)
    await pool.start()
    ear = Ear()
    await _leg(pool, "leg", ear)
    processes = [worker.process for worker in pool._workers.values()]
    await pool.stop()
    assert [process.returncode for process in processes] == [0, 0]
    assert pool.processes == []
    with pytest.raises(MediaUnavailable):
        await pool.open("late", HOST, ear.hear, ear.mourn)


@given(first=st.integers(1024, 60_000), size=st.integers(1, 300), count=st.integers(1, 8))
def test_the_workers_share_the_range_in_whole_pairs_without_overlap(first: int, size: int, count: int) -> None:
    shares = [_share((first, first + size - 1), index, count) for index in range(count)]
    used = [port for low, high in shares for rtp in range(low, high, 2) for port in (rtp, rtp + 1)]
    assert len(used) == len(set(used))
    assert all(first <= port <= first + size - 1 for port in used)
    assert all(low % 2 == 0 for low, _ in shares)
    assert len(used) == 2 * ((size - first % 2) // 2)


async def test_it_tells_what_each_worker_has_to_do(pool: MediaPool) -> None:
    legs = [await _leg(pool, f"leg-{number}", Ear()) for number in range(3)]
    assert sorted((load.index, load.legs) for load in pool.loads()) == [(0, 2), (1, 1)]
    async with asyncio.timeout(PATIENCE_S):
        while not all(load.busy > 0.0 for load in pool.loads()):  # noqa: ASYNC110 - nobody is told of a load
            await asyncio.sleep(0.1)
        await asyncio.gather(*(leg.close() for leg in legs))
    assert [load.legs for load in pool.loads()] == [0, 0]
    assert all(load.busy <= 1.0 for load in pool.loads())


async def test_a_worker_transcodes_for_so_many_pairs_and_its_legs_say_who_may_need_it() -> None:
    pool = MediaPool(workers=1, ports=udp_range(8), random_bits=Random(1).getrandbits, transcoded=1)
    await pool.start()
    try:
        caller, callee = await _leg(pool, "caller", Ear()), await _leg(pool, "callee", Ear())
        assert pool.can_transcode(caller)
        callee.may_differ = True
        assert not pool.can_transcode(caller)
        await callee.close()
        assert pool.can_transcode(caller)
    finally:
        await pool.stop()


async def test_a_leg_is_recorded_and_says_what_was(pool: MediaPool, tmp_path: Path) -> None:
    ear, path = Ear(), tmp_path / "leg.wav"
    with phone_socket() as phone:
        leg = await _leg(pool, "leg", ear)
        assert await leg.stop_recording() is None
        leg.connect(connection("leg", phone))
        leg.start()
        leg.record(str(path))
        await asyncio.sleep(0.2)
        ended = await leg.stop_recording()
        assert ended is not None
        assert (ended.code, ended.size) == ("stopped", path.stat().st_size)
        assert ended.seconds > 0.1
        # It is told again to who asks again, and is no news.
        assert await leg.stop_recording() == ended
        assert not [news for news in ear.news if isinstance(news, RecordingEnded)]


async def test_a_recording_that_ends_by_itself_is_news(pool: MediaPool, tmp_path: Path) -> None:
    ear = Ear()
    leg = await _leg(pool, "leg", ear)
    leg.record(str(tmp_path / "nowhere" / "leg.wav"))
    news = await ear.hears(RecordingEnded)
    ended = await leg.stop_recording()
    assert news == ended
    assert ended is not None
    assert ended.code == "recording-not-written"


async def test_a_recording_is_ended_by_the_close_of_its_leg_and_by_the_death_of_its_worker(
    pool: MediaPool, tmp_path: Path
) -> None:
    ear = Ear()
    leg = await _leg(pool, "leg", ear)
    leg.record(str(tmp_path / "leg.wav"))
    await leg.close()
    ended = await leg.stop_recording()
    assert ended is not None
    assert ended.code == "stopped"
    other = await _leg(pool, "other", ear)
    other.record(str(tmp_path / "other.wav"))
    other.worker.process.kill()
    ended = await other.stop_recording()
    assert ended is not None
    assert ended.code == "recorder-died"
