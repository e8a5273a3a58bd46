"""One number looked at: what is on record, then its server, then what that says. What can go on at once does."""

import asyncio
import json
import secrets
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Protocol, TypeVar

from offhook.actionserver.errors import AddressRefused
from offhook.domain.calls import Caller
from offhook.domain.diagnosis import calls, numbers, servers
from offhook.domain.diagnosis.checks import CUSTOMERS_CURES, Check
from offhook.domain.diagnosis.findings import Finding, Verdict, unknown, worst
from offhook.domain.diagnosis.servers import Flaw
from offhook.domain.hosted_rules.document import read_rules
from offhook.domain.hosted_rules.rules import scripts_of
from offhook.domain.questions import Answer, Event, Failure, Question
from offhook.domain.subscriptions import Dialled, Subscription
from offhook.errors import InputError
from offhook.language import (
    Action,
    Gather,
    Playback,
    Redirect,
    Say,
    Severity,
    Transfer,
    Voicemail,
    draw,
    parse,
    write,
)
from offhook.serve.diagnosis.instruments import Instruments, Visit
from offhook.service import diagnosis
from offhook.service.diagnosis import NumberFacts
from offhook.service.ports import Work

T = TypeVar("T")
CALLER = Caller("819012345678", "+819012345678")
"""Who seems to call: the same number as in `offhook actions try`."""
MARK = "doctor"
"""The trunk of a question of ours, and the beginning of its call's id."""
MOST_HOPS = 3
"""So many `redirect` lines are followed."""
ALL_S = 25.0
"""After so long a diagnosis ends with what is known."""


class Readable(Protocol):
    """A database that is only read from."""

    async def read(self, unit: Callable[[Work], T]) -> T: ...


@dataclass(frozen=True, slots=True)
class NumberDiagnosis:
    """All that was found about a number; `servers_clock` is how far its server's clock is ahead of ours, in seconds."""

    din: str
    findings: tuple[Finding, ...]
    servers_clock: float | None = None


@dataclass(frozen=True, slots=True)
class Doctor:
    """Who looks: with what, by which terms, and for whom. `defaults` are the trunks of the setting `routes`."""

    database: Readable
    instruments: Instruments
    minimum_credit: int
    defaults: tuple[str, ...] = ()
    is_for_operator: bool = True
    all_s: float = ALL_S

    async def look_at(self, din: str, now: datetime, account_id: int | None = None) -> NumberDiagnosis:
        """Return what is the matter with a number, only the account's own part if one is named. Raises DatabaseAway."""
        look = partial(diagnosis.look_at_number, din=din, now=now, account_id=account_id)
        facts = await self.database.read(look)
        dialled = facts.dialled
        holder = facts.holder if self.is_for_operator else ""
        found = [numbers.judge_subscription(din, dialled, holder)]
        clock = None
        if dialled is not None and dialled.subscription is not None:
            subscription = dialled.subscription
            examination = _Examination(self, facts, dialled, subscription, now)
            found += await examination.run()
            clock = examination.servers_clock
        if self.is_for_operator and dialled is not None:
            code = dialled.number.country_code
            found.append(calls.judge_forms(din, code, facts.readers, facts.unknown_calls))
        if not self.is_for_operator:
            found = [_for_customers(finding) for finding in found]
        return NumberDiagnosis(din, tuple(found), clock)


