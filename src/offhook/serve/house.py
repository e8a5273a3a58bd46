"""The composition root: the only place where the rooms are joined.

`open_house` builds everything that one node is made of, in the order in which it is needed, and takes
it down in reverse. Nothing here decides anything.
"""

import asyncio
import gc
import secrets
import signal
import socket
import sys
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from ipaddress import IPv4Address, IPv6Address, ip_address
from random import random
from time import monotonic
from uuid import uuid4

import structlog
import uvicorn
import uvloop
from prometheus_client import CollectorRegistry

import offhook
from offhook import logs
from offhook.actionserver.breaker import Breakers
from offhook.actionserver.client import ActionServers
from offhook.actionserver.fetch import Fetcher
from offhook.actionserver.guard import Guard
from offhook.actionserver.limits import Limits as RequestLimits
from offhook.actionserver.own import own_addresses
from offhook.actionserver.sessions import open_session
from offhook.actionserver.webhooks import LIMITS as WEBHOOK_LIMITS
from offhook.actionserver.webhooks import Webhooks
from offhook.api.app import create_app
from offhook.audio.limits import Limits as AudioLimits
from offhook.audio.shelf import Shelf
from offhook.audio.sounds import Sounds
from offhook.config import Settings
from offhook.domain.breakers import Tripped
from offhook.domain.calls import Admission, Arrival, Ending, Refusal, TimelineEvent
from offhook.domain.routes import Route, Routes, Unroutable
from offhook.domain.sounds import Codec
from offhook.domain.terms import TERMS, Terms
from offhook.domain.trunks import Trunk
from offhook.engine.call.limits import SORRY
from offhook.engine.call.limits import Limits as CallLimits
from offhook.engine.net.endpoint import Wires
from offhook.engine.net.gate import Gate, GateLimits
from offhook.engine.net.media_pool import MediaPool
from offhook.engine.net.overload import LoadLimits
from offhook.engine.net.ports import Blank
from offhook.engine.net.switchboard import Switchboard
from offhook.engine.net.tls import TlsFiles
from offhook.engine.sip.digest import Hashed
from offhook.engine.sip.doorkeeper import Peer
from offhook.errors import OffhookError, SetupError
from offhook.serve.breakers import BreakerStates
from offhook.serve.commands import Commands
from offhook.serve.folders import make_data_folder
from offhook.serve.metrics import Metrics, Standing
from offhook.serve.notices import Notices, Post
from offhook.serve.pulse import NodeFenced, Pulse
from offhook.serve.recordings import Enclosures, RecordingDesk, Recordings
from offhook.serve.renewals import Renewals
from offhook.serve.strangers import Strangers
from offhook.serve.trunk_states import TrunkStates
from offhook.serve.webhooks import Courier, Deliveries
from offhook.service import callees, desk, trunks
from offhook.service.ports import Database
from offhook.service.recordings import link_secret as link_secret_of
from offhook.storage import open_database

POLL_S = 1.0
"""How often a node asks whether something that it keeps in memory has changed; at most 2 s are promised."""

COLLECT_EVERY = 20_000

SWITCH_INTERVAL_S = 0.0005

log = structlog.get_logger("offhook.serve")


def utc_now() -> datetime:
    """Return the time of day, aware."""
    return datetime.now(UTC)


