"""A real media worker process, spoken to as the main process does, and a phone's socket to hear it."""

import os
import select
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic
from typing import TypeVar

from offhook.engine.net.frames import Frames, encode
from offhook.engine.net.orders import Connect, Order, Report, to_fields, to_report

HOST = "127.0.0.1"
PATIENCE_S = 10.0

Kind = TypeVar("Kind")


class WorkerProcess:
    """One process and its end of the socketpair."""

    def __init__(self, process: "subprocess.Popen[bytes]", control: socket.socket) -> None:
        self.process = process
        self.control = control
        self._frames = Frames()
        self._reports: list[Report] = []

    def order(self, *orders: Order) -> None:
        for order in orders:
            self.control.sendall(encode(to_fields(order)))

    def report(self, kind: type[Kind]) -> Kind:
        """Return the next report of a kind, waiting for it; others are kept."""
        until = monotonic() + PATIENCE_S
        while True:
            for report in self._reports:
                if isinstance(report, kind):
                    self._reports.remove(report)
                    return report
            assert select.select([self.control], [], [], max(0.0, until - monotonic()))[0], f"no {kind.__name__} came"
            data = self.control.recv(65_536)
            assert data, "the worker closed its end"
            self._reports += [to_report(fields) for fields in self._frames.feed(data)]


@contextmanager
def worker_process(ports: tuple[int, int], *, descriptor: int = 0) -> Iterator[WorkerProcess]:
    """Start a worker; `descriptor` is the least number that its end of the socketpair has."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        number = theirs.fileno()
        if descriptor:
            os.dup2(theirs.fileno(), descriptor)
            number = descriptor
        process = subprocess.Popen(
            [sys.executable, "-m", "offhook.engine.net.media_worker", str(number), str(ports[0]), str(ports[1])],
            pass_fds=[number],
        )
        if descriptor:
            os.close(descriptor)
        theirs.close()
        try:
            yield WorkerProcess(process, ours)
        finally:
            ours.close()
            try:
                process.wait(PATIENCE_S)
            finally:
                process.kill()
                process.wait()


def connection(leg: str, to: socket.socket, *, codec: str = "PCMU", sends: bool = True) -> Connect:
    """Return the order that joins a leg to a phone's socket."""
    host, port = to.getsockname()
    return Connect(
        leg=leg,
        codec=codec,
        payload_type={"PCMU": 0, "PCMA": 8, "G722": 9}[codec],
        event_type=101,
        address=host,
        port=port,
        rtcp_address="",
        rtcp_port=0,
        rtcp_mux=False,
        signalling_ip=HOST,
        sends=sends,
        receives=True,
        trust_signalled=False,
    )


def phone_socket() -> socket.socket:
    made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    made.settimeout(PATIENCE_S)
    made.bind((HOST, 0))
    return made
