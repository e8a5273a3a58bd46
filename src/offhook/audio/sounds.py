"""Sounds to play, from URLs and from texts: the face of this room."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from dataclasses import replace
from functools import partial
from hashlib import sha256
from json import dumps
from pathlib import Path

from offhook.audio import voices
from offhook.audio.addresses import Addresses
from offhook.audio.beep import beep
from offhook.audio.cache import Cache, Entry, once_key
from offhook.audio.coming import Body
from offhook.audio.downloads import Downloads, Fetcher, File
from offhook.audio.errors import SoundNotFound, SoundTimeout, TextTooLong
from offhook.audio.flights import Flight, Flights
from offhook.audio.freshness import Freshness, freshness
from offhook.audio.limits import Limits
from offhook.audio.voices import Voice
from offhook.audio.workshop import Job, Workshop
from offhook.domain.sounds import BYTES_A_SECOND, Codec, Making, Sound, Source

# Raise it when the same file or text is made into other samples than before.
EDITION = 3
# A growing sound may be played from here on.
PLAYABLE_BYTES = BYTES_A_SECOND

Work = Callable[[Flight[Entry]], Awaitable[None]]


class Sounds:
    """Turns URLs and texts into files of coded sound (mono, 8,000 bytes a second, no header) in a folder.

    Every sound is made once, for all who want it, in every codec. `now` is a monotonic clock in seconds;
    `speakers` are the voices that may speak, best first: without them, all that are installed.
    """

    def __init__(
        self,
        folder: Path,
        fetcher: Fetcher,
        limits: Limits,
        now: Callable[[], float],
        speakers: tuple[Voice, ...] | None = None,
    ) -> None:
        self._limits = limits
        self._voices = voices.installed() if speakers is None else speakers
        self._cache = Cache(folder, limits.cache_bytes)
        self._addresses = Addresses(limits.urls, now)
        self._downloads = Downloads(fetcher, limits)
        self._decoding = Workshop(limits.decode_memory_bytes, limits)
        self._speaking = Workshop(limits.speech_memory_bytes, limits)
        self._flights: Flights[Entry] = Flights()
        self._unstored: dict[str, asyncio.TimerHandle] = {}

    async def start(self) -> None:
        """Open the folder and start the two workers; a voice that cannot speak is noticed now. Raises SoundError."""
        await asyncio.to_thread(self._cache.open)
        await self._decoding.start()
        speaker = voices.choose("en", None, self._voices)
        await self._speaking.start(Job(b"Hello.", speaker.voice.name, speaker.language))

    async def stop(self) -> None:
        """Give up what is growing and end the workers."""
        await self._flights.cancel()
        for timer in self._unstored.values():
            timer.cancel()
        for key in self._unstored:
            self._cache.drop(key)
        self._unstored.clear()
        await asyncio.gather(self._decoding.stop(), self._speaking.stop())

    def languages(self) -> tuple[str, ...]:
        """Return the languages that `speech` takes on this machine."""
        return voices.languages(self._voices)

    async def playback(self, url: str, codec: Codec) -> Sound:
        """Fetch and decode a file; return when its first second, or all of it, can be played.

        Raises SoundNotFound, SoundNotAudio, SoundTooLong, SoundTimeout, WorkerDied, and the
        ActionServerError of a download that failed.
        """
        known = self._addresses.get(url)
        if known is not None and self._addresses.is_fresh(known) and (entry := self._cache.find(known.key)):
            return entry.sound(codec)
        return await self._share(f"url {url}", partial(self._fetch, url), codec, Source.FETCHED)

    async def speech(self, language: str, text: str, codec: Codec, voice: str | None = None) -> Sound:
        """Read a text aloud; return when its first second, or all of it, can be played.

        A text without anything to read is 200 ms of silence. Raises LanguageNotInstalled (also for a
        voice), TextTooLong, SoundNotAudio, SoundTooLong, SoundTimeout, WorkerDied.
        """
        if len(text) > self._limits.text_chars:
            raise TextTooLong(f"the text has {len(text)} characters, at most {self._limits.text_chars} are read")
        speaker = voices.choose(language, voice, self._voices)
        name = speaker.voice.name
        words = dumps([name, voices.edition(speaker.voice), speaker.language, text]).encode()
        key = _key("speech", words)
        if entry := self._cache.find(key):
            return entry.sound(codec)
        job = Job(text.encode("utf-8", "replace"), name, speaker.language)
        return await self._share(key, partial(self._make, key, self._speaking, job), codec, Source.SPOKEN)

    async def beep(self, codec: Codec) -> Sound:
        """Return the beep before a recording: 400 ms of 1 kHz.

        Raises SoundTimeout, WorkerDied, SoundNotKept.
        """
        body = beep()
        key = _key("beep", body)
        if entry := self._cache.find(key):
            return entry.sound(codec)
        return await self._share(key, partial(self._make, key, self._decoding, Job(body)), codec, Source.MADE)

    async def _share(self, name: str, work: Work, codec: Codec, source: Source) -> Sound:
        flight = self._flights.join(name, work)
        try:
            async with asyncio.timeout(self._limits.ready_s):
                entry = await flight.wait()
        except TimeoutError:
            # The work goes on: the next caller may be luckier.
            raise SoundTimeout(_late(flight, source, self._limits.ready_s)) from None
        return replace(entry.sound(codec), making=_making(flight, source))

    async def _fetch(self, url: str, flight: Flight[Entry]) -> None:
        """Bring a URL's sound up to date: ask its host, and decode what comes unless we have that already."""
        known = self._addresses.get(url)
        kept = None if known is None else self._cache.find(known.key)
        conditions = known.freshness.conditions() if known and kept else {}
        try:
            # The body is lent until the sound is whole: a worker may die and need it again.
            async with self._downloads.get(url, conditions) as file:
                if file.body is not None:
                    await self._decode(url, file, file.body, flight)
                elif known is not None and kept is not None:
                    flight.fetch(0)
                    self._remember(url, kept.key, known.freshness.renewed(file.headers))
                    flight.land(kept)
        except SoundNotFound:
            self._addresses.forget(url)
            raise

    async def _decode(self, url: str, file: File, body: Body, flight: Flight[Entry]) -> None:
        """Decode a file as a whole if it comes at once, and else as it comes."""
        news = freshness(file.headers)
        if not await body.is_whole_within(self._limits.patience_s) and self._decoding.takes_streams:
            flight.fetch(None)
            await self._stream(url, file, body, flight)
            return
        data = await body.wait_until_whole()
        flight.fetch(len(data))
        key = await asyncio.to_thread(_key, "file", data) if news.is_kept else once_key()
        if (entry := self._cache.find(key)) is None:
            making = self._flights.join(key, partial(self._make, key, self._decoding, Job(data)))
            flight.land(await making.wait())
            await asyncio.wait([making.task])
        else:
            flight.land(entry)
        self._remember(url, key, news)

    async def _stream(self, url: str, file: File, body: Body, flight: Flight[Entry]) -> None:
        """Decode a file as it comes. Only when it is whole does its sound get the name that its bytes give it too."""
        news = freshness(file.headers)
        once = once_key()
        making = self._flights.join(once, partial(self._make, once, self._decoding, Job(body)))
        entry = await making.wait()
        flight.land(entry)
        file.hear()
        await asyncio.wait([making.task])
        if not entry.is_whole:
            # Whoever looks for it again asks its host again.
            return
        self._discard_later(once)
        if news.is_kept:
            key = await asyncio.to_thread(_key, "file", body.data)
            if self._cache.find(key) is None:
                self._cache.admit(await asyncio.to_thread(entry.also, key))
            self._remember(url, key, news)

    async def _make(self, key: str, workshop: Workshop, job: Job, flight: Flight[Entry]) -> None:
        """Let a workshop make a sound into the folder."""
        growth = self._cache.grow(key)
        try:
            async with aclosing(workshop.make(job)) as pieces:
                async for piece in pieces:
                    # The disk may be slow, and calls are signalled on this loop.
                    await asyncio.to_thread(growth.append, piece)
                    if growth.entry.length >= PLAYABLE_BYTES:
                        flight.land(growth.entry)
            await asyncio.to_thread(growth.finish)
        finally:
            if not growth.entry.is_whole:
                growth.give_up()
        self._cache.admit(growth.entry)
        flight.land(growth.entry)

    def _remember(self, url: str, key: str, news: Freshness) -> None:
        """Note what a URL gave; of what must not be stored, only that it has to go soon."""
        if news.is_kept:
            self._addresses.remember(url, key, news)
        else:
            self._addresses.forget(url)
            self._discard_later(key)

    def _discard_later(self, key: str) -> None:
        self._unstored[key] = asyncio.get_running_loop().call_later(self._limits.unstored_s, self._discard, key)

    def _discard(self, key: str) -> None:
        self._unstored.pop(key, None)
        self._cache.drop(key)


