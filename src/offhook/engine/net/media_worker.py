"""A media worker: the process that owns RTP sockets and sends every 20 ms (`python -m`, not imported).

One loop: wait for orders until the next slot, send what the slot's legs have to send, read what has
arrived. It exits when the socketpair closes, so no orphan ever sends.
"""

import contextlib
import gc
import os
import random
import resource
import select
import signal
import socket
import sys
from collections.abc import Callable
from time import monotonic
from typing import assert_never

from offhook.domain.sounds import Codec
from offhook.engine.media.rtp import Stream
from offhook.engine.net.frames import Frames, encode
from offhook.engine.net.media_agenda import Agenda
from offhook.engine.net.media_leg import Leg
from offhook.engine.net.media_load import Busyness
from offhook.engine.net.media_ports import PortPairs
from offhook.engine.net.media_recording import RecordingProcess
from offhook.engine.net.media_slots import Slots
from offhook.engine.net.media_tones import ringing_turn
from offhook.engine.net.media_transcoding import TranscodingProcess
from offhook.engine.net.orders import (
    Close,
    Connect,
    Expect,
    Finished,
    Join,
    Load,
    NotOpened,
    Open,
    Opened,
    Order,
    Part,
    Play,
    Press,
    Quiet,
    Record,
    Report,
    Ring,
    Start,
    StopRecording,
    to_fields,
    to_order,
)
from offhook.engine.net.sound_files import SoundLibrary

READ_BYTES = 65_536
GOODBYE_S = 1.0
"""So long the last of recordings may take when the worker ends; nothing is sent any more."""