class _Examination:
    """One number that is subscribed, on its way through the checks."""

    def __init__(
        self, doctor: Doctor, facts: NumberFacts, dialled: Dialled, subscription: Subscription, now: datetime
    ) -> None:
        self.servers_clock: float | None = None
        self._doctor = doctor
        self._facts = facts
        self._dialled = dialled
        self._subscription = subscription
        self._now = now
        self._found: list[Finding] = []
        self._asked: set[str] = set()
        # As in a call, which asks again where a line sends it.
        self._call_id = f"{MARK}-{secrets.token_hex(8)}"

    async def run(self) -> list[Finding]:
        """Do every check; one that is not done in time is told as such."""
        self._found.append(numbers.judge_action_url(self._subscription, has_rules=self._dialled.rules is not None))
        try:
            async with asyncio.timeout(self._doctor.all_s), self._doctor.instruments.visit() as visit:
                await self._look_at_script(visit)
        except TimeoutError:
            said = f"not everything was looked at within {self._doctor.all_s:g} s: what is missing here was not"
            self._found.append(unknown(Check.ANSWERS, said, "Ask again."))
        number, facts = self._dialled.number, self._facts
        minimum = self._doctor.minimum_credit
        credit = numbers.judge_credit(number, self._subscription, facts.available, minimum, self._now)
        limits = numbers.judge_limits(facts.limits, number.minute_cost, self._now)
        last = calls.judge_calls(facts.last_call, names_trunk=self._doctor.is_for_operator)
        return [*self._found, credit, limits, last]

    async def _look_at_script(self, visit: Visit) -> None:
        if self._dialled.rules is not None:
            await self._look_at_rules(visit, self._dialled.rules)
        elif self._subscription.action_url is not None:
            origins = diagnosis.origins_of(self._subscription.action_url)
            self._found.append(numbers.judge_left_alone(origins, self._facts.breakers))
            await self._look_at_url(visit, self._subscription.action_url, MOST_HOPS)
        elif self._subscription.default_action:
            await self._look_at_text(visit, self._subscription.default_action.encode(), MOST_HOPS)

    async def _look_at_rules(self, visit: Visit, document: str) -> None:
        try:
            scripts = dict(scripts_of(read_rules(json.loads(document))))
        except (InputError, ValueError) as error:
            said = f"the hosted rules cannot be read here: {error}"
            self._found.append(servers.judge_text([Flaw("rules-unreadable", said, is_error=True)], None))
            return
        for text in dict.fromkeys(scripts.values()):
            await self._look_at_text(visit, text.encode(), MOST_HOPS)

    async def _look_at_url(self, visit: Visit, url: str, hops: int) -> None:
        self._asked.add(url)
        reached, outcome = await asyncio.gather(visit.reach(url), self._ask(visit, url))
        way = servers.judge_reach(reached, self._now, names_addresses=self._doctor.is_for_operator)
        self._found += [*way, servers.judge_outcome(outcome, is_reached=worst(way) is not Verdict.BAD)]
        clock = servers.servers_clock(outcome)
        self.servers_clock = self.servers_clock if clock is None else clock
        if isinstance(outcome, Answer):
            await self._look_at_text(visit, outcome.body, hops)
        else:
            self._found.append(unknown(Check.TEXT, "without an answer there is no text to look at"))

    async def _ask(self, visit: Visit, url: str) -> Answer | Failure:
        signing = self._dialled.signing
        parameters = (
            ("caller", CALLER.number),
            ("recipient", self._dialled.number.din),
            ("call_id", self._call_id),
            ("event", Event.INCOMING.value),
            ("trunk", MARK),
        )
        homes = (self._subscription.action_url, self._subscription.fallback_url, *signing.origins)
        question = Question(
            url,
            parameters,
            signing.secrets(self._now),
            tuple(home for home in homes if home),
            self._subscription.account_id,
        )
        return await visit.ask(question, signing.origins)

    async def _look_at_text(self, visit: Visit, text: bytes, hops: int) -> None:
        parsed = parse(text)
        flaws = [
            Flaw(problem.code.value, draw(problem, text), problem.severity is Severity.ERROR)
            for problem in parsed.problems
        ]
        self._found.append(servers.judge_text(flaws, None if parsed.script is None else write(parsed.script)))
        if parsed.script is None:
            return
        actions = parsed.script.actions
        targets = await self._targets(actions)
        sounds: dict[Playback, Finding] = {}
        try:
            await self._hear(visit, actions, sounds)
        finally:
            # What was heard is told also if the time is up before all was.
            heard = [sounds[one] for one in _played(actions) if one in sounds]
            self._found += [*heard, *self._languages(visit, actions), *targets]
        for action in actions:
            if isinstance(action, Redirect):
                await self._follow(visit, action.url, hops)

    async def _follow(self, visit: Visit, url: str, hops: int) -> None:
        if url in self._asked:
            said = f"a redirect line leads back to {url}, which is not asked again: do its calls go in a circle?"
            self._found.append(unknown(Check.ANSWERS, said))
        elif not hops:
            said = f"{url} is not asked: more than {MOST_HOPS} redirect lines lead from one answer to the next"
            self._found.append(unknown(Check.ANSWERS, said))
        else:
            await self._look_at_url(visit, url, hops - 1)

    async def _hear(self, visit: Visit, actions: Sequence[Action], sounds: dict[Playback, Finding]) -> None:
        async def hear(one: Playback) -> None:
            sounds[one] = servers.judge_sound(await visit.hear(one))

        await asyncio.gather(*map(hear, _played(actions)))

    def _languages(self, visit: Visit, actions: Sequence[Action]) -> list[Finding]:
        wanted: dict[tuple[str, str | None], Say] = {}
        for one in _spoken(actions):
            if isinstance(one, Say):
                wanted.setdefault((one.language, one.voice), one)
        return [servers.judge_language(f"say {one.language}", visit.speaker_of(one)) for one in wanted.values()]

    async def _targets(self, actions: Sequence[Action]) -> list[Finding]:
        wanted = [number for action in actions if isinstance(action, Transfer) for number in action.numbers]
        if not wanted:
            return []
        look = partial(
            diagnosis.look_at_targets,
            numbers=tuple(dict.fromkeys(wanted)),
            recipient=self._dialled.number.din,
            account_id=self._subscription.account_id,
            defaults=self._doctor.defaults,
            now=self._now,
        )
        targets = await self._doctor.database.read(look)
        names_trunks = self._doctor.is_for_operator
        return [
            servers.judge_transfer(number, found, down, names_trunks=names_trunks)
            for number, (found, down) in targets.items()
        ]


def _spoken(actions: Sequence[Action]) -> Iterator[Say | Playback]:
    """Yield what callers hear of a script, also as a greeting or a prompt."""
    for action in actions:
        match action:
            case Say() | Playback():
                yield action
            case Gather(prompt=Say() | Playback() as prompt):
                yield prompt
            case Voicemail(greeting=Say() | Playback() as greeting):
                yield greeting


def _played(actions: Sequence[Action]) -> Iterable[Playback]:
    """Return each sound of a script once, however often it is played."""
    return {replace(one, loop=1): None for one in _spoken(actions) if isinstance(one, Playback)}


def _for_customers(finding: Finding) -> Finding:
    """Return a finding whose cure is one that a customer can do."""
    # What the guard hints at is an option of the operator's, whoever was not connected to.
    is_refused = finding.data.get("reason") == AddressRefused.code
    cure = CUSTOMERS_CURES.get(Check.ALLOWED if is_refused else finding.code)
    return finding if cure is None or not finding.cure else replace(finding, cure=cure)
