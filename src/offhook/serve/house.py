"""The composition root: the only place where the rooms are joined.

`open_house` builds everything that one node is made of, in the order in which it is needed, and takes
it down in reverse. Nothing here decides anything.
"""

import asyncio
import secrets
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from time import monotonic
from typing import Protocol
from uuid import uuid4

import structlog
from prometheus_client import CollectorRegistry

import offhook
from offhook.actionserver.breaker import Breakers
from offhook.actionserver.client import ActionServers
from offhook.actionserver.fetch import Fetcher
from offhook.actionserver.guard import Guard
from offhook.actionserver.limits import Limits as RequestLimits
from offhook.actionserver.sessions import open_session
from offhook.api.app import create_app
from offhook.audio.limits import Limits as AudioLimits
from offhook.audio.shelf import Shelf
from offhook.audio.sounds import Sounds
from offhook.config import Settings
from offhook.domain.breakers import Tripped
from offhook.domain.sounds import Codec
from offhook.engine.call.limits import SORRY
from offhook.engine.call.limits import Limits as CallLimits
from offhook.engine.net.gate import Gate
from offhook.engine.net.media_pool import MediaPool
from offhook.engine.net.overload import LoadLimits
from offhook.engine.net.switchboard import Switchboard
from offhook.errors import OffhookError
from offhook.serve.breakers import BreakerStates
from offhook.serve.clock import utc_now
from offhook.serve.commands import Commands
from offhook.serve.couriers import Brief, Couriers
from offhook.serve.desk import Desk
from offhook.serve.diagnosis.customers import CustomersDoctor
from offhook.serve.diagnosis.instruments import Instruments
from offhook.serve.diagnosis.number import Doctor
from offhook.serve.folders import make_data_folder
from offhook.serve.known_trunks import KnownTrunks
from offhook.serve.metrics import Metrics, Standing
from offhook.serve.notices import Notices, Post
from offhook.serve.pulse import Pulse
from offhook.serve.recordings import Enclosures, RecordingDesk, Recordings
from offhook.serve.renewals import Renewals
from offhook.serve.settings import (
    address_of,
    bracket,
    check_ports,
    node_name,
    our_addresses,
    public_url,
)
from offhook.serve.strangers import Strangers
from offhook.serve.trunk_states import TrunkStates
from offhook.serve.web import serving
from offhook.serve.wiring import desk_limits, gate_limits, wires
from offhook.service.recordings import link_secret as link_secret_of
from offhook.storage import open_database

log = structlog.get_logger("offhook.serve")


class Job(Protocol):
    """What goes on beside the calls, from the start of a node to its end."""

    def start(self) -> None: ...

    def stop(self) -> None: ...


@dataclass(frozen=True, slots=True)
class House:
    """One running node, where it is reached, and how long its calls may go on when it is stopped."""

    node: str
    switchboard: Switchboard
    pulse: Pulse
    sip: str
    http: str
    drain_s: int