class Worker:
    """All legs of this process."""

    def __init__(self, control: socket.socket, ports: range) -> None:
        self._control = control
        self._frames = Frames()
        self._outbox = bytearray()
        self._ports = PortPairs(ports)
        self._legs: dict[str, Leg] = {}
        self._slots = Slots(monotonic())
        self._readers: dict[int, Callable[[float], None]] = {}
        self._poller = select.epoll()
        self._library = SoundLibrary()
        self._agenda = Agenda()
        self._busyness = Busyness(monotonic())
        self._recorder = RecordingProcess(self._read_from)
        self._transcoding = TranscodingProcess(self._read_from)

    def run(self) -> None:
        """Work until the main process closes the socketpair."""
        while True:
            before = monotonic()
            until = self._slots.due if self._is_at_work else self._busyness.due
            writers = [self._control] if self._outbox else []
            readable, writable, _ = select.select([self._control], writers, [], max(0.0, until - before))
            self._busyness.waited(monotonic() - before)
            if readable and not self._read_orders():
                if self._recorder.is_busy:
                    self._recorder.companion.finish(GOODBYE_S)
                return
            if writable or self._outbox:
                self._write_reports()
            now = monotonic()
            if self._is_at_work and now >= self._slots.due:
                self._turn(now)
            if now >= self._busyness.due:
                self._tell(Load(round(self._busyness.take(now), 3)))

    @property
    def _is_at_work(self) -> bool:
        """Whether anything is to be sent or heard; the last of a recording comes after its leg is gone."""
        return bool(self._legs) or self._recorder.is_busy

    def _turn(self, now: float) -> None:
        """Serve one slot: send first, since that is what must be on time."""
        self._slots.turn(now)
        self._receive()
        self._look_after()
        if self._outbox:
            self._write_reports()

    def _receive(self) -> None:
        now = monotonic()
        readers = self._readers
        for descriptor, _ in self._poller.poll(0, len(readers)):
            receive = readers.get(descriptor)
            if receive is not None:
                receive(now)

    def _look_after(self) -> None:
        now = monotonic()
        for leg in self._agenda.take(now):
            self._agenda.put(leg, leg.look_after(now, 0.5 + random.random()))  # noqa: S311 - spreads reports, keeps no secret

    # Orders.

    def _read_orders(self) -> bool:
        try:
            data = self._control.recv(READ_BYTES)
        except BlockingIOError:
            return True
        except ConnectionError:
            return False
        for fields in self._frames.feed(data):
            self._obey(to_order(fields))
        return bool(data)

    def _obey(self, order: Order) -> None:
        if isinstance(order, Open):
            self._open(order)
            return
        leg = self._legs.get(order.leg)
        if leg is None:
            return
        now = monotonic()
        before = leg.partner
        match order:
            case Connect():
                leg.connect(order, self._library, now)
            case Start():
                leg.start(now)
            case Expect():
                leg.expect(now)
            case Press():
                leg.press(order, now)
            case Record():
                leg.record(order, self._recorder, now)
            case StopRecording():
                leg.stop_recording(now)
            case Close():
                self._close(leg, now)
            case _:
                self._change_sound(leg, order, now)
        for one in {leg, before, leg.partner}:
            if one is not None and one.name in self._legs:
                self._slots.schedule(one.outlet)
                self._agenda.put(one, now)

    def _change_sound(self, leg: Leg, order: Play | Ring | Quiet | Join | Part, now: float) -> None:
        match order:
            case Play():
                try:
                    leg.play(order, self._library, now)
                except OSError:
                    # Evicted between its preparation and now: nothing is played, and the script goes on.
                    self._tell(Finished(leg.name, order.key, 0))
            case Ring():
                leg.ring(now)
            case Quiet():
                leg.quiet(now)
            case Join():
                other = self._legs.get(order.other)
                # One that has just been closed is joined with nobody.
                if other is not None:
                    leg.join(other, now)
            case Part():
                leg.part(now)
            case _:
                assert_never(order)

    def _open(self, order: Open) -> None:
        try:
            rtp, reports = self._ports.bind(order.local, monotonic())
        except OSError as error:
            self._tell(NotOpened(order.leg, f"no RTP port is free on {order.local}: {error.strerror}"))
            return
        stream = Stream(ssrc=order.ssrc, sequence=order.sequence, timestamp=order.timestamp, payload_type=0)
        leg = Leg(order.leg, rtp, reports, stream, self._tell, self._watch, self._transcoding)
        if not self._legs:
            self._slots.due = monotonic()
        self._legs[order.leg] = leg
        for descriptor, receive in ((rtp.fileno(), leg.receive_rtp), (reports.fileno(), leg.receive_reports)):
            self._readers[descriptor] = receive
            self._watch(descriptor)
        self._tell(Opened(order.leg, rtp.getsockname()[1]))

    def _watch(self, descriptor: int) -> None:
        self._poller.register(descriptor, select.EPOLLIN)

    def _read_from(self, descriptor: int, receive: Callable[[float], None] | None) -> None:
        """Read from a companion when there is something to read, or not any more."""
        if receive is None:
            del self._readers[descriptor]
            self._poller.unregister(descriptor)
        else:
            self._readers[descriptor] = receive
            self._watch(descriptor)

    def _close(self, leg: Leg, now: float) -> None:
        leg.outlet.may_send = False
        self._slots.schedule(leg.outlet)
        self._agenda.remove(leg)
        del self._legs[leg.name]
        for descriptor in (leg.rtp.fileno(), leg.reports.fileno()):
            del self._readers[descriptor]
        port: int = leg.rtp.getsockname()[1]
        self._tell(leg.close(now))
        self._ports.free(port, now)

    def _tell(self, report: Report) -> None:
        self._outbox += encode(to_fields(report))

    def _write_reports(self) -> None:
        try:
            sent = self._control.send(self._outbox)
        except BlockingIOError:
            return
        except ConnectionError:
            # The main process is gone; the next read says so and ends the loop.
            self._outbox.clear()
            return
        del self._outbox[:sent]


def _prepare_process() -> None:
    """More descriptors, a higher priority where allowed, and no pauses of the cyclic collector."""
    # A terminal sends its signals to every process; when to end is told by the socketpair alone.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    # Not allowed to everybody; an unprivileged operator's packets are as right, only later under load.
    with contextlib.suppress(PermissionError):
        os.nice(-10)
    # What takes long must not be done while others wait for their packets.
    for codec in Codec:
        ringing_turn(codec)
    gc.collect()
    gc.freeze()
    gc.disable()


def main(arguments: list[str]) -> None:
    """Run a worker: the descriptor of the socketpair, the first and the last port."""
    descriptor, low, high = (int(argument) for argument in arguments)
    # `select` takes low numbers only, and this one is as high as the main process had it.
    control = socket.socket(fileno=os.dup(descriptor))
    os.close(descriptor)
    control.setblocking(False)
    worker = Worker(control, range(low, high, 2))
    _prepare_process()
    worker.run()


if __name__ == "__main__":
    main(sys.argv[1:])