class Desk:
    """The engine's desk over the database: one unit of work for each of its verbs."""

    def __init__(
        self,
        database: Database,
        limits: desk.Limits,
        node: str,
        recordings: RecordingDesk,
        routes: Sequence[str] = (),
        terms: Terms = TERMS,
    ) -> None:
        self._database = database
        self._recordings = recordings
        self._limits = limits
        self._terms = terms
        self._node = node
        self._routes = routes
        # The running calls of accounts without a webhook: they are spared what tells of them. Of a call whose
        # admission nobody heard of it is not known, so it is told.
        self._untold: set[str] = set()

    async def admit(self, arrival: Arrival) -> Admission | Refusal:
        admitted = await self._database.write(
            partial(
                desk.admit,
                arrival=arrival,
                now=utc_now(),
                limits=self._limits,
                terms=self._terms,
                node=self._node,
            )
        )
        if isinstance(admitted, Admission) and not admitted.is_told:
            self._untold.add(admitted.call_id)
        return admitted

    async def find_routes(self, call_id: str, leg: int, number: str, *, came_inside: bool) -> Routes | Unroutable:
        return await self._database.write(
            partial(
                callees.find_routes,
                call_id=call_id,
                leg=leg,
                number=number,
                came_inside=came_inside,
                defaults=self._routes,
                now=utc_now(),
            )
        )

    async def rings(self, call_id: str, leg: int, dialog: str) -> None:
        await self._database.write(partial(callees.rings, call_id=call_id, leg=leg, dialog=dialog))

    async def answered(self, call_id: str, leg: int, at: datetime, dialog: str | None) -> None:
        is_told = call_id not in self._untold
        await self._database.write(
            partial(desk.answered, call_id=call_id, leg=leg, at=at, dialog=dialog, is_told=is_told)
        )

    async def extend(self, call_id: str, leg: int, minute: int) -> bool:
        return await self._database.write(partial(desk.extend, call_id=call_id, leg=leg, now=utc_now(), minute=minute))

    async def give_back(self, call_id: str, leg: int) -> None:
        await self._database.write(partial(callees.give_back, call_id=call_id, leg=leg, now=utc_now()))

    async def begin_recording(self, call_id: str) -> Blank:
        uid, place = await self._recordings.begin(call_id)
        return Blank(uid, str(place))

    async def keep_recording(self, uid: str, seconds: float, size: int, code: str) -> str:
        await self._recordings.store(uid, seconds, size, code)
        return self._recordings.url(uid)

    async def drop_recording(self, uid: str, code: str) -> None:
        await self._recordings.lose(uid, code)

    async def close(self, ending: Ending, events: Sequence[TimelineEvent]) -> None:
        is_told = ending.call_id not in self._untold
        await self._database.write(
            partial(
                desk.close,
                ending=ending,
                events=tuple(events),
                node=self._node,
                terms=self._terms,
                is_told=is_told,
            )
        )
        self._untold.discard(ending.call_id)


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
    node = _node_name(settings)
    async with AsyncExitStack() as stack:
        make_data_folder(settings.data_folder)
        _check_ports(settings)
        database = open_database(settings.database)
        stack.callback(database.close)
        requests = RequestLimits()
        guard = Guard(settings.allow_addresses, _our_addresses(settings))
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
            base_url=_public_url(settings),
            secret=link_secret,
        )
        registry = CollectorRegistry()
        metrics = Metrics(registry)
        breakers = Breakers()
        # The clock of a question is the loop's.
        tripped = partial(_tripped, breakers, asyncio.get_running_loop())
        switchboard = Switchboard(
            host=_address(settings.sip.host),
            port=settings.sip.port,
            name=f"Offhook/{offhook.__version__}",
            media=media,
            desk=Desk(database, _desk_limits(settings), node, recording_desk, settings.routes, settings.terms),
            servers=ActionServers(session, requests, breakers=breakers),
            sounds=sounds,
            observer=metrics,
            limits=CallLimits(sorry=words),
            gate=Gate(_gate_limits(settings)),
            load_limits=LoadLimits(settings.overload_lag_ms / 1000, settings.overload_busy_percent / 100),
            token=partial(secrets.token_hex, 8),
            call_id=lambda: str(uuid4()),
            session_id=partial(secrets.randbits, 60),
            wall_clock=utc_now,
            wires=_wires(settings),
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
        _let_in(switchboard, await database.read(trunks.list_trunks))
        await pulse.recover()
        keeper = Recordings(database, shelf, node, now=utc_now, terms=settings.terms)
        keeper.start()
        stack.callback(keeper.stop)
        follower = asyncio.create_task(_follow(database, switchboard))
        stack.callback(follower.cancel)
        strangers = Strangers(database, node, remembered=switchboard.strangers, now=utc_now, clock=monotonic)
        strangers.start()
        stack.callback(strangers.stop)
        states = TrunkStates(database, node, observed=switchboard.trunk_states, now=utc_now)
        states.start()
        stack.callback(states.stop)
        left_alone = BreakerStates(database, node, tripped=tripped, now=utc_now)
        left_alone.start()
        stack.callback(left_alone.stop)
        renewals = Renewals(database, now=utc_now, terms=settings.terms)
        renewals.start()
        stack.callback(renewals.stop)
        enclosures = Enclosures(database, shelf, now=utc_now, base_url=_public_url(settings), secret=link_secret)
        post = Post(settings.smtp, settings.mail_from, enclosures.of)
        notices = Notices(database, post.deliver, now=utc_now)
        notices.start()
        stack.callback(notices.stop)
        # Connections of their own: a slow webhook must not take those that a caller waits for.
        outward = await stack.enter_async_context(open_session(guard, WEBHOOK_LIMITS))
        courier = Courier(Webhooks(outward), now=utc_now)
        deliveries = Deliveries(database, courier.deliver, metrics, now=utc_now, chance=random)
        deliveries.start()
        stack.push_async_callback(deliveries.stop)
        commands = Commands(database, node, tell=switchboard.direct, now=utc_now)
        commands.start()
        stack.callback(commands.stop)
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
        )
        listener = _listen(settings.http.host, settings.http.port)
        server = _ApiServer(
            uvicorn.Config(app, log_config=None, access_log=False, lifespan="off", timeout_graceful_shutdown=5)
        )
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        stack.push_async_callback(_stop_serving, server, serving)
        host, port = listener.getsockname()[:2]
        yield House(
            node,
            switchboard,
            pulse,
            f"{_bracket(settings.sip.host)}:{switchboard.port}",
            f"http://{_bracket(host)}:{port}",
            settings.drain_s,
        )


