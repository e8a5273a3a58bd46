"""Rehearsals: what would become of a call, without a call. The very call machine runs on a clock that is made up.

Action servers are really asked, and sounds really fetched and made, through the guard and within the limits of a
node. The caller presses what it is told to, and callees fare as they are told to; nobody is called.
"""

import asyncio
import heapq
import secrets
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network, ip_network
from itertools import count
from time import monotonic
from typing import assert_never

from offhook.actionserver.client import ActionServers
from offhook.actionserver.fetch import Fetcher
from offhook.actionserver.guard import Guard
from offhook.actionserver.limits import Limits as RequestLimits
from offhook.actionserver.own import own_addresses
from offhook.actionserver.sessions import open_session
from offhook.audio import voices
from offhook.audio.downloads import Downloads
from offhook.audio.errors import TextTooLong
from offhook.audio.limits import Limits as AudioLimits
from offhook.audio.workshop import Job, Workshop
from offhook.domain.calls import Admission, Arrival, Caller, Ending, TimelineEvent
from offhook.domain.questions import Answer, Failure, Question
from offhook.domain.routes import Route, Routes
from offhook.domain.sounds import BYTES_A_SECOND, Beep, Making, Source
from offhook.engine.call import Call, Limits, State
from offhook.engine.call.effects import (
    Admit,
    AnswerCall,
    Ask,
    AskToConfirm,
    Dial,
    Effect,
    ExtendHold,
    FindRoutes,
    GiveBack,
    HangUp,
    HangUpCallee,
    Join,
    Note,
    NoteAnswer,
    NoteCalleeAnswer,
    NoteCalleeRings,
    OpenMedia,
    PassEarlyMedia,
    Play,
    PlayRinging,
    Prepare,
    Record,
    RecordMessage,
    Refuse,
    Ring,
    StopPlaying,
    StopRecording,
    StopRinging,
)
from offhook.engine.call.inputs import (
    Arrived,
    CalleeAnswered,
    CalleeDeclined,
    CalleeLeft,
    CalleePressed,
    CalleeProgressed,
    Decided,
    Extended,
    Input,
    MediaOpened,
    MessageKept,
    NotPrepared,
    Played,
    Prepared,
    Pressed,
    Recorded,
    Routed,
    Told,
)
from offhook.engine.net.recording_file import Ended
from offhook.errors import OffhookError
from offhook.language import Playback, Say

FIRST_KEY_S = 1.0
NEXT_KEY_S = 0.3
RINGS_S = 2.0
CONFIRMS_S = 3.0
TALKS_S = 10.0
"""How long a caller takes to press keys, and a callee to answer, to confirm and to talk."""

SPEAKS_S = 5.0
MESSAGE_URL = "https://recordings.invalid/"
"""How long a caller speaks after a beep, and where nobody can hear it."""

BEEP_MS = 420

