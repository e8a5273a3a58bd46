"""The face of the room: URLs and texts become files that can be played, with real workers."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

import numpy as np
import pytest

from ear import RATE, WIDE_RATE, decode_g711, decode_g722, has_tone
from filehost import File, FileHost
from offhook.audio.errors import (
    LanguageNotInstalled,
    SoundNotAudio,
    SoundNotFound,
    SoundTimeout,
    SoundTooLong,
    TextTooLong,
)
from offhook.audio.limits import Limits
from offhook.audio.sounds import Sounds
from offhook.audio.voices import PICO
from offhook.domain.sounds import Codec, Making, Sound, Source
from offhook.engine.net.sound_files import SoundLibrary
from offhook.errors import ActionServerError, SoundError
from processes import kill
from soundfiles import mp3, sine, wav

pytestmark = pytest.mark.peers

URL = "http://files.test/hello.mp3"
HELLO = mp3(sine(440, 3.0, 16_000), 16_000, 24)
OTHER = mp3(sine(880, 3.0, 16_000), 16_000, 24)
LONG = mp3(sine(440, 120.0, 16_000), 16_000, 24)


@dataclass
class Room:
    sounds: Sounds
    host: FileHost
    folder: Path
    clock: list[float]

    async def whole(self, sound: Sound) -> bytes:
        """Wait until a sound is whole and return its samples."""
        await settled(self.sounds)
        return read(sound.path)


def read(path: str) -> bytes:
    return Path(path).read_bytes()


def reading(path: str) -> BinaryIO:
    return Path(path).open("rb")


def listed(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def inodes(folder: Path) -> int:
    """Return how many files lie in a folder, by however many names."""
    return len({path.stat().st_ino for path in folder.iterdir()})


async def settled(sounds: Sounds) -> None:
    """Let everything that is under way come to its end."""
    tasks = [flight.task for flight in sounds._flights._flights.values()]
    await asyncio.gather(*tasks, return_exceptions=True)


@asynccontextmanager
async def opened(folder: Path, limits: Limits, host: FileHost | None = None) -> AsyncIterator[Room]:
    clock = [1_000.0]
    files = host or FileHost()
    room = Room(Sounds(folder, files, limits, lambda: clock[0], (PICO,)), files, folder, clock)
    await room.sounds.start()
    try:
        yield room
    finally:
        await room.sounds.stop()


@pytest.fixture
async def room(tmp_path: Path) -> AsyncIterator[Room]:
    async with opened(tmp_path / "sounds", Limits()) as made:
        yield made


async def test_an_mp3_is_played_in_every_codec_from_one_fetch(room: Room) -> None:
    room.host.put(URL, File(HELLO, headers={"cache-control": "max-age=60"}))
    for codec in Codec:
        heard = await room.whole(await room.sounds.playback(URL, codec))
        assert len(heard) / 8_000 == pytest.approx(3.0, abs=0.2)
        if codec is Codec.G722:
            assert has_tone(decode_g722(heard), 440, WIDE_RATE)
        else:
            assert has_tone(decode_g711(heard, codec), 440)
    assert len(room.host.asked) == 1


@pytest.mark.parametrize("is_slow", [False, True])
async def test_five_hundred_callers_of_one_url_cost_one_fetch_and_one_decode(is_slow: bool, tmp_path: Path) -> None:
    async with opened(tmp_path, replace(Limits(), patience_s=0.0) if is_slow else Limits()) as room:
        room.host.put(URL, File(LONG))
        sounds = await asyncio.gather(*(room.sounds.playback(URL, Codec.PCMU) for _ in range(500)))
        assert len(set(sounds)) == 1
        assert len(room.host.asked) == 1
        await settled(room.sounds)
        # A slow one goes by two names for a while.
        assert len(listed(tmp_path)) == len(Codec) * (1 + is_slow)
        assert inodes(tmp_path) == len(Codec)


async def test_a_long_sound_is_playable_while_it_grows_and_whole_in_the_end(room: Room) -> None:
    room.host.put(URL, File(LONG))
    sound = await room.sounds.playback(URL, Codec.PCMA)
    assert sound.growing_path is not None
    assert sound.duration_ms is None
    with reading(sound.growing_path) as reader:
        assert len(reader.read()) >= 8_000
        # Who comes while it grows gets the same one, and nobody asks the host again.
        assert await room.sounds.playback(URL, Codec.PCMA) == sound
        assert len(room.host.asked) == 1
        reader.seek(0)
        await settled(room.sounds)
        heard = reader.read()
    assert heard == read(sound.path)
    again = await room.sounds.playback(URL, Codec.PCMA)
    assert (again.growing_path, again.duration_ms) == (None, len(heard) // 8)
    assert len(room.host.asked) == 2


async def test_a_file_on_a_slow_host_is_played_before_the_rest_of_it_has_come(tmp_path: Path) -> None:
    # 5 MB, of which a host gives what is heard in half a second, and then waits until we are through with that.
    body, paces = mp3(sine(440, 160.0, 48_000), 48_000, 256), asyncio.Semaphore(0)
    assert len(body) > 5_000_000
    async with opened(tmp_path, replace(Limits(), patience_s=0.0)) as room:
        room.host.put(URL, File(body, headers={"cache-control": "max-age=60"}, paces=paces, piece_bytes=16_000))
        waiting = asyncio.create_task(room.sounds.playback(URL, Codec.PCMU))
        given = 0
        while not waiting.done():
            paces.release()
            given += 1
            await asyncio.wait([waiting], timeout=0.05)
        # A second of it is 32 KB, and so much the decoder wants to see first.
        assert given <= 12
        sound = await waiting
        assert sound.growing_path is not None
        library = SoundLibrary()
        file = library.get(sound.path, sound.growing_path, sound.codec, Codec.PCMU)
        assert len(file.frames) >= 1
        file.grow(40)
        assert len(file.frames) >= 40
        assert has_tone(decode_g711(b"".join(file.frames), Codec.PCMU), 440)
        was_whole = file.is_whole
        for _ in range(len(body) // 16_000 + 1):
            paces.release()
        await settled(room.sounds)
        file.grow(100_000)
        assert (was_whole, file.is_whole) == (False, True)
        assert len(file.frames) / 50 == pytest.approx(160.0, abs=0.2)
        # The next caller gets the sound under the name that its bytes gave it, and nobody asks the host again.
        again = await room.sounds.playback(URL, Codec.PCMU)
        assert (again.growing_path, again.path != sound.path) == (None, True)
        assert read(again.path) == read(sound.path)
        assert len(room.host.asked) == 1


async def test_a_slow_file_that_must_not_be_stored_goes_soon_too(tmp_path: Path) -> None:
    async with opened(tmp_path, replace(Limits(), patience_s=0.0, unstored_s=0.0)) as room:
        paces = asyncio.Semaphore(1)
        room.host.put(URL, File(LONG, headers={"cache-control": "no-store"}, paces=paces, piece_bytes=60_000))
        assert (await room.sounds.playback(URL, Codec.PCMU)).growing_path
        for _ in range(len(LONG) // 60_000 + 1):
            paces.release()
        await settled(room.sounds)
        await asyncio.sleep(0.01)
        assert listed(tmp_path) == []


async def test_a_worker_that_is_killed_while_a_file_comes_leaves_no_seam(tmp_path: Path) -> None:
    async with opened(tmp_path, replace(Limits(), patience_s=0.0)) as room:
        paces = asyncio.Semaphore(1)
        room.host.put(URL, File(LONG, paces=paces, piece_bytes=60_000))
        sound = await room.sounds.playback(URL, Codec.PCMU)
        assert sound.growing_path is not None
        known = -1
        # Until it waits for bytes: a job dies with a worker that dies of it.
        while known < (known := len(read(sound.growing_path))):  # noqa: ASYNC110 - a worker tells nobody that it waits
            await asyncio.sleep(0.2)
        await kill(room.sounds._decoding.worker_pid)
        for _ in range(len(LONG) // 60_000 + 1):
            paces.release()
        await settled(room.sounds)
        heard = read(sound.path)
    assert len(heard) / 8_000 == pytest.approx(120.0, abs=0.2)
    assert has_tone(decode_g711(heard, Codec.PCMU), 440)
    jumps = abs(np.diff(decode_g711(heard, Codec.PCMU).astype(int)))
    # 440 Hz at a third of full scale moves by 3,500 from one sample to the next at most.
    assert jumps.max() < 4_000


async def test_a_file_that_breaks_off_is_played_as_far_as_it_came(tmp_path: Path) -> None:
    async with opened(tmp_path, replace(Limits(), patience_s=0.0)) as room:
        paces = asyncio.Semaphore(1)
        room.host.put(URL, File(LONG, paces=paces, piece_bytes=60_000, breaks=DnsFailed("broke off")))
        sound = await room.sounds.playback(URL, Codec.PCMU)
        assert sound.growing_path is not None
        with reading(sound.growing_path) as reader:
            for _ in range(len(LONG) // 60_000 + 1):
                paces.release()
            await settled(room.sounds)
            assert len(reader.read()) / 8_000 > 100
        assert listed(tmp_path) == []


async def test_a_stream_without_end_is_heard_for_as_long_as_a_sound_may_be(tmp_path: Path) -> None:
    async with opened(tmp_path, replace(Limits(), patience_s=0.0, sound_s=130.0)) as room:
        room.host.put(URL, File(LONG, endless=True, paces=asyncio.Semaphore(99)))
        sound = await room.sounds.playback(URL, Codec.PCMU)
        assert sound.growing_path is not None
        with reading(sound.growing_path) as reader:
            await settled(room.sounds)
            assert 120 * 8_000 <= len(reader.read()) <= 130 * 8_000
        assert listed(tmp_path) == []


async def test_slow_hosts_keep_nobody_from_other_sounds(tmp_path: Path) -> None:
    limits = replace(Limits(), patience_s=0.0, ready_s=2.0)
    async with opened(tmp_path, limits) as room:
        never = asyncio.Semaphore(0)
        urls = [
            room.host.put(f"http://slow.test/{number}.mp3", File(LONG, paces=never))
            for number in range(limits.streams + limits.jobs + 1)
        ]
        slow = [asyncio.create_task(room.sounds.playback(url, Codec.PCMU)) for url in urls]
        await asyncio.sleep(0.05)
        room.host.put(URL, File(HELLO))
        sound = await room.sounds.playback(URL, Codec.PCMU)
        assert read(sound.growing_path or sound.path)
        for waiting in slow:
            with pytest.raises(SoundTimeout):
                await waiting


async def test_a_caller_who_hangs_up_while_he_waits_takes_nothing_from_the_others(room: Room) -> None:
    release = asyncio.Event()
    room.host.put(URL, File(HELLO, release=release))
    gone, patient = (asyncio.create_task(room.sounds.playback(URL, Codec.PCMU)) for _ in range(2))
    await asyncio.sleep(0)
    gone.cancel()
    release.set()
    assert await room.whole(await patient)


async def test_a_fresh_sound_is_played_unasked_and_a_stale_one_is_asked_for(room: Room) -> None:
    headers = {"cache-control": "max-age=60", "etag": '"a"'}
    room.host.put(URL, File(HELLO, headers=headers), File(status=304, headers={"cache-control": "max-age=5"}))
    first = await room.whole(await room.sounds.playback(URL, Codec.PCMU))
    room.clock[0] += 59
    await room.sounds.playback(URL, Codec.PCMU)
    assert len(room.host.asked) == 1
    room.clock[0] += 2
    assert await room.whole(await room.sounds.playback(URL, Codec.PCMU)) == first
    assert room.host.asked[1].headers == {"If-None-Match": '"a"'}
    room.clock[0] += 4
    await room.sounds.playback(URL, Codec.PCMU)
    assert len(room.host.asked) == 2


async def test_a_file_that_changed_is_heard_at_the_next_call(room: Room) -> None:
    room.host.put(URL, File(HELLO, headers={"etag": '"a"'}), File(OTHER, headers={"etag": '"b"'}))
    assert has_tone(decode_g711(await room.whole(await room.sounds.playback(URL, Codec.PCMU)), Codec.PCMU), 440)
    assert has_tone(decode_g711(await room.whole(await room.sounds.playback(URL, Codec.PCMU)), Codec.PCMU), 880)


async def test_the_same_bytes_from_two_urls_are_one_sound(room: Room) -> None:
    other = room.host.put("http://elsewhere.test/copy.mp3", File(HELLO))
    room.host.put(URL, File(HELLO))
    first = await room.sounds.playback(URL, Codec.PCMU)
    assert (await room.sounds.playback(other, Codec.PCMU)).path == first.path


async def test_a_file_that_must_not_be_stored_is_fetched_each_time_and_goes_soon(tmp_path: Path) -> None:
    async with opened(tmp_path, replace(Limits(), unstored_s=0.0)) as room:
        room.host.put(URL, File(HELLO, headers={"cache-control": "no-store"}))
        first = await room.sounds.playback(URL, Codec.PCMU)
        await settled(room.sounds)
        second = await room.sounds.playback(URL, Codec.PCMU)
        assert first.path != second.path
        assert len(room.host.asked) == 2
        await settled(room.sounds)
        await asyncio.sleep(0.01)
        assert listed(tmp_path) == []


async def test_a_file_that_must_not_be_stored_does_not_outlive_the_process(room: Room) -> None:
    room.host.put(URL, File(HELLO, headers={"cache-control": "no-store"}))
    assert await room.whole(await room.sounds.playback(URL, Codec.PCMU))
    await room.sounds.stop()
    assert listed(room.folder) == []


async def test_a_sound_survives_a_restart(room: Room, tmp_path: Path) -> None:
    room.host.put(URL, File(HELLO))
    first = await room.sounds.speech("de", "Guten Tag.", Codec.PCMU)
    await settled(room.sounds)
    async with opened(room.folder, Limits()) as restarted:
        again = await restarted.sounds.speech("de", "Guten Tag.", Codec.PCMU)
    assert again.path == first.path
    assert again.growing_path is None


async def test_old_sounds_are_evicted_and_made_again(tmp_path: Path) -> None:
    async with opened(tmp_path, replace(Limits(), cache_bytes=60_000)) as room:
        room.host.put(URL, File(HELLO, headers={"cache-control": "max-age=60"}))
        other = room.host.put("http://files.test/other.mp3", File(OTHER, headers={"cache-control": "max-age=60"}))
        first = await room.sounds.playback(URL, Codec.PCMU)
        await settled(room.sounds)
        await room.sounds.playback(other, Codec.PCMU)
        await settled(room.sounds)
        assert not os.access(first.path, os.F_OK)
        assert await room.whole(await room.sounds.playback(URL, Codec.PCMU))
        assert len(room.host.asked) == 3


class DnsFailed(ActionServerError):
    code = "dns-failed"


@pytest.mark.parametrize(
    ("answer", "error", "code"),
    [
        (File(status=404), SoundNotFound, "sound-not-found"),
        (File(status=410), SoundNotFound, "sound-not-found"),
        (File(b"<html>hello</html>", headers={"content-type": "audio/mpeg"}), SoundNotAudio, "sound-not-audio"),
        (File(b"<html>" + b"hello " * 9_000, paces=asyncio.Semaphore(99)), SoundNotAudio, "sound-not-audio"),
        (File(b"\xff", paces=asyncio.Semaphore(1), endless=True), SoundTimeout, "sound-timeout"),
        (File(b"ID3\x04\0\0\x7f\x7f\x7f\x7f" + bytes(500_000)), SoundNotAudio, "sound-not-audio"),
        (File(b""), SoundNotAudio, "sound-not-audio"),
        (File(wav(bytes(10_000), rate=2, width=1)), SoundNotAudio, "sound-not-audio"),
        (File(b"\xff\xfb" * 50_000, endless=True), SoundTooLong, "sound-too-long"),
        (File(HELLO, release=asyncio.Event()), SoundTimeout, "sound-timeout"),
        (DnsFailed("no such host"), ActionServerError, "dns-failed"),
    ],
)
async def test_what_cannot_be_played_has_a_code_and_leaves_nothing(
    answer: File | ActionServerError, error: type[SoundError | ActionServerError], code: str, tmp_path: Path
) -> None:
    async with opened(tmp_path, replace(Limits(), ready_s=1.0)) as room:
        room.host.put(URL, answer)
        with pytest.raises(error) as raised:
            await room.sounds.playback(URL, Codec.PCMU)
        assert raised.value.code == code
        assert listed(tmp_path) == []


async def test_a_file_that_was_there_and_is_gone_is_not_played_from_memory(room: Room) -> None:
    room.host.put(URL, File(HELLO, headers={"etag": '"a"'}), File(status=404), File(HELLO))
    await room.whole(await room.sounds.playback(URL, Codec.PCMU))
    with pytest.raises(SoundNotFound):
        await room.sounds.playback(URL, Codec.PCMU)
    await room.sounds.playback(URL, Codec.PCMU)
    assert room.host.asked[2].headers == {}


async def test_a_sound_that_turns_out_too_long_is_given_up_while_it_is_playing(tmp_path: Path) -> None:
    async with opened(tmp_path, replace(Limits(), sound_s=30.0)) as room:
        room.host.put(URL, File(LONG))
        sound = await room.sounds.playback(URL, Codec.PCMU)
        assert sound.growing_path is not None
        with reading(sound.growing_path) as reader:
            await settled(room.sounds)
            assert 8_000 <= len(reader.read()) <= 30 * 8_000
        assert listed(tmp_path) == []


async def test_killed_workers_are_replaced(room: Room) -> None:
    room.host.put(URL, File(HELLO))
    for pid in (room.sounds._decoding.worker_pid, room.sounds._speaking.worker_pid):
        await kill(pid)
    assert await room.whole(await room.sounds.playback(URL, Codec.PCMU))
    assert await room.whole(await room.sounds.speech("fr", "Bonjour.", Codec.PCMU))


async def test_stopping_gives_up_what_is_growing(tmp_path: Path) -> None:
    async with opened(tmp_path, Limits()) as room:
        room.host.put(URL, File(LONG))
        assert (await room.sounds.playback(URL, Codec.PCMU)).growing_path is not None
    assert listed(tmp_path) == []


async def test_speech_is_made_once_for_all_who_say_the_same(room: Room) -> None:
    sounds = await asyncio.gather(*(room.sounds.speech("en", "Hello.", Codec.PCMU, "pico") for _ in range(50)))
    assert len(set(sounds)) == 1
    await settled(room.sounds)
    assert len(listed(room.folder)) == len(Codec)


async def test_another_text_language_or_voice_is_another_sound(room: Room) -> None:
    wishes = [("en", "Hello."), ("en", "Hello!"), ("en-gb", "Hello."), ("de", "Hello.")]
    made = [await room.sounds.speech(language, text, Codec.PCMU, "pico") for language, text in wishes]
    assert len({sound.path for sound in made}) == len(wishes)


async def test_the_first_sentence_of_a_long_text_is_playable_before_the_rest(room: Room) -> None:
    text = "This is the first sentence of a long text. " * 40
    sound = await room.sounds.speech("en", text, Codec.PCMU, "pico")
    assert sound.growing_path is not None
    assert len(await room.whole(sound)) > 60 * 8_000


async def test_a_text_that_is_too_long_is_refused(room: Room) -> None:
    with pytest.raises(TextTooLong, match="2001 characters"):
        await room.sounds.speech("en", "a" * 2_001, Codec.PCMU)


async def test_a_language_that_is_not_installed_is_refused(room: Room) -> None:
    with pytest.raises(LanguageNotInstalled, match="the language 'tlh' is not installed; installed are de, en"):
        await room.sounds.speech("tlh", "nuqneH", Codec.PCMU)
    assert "tlh" not in room.sounds.languages()


async def test_the_beep_is_heard_in_every_codec_and_does_not_click(room: Room) -> None:
    for codec in Codec:
        sound = await room.sounds.beep(codec)
        assert (sound.growing_path, sound.duration_ms) == (None, 420)
        payload = read(sound.path)
        assert len(payload) == 3_360
        wide = codec is Codec.G722
        heard = decode_g722(payload) if wide else decode_g711(payload, codec)
        rate = WIDE_RATE if wide else RATE
        assert has_tone(heard, 1_000, rate)
        middle = heard[rate // 20 : rate // 3].astype(float)
        # A full sine of 16-bit samples is 3.14 dBm0 (G.711).
        assert 3.14 + 10 * np.log10(2 * np.mean(middle**2) / 32_767**2) == pytest.approx(-10.0, abs=0.3)
        # It grows for 5 ms and ends as gently: no half millisecond of an edge is loud at once.
        edge = rate // 2_000
        assert abs(heard[:edge].astype(int)).max() < 1_000
        assert abs(heard[-rate // 100 :].astype(int)).max() < 100
        jumps = abs(np.diff(heard.astype(int)))
        assert jumps.max() < 7_500 * 2 * np.pi * 1_000 / rate
    assert len(listed(room.folder)) == len(Codec)
    assert room.host.asked == []


async def test_an_empty_text_is_a_short_silence(room: Room) -> None:
    sound = await room.sounds.speech("en", "😀", Codec.PCMU)
    assert sound.duration_ms == 200
    assert set(read(sound.path)) == {0xFF}


async def test_a_lone_surrogate_is_spoken_as_something(room: Room) -> None:
    assert (await room.sounds.speech("en", "Hello \ud800 you.", Codec.PCMU)).path


async def test_every_sound_tells_how_it_became_ready(room: Room) -> None:
    headers = {"cache-control": "max-age=60", "etag": '"a"'}
    room.host.put(URL, File(HELLO, headers=headers), File(status=304, headers={"cache-control": "max-age=60"}))
    fetched = (await room.sounds.playback(URL, Codec.PCMU)).making
    assert (fetched.source, fetched.bytes) == (Source.FETCHED, len(HELLO))
    assert fetched.fetch_ms is not None
    assert fetched.make_ms is not None
    await settled(room.sounds)
    assert (await room.sounds.playback(URL, Codec.PCMA)).making.source is Source.CACHE
    room.clock[0] += 61
    unchanged = (await room.sounds.playback(URL, Codec.PCMU)).making
    assert (unchanged.source, unchanged.make_ms, unchanged.bytes) == (Source.UNCHANGED, None, None)
    spoken = (await room.sounds.speech("en", "Hello.", Codec.PCMU)).making
    assert (spoken.source, spoken.fetch_ms) == (Source.SPOKEN, None)
    assert spoken.make_ms is not None
    await settled(room.sounds)
    assert (await room.sounds.speech("en", "Hello.", Codec.PCMU)).making.source is Source.CACHE


@pytest.mark.parametrize(
    ("making", "words"),
    [
        (Making(Source.CACHE), "from the cache"),
        (Making(Source.FETCHED, 120.4, 31.0, 45_120), "45,120 bytes fetched in 120 ms, decoded in 31 ms"),
        (Making(Source.FETCHED, 120.4, 31.0), "fetched in 120 ms, decoded in 31 ms"),
        (Making(Source.UNCHANGED, 8.0), "from the cache, as its host said after 8 ms that it is unchanged"),
        (Making(Source.SPOKEN, make_ms=84.6), "spoken in 85 ms"),
        (Making(Source.MADE, make_ms=2.0), "made in 2 ms"),
    ],
)
def test_how_a_sound_became_ready_is_told_in_words(making: Making, words: str) -> None:
    assert str(making) == words