def _late(flight: Flight[Entry], source: Source, seconds: float) -> str:
    """Say what was waited for in vain."""
    within = f"within {round(seconds) or seconds:g} s"
    if source is not Source.FETCHED:
        return f"nothing could be played {within}"
    if not flight.fetched_at:
        return f"its host sent nothing {within}"
    return f"it came too slowly: its first second was not here {within}"


def _making(flight: Flight[Entry], source: Source) -> Making:
    """Tell how long it took until a sound could be played."""
    if source is not Source.FETCHED:
        return Making(source, make_ms=_ms(flight.began_at, flight.landed_at))
    if flight.size == 0:
        return Making(Source.UNCHANGED, fetch_ms=_ms(flight.began_at, flight.fetched_at))
    fetch_ms, make_ms = _ms(flight.began_at, flight.fetched_at), _ms(flight.fetched_at, flight.landed_at)
    return Making(source, fetch_ms, make_ms, flight.size)


def _ms(began: float, ended: float) -> float:
    return round((ended - began) * 1000, 1)


def _key(kind: str, content: bytes | bytearray) -> str:
    """Name a sound by all that it is made of: the kind, our edition and the content."""
    name = sha256(b"%s %d " % (kind.encode(), EDITION))
    name.update(content)
    return name.hexdigest()
