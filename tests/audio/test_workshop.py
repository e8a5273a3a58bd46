"""Jobs and the worker process that they share: real processes, really killed."""

import asyncio
import os
import resource
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from ear import WIDE_RATE, decode_g711, decode_g722, has_tone
from offhook.audio.errors import SoundNotAudio, SoundTooLong, WorkerDied
from offhook.audio.limits import Limits
from offhook.audio.workshop import LONGEST_PAUSE_S, Job, Workshop, pause_after
from offhook.domain.sounds import Codec
from processes import kill
from soundfiles import mp3, sine

pytestmark = pytest.mark.peers

LIMITS = Limits()
LONG = mp3(sine(440, 60.0, 16_000), 16_000, 24)
SHORT = LONG[:4_000]
HELLO = Job(b"Hello.", "pico", "en")


@pytest.fixture
def _pico_hangs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let workers find a Pico that never comes back from C, as the real one does not from a word of 300 bytes."""
    (tmp_path / "py_nanotts.py").write_text(
        "import re\nclass NanoTTS:\n    def speak(self, *_, **__):\n        re.match('(a+)+$', 'a' * 64 + 'b')\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))


async def replacement(shop: Workshop, dead: int | None) -> int:
    """Return the process id of the worker that stands in for a dead one, without asking for a sound."""
    async with asyncio.timeout(20):
        while shop.worker_pid in (None, dead):  # noqa: ASYNC110 - the keeper tells nobody
            await asyncio.sleep(0.01)
    assert shop.worker_pid is not None
    return shop.worker_pid


@asynccontextmanager
async def workshop(limits: Limits = LIMITS) -> AsyncIterator[Workshop]:
    made = Workshop(limits.speech_memory_bytes, limits)
    try:
        yield made
    finally:
        await made.stop()


async def made(shop: Workshop, job: Job) -> bytes:
    async with aclosing(shop.make(job)) as pieces:
        return b"".join([piece.pcmu async for piece in pieces])


async def test_a_job_comes_in_pieces_and_in_every_codec() -> None:
    async with workshop() as shop:
        pieces = [piece async for piece in shop.make(Job(LONG))]
    assert len(pieces) > 20
    pcmu, pcma, g722 = (b"".join(getattr(piece, name) for piece in pieces) for name in ("pcmu", "pcma", "g722"))
    assert len(pcmu) / 8_000 == pytest.approx(60.0, abs=0.2)
    assert len(pcmu) == len(pcma) == len(g722)
    assert has_tone(decode_g711(pcmu, Codec.PCMU), 440)
    assert has_tone(decode_g711(pcma, Codec.PCMA), 440)
    assert has_tone(decode_g722(g722), 440, WIDE_RATE)


async def test_jobs_take_turns_at_one_worker() -> None:
    order = ""

    async def note(name: str, shop: Workshop) -> None:
        nonlocal order
        async for _ in shop.make(Job(LONG)):
            order += name

    async with workshop() as shop:
        await asyncio.gather(note("a", shop), note("b", shop))
    assert order.startswith(("ab" * 10, "ba" * 10))


async def test_a_text_is_spoken_alike_whatever_was_in_memory_before(monkeypatch: pytest.MonkeyPatch) -> None:
    async with workshop() as shop:
        first = await made(shop, HELLO)
        assert await made(shop, HELLO) == first
    # What glibc fills memory with stands for what was there before.
    monkeypatch.setenv("MALLOC_PERTURB_", "85")
    async with workshop() as another:
        assert await made(another, HELLO) == first


async def test_the_worker_tells_what_is_wrong_with_a_file() -> None:
    async with workshop(replace(LIMITS, sound_s=5.0)) as shop:
        with pytest.raises(SoundNotAudio, match="web page"):
            await made(shop, Job(b"<html>"))
        with pytest.raises(SoundTooLong):
            await made(shop, Job(LONG))


async def test_a_job_whose_worker_is_killed_between_its_steps_goes_on_at_a_new_one_without_a_seam() -> None:
    async with workshop() as shop:
        whole = await made(shop, Job(LONG))
        first = shop.worker_pid
        async with aclosing(shop.make(Job(LONG))) as pieces:
            heard = (await anext(pieces)).pcmu + (await anext(pieces)).pcmu
            await kill(first)
            heard += b"".join([piece.pcmu async for piece in pieces])
        assert shop.worker_pid != first
    assert heard == whole


async def test_a_worker_that_dies_is_replaced_before_anybody_wants_a_sound() -> None:
    async with workshop() as shop:
        await shop.start(Job(b"Hello.", "pico", "en"))
        dead = shop.worker_pid
        await kill(dead)
        await kill(await replacement(shop, dead))
        assert len(await made(shop, Job(LONG))) > 8_000 * 59


def test_workers_that_die_at_once_are_replaced_later_and_later() -> None:
    pauses = [0.0]
    for lived_s in (60.0, 1.0, 1.0, 0.0, 60.0, 0.0):
        pauses.append(pause_after(pauses[-1], lived_s))
    assert pauses[1:] == [0.0, 0.5, 1.0, 2.0, 0.0, 0.5]
    assert pause_after(LONGEST_PAUSE_S, 0.0) == LONGEST_PAUSE_S


async def test_a_job_whose_worker_dies_again_and_again_fails() -> None:
    async with workshop() as shop, aclosing(shop.make(Job(LONG))) as pieces:
        for _ in range(2):
            await anext(pieces)
            await kill(shop.worker_pid)
        with pytest.raises(WorkerDied, match="died twice"):
            await anext(pieces)


@pytest.mark.usefixtures("_pico_hangs")
async def test_a_step_that_hangs_in_c_is_ended_by_the_kernel_and_only_its_job_fails() -> None:
    async with workshop(replace(LIMITS, step_cpu_s=0.5)) as shop:
        others = [asyncio.create_task(made(shop, Job(LONG))) for _ in range(2)]
        with pytest.raises(WorkerDied, match="died while it made this sound"):
            await made(shop, HELLO)
        assert all(len(sound) > 8_000 * 59 for sound in await asyncio.gather(*others))


@pytest.mark.usefixtures("_pico_hangs")
async def test_a_step_that_takes_too_long_by_the_clock_is_ended_by_us() -> None:
    async with workshop(replace(LIMITS, step_wall_s=1.5, step_cpu_s=60.0)) as shop:
        assert len(await made(shop, Job(SHORT))) > 0
        with pytest.raises(WorkerDied, match=r"longer than 1.5 s"):
            await made(shop, HELLO)
        assert len(await made(shop, Job(SHORT))) > 0


async def test_the_first_step_of_a_worker_has_its_own_time_because_it_waits_for_the_worker_to_start() -> None:
    async with workshop(replace(LIMITS, step_wall_s=0.0)) as shop, aclosing(shop.make(Job(LONG))) as pieces:
        await anext(pieces)
        with pytest.raises(WorkerDied, match="longer than 0 s"):
            await anext(pieces)
    async with workshop(replace(LIMITS, start_wall_s=0.0)) as shop:
        with pytest.raises(WorkerDied, match="longer than 0 s"):
            await made(shop, Job(LONG))


@pytest.mark.usefixtures("_pico_hangs")
async def test_a_worker_that_hangs_outlives_nobody() -> None:
    async with workshop(replace(LIMITS, step_cpu_s=0.5)) as shop:
        await shop.start()
        assert shop.worker_pid is not None
        pid = shop.worker_pid
        task = asyncio.create_task(made(shop, HELLO))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


@pytest.mark.parametrize("nonsense", [b"\xff" * 8, b"\0\0\0\2\0\0\0\0{}", b"\0\0\0\2\0\0\0\0!!"])
async def test_a_worker_that_a_sound_has_taken_over_is_not_believed(
    nonsense: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "py_nanotts.py").write_text(
        "import os, sys\n"
        "class NanoTTS:\n"
        "    def speak(self, *_, **__):\n"
        f"        os.write(int(sys.argv[1]), {nonsense!r})\n"
        "        return b''\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    async with workshop() as shop:
        with pytest.raises(WorkerDied, match="nonsense"):
            await made(shop, Job(b"Hello.", "pico", "en"))
        assert len(await made(shop, Job(LONG))) > 0


async def test_a_job_that_burns_too_much_cpu_in_small_steps_is_ended() -> None:
    async with workshop(replace(LIMITS, job_cpu_s=0.0)) as shop:
        with pytest.raises(SoundNotAudio, match="of computing"):
            await made(shop, Job(LONG))


async def test_a_cancelled_job_leaves_the_worker_usable() -> None:
    async with workshop() as shop:
        task = asyncio.create_task(made(shop, Job(LONG)))
        await made(shop, Job(SHORT))
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert len(await made(shop, Job(LONG))) > 8_000 * 59


async def test_the_worker_ends_when_its_socket_closes() -> None:
    async with workshop() as shop:
        await shop.start()
        assert shop.worker_pid is not None
        pid = shop.worker_pid
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


async def test_the_worker_may_write_no_file_and_take_no_more_memory_than_it_is_given() -> None:
    async with workshop() as shop:
        await made(shop, Job(LONG))
        assert shop.worker_pid is not None
        given = [
            resource.prlimit(shop.worker_pid, what)
            for what in (resource.RLIMIT_FSIZE, resource.RLIMIT_CORE, resource.RLIMIT_AS)
        ]
    assert given == [(0, 0), (0, 0), (LIMITS.speech_memory_bytes, LIMITS.speech_memory_bytes)]
