"""Replays: new code is asked what an old call asked, and followed for as long as the old call's facts answer it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network
from time import monotonic

from offhook.domain.calls import Call, TimelineEvent
from offhook.domain.questions import Answer, Event, Question
from offhook.engine.call import Limits
from offhook.language import Script, Severity, draw, parse
from offhook.serve.errors import NewCodeUnreachable, NothingToReplay
from offhook.serve.rehearsal import Stagehands, open_rehearsals
from offhook.testkit.differences import Part, compare
from offhook.testkit.following import Ask, Flow, old_flow
from offhook.testkit.history import History, read
from offhook.testkit.rewriting import Rewriting

UNREACHABLE = frozenset({"address-refused", "dns-failed", "connect-failed", "tls-failed"})
"""With these codes nobody was asked: that says nothing about the code there."""

MOST_REQUESTS = Limits().requests


@dataclass(frozen=True, slots=True)
class Rescue:
    """What the number is set to for when an answer cannot be used."""

    fallback_url: str | None = None
    default_action: str | None = None


@dataclass(frozen=True, slots=True)
class Against:
    """The new code, and how its requests are signed. Without `rescue` nobody knows what would follow a failure."""

    url: str
    rescue: Rescue | None = None
    secrets: tuple[str, ...] = field(default=(), repr=False)
    signed_origins: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Request:
    """One request to the new code; `status` None means that there was no response."""

    url: str
    question: str
    status: int | None
    took_ms: float


@dataclass(frozen=True, slots=True)
class Replay:
    """What the caller would hear; `unknown` says from where on the old call does not tell."""

    parts: tuple[Part, ...]
    requests: tuple[Request, ...]
    unknown: str = ""

    @property
    def is_same(self) -> bool:
        """Whether the caller hears what was heard before."""
        return all(part.is_same for part in self.parts)


async def replay(
    call: Call,
    events: Sequence[TimelineEvent],
    against: Against,
    allowed: Sequence[IPv4Network | IPv6Network] = (),
    *,
    is_private_allowed: bool = False,
) -> Replay:
    """Ask new code with an old call's requests. Private addresses are asked only if that is allowed.

    Raises:
        NothingToReplay: The call asked no action server, or its timeline is not kept.
        NewCodeUnreachable: There was nobody to ask at the very first question.
    """
    history = read(call, events)
    if not history.asked:
        raise NothingToReplay(
            f"call {call.call_id} asked no action server that its timeline tells of",
            hint="offhook calls show tells what happened; a timeline is kept when the call ends",
        )
    rewriting = Rewriting(history.action_url, against.url)
    async with open_rehearsals(allowed, is_private_allowed=is_private_allowed) as hands:
        asking = _Asking(history, against, rewriting, hands)
        await asking.run()
    flow = asking.flow
    last = flow.passages[-1].over
    unknown = last.words if last is not None and not last.is_known else ""
    return Replay(tuple(compare(old_flow(history), flow.passages, rewriting)), tuple(asking.requests), unknown)


_NoScript = tuple[str, str]
"""The code and the sentence of an answer that cannot be used."""


class _Asking:
    """The new flow while it is asked for."""

    def __init__(self, history: History, against: Against, rewriting: Rewriting, hands: Stagehands) -> None:
        self._history = history
        self._against = against
        self._rewriting = rewriting
        self._hands = hands
        self.flow = Flow(history.facts, history.ending)
        self.requests: list[Request] = []

    async def run(self) -> None:
        opening = self._history.opening
        ask = self.flow.begin() if opening is None else self.flow.begin_with(opening)
        while ask is not None:
            if len(self.requests) >= MOST_REQUESTS:
                text = f"a call makes {MOST_REQUESTS} action requests, and may make no more"
                self.flow.failed("too-many-requests", text)
                return
            ask = await self._ask(ask)

    async def _ask(self, ask: Ask) -> Ask | None:
        came = await self._put(self._rewriting.of(ask.url), ask)
        return self.flow.told(came) if isinstance(came, Script) else await self._rescued(came)

    async def _rescued(self, failure: _NoScript) -> Ask | None:
        """Go on as the platform does: with the fallback URL, then with the default action (`engine/call/chain`)."""
        rescue = self._against.rescue
        code, text = failure
        if rescue is not None and rescue.fallback_url and len(self.requests) < MOST_REQUESTS:
            question = Ask(rescue.fallback_url, Event.FALLBACK, (("reason", code),))
            came = await self._put(self._rewriting.of(rescue.fallback_url), question)
            if isinstance(came, Script):
                return self.flow.rescued(code, f"{text}\nthe fallback URL answers instead", came)
            text = f"{text}\nthe fallback URL has no usable answer either: {': '.join(came)}"
        if rescue is not None and (script := parse(rescue.default_action or "").script) is not None:
            return self.flow.rescued(code, f"{text}\nthe default action is done instead", script)
        self.flow.failed(code, text, *(() if rescue is None else ("our announcement is next",)))
        return None

    async def _put(self, url: str, ask: Ask) -> Script | _NoScript:
        homes = (self._rewriting.home, *self._fallback_homes, *self._against.signed_origins)
        parameters = self._history.parameters(ask.event, ask.result)
        question = Question(url, parameters, self._against.secrets, homes=homes)
        began = monotonic()
        answer = await self._hands.ask(question)
        took_ms = round((monotonic() - began) * 1000, 1)
        status = answer.tries[-1].status if answer.tries else None
        is_first = not self.requests
        self.requests.append(Request(url, ask.words, status, took_ms))
        if isinstance(answer, Answer):
            return _script_of(answer.body)
        if is_first and answer.code in UNREACHABLE:
            raise NewCodeUnreachable(
                f"the new code was not reached: {answer.code}: {answer.text}",
                hint="a server of your own is asked with --allow-private",
            )
        return answer.code, answer.text

    @property
    def _fallback_homes(self) -> tuple[str, ...]:
        rescue = self._against.rescue
        return () if rescue is None or not rescue.fallback_url else (self._rewriting.of(rescue.fallback_url),)


def _script_of(body: bytes) -> Script | _NoScript:
    parsed = parse(body)
    if parsed.script is not None:
        return parsed.script
    worst = next(problem for problem in parsed.problems if problem.severity is Severity.ERROR)
    return worst.code, draw(worst, body).partition(": ")[2]
