"""The machine and its node looked at, with the database or, where that is broken, without it."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from offhook.actionserver.own import own_addresses
from offhook.config import Settings
from offhook.config.values import SQLITE
from offhook.domain.diagnosis import calls, machine, nodes, ports
from offhook.domain.diagnosis.checks import Check
from offhook.domain.diagnosis.findings import Finding, Verdict, bad, unknown
from offhook.domain.diagnosis.machine import Clock
from offhook.domain.diagnosis.ports import Port
from offhook.domain.networks import is_inside
from offhook.domain.trunks import Trunk
from offhook.engine.net.port_probe import ask_options, look_at_port, own_side, reached_at, taken_pairs
from offhook.errors import SetupError
from offhook.serve.diagnosis.machine import ask_load, ask_readiness, is_clock_synchronised, look_at_disk
from offhook.serve.settings import address_of, node_name
from offhook.service.diagnosis import PlatformFacts
from offhook.service.nodes import DEAD_AFTER_S

UNREADABLE = "the database cannot be read, so it is not known"
ANEW = "the SIP port is chosen anew at each start"
GIVE_A_PORT = "Give the setting `sip` a port."


@dataclass(frozen=True, slots=True)
class Measured:
    """What a machine says of itself, whatever its database does."""

    findings: tuple[Finding, ...]
    ports: tuple[Port, ...]
    readiness: tuple[int | None, str | None]
    is_synchronised: bool | None


async def measure(settings: Settings) -> Measured:
    """Measure what needs no database, all at once."""
    disks, taken, readiness, load, synchronised, listening = await asyncio.gather(
        asyncio.gather(*(asyncio.to_thread(look_at_disk, folder) for folder in _folders(settings))),
        asyncio.to_thread(taken_pairs, settings.rtp_ports.first, settings.rtp_ports.last),
        asyncio.to_thread(ask_readiness, settings.http),
        asyncio.to_thread(ask_load, settings.http),
        asyncio.to_thread(is_clock_synchronised),
        asyncio.to_thread(_ports_of, settings),
    )
    pairs = (settings.rtp_ports.last + 1 - settings.rtp_ports.first) // 2
    findings = [
        ports.judge_rtp_ports(str(settings.rtp_ports), pairs, taken, settings.media_workers),
        *map(machine.judge_disk, disks),
        *([] if load is None else [nodes.judge_load(load)]),
    ]
    if isinstance(listening, SetupError):
        findings.append(bad(Check.SIP_PORT, listening.sentence, listening.hint))
        return Measured(tuple(findings), (), readiness, synchronised)
    return Measured(tuple(findings), listening, readiness, synchronised)


async def judge(settings: Settings, measured: Measured, facts: PlatformFacts | None, now: datetime) -> list[Finding]:
    """Join what the machine says with what the database knows; `facts` is None where nobody can read it."""
    is_alive: bool | None
    if facts is None:
        found = [unknown(check, UNREADABLE) for check in (Check.NODE, Check.RTP, Check.TRUNK, Check.STRANGERS)]
        is_alive = None
    else:
        node = node_name(settings)
        own = nodes.judge_node(node, facts.seen_at, now, DEAD_AFTER_S)
        is_alive = own.verdict is Verdict.GOOD
        if settings.sip.port == 0:
            own, is_alive = unknown(Check.NODE, f"{ANEW}, and the node's name with it", GIVE_A_PORT), None
        found = [
            own,
            *nodes.judge_others(facts.heard, node, now, DEAD_AFTER_S),
            calls.judge_audio(facts.recent, facts.packets),
        ]
        found += [calls.judge_trunk(one, facts.states.get(one.name, ()), facts.recent) for one in facts.trunks]
        if not facts.trunks:
            found.append(bad(Check.TRUNK, "there is no trunk", "offhook trunks add NAME --source ADDRESS"))
        found.append(calls.judge_strangers(facts.strangers, now))
    if settings.http.port == 0:
        said = "the port of the API is chosen anew at each start, so nobody can be asked"
        found.append(unknown(Check.WORKERS, said, "Give the setting `http` a port."))
    else:
        status, text = measured.readiness
        place = f"http://{settings.http}/readyz"
        found.append(nodes.judge_readiness(place, status, text, is_alive=is_alive is not False))
    found += measured.findings
    if measured.ports:
        trunks = facts.trunks if facts is not None else ()
        first, *more = measured.ports
        asked = await _asked(settings, first, trunks) if is_alive else first
        found += [ports.judge_sip_port(port, is_alive=is_alive) for port in (asked, *more)]
        found.append(_judge_address(settings, trunks))
    return found


def judge_clock(measured: Measured, differences: dict[str, float]) -> Finding:
    """Say whether the clock is right, given how far other clocks are ahead of it."""
    return machine.judge_clock(Clock(measured.is_synchronised, differences))


def _folders(settings: Settings) -> tuple[Path, ...]:
    """Return the folders that are written to: of the data and, where it lies elsewhere, of a SQLite file."""
    data = settings.data_folder
    if not settings.database.startswith(SQLITE):
        return (data,)
    beside = Path(settings.database.removeprefix(SQLITE)).parent
    return (data,) if beside.absolute().is_relative_to(data.absolute()) else (data, beside)


def _ports_of(settings: Settings) -> tuple[Port, ...] | SetupError:
    """Look at the port of UDP and TCP and, with a certificate, at that of TLS."""
    if settings.sip.port == 0:
        return SetupError(ANEW, hint=GIVE_A_PORT)
    wanted = [settings.sip.port, *([settings.tls_port] if settings.tls_certificate else [])]
    try:
        host = address_of(settings.sip.host)
        return tuple(look_at_port(host, port) for port in wanted)
    except SetupError as error:
        return error


async def _asked(settings: Settings, port: Port, trunks: Sequence[Trunk]) -> Port:
    """Ask the port by OPTIONS if a trunk lets this machine in; else the question would make a stranger of us."""
    host = reached_at(address_of(settings.sip.host))
    open_ones = [one for one in trunks if one.peer is None and not one.rules.client_name]
    if not any(is_inside(host, one.sources) for one in open_ones):
        return port
    answered = await asyncio.to_thread(ask_options, host, settings.sip.port)
    return replace(port, answered=answered, was_asked=True)


def _judge_address(settings: Settings, trunks: Sequence[Trunk]) -> Finding:
    bound = address_of(settings.sip.host)
    sides = [own_side(bound, one.name, one.send, one.sources) for one in trunks]
    toward = [side for side in sides if side is not None]
    own = {str(address) for address in own_addresses()}
    return ports.judge_public_address(settings.public_address, str(settings.sip), own, toward)