@asynccontextmanager
async def open_house(settings: Settings) -> AsyncIterator[House]:
    """Run a node for as long as the context lasts.

    Raises:
        SetupError: A port, a folder or the database cannot be used.
    """
    node = node_name(settings)
    async with AsyncExitStack() as stack:
        make_data_folder(settings.data_folder)
        check_ports(settings)
        database = open_database(settings.database)
        stack.callback(database.close)
        requests = RequestLimits()
        own = our_addresses(settings)
        guard = Guard(settings.allow_addresses, own)
        session = await stack.enter_async_context(open_session(guard, requests))
        sounds = Sounds(
            settings.data_folder / "sounds", fetcher=Fetcher(session, requests), limits=AudioLimits(), now=monotonic
        )
        await sounds.start()
        stack.push_async_callback(sounds.stop)
        words = {**SORRY, **settings.announcements}
        warming = asyncio.create_task(_warm(sounds, words))
        stack.callback(warming.cancel)
        media = MediaPool(
            workers=settings.media_workers,
            ports=(settings.rtp_ports.first, settings.rtp_ports.last),
            random_bits=secrets.randbits,
            transcoded=settings.transcoded_calls,
        )
        await media.start()
        stack.push_async_callback(media.stop)
        shelf = Shelf(settings.data_folder)
        stack.push_async_callback(shelf.stop)
        link_secret = await database.read(link_secret_of)
        recording_desk = RecordingDesk(
            database,
            shelf,
            node,
            now=utc_now,
            fresh=lambda: uuid4().hex,
            terms=settings.terms,
            base_url=public_url(settings),
            secret=link_secret,
        )
        registry = CollectorRegistry()
        metrics = Metrics(registry)
        breakers = Breakers()
        # The clock of a question is the loop's.
        tripped = partial(_tripped, breakers, asyncio.get_running_loop())
        switchboard = Switchboard(
            host=address_of(settings.sip.host),
            port=settings.sip.port,
            name=f"Offhook/{offhook.__version__}",
            media=media,
            desk=Desk(database, desk_limits(settings), node, recording_desk, settings.routes, settings.terms),
            servers=ActionServers(session, requests, breakers=breakers),
            sounds=sounds,
            observer=metrics,
            limits=CallLimits(sorry=words),
            gate=Gate(gate_limits(settings)),
            load_limits=LoadLimits(settings.overload_lag_ms / 1000, settings.overload_busy_percent / 100),
            token=partial(secrets.token_hex, 8),
            call_id=lambda: str(uuid4()),
            session_id=partial(secrets.randbits, 60),
            wall_clock=utc_now,
            wires=wires(settings),
        )
        Standing(
            registry,
            calls=switchboard.calls_by_state,
            dropped=lambda: switchboard.dropped,
            loads=media.loads,
            trunks=switchboard.trunk_states,
            door=switchboard,
            tripped=tripped,
            unasked=lambda: breakers.refusals,
        )
        # The SIP port is ours, so a predecessor of our name is dead; no trunk is known, so no call comes in.
        pulse = Pulse(database, node, now=utc_now, hang_up=switchboard.hang_up_recorded)
        # The heart beats until the last call is recorded.
        stack.callback(pulse.stop)
        stack.push_async_callback(switchboard.stop)
        await pulse.begin()
        known = KnownTrunks(database, switchboard)
        await known.look()
        await pulse.recover()
        commands = Commands(database, node, tell=switchboard.direct, now=utc_now)
        enclosures = Enclosures(database, shelf, now=utc_now, base_url=public_url(settings), secret=link_secret)
        post = Post(settings.smtp, settings.mail_from, enclosures.of)
        jobs: Sequence[Job] = (
            known,
            Recordings(database, shelf, node, now=utc_now, terms=settings.terms),
            Strangers(database, node, remembered=switchboard.strangers, now=utc_now, clock=monotonic),
            TrunkStates(database, node, observed=switchboard.trunk_states, now=utc_now),
            BreakerStates(database, node, tripped=tripped, now=utc_now),
            Renewals(database, now=utc_now, terms=settings.terms),
            Notices(database, post.deliver, now=utc_now),
            commands,
        )
        for job in jobs:
            job.start()
            stack.callback(job.stop)
        brief = Brief(settings.database, settings.allow_addresses, own, settings.log_level, settings.log_format)
        couriers = Couriers(database, brief, metrics, now=utc_now)
        couriers.start()
        stack.push_async_callback(couriers.stop)
        instruments = Instruments(guard)
        stack.push_async_callback(instruments.stop)
        doctor = Doctor(
            database, instruments, settings.terms.minimum_credit, tuple(settings.routes), is_for_operator=False
        )
        app = create_app(
            database,
            now=utc_now,
            health_of=partial(_health, switchboard, media, settings),
            registry=registry,
            rate=settings.api_rate,
            terms=settings.terms,
            shelf=shelf,
            node=node,
            running=commands,
            diagnoses=CustomersDoctor(doctor, now=utc_now),
        )
        http = await stack.enter_async_context(serving(app, settings.http.host, settings.http.port))
        yield House(
            node,
            switchboard,
            pulse,
            f"{bracket(settings.sip.host)}:{switchboard.port}",
            http,
            settings.drain_s,
        )


async def _warm(sounds: Sounds, words: Mapping[str, str]) -> None:
    """Make our own sounds once, so that the first caller who needs them does not wait for them."""
    try:
        await sounds.beep(Codec.PCMU)
    except OffhookError as error:
        log.warning("the beep cannot be made", code=error.code, text=error.sentence)
    for codec in Codec:
        try:
            await sounds.speech("en", words["en"], codec)
        except OffhookError as error:
            log.warning("the announcement cannot be spoken", code=error.code, text=error.sentence)


def _tripped(breakers: Breakers, loop: asyncio.AbstractEventLoop) -> list[Tripped]:
    return breakers.tripped(loop.time())


def _health(switchboard: Switchboard, media: MediaPool, settings: Settings) -> Mapping[str, str | None]:
    missing = settings.media_workers - len(media.processes)
    return {
        "sip": "no new calls are taken: the node is being stopped" if switchboard.is_draining else None,
        "media": f"{missing} media workers are being started" if missing else None,
    }
