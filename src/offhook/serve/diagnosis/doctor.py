"""The doctor of the command line: whatever is broken becomes a finding, and what can still be looked at is."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import TypeVar

from offhook.actionserver.guard import Guard
from offhook.config import Settings
from offhook.domain.diagnosis import machine
from offhook.domain.diagnosis.checks import Check
from offhook.domain.diagnosis.findings import SEVERITY, Finding, Verdict, bad, good, unknown, warning, worst
from offhook.errors import OffhookError, SetupError
from offhook.serve import office
from offhook.serve.diagnosis import platform
from offhook.serve.diagnosis.instruments import Instruments
from offhook.serve.diagnosis.number import Doctor, NumberDiagnosis
from offhook.serve.settings import node_name, our_addresses
from offhook.service import diagnosis
from offhook.service.diagnosis import MOST_TROUBLED, PlatformFacts, Troubled
from offhook.service.ports import Work
from offhook.storage import Database, open_database

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """All that was found: about the number that was named, if any, and about the platform."""

    platform: tuple[Finding, ...]
    number: NumberDiagnosis | None = None
    troubled: tuple[Troubled, ...] = field(default=())

    @property
    def verdict(self) -> Verdict:
        """The worst of all."""
        return worst((*self.platform, *(self.number.findings if self.number else ())))


async def examine(din: str | None, *, load: Callable[[], Settings] = Settings.load, now: datetime) -> Diagnosis:
    """Look at the platform, and at a number or at all of them; never raises for what is broken."""
    try:
        settings = load()
    except SetupError as error:
        wrong = bad(Check.SETTINGS, error.sentence, error.hint)
        rest = [
            unknown(check, "without settings it is not known where to look") for check in (Check.DATABASE, Check.NODE)
        ]
        return _sorted([wrong, *rest], _unread(din, "without settings nothing is known of the number"))
    measuring = asyncio.create_task(platform.measure(settings))
    opened = await asyncio.to_thread(_open, settings)
    ahead = {} if opened.ahead_s is None else {"the database": opened.ahead_s}
    read = _Read(None, _unread(din, "the database cannot be read, so nothing is known of the number"))
    database_is = opened.finding
    if opened.database is not None:
        try:
            read = await _read(settings, _Rows(opened.database), din, now)
        except OffhookError as error:
            # It was there a moment ago.
            database_is = bad(Check.DATABASE, error.sentence, error.hint, reason=error.code)
        except _UnreadableRowError as error:
            said = f"it holds a value that this program cannot read: {error}"
            database_is = bad(Check.DATABASE, said, "Use the version of Offhook that wrote it, or bring a backup back.")
        finally:
            await asyncio.to_thread(opened.database.close)
    if read.number is not None and read.number.servers_clock is not None:
        ahead["the action server"] = read.number.servers_clock
    if read.facts is not None:
        ahead |= machine.nodes_ahead(read.facts.heard, now)
    measured = await measuring
    findings = [good(Check.SETTINGS, "the settings can be read"), database_is]
    findings += await platform.judge(settings, measured, read.facts, now)
    findings.append(platform.judge_clock(measured, ahead))
    if din is None and read.facts is not None:
        findings.append(_of_all(read.troubled))
    return _sorted(findings, read.number, read.troubled)


@dataclass(frozen=True, slots=True)
class _Opened:
    """A database as it was found, open only if it can be used as it is."""

    finding: Finding
    database: Database | None = None
    ahead_s: float | None = None


@dataclass(frozen=True, slots=True)
class _Read:
    """What the database knew: nothing of the platform if it could not be read."""

    facts: PlatformFacts | None
    number: NumberDiagnosis | None
    troubled: tuple[Troubled, ...] = ()


class _UnreadableRowError(Exception):
    """What a row holds is nothing that this program knows: a status of a newer version, or what a hand wrote."""


@dataclass(frozen=True, slots=True)
class _Rows:
    """A database to be read from, and what its rows may hold."""

    database: Database

    async def read(self, unit: Callable[[Work], T]) -> T:
        """Do what `Database.read` does. Raises _UnreadableRowError, DatabaseAway."""
        try:
            return await self.database.read(unit)
        except ValueError as error:
            raise _UnreadableRowError(str(error)) from error


async def _read(settings: Settings, database: _Rows, din: str | None, now: datetime) -> _Read:
    """Look at what the database knows and, for a number, at its server. Raises _UnreadableRowError, DatabaseAway."""
    minimum = settings.terms.minimum_credit
    known = database.read(partial(diagnosis.look_at_platform, node=node_name(settings), now=now))
    if din is None:
        all_numbers = database.read(partial(diagnosis.troubled_numbers, minimum=minimum, now=now))
        facts, troubled = await asyncio.gather(known, all_numbers)
        return _Read(facts, None, tuple(troubled))
    instruments = Instruments(Guard(settings.allow_addresses, our_addresses(settings)))
    try:
        doctor = Doctor(database, instruments, minimum, settings.routes)
        facts, number = await asyncio.gather(known, doctor.look_at(din, now))
    finally:
        await instruments.stop()
    return _Read(facts, number)


def _open(settings: Settings) -> _Opened:
    """Open the database if it can be used as it is; nothing is made and nothing is upgraded."""
    try:
        schema = office.inspect(settings.database)
        if not schema.is_current:
            present = schema.present or "no tables of Offhook"
            said = f"the {schema.kind} database has {present}, and this program needs {schema.needed}"
            return _Opened(bad(Check.DATABASE, said, "offhook database upgrade", reason="schema-old"))
        database = open_database(settings.database)
    except OffhookError as error:
        return _Opened(bad(Check.DATABASE, error.sentence, error.hint, reason=error.code))
    except OSError as error:
        said = f"it cannot be opened: {error}"
        return _Opened(bad(Check.DATABASE, said, "Give this user the right to read and write it."))
    except UnicodeError as error:
        # What the driver's lookup says of a host with an empty label, or one of more than 63 letters.
        said = f"the host of its URL is none that a name can be: {error}"
        return _Opened(bad(Check.DATABASE, said, "Correct the host in the setting `database`."))
    said = f"the {schema.kind} database is there, with the schema {schema.present} of this program"
    return _Opened(good(Check.DATABASE, said, schema=schema.present), database, schema.ahead_s)


def _of_all(troubled: tuple[Troubled, ...]) -> Finding:
    if not troubled:
        return good(Check.NUMBERS, "no subscribed number has trouble that shows without asking its server")
    shown = ", ".join(f"+{one.din}" for one in troubled[:MOST_TROUBLED])
    more = f" and {len(troubled) - MOST_TROUBLED} more" if len(troubled) > MOST_TROUBLED else ""
    numbers_have = "1 number has" if len(troubled) == 1 else f"{len(troubled)} numbers have"
    said = f"{numbers_have} trouble: {shown}{more}"
    found = bad if worst(finding for one in troubled for finding in one.findings) is Verdict.BAD else warning
    return found(Check.NUMBERS, said, f"offhook doctor {troubled[0].din}", numbers=[one.din for one in troubled])


def _unread(din: str | None, why: str) -> NumberDiagnosis | None:
    return None if din is None else NumberDiagnosis(din, (unknown(Check.SUBSCRIBED, why),))


def _sorted(
    findings: list[Finding], number: NumberDiagnosis | None = None, troubled: tuple[Troubled, ...] = ()
) -> Diagnosis:
    """Tell the checks in the order of their list; of the same one the worst first."""
    order = {check: place for place, check in enumerate(Check)}
    findings.sort(key=lambda finding: (order[finding.code], -SEVERITY[finding.verdict]))
    return Diagnosis(tuple(findings), number, troubled[:MOST_TROUBLED])