PRIVATE: tuple[IPv4Network | IPv6Network, ...] = tuple(
    map(ip_network, ("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "::1/128", "fc00::/7"))
)
"""What stands on one's own desk."""

FAULTS = frozenset({"action-failed", "sound-failed", "broken", "chain-exhausted"})
"""Kinds of the timeline that mean that a customer's server or sound is at fault."""

SOUND = "sound"
"""The kind of a step that tells how a sound was fetched and made."""


class Fate(StrEnum):
    """How a callee fares, in the words of `transfer_status`."""

    ANSWERED = "answered"
    BUSY = "busy"
    NO_ANSWER = "no-answer"
    FAILED = "failed"
    REFUSED = "refused"


_DECLINED = {Fate.BUSY: (486, "Busy Here"), Fate.FAILED: (500, "Server Internal Error"), Fate.REFUSED: (603, "Decline")}


@dataclass(frozen=True, slots=True)
class Wish:
    """What to rehearse. Each of `presses` is what the caller presses at one `gather`; the last of `fates` stays."""

    url: str
    caller: Caller
    recipient: str
    fallback_url: str | None = None
    presses: Sequence[str] = ()
    fates: Sequence[Fate] = (Fate.ANSWERED,)
    secrets: tuple[str, ...] = field(default=(), repr=False)
    signed_origins: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that would happen: when in the call, and what it really took, in milliseconds."""

    at_ms: float
    kind: str
    text: str
    code: str | None = None
    took_ms: float | None = None
    data: Mapping[str, object] = field(default_factory=dict)

    @property
    def is_fault(self) -> bool:
        """Whether something would fail here."""
        return self.kind in FAULTS or (self.kind == SOUND and self.code is not None)


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """All that would happen, and how the call would end."""

    steps: tuple[Step, ...]
    ending: Ending
    unpressed: tuple[str, ...]

    @property
    def is_fine(self) -> bool:
        """Whether nothing would fail."""
        return not any(step.is_fault for step in self.steps)


@asynccontextmanager
async def open_rehearsals(
    allowed: Sequence[IPv4Network | IPv6Network] = (), *, is_private_allowed: bool = False
) -> AsyncIterator["Stagehands"]:
    """Open what rehearsals need. Private addresses are asked only if that is allowed."""
    own = () if is_private_allowed else own_addresses()
    guard = Guard((*allowed, *(PRIVATE if is_private_allowed else ())), own)
    limits, audio = RequestLimits(), AudioLimits()
    decoding, speaking = Workshop(audio.decode_memory_bytes, audio), Workshop(audio.speech_memory_bytes, audio)
    try:
        async with open_session(guard, limits) as session:
            downloads = Downloads(Fetcher(session, limits), audio)
            yield Stagehands(ActionServers(session, limits), downloads, decoding, speaking, audio)
    finally:
        await asyncio.gather(decoding.stop(), speaking.stop())


class Stagehands:
    """What is real in a rehearsal: action servers, file hosts, decoders and voices."""

    def __init__(
        self, servers: ActionServers, downloads: Downloads, decoding: Workshop, speaking: Workshop, limits: AudioLimits
    ) -> None:
        self._servers = servers
        self._downloads = downloads
        self._decoding = decoding
        self._speaking = speaking
        self._limits = limits
        self._warmed: set[tuple[Workshop, str]] = set()

    async def ask(self, question: Question) -> Answer | Failure:
        """Ask as a call would."""
        return await self._servers.ask(question)

    async def rehearse(self, wish: Wish) -> Rehearsal:
        """Let a call come, and return all that would happen to it."""
        return await _Stage(self, wish).run()

    async def make(self, sound: Say | Playback) -> tuple[float, int]:
        """Make the whole of a sound; return after how many seconds it could begin, and its length in milliseconds.

        Raises SoundError, ActionServerError.
        """
        began = monotonic()
        if isinstance(sound, Playback):
            async with self._downloads.get(sound.url, {}) as file:
                return await self._finish(self._decoding, Job(file.body or b""), monotonic() - began)
        if len(sound.text) > self._limits.text_chars:
            raise TextTooLong(f"the text has {len(sound.text)} characters, at most {self._limits.text_chars} are read")
        speaker = voices.choose(sound.language, sound.voice, voices.installed())
        job = Job(sound.text.encode("utf-8", "replace"), speaker.voice.name, speaker.language)
        return await self._finish(self._speaking, job, 0.0)

    async def _finish(self, workshop: Workshop, job: Job, fetched_s: float) -> tuple[float, int]:
        await self._warm(workshop, job)
        began = monotonic() - fetched_s
        begins_s, size = None, 0
        async for piece in workshop.make(job):
            size += len(piece.pcmu)
            if begins_s is None and size >= BYTES_A_SECOND:
                begins_s = monotonic() - began
        return begins_s or monotonic() - began, size * 1000 // BYTES_A_SECOND

    async def _warm(self, workshop: Workshop, job: Job) -> None:
        """Make one piece for nobody: a node's decoder and voices are loaded long before a call comes."""
        if (workshop, job.voice) in self._warmed:
            return
        async with aclosing(workshop.make(job)) as pieces:
            async for _ in pieces:
                break
        self._warmed.add((workshop, job.voice))


class _Stage:
    """One call on a clock that is made up: it jumps to whatever comes next."""

    def __init__(self, hands: Stagehands, wish: Wish) -> None:
        self._hands = hands
        self._wish = wish
        self._call = Call(Limits())
        self._now = 0.0
        self._order = count()
        self._coming: list[tuple[float, int, Input]] = []
        self._steps: list[Step] = []
        self._presses = list(wish.presses)
        self._fates = list(wish.fates) or [Fate.ANSWERED]
        self._made: dict[Say | Playback, tuple[float, int]] = {}
        self._lengths_s: dict[str, float] = {}
        self._took_ms: float | None = None
        self._recording_since = 0.0
        self._ending: Ending | None = None

    async def run(self) -> Rehearsal:
        await self._do(self._call.receive(Arrived(self._arrival()), self._now))
        while self._call.state is not State.ENDED:
            deadline = self._call.deadline()
            if self._coming and (deadline is None or self._coming[0][0] <= deadline):
                at, _, what = heapq.heappop(self._coming)
                self._now = max(self._now, at)
                await self._do(self._call.receive(what, self._now))
            else:
                assert deadline is not None, "a call that has not ended waits for something"
                self._now = max(self._now, deadline)
                await self._do(self._call.tick(self._now))
        assert self._ending is not None, "what has ended was to be recorded"
        return Rehearsal(tuple(self._steps), self._ending, tuple(self._presses))

    def _arrival(self) -> Arrival:
        return Arrival(
            call_id=f"try-{secrets.token_hex(8)}",
            at=datetime.now(UTC),
            trunk="try",
            source="",
            dialled=(f"+{self._wish.recipient}",),
            caller=self._wish.caller,
        )

    def _admission(self, call_id: str) -> Admission:
        return Admission(
            call_id=call_id,
            account_id=0,
            recipient=self._wish.recipient,
            action_url=self._wish.url,
            fallback_url=self._wish.fallback_url,
            default_action=None,
            minute_cost=0,
            held_minutes=1,
            secrets=self._wish.secrets,
            signed_origins=self._wish.signed_origins,
        )

    def _later(self, what: Input, after_s: float = 0.0) -> None:
        heapq.heappush(self._coming, (self._now + after_s, next(self._order), what))

    def _cancel(self, *kinds: type[Input]) -> None:
        self._keep(lambda what: not isinstance(what, kinds))

    def _keep(self, is_kept: Callable[[Input], bool]) -> None:
        self._coming = [one for one in self._coming if is_kept(one[2])]
        heapq.heapify(self._coming)

    async def _do(self, effects: list[Effect]) -> None:
        for effect in effects:
            await self._carry_out(effect)

    async def _carry_out(self, effect: Effect) -> None:  # noqa: C901 - one case for each effect
        match effect:
            case Note(event):
                self._note(event)
            case Admit(arrival):
                self._later(Decided(self._admission(arrival.call_id)))
            case Ask(serial, question):
                await self._ask(serial, question)
            case OpenMedia():
                self._later(MediaOpened())
            case Prepare(key, sound):
                await self._prepare(key, sound)
            case RecordMessage(longest_s, _):
                self._recording_since = self._now
                seconds = min(longest_s, SPEAKS_S)
                self._later(
                    MessageKept(seconds, Ended.SILENT if seconds < longest_s else Ended.TOO_LONG, MESSAGE_URL),
                    seconds,
                )
            case StopRecording():
                if not any(isinstance(what, MessageKept) for _, _, what in self._coming):
                    # It is kept already.
                    return
                self._cancel(MessageKept)
                self._later(MessageKept(self._now - self._recording_since, Ended.STOPPED, MESSAGE_URL))
            case Play(key, loop):
                self._cancel(Played)
                self._later(Played(key), self._lengths_s[key] * loop)
            case StopPlaying():
                self._cancel(Played)
            case FindRoutes(leg, _):
                way = Route("try", "sip:callee.invalid", passes_caller=True)
                self._later(Routed(leg, Routes((way,), minute_cost=0, held_minutes=1)))
            case Dial(dial):
                self._dial(dial)
            case AskToConfirm(dial, _):
                self._later(CalleePressed(dial, "1"), CONFIRMS_S)
            case HangUpCallee(dial):
                self._keep(lambda what: getattr(what, "dial", None) != dial)
            case ExtendHold(leg, _):
                self._later(Extended(leg, granted=True))
            case Record(ending):
                self._ending = ending
                self._coming.clear()
                self._later(Recorded())
            case Ring() | AnswerCall() | PlayRinging() | StopRinging() | PassEarlyMedia() | Join() | GiveBack():
                return
            case NoteAnswer() | NoteCalleeRings() | NoteCalleeAnswer() | Refuse() | HangUp():
                return
            case _:
                assert_never(effect)

    def _note(self, event: TimelineEvent) -> None:
        took_ms = self._took_ms if event.kind in ("action-answered", "action-failed") else None
        self._took_ms = None if took_ms is not None else self._took_ms
        self._steps.append(Step(self._at_ms(), event.kind, event.text, event.code, took_ms, event.data))
        if event.kind == "gather" and self._presses:
            for place, key in enumerate(self._presses.pop(0)):
                self._later(Pressed(key), FIRST_KEY_S + place * NEXT_KEY_S)
        elif event.kind == "gathered":
            self._cancel(Pressed)

    async def _ask(self, serial: int, question: Question) -> None:
        began = monotonic()
        answer = await self._hands.ask(question)
        seconds = monotonic() - began
        self._took_ms = round(seconds * 1000, 1)
        for one in answer.tries:
            if one.warning:
                self._steps.append(
                    Step(self._at_ms(), "warning", one.warning, one.warning.partition(":")[0], data=asdict(one))
                )
        self._later(Told(serial, answer), seconds)

    async def _prepare(self, key: str, sound: Say | Playback | Beep) -> None:
        if isinstance(sound, Beep):
            self._lengths_s[key] = BEEP_MS / 1000
            self._later(Prepared(key, BEEP_MS))
            return
        named = f"say {sound.language}: {sound.text}" if isinstance(sound, Say) else f"playback {sound.url}"
        began = monotonic()
        try:
            if sound not in self._made:
                self._made[sound] = await self._hands.make(sound)
        except OffhookError as error:
            took_ms = round((monotonic() - began) * 1000, 1)
            self._steps.append(Step(self._at_ms(), SOUND, f"{named}: {error.sentence}", error.code, took_ms))
            self._later(NotPrepared(key, error.code, error.sentence), took_ms / 1000)
            return
        begins_s, length_ms = self._made[sound]
        self._lengths_s[key] = length_ms / 1000
        self._steps.append(
            Step(self._at_ms(), SOUND, f"{named} lasts {length_ms / 1000:.1f} s", took_ms=round(begins_s * 1000, 1))
        )
        making = Making(Source.SPOKEN if isinstance(sound, Say) else Source.MADE, make_ms=round(begins_s * 1000, 1))
        self._later(Prepared(key, length_ms, making), begins_s)

    def _dial(self, dial: int) -> None:
        fate = self._fates.pop(0) if len(self._fates) > 1 else self._fates[0]
        if fate in _DECLINED:
            status, text = _DECLINED[fate]
            self._later(CalleeDeclined(dial, status, text), RINGS_S)
            return
        self._later(CalleeProgressed(dial, 180, has_media=False))
        if fate is Fate.ANSWERED:
            self._later(CalleeAnswered(dial), RINGS_S)
            self._later(CalleeLeft(dial, "the callee hung up"), RINGS_S + TALKS_S)

    def _at_ms(self) -> float:
        return round(self._now * 1000, 1)
