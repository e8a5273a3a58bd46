"""A media worker: the process that owns RTP sockets and sends every 20 ms (`python -m`, not imported).

One loop: wait for orders until the next slot, send what the slot's legs have to send, read what has
arrived. Four slots of 5 ms share 20 ms: each call keeps its own phase, so its packets stay 20 ms
apart, and the process wakes four times and not once a packet. It exits when the socketpair
closes, so no orphan ever sends.
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
from collections import deque
from collections.abc import Callable
from errno import EADDRINUSE
from time import monotonic
from typing import assert_never

from offhook.engine.media.rtp import Stream
from offhook.engine.net.frames import Frames, encode
from offhook.engine.net.media_leg import Leg
from offhook.engine.net.media_outlet import Outlet
from offhook.engine.net.orders import (
    Close,
    Connect,
    Finished,
    Join,
    NotOpened,
    Open,
    Opened,
    Order,
    Part,
    Play,
    Quiet,
    Report,
    Ring,
    Start,
    to_fields,
    to_order,
)
from offhook.engine.net.sound_files import SoundLibrary

SLOTS = 4
SLOT_S = 0.005
LOOK_AFTER_S = 0.25
RESYNC_S = 0.2
"""So far behind (the machine slept), the lost time is skipped instead of being sent in one burst."""

READ_BYTES = 65_536
BUFFER_BYTES = 65_536


class Worker:
    """All legs of this process."""

    def __init__(self, control: socket.socket, ports: range) -> None:
        self._control = control
        self._frames = Frames()
        self._outbox = bytearray()
        # A port rests at the end of the line before it is used again.
        self._ports = deque(ports)
        self._legs: dict[str, Leg] = {}
        self._slots: list[list[Outlet]] = [[] for _ in range(SLOTS)]
        self._readers: dict[int, Callable[[float], None]] = {}
        self._poller = select.epoll()
        self._library = SoundLibrary()
        self._slot = 0
        self._slot_at = monotonic()
        self._look_after_at = 0.0

    def run(self) -> None:
        """Work until the main process closes the socketpair."""
        while True:
            timeout = max(0.0, self._slot_at - monotonic()) if self._legs else None
            writers = [self._control] if self._outbox else []
            readable, writable, _ = select.select([self._control], writers, [], timeout)
            if readable and not self._read_orders():
                return
            if writable or self._outbox:
                self._write_reports()
            if self._legs and monotonic() >= self._slot_at:
                self._turn()

    def _turn(self) -> None:
        """Serve one slot: send first, since that is what must be on time."""
        now = monotonic()
        for outlet in self._slots[self._slot]:
            outlet.send(now)
        self._slot = (self._slot + 1) % SLOTS
        self._slot_at += SLOT_S
        if now - self._slot_at > RESYNC_S:
            self._slot_at = now + SLOT_S
        self._receive()
        if now >= self._look_after_at:
            self._look_after_at = now + LOOK_AFTER_S
            for leg in self._legs.values():
                leg.look_after(now, random.uniform(0.5, 1.5))  # noqa: S311 - spreads reports, keeps no secret
        if self._outbox:
            self._write_reports()

    def _receive(self) -> None:
        now = monotonic()
        readers = self._readers
        for descriptor, _ in self._poller.poll(0, max(1, len(readers))):
            receive = readers.get(descriptor)
            if receive is not None:
                receive(now)

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
        match order:
            case Connect():
                leg.connect(order, self._library, now)
                self._schedule(leg)
            case Start():
                leg.start(now)
                self._schedule(leg)
            case Close():
                self._close(leg, now)
            case _:
                self._change_sound(leg, order, now)

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
            rtp, reports = self._bind(order.local)
        except OSError as error:
            self._tell(NotOpened(order.leg, f"no RTP port is free on {order.local}: {error.strerror}"))
            return
        stream = Stream(ssrc=order.ssrc, sequence=order.sequence, timestamp=order.timestamp, payload_type=0)
        leg = Leg(order.leg, rtp, reports, stream, self._tell, self._watch)
        if not self._legs:
            self._slot_at = monotonic()
        self._legs[order.leg] = leg
        for descriptor, receive in ((rtp.fileno(), leg.receive_rtp), (reports.fileno(), leg.receive_reports)):
            self._readers[descriptor] = receive
            self._watch(descriptor)
        self._tell(Opened(order.leg, rtp.getsockname()[1]))

    def _bind(self, local: str) -> tuple[socket.socket, socket.socket]:
        """Bind an even port for RTP and the next for reports (RFC 3550 section 11)."""
        for _ in range(len(self._ports)):
            port = self._ports[0]
            self._ports.rotate(-1)
            with contextlib.ExitStack() as stack:
                rtp = stack.enter_context(_datagram_socket(local))
                reports = stack.enter_context(_datagram_socket(local))
                try:
                    rtp.bind((local, port))
                    reports.bind((local, port + 1))
                except OSError as error:
                    if error.errno != EADDRINUSE:
                        raise
                else:
                    stack.pop_all()
                    return rtp, reports
        raise OSError(EADDRINUSE, "every port of the range is in use")

    def _watch(self, descriptor: int) -> None:
        self._poller.register(descriptor, select.EPOLLIN)

    def _schedule(self, leg: Leg) -> None:
        """Put a leg that sends into the emptiest slot, and take one that does not out of it."""
        outlet = leg.outlet
        place = next((slot for slot in self._slots if outlet in slot), None)
        if outlet.may_send and place is None:
            order = sorted(range(SLOTS), key=lambda index: (len(self._slots[index]), (index - self._slot) % SLOTS))
            self._slots[order[0]].append(outlet)
        elif place is not None and not outlet.may_send:
            place.remove(outlet)

    def _close(self, leg: Leg, now: float) -> None:
        leg.outlet.may_send = False
        self._schedule(leg)
        del self._legs[leg.name]
        for descriptor in (leg.rtp.fileno(), leg.reports.fileno()):
            del self._readers[descriptor]
        self._tell(leg.close(now))

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


def _datagram_socket(local: str) -> socket.socket:
    family = socket.AF_INET6 if ":" in local else socket.AF_INET
    made = socket.socket(family, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
    for option in (socket.SO_RCVBUF, socket.SO_SNDBUF):
        made.setsockopt(socket.SOL_SOCKET, option, BUFFER_BYTES)
    return made


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
