"""Examinations: an action server is asked all that ACTIONS lists, and the answers are judged by `testkit`.

Read `Examination.run` first. The questions go through the guard and the client of a node, each as if it were the first:
what a breaker would spare a server that has failed is asked all the same.
"""

import asyncio
import secrets
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network
from time import monotonic

from aiohttp import ClientSession

from offhook.actionserver.client import ActionServers
from offhook.actionserver.guard import Guard
from offhook.actionserver.limits import Limits
from offhook.actionserver.own import own_addresses
from offhook.actionserver.sessions import open_session
from offhook.actionserver.signature import TOLERANCE_S
from offhook.domain.questions import Answer, Event, Question, Try
from offhook.serve.rehearsal import PRIVATE
from offhook.testkit import habits, texts, transport
from offhook.testkit.findings import Check, Finding, Verdict, skipped
from offhook.testkit.questions import CALLERS, EVENTS, PLAIN, UNKNOWN_PARAMETER, Scenario, leads, redirection
from offhook.testkit.replies import Hop, Reply

AWAY_S = 2 * TOLERANCE_S
"""So far from now is the time of a request that is too old, or comes from the future."""

MOST_REDIRECTIONS = 5
"""How many scripts that only lead elsewhere are followed one after the other."""

MOST_TIMEOUTS = 2
"""How many questions of one check may be waited for in vain before the rest of it is left out."""

_EVENT_CHECKS = {
    Event.GATHER: Check.GATHER,
    Event.TRANSFER: Check.TRANSFER,
    Event.VOICEMAIL: Check.VOICEMAIL,
    Event.FALLBACK: Check.FALLBACK,
}


@dataclass(frozen=True, slots=True)
class Subject:
    """What is examined, and how hard: `requests` one after the other, and `together` at once."""

    url: str
    caller: str
    recipient: str
    requests: int
    together: int
    secret: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Report:
    """What was found, in the order of the codes, and every reply that it was found in."""

    findings: tuple[Finding, ...]
    replies: tuple[Reply, ...]


async def examine(
    subject: Subject,
    allowed: Sequence[IPv4Network | IPv6Network] = (),
    *,
    is_private_allowed: bool = False,
    tell: Callable[[str], None] = lambda _: None,
) -> Report:
    """Ask an action server all there is to ask; `tell` hears what is asked now.

    Private addresses are asked only if that is allowed.
    """
    own = () if is_private_allowed else own_addresses()
    guard = Guard((*allowed, *(PRIVATE if is_private_allowed else ())), own)
    limits = Limits()
    async with open_session(guard, limits) as session:
        return await Examination(subject, session, limits, tell).run()