def run(settings: Settings, *, ready: Callable[[House], None], stopping: Callable[[House], None]) -> None:
    """Serve until SIGTERM or SIGINT; `ready` and `stopping` are told when. Raises SetupError.

    Calls that run then may go on for `drain_s`, or until a second signal.
    """
    logs.configure(settings.log_level, settings.log_format)
    # Database threads wait less for the interpreter while calls keep the loop busy.
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_run(settings, ready, stopping))


async def _run(settings: Settings, ready: Callable[[House], None], stopping: Callable[[House], None]) -> None:
    loop = asyncio.get_running_loop()
    asked_to_stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, asked_to_stop.set)
    loop.set_exception_handler(_log_defect)
    async with open_house(settings) as house:
        _spare_collections()
        ready(house)
        await _first_of(asked_to_stop.wait(), house.pulse.is_fenced.wait())
        # From the signal on a new call is told to come back.
        house.switchboard.drain()
        stopping(house)
        asked_to_stop.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout(settings.drain_s):
                await _first_of(house.switchboard.idle(), asked_to_stop.wait(), house.pulse.is_fenced.wait())
    if house.pulse.is_fenced.is_set():
        raise NodeFenced(house.node)


def _spare_collections() -> None:
    """Let the cyclic collector leave alone what lives as long as the house, and look less often for the rest.

    Calls make few cycles; what they make is freed by its count. Searching the whole house for cycles took a
    tenth of the loop's time, in pauses of tens of milliseconds.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(COLLECT_EVERY)


async def _first_of(*waits: Coroutine[object, object, object]) -> None:
    tasks = [asyncio.create_task(wait) for wait in waits]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()


def _log_defect(_loop: asyncio.AbstractEventLoop, context: dict[str, object]) -> None:
    """Keep the house standing: what escapes a callback is logged, and the loop goes on."""
    error = context.get("exception")
    log.error(str(context.get("message")), exc_info=error if isinstance(error, BaseException) else None)


def _let_in(switchboard: Switchboard, known: Sequence[Trunk]) -> None:
    # Who registers does not do it again for other rules.
    homes = [Route(trunk.name, trunk.send, trunk.pass_caller, login=trunk.login) for trunk in known if trunk.registers]
    ways = [Route(trunk.name, trunk.send, trunk.pass_caller, trunk.rules, trunk.login) for trunk in known if trunk.send]
    switchboard.use_trunks(
        [(trunk.name, trunk.sources) for trunk in known],
        {trunk.name: trunk.rules for trunk in known},
        registered=homes,
        checked=[way for way in ways if way.rules.check_every_s],
        peers=[
            Peer(
                trunk.name, trunk.peer.user, Hashed(trunk.peer.sha_256, trunk.peer.md5), has_sources=bool(trunk.sources)
            )
            for trunk in known
            if trunk.peer
        ],
    )


async def _follow(database: Database, switchboard: Switchboard) -> None:
    """Learn within two seconds what the command line or another node changed."""
    known = -1
    while True:
        try:
            version = await database.read(trunks.version)
            if version != known:
                _let_in(switchboard, await database.read(trunks.list_trunks))
                known = version
        except OffhookError as error:
            log.warning("changes cannot be read now", code=error.code, text=error.sentence)
        await asyncio.sleep(POLL_S)


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


def _node_name(settings: Settings) -> str:
    """Name this node so that it knows its own calls again after a crash: by its host and SIP address."""
    # A port that the system chooses is another one each time; others find the calls of such a node.
    port = settings.sip.port or secrets.token_hex(4)
    return f"{socket.gethostname()}/{_bracket(settings.sip.host)}:{port}"


def _health(switchboard: Switchboard, media: MediaPool, settings: Settings) -> Mapping[str, str | None]:
    missing = settings.media_workers - len(media.processes)
    return {
        "sip": "no new calls are taken: the node is being stopped" if switchboard.is_draining else None,
        "media": f"{missing} media workers are being started" if missing else None,
    }


def _public_url(settings: Settings) -> str:
    return settings.public_url or f"http://{settings.http}"


def _check_ports(settings: Settings) -> None:
    pairs = (settings.rtp_ports.last + 1 - settings.rtp_ports.first) // 2
    if pairs < settings.media_workers:
        raise SetupError(
            f"{settings.rtp_ports} holds {pairs} pairs of RTP ports for {settings.media_workers} media workers",
            hint="each call needs a pair of its own: widen --rtp-ports",
        )


def _wires(settings: Settings) -> Wires:
    files = TlsFiles(settings.tls_certificate, settings.tls_key, settings.tls_authorities)
    asked = settings.name_server
    return Wires(
        tls=files,
        tls_port=settings.tls_port,
        public_address=settings.public_address,
        name_server=(asked.host, asked.port) if asked else None,
    )


def _our_addresses(settings: Settings) -> frozenset[IPv4Address | IPv6Address]:
    """Return where we can be reached: behind a NAT also at an address that no interface of ours has."""
    seen = settings.public_address
    return own_addresses() | ({ip_address(seen)} if seen else frozenset())


def _gate_limits(settings: Settings) -> GateLimits:
    return GateLimits(
        settings.calls_per_node, settings.calls_per_trunk, settings.calls_per_source, settings.messages_per_source
    )


def _desk_limits(settings: Settings) -> desk.Limits:
    return desk.Limits(calls_per_number=settings.calls_per_number, calls_per_account=settings.calls_per_account)


class _ApiServer(uvicorn.Server):
    """Uvicorn without its own signal handlers: the whole house stops together."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def _stop_serving(server: uvicorn.Server, serving: "asyncio.Task[None]") -> None:
    server.should_exit = True
    await serving


def _listen(host: str, port: int) -> socket.socket:
    address = _address(host)
    listener = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((address, port))
        # Whoever reads that we are ready may come at once, before uvicorn takes connections.
        listener.listen()
    except OSError as error:
        listener.close()
        raise SetupError(
            f"TCP port {port} on {host} cannot be used for HTTP: {error.strerror}",
            hint="another program may have it: choose another with --http HOST:PORT",
        ) from error
    listener.set_inheritable(False)
    return listener


def _address(host: str) -> str:
    """Return the IP address that a name in the settings stands for. Raises SetupError."""
    try:
        return str(socket.getaddrinfo(host, None)[0][4][0])
    except OSError:
        raise SetupError(f"{host!r} is no address of this machine", hint="write an IP address") from None


def _bracket(host: str) -> str:
    return f"[{host}]" if ":" in host else host
