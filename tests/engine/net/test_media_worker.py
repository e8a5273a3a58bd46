"""The real process: it opens, sends, plays and closes as ordered, and never outlives its main process."""

import contextlib
import signal
import socket
from collections.abc import Iterator
from pathlib import Path
from time import monotonic

import pytest

from free_ports import udp_range
from leg_peers import header
from media_process import HOST, PATIENCE_S, WorkerProcess, connection, phone_socket, worker_process
from offhook.engine.media.dtmf import press
from offhook.engine.media.rtp import Stream
from offhook.engine.net.orders import (
    Close,
    Closed,
    Digit,
    Expect,
    Finished,
    FirstIn,
    FirstOut,
    Hearing,
    Load,
    NotOpened,
    Open,
    Opened,
    Play,
    Start,
)

FRAME = 160


@pytest.fixture
def ports() -> tuple[int, int]:
    return udp_range(8)


@pytest.fixture
def worker(ports: tuple[int, int]) -> Iterator[WorkerProcess]:
    with worker_process(ports) as made:
        yield made


@pytest.fixture
def phone() -> Iterator[socket.socket]:
    with phone_socket() as made:
        yield made


def _open(worker: WorkerProcess, name: str = "leg") -> int:
    worker.order(Open(name, HOST, 9, 10, 20))
    return worker.report(Opened).port


def _drain(phone: socket.socket) -> None:
    phone.setblocking(False)
    with contextlib.suppress(BlockingIOError):
        while True:
            phone.recv(2048)


def test_a_leg_is_opened_plays_and_is_closed(
    worker: WorkerProcess, phone: socket.socket, tmp_path: Path, ports: tuple[int, int]
) -> None:
    sound = tmp_path / "sound.ulaw"
    sound.write_bytes(bytes([7]) * 5 * FRAME)
    port = _open(worker)
    assert port in range(ports[0], ports[1], 2)
    worker.order(Play("leg", "1:0", str(sound), None, "PCMU", 1), connection("leg", phone), Start("leg"))
    packets = [phone.recv(2048) for _ in range(6)]
    assert b"".join(packet[12:] for packet in packets[:5]) == sound.read_bytes()
    assert packets[5][12:] == b"\xff" * FRAME
    assert [header(packet)[2] for packet in packets] == list(range(10, 16))
    assert worker.report(FirstOut).at <= monotonic()
    assert worker.report(Finished) == Finished("leg", "1:0", 0)
    worker.order(Close("leg"))
    closed = worker.report(Closed)
    assert closed.sent >= 6
    # The port is free again for everybody.
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind((HOST, port))


def test_what_the_phone_sends_is_heard(worker: WorkerProcess, phone: socket.socket) -> None:
    port = _open(worker)
    worker.order(connection("leg", phone), Start("leg"))
    # It is connected when its first packet is here.
    phone.recv(2048)
    stream = Stream(ssrc=5, sequence=0, timestamp=0, payload_type=0)
    for _ in range(3):
        phone.sendto(stream.next_packet(bytes(FRAME)), (HOST, port))
    pulse = next(press("5", 100))
    phone.sendto(stream.next_event(pulse.payload, 101, marker=pulse.marker), (HOST, port))
    assert worker.report(FirstIn).port == phone.getsockname()[1]
    assert worker.report(Digit) == Digit("leg", "5")
    worker.order(Close("leg"))
    assert worker.report(Closed).received == 4


def test_it_never_sends_faster_than_every_20_ms(worker: WorkerProcess, phone: socket.socket) -> None:
    _open(worker)
    worker.order(connection("leg", phone), Start("leg"))
    phone.recv(2048)
    began = monotonic()
    for _ in range(25):
        phone.recv(2048)
    # 500 ms; what a busy machine sent late, it may make up for.
    assert monotonic() - began > 0.4


def test_each_leg_keeps_its_own_phase(worker: WorkerProcess) -> None:
    phones = [phone_socket() for _ in range(4)]
    try:
        for number, phone in enumerate(phones):
            _open(worker, f"leg-{number}")
            worker.order(connection(f"leg-{number}", phone), Start(f"leg-{number}"))
        for phone in phones:
            packets = [phone.recv(2048) for _ in range(5)]
            assert [header(packet)[2] for packet in packets] == list(range(10, 15))
    finally:
        for phone in phones:
            phone.close()