class Examination:
    """One server in the course of its questions."""

    def __init__(self, subject: Subject, session: ClientSession, limits: Limits, tell: Callable[[str], None]) -> None:
        self._subject = subject
        self._tell = tell
        self._session = session
        self._limits = limits
        self._secrets = () if subject.secret is None else (subject.secret,)
        self._replies: list[Reply] = []
        self._lost: list[Reply] = []
        self._circling: list[Reply] = []

    async def run(self) -> Report:
        """Ask, judge and return; a server that does not answer is not asked on and on."""
        first = await self._ask_once(PLAIN)
        findings = [habits.answer(first, is_signed=bool(self._secrets)), transport.transport(self._subject.url)]
        if first.is_usable:
            findings += await self._speed(first)
        else:
            # Of a wrong text these may say more than its first mistake.
            judged = (judge([first]) for judge in (texts.size, texts.utf_8, texts.zero_byte, texts.charset))
            findings += [finding for finding in judged if finding.verdict is not Verdict.OK]
        # One answer may be lost, but who does not answer again has nothing more to say.
        if first.is_usable and (self._replies[-1].is_usable or (await self._ask_once(PLAIN)).is_usable):
            try:
                findings += await self._meanings(first)
                findings += await self._habits(first)
                findings += await self._signatures(first)
                findings.append(transport.steady(self._lost, len(self._replies)))
            except _ServerGone as gone:
                findings.append(transport.gone(gone.reply, gone.count))
        order = list(Check)
        return Report(tuple(sorted(findings, key=lambda found: order.index(found.code))), tuple(self._replies))

    async def _speed(self, first: Reply) -> list[Finding]:
        alone = [first]
        # A server that has stopped answering is not waited for again and again.
        while len(alone) < self._subject.requests and alone[-1].body is not None:
            alone.append(await self._ask_once(PLAIN))
        findings = [transport.connect(first), transport.speed(alone), transport.keep_alive(alone)]
        if alone[-1].body is None:
            return findings
        together = await asyncio.gather(*(self._ask_once(PLAIN) for _ in range(self._subject.together)))
        return [*findings, transport.concurrency(together, alone)]

    async def _meanings(self, first: Reply) -> list[Finding]:
        """Ask about every event, at the URL to which the answers before lead, and about odd callers."""
        findings = []
        asked: dict[Check, list[Reply]] = {}
        useful = [first, *await self._redirected(PLAIN, first)]
        for scenario in EVENTS:
            if sum(reply.code == "timeout" for reply in asked.get(scenario.check, ())) == MOST_TIMEOUTS:
                continue
            led_to = self._leads(useful)
            reply = await self._ask(scenario, url=led_to.get(scenario.event))
            replies = [reply, *await self._redirected(scenario, reply)]
            asked.setdefault(scenario.check, []).extend(replies)
            if scenario.event in led_to:
                useful += replies
        led_to = self._leads(useful)
        for event, check in _EVENT_CHECKS.items():
            findings.append(habits.event(check, asked[check], is_led_to=event in led_to))
        for scenario in CALLERS:
            reply = await self._ask(scenario)
            findings.append(habits.caller(scenario.check, reply))
            useful.append(reply)
        every = self._replies
        return [
            *findings,
            texts.grammar(useful),
            *(judge(useful) for judge in (texts.size, texts.utf_8, texts.bom, texts.zero_byte, texts.charset)),
            transport.redirects(every, [reply for reply in self._circling if reply in useful]),
            transport.cookies(every),
        ]

    async def _redirected(self, scenario: Scenario, reply: Reply) -> list[Reply]:
        """Ask where the script of an answer says to ask instead, and on from there for as far as we look."""
        found: list[Reply] = []
        while (url := redirection(reply.script)) is not None and len(found) < MOST_REDIRECTIONS:
            reply = await self._ask(scenario, url=url, words=f"{scenario.words}, after a redirect")
            found.append(reply)
        if redirection(reply.script) is not None:
            self._circling.append(reply)
        return found

    async def _habits(self, first: Reply) -> list[Finding]:
        call_id = _call_id()
        once = await self._ask(PLAIN, call_id=call_id)
        again = await self._ask(PLAIN, call_id=call_id, more=[("attempt", "2")])
        unknown = await self._ask(PLAIN, more=[UNKNOWN_PARAMETER])
        return [
            habits.repeated(once if once.is_usable else first, again),
            habits.unknown_parameters([first, once, again], unknown),
        ]

    async def _signatures(self, good: Reply) -> list[Finding]:
        if not self._secrets:
            cure = "Give the account's --secret to have them checked."
            return [skipped(Check.SIGNED, "signatures were not looked at", cure)]
        (secret,) = self._secrets
        other = secrets.token_hex(16)
        right = await self._ask(PLAIN, words="rightly signed")
        rotated = [
            await self._ask(PLAIN, signers=(other, secret), words="the right signature second"),
            await self._ask(PLAIN, signers=(secret, other), words="the right signature first"),
        ]
        wrong = [await self._ask(PLAIN, signers=(other,), words="signed with another secret")]
        away = [
            await self._ask(PLAIN, shift_s=-AWAY_S, words=f"signed {AWAY_S} s ago"),
            await self._ask(PLAIN, shift_s=AWAY_S, words=f"signed {AWAY_S} s from now"),
        ]
        unsigned = [await self._ask(PLAIN, signers=(), words="without a signature")]
        return [
            habits.signed(right),
            habits.rotated(rotated),
            habits.refused(Check.WRONGLY_SIGNED, "that is signed with another secret", wrong, good),
            habits.refused(Check.LATE, "that was signed ten minutes too early or too late", away, good),
            habits.refused(Check.UNSIGNED, "without a signature", unsigned, good),
        ]

    async def _ask(
        self,
        scenario: Scenario,
        *,
        url: str | None = None,
        call_id: str = "",
        more: Sequence[tuple[str, str]] = (),
        signers: tuple[str, ...] | None = None,
        shift_s: int = 0,
        words: str = "",
    ) -> Reply:
        """Ask, and find out whether it is a question's own fault that no answer comes, or the server's."""

        async def ask() -> Reply:
            return await self._ask_once(
                scenario, url=url, call_id=call_id, more=more, signers=signers, shift_s=shift_s, words=words
            )

        reply = await ask()
        if not reply.is_lost:
            return reply
        count = len(self._replies)
        if reply.code != "timeout" and not (again := await ask()).is_lost:
            self._lost.append(reply)
            return again
        if (await self._ask_once(PLAIN)).is_lost:
            raise _ServerGone(reply, count)
        return reply

    async def _ask_once(
        self,
        scenario: Scenario,
        *,
        url: str | None = None,
        call_id: str = "",
        more: Sequence[tuple[str, str]] = (),
        signers: tuple[str, ...] | None = None,
        shift_s: int = 0,
        words: str = "",
    ) -> Reply:
        """Ask once and note how it went; `shift_s` sets the clock of the signature."""
        subject = self._subject
        parameters = (*scenario.parameters(subject.caller, subject.recipient, call_id or _call_id()), *more)
        question = Question(
            url or subject.url,
            parameters,
            self._secrets if signers is None else signers,
            homes=(subject.url,),
        )
        servers = ActionServers(self._session, self._limits, wall=_clock(shift_s))
        shown = ", ".join((words or scenario.words, *(f"{name}={value}" for name, value in more)))
        self._tell(shown)
        began = monotonic()
        answer = await servers.ask(question)
        elapsed_ms = round((monotonic() - began) * 1000, 1)
        hops = tuple(_hop(one) for one in answer.tries)
        if isinstance(answer, Answer):
            reply = Reply(shown, parameters, elapsed_ms, hops, answer.body)
        else:
            reply = Reply(shown, parameters, elapsed_ms, hops, None, answer.code, answer.text)
        self._replies.append(reply)
        return reply

    @staticmethod
    def _leads(replies: Iterable[Reply]) -> dict[Event, str | None]:
        return leads([reply.script for reply in replies if reply.script is not None])


class _ServerGone(Exception):
    """Nobody answers any more, not even what was answered before."""

    def __init__(self, reply: Reply, count: int) -> None:
        super().__init__(reply.trouble)
        self.reply, self.count = reply, count


def _hop(one: Try) -> Hop:
    times = one.times
    steps = [ms for ms in (times.dns_ms, times.connect_ms, times.tls_ms) if ms is not None]
    return Hop(
        url=one.url,
        status=one.status,
        headers={name.lower(): value for name, value in one.headers},
        dns_ms=times.dns_ms,
        connect_ms=round(sum(steps), 1) if steps else None,
        first_byte_ms=times.first_byte_ms,
    )


def _call_id() -> str:
    return f"conformance-{secrets.token_hex(8)}"


def _clock(shift_s: int) -> Callable[[], float]:
    return lambda: time.time() + shift_s
