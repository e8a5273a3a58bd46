"""What the doctor measures customers' servers with: the guard, sessions, decoders and voices of a real call."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from time import monotonic

from aiohttp import ClientSession

from offhook.actionserver.client import ActionServers
from offhook.actionserver.fetch import Fetcher
from offhook.actionserver.guard import Guard
from offhook.actionserver.limits import Limits as RequestLimits
from offhook.actionserver.probe import reach
from offhook.actionserver.resolver import Lookup, Resolver, system_lookup
from offhook.actionserver.sessions import open_session
from offhook.audio import voices
from offhook.audio.downloads import Downloads
from offhook.audio.limits import Limits as AudioLimits
from offhook.audio.workshop import Job, Workshop
from offhook.domain.diagnosis.servers import Heard, Reach, Trouble
from offhook.domain.questions import Answer, Failure, Question
from offhook.domain.sounds import BYTES_A_SECOND, Making, Source
from offhook.errors import OffhookError
from offhook.language import Playback, Say
from offhook.serve.diagnosis.lookups import impatient

SOUND_S = 12.0
"""So long a sound may take to be fetched and decoded; a call would have given up before."""
LOOKUP_REST_S = 0.5
"""So much longer than a question waits for a name, its lookup may hold a thread."""
FETCHES = 2
"""Sounds of one diagnosis that are fetched at once: each may have megabytes, and calls need the memory."""


class Instruments:
    """Kept for as long as somebody may want a diagnosis: a decoder that begins with the first sound, and our trust."""

    def __init__(
        self,
        guard: Guard,
        *,
        requests: RequestLimits | None = None,
        audio: AudioLimits | None = None,
        tls: ssl.SSLContext | None = None,
        lookup: Lookup = system_lookup,
        sound_s: float = SOUND_S,
    ) -> None:
        self.guard = guard
        self.requests = requests or RequestLimits()
        self.audio = audio or AudioLimits()
        self.tls = tls or ssl.create_default_context()
        # The question itself gives up first, and says so in its own words.
        self.lookup = impatient(lookup, self.requests.connect_s + LOOKUP_REST_S)
        self.sound_s = sound_s
        self.decoding = Workshop(self.audio.decode_memory_bytes, self.audio)

    @asynccontextmanager
    async def visit(self) -> AsyncIterator["Visit"]:
        """Open connections for one diagnosis, which shares none with calls, and close them at its end."""
        resolver = Resolver(self.requests, self.lookup)
        async with open_session(self.guard, self.requests, resolver=resolver, tls=self.tls) as session:
            yield Visit(self, session, resolver)

    async def stop(self) -> None:
        """End the decoder."""
        await self.decoding.stop()


class Visit:
    """The measurements of one diagnosis. None of them raises for what a server or a file does."""

    def __init__(self, instruments: Instruments, session: ClientSession, resolver: Resolver) -> None:
        self._instruments = instruments
        self._resolver = resolver
        self._fetches = asyncio.Semaphore(FETCHES)
        # Breakers of its own: what a doctor meets is held against nobody.
        self._servers = ActionServers(session, instruments.requests)
        self._downloads = Downloads(Fetcher(session, instruments.requests), instruments.audio)

    async def reach(self, url: str) -> Reach:
        """Go towards a URL's server, and send nothing."""
        tools = self._instruments
        return await reach(url, tools.guard, tools.requests, tools.tls, self._resolver)

    async def ask(self, question: Question, signed_origins: tuple[str, ...]) -> Answer | Failure:
        """Ask as a call would."""
        return await self._servers.ask(question, signed_origins=signed_origins)

    async def hear(self, sound: Playback) -> Heard:
        """Fetch a sound and decode it to its end."""
        async with self._fetches:
            return await self._hear(f"playback {sound.url}", sound.url)

    def speaker_of(self, text: Say) -> str | Trouble:
        """Return the name of the voice that speaks a text on this machine, or why none does."""
        try:
            return voices.choose(text.language, text.voice, voices.installed()).voice.name
        except OffhookError as error:
            return Trouble(error.code, error.sentence, error.hint)

    async def _hear(self, named: str, url: str) -> Heard:
        began, size = monotonic(), 0
        try:
            async with asyncio.timeout(self._instruments.sound_s), self._downloads.get(url, {}) as file:
                body = b"" if file.body is None else await file.body.wait_until_whole()
                fetched = monotonic()
                async for piece in self._instruments.decoding.make(Job(body)):
                    size += len(piece.pcmu)
        except TimeoutError:
            said = f"it was not fetched and decoded within {self._instruments.sound_s:g} s"
            return Heard(named, trouble=Trouble("sound-timeout", said))
        except OffhookError as error:
            return Heard(named, trouble=Trouble(error.code, error.sentence, error.hint))
        making = Making(Source.FETCHED, _ms(began, fetched), _ms(fetched, monotonic()), len(body))
        return Heard(named, size * 1000 // BYTES_A_SECOND, making)


def _ms(began: float, ended: float) -> float:
    return round((ended - began) * 1000, 1)