def test_a_leg_on_hold_sends_nothing_until_it_is_taken_up(worker: WorkerProcess, phone: socket.socket) -> None:
    _open(worker)
    worker.order(connection("leg", phone, sends=False), Start("leg"), Open("other", HOST, 1, 1, 1))
    worker.report(Opened)
    phone.settimeout(0.1)
    with pytest.raises(TimeoutError):
        phone.recv(2048)
    worker.order(connection("leg", phone))
    phone.settimeout(PATIENCE_S)
    assert header(phone.recv(2048))[2] == 10
    worker.order(connection("leg", phone, sends=False), Open("third", HOST, 1, 1, 1))
    worker.report(Opened)
    _drain(phone)
    phone.settimeout(0.1)
    with pytest.raises(TimeoutError):
        phone.recv(2048)


def test_a_sound_that_is_gone_is_over(worker: WorkerProcess, tmp_path: Path) -> None:
    _open(worker)
    worker.order(Play("leg", "1:0", str(tmp_path / "gone"), str(tmp_path / "gone.growing"), "PCMU", 1))
    assert worker.report(Finished) == Finished("leg", "1:0", 0)


def test_ports_are_even_and_used_up_at_last(worker: WorkerProcess, ports: tuple[int, int]) -> None:
    found = {_open(worker, f"leg-{number}") for number in range(4)}
    assert found == set(range(ports[0], ports[1], 2))
    worker.order(Open("one too many", HOST, 1, 1, 1))
    assert "every port of the range is in use" in worker.report(NotOpened).text
    worker.order(Close("leg-2"))
    worker.report(Closed)
    assert _open(worker, "again") in found


def test_a_port_that_somebody_else_has_is_stepped_over(worker: WorkerProcess, ports: tuple[int, int]) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind((HOST, ports[0] + 1))
        assert _open(worker) == ports[0] + 2


def test_an_address_that_is_not_ours_is_refused_at_once(worker: WorkerProcess) -> None:
    worker.order(Open("leg", "192.0.2.1", 1, 1, 1))
    refused = worker.report(NotOpened)
    assert refused.leg == "leg"
    assert "every port" not in refused.text


def test_orders_for_a_leg_that_is_gone_are_nothing(worker: WorkerProcess, phone: socket.socket) -> None:
    worker.order(Start("ghost"), Close("ghost"), connection("ghost", phone), Play("ghost", "1", "x", None, "PCMU", 1))
    assert _open(worker)


def test_no_orphan_ever_sends(worker: WorkerProcess, phone: socket.socket) -> None:
    _open(worker)
    worker.order(connection("leg", phone), Start("leg"))
    phone.recv(2048)
    worker.control.close()
    assert worker.process.wait(PATIENCE_S) == 0


def test_a_terminals_signals_are_not_meant_for_it(worker: WorkerProcess) -> None:
    _open(worker)
    worker.process.send_signal(signal.SIGINT)
    worker.process.send_signal(signal.SIGTERM)
    assert _open(worker, "another")


def test_a_main_process_with_many_files_can_start_it(ports: tuple[int, int]) -> None:
    with worker_process(ports, descriptor=1500) as worker:
        assert _open(worker)


def test_a_peer_who_is_not_heard_is_told_of_while_the_leg_lives(worker: WorkerProcess, phone: socket.socket) -> None:
    _open(worker)
    worker.order(connection("leg", phone), Start("leg"), Expect("leg"))
    hearing = worker.report(Hearing)
    assert (hearing.leg, hearing.code) == ("leg", "no-audio-yet")
    assert 3.0 <= hearing.still_s < 3.5


def test_it_tells_how_busy_it_is_whether_it_has_legs_or_not(worker: WorkerProcess, phone: socket.socket) -> None:
    idle = worker.report(Load)
    _open(worker)
    worker.order(connection("leg", phone), Start("leg"))
    at_work = worker.report(Load)
    assert 0.0 <= idle.busy < 0.5
    assert 0.0 < at_work.busy <= 1.0
