"""Ports looked at from outside, on real sockets of loopback."""

import socket
import threading
from errno import EAFNOSUPPORT
from pathlib import Path

import pytest

from free_ports import sip_port
from offhook.domain.diagnosis.ports import Toward
from offhook.engine.net.port_probe import ask_options, look_at_port, own_side, reached_at, taken_pairs

HERE = "127.0.0.1"


def test_a_free_port_is_free_and_stays_so() -> None:
    port = sip_port()
    for _ in range(2):
        found = look_at_port(HERE, port)
        assert (found.is_taken, found.problem) == (False, "")


@pytest.mark.parametrize("kind", [socket.SOCK_DGRAM, socket.SOCK_STREAM])
def test_a_port_is_taken_by_whoever_has_it_by_udp_or_tcp(kind: socket.SocketKind) -> None:
    with socket.socket(socket.AF_INET, kind) as other:
        other.bind((HERE, 0))
        if kind == socket.SOCK_STREAM:
            other.listen()
        assert look_at_port(HERE, other.getsockname()[1]).is_taken


def test_an_address_of_another_machine_cannot_be_used() -> None:
    found = look_at_port("192.0.2.77", 5060)
    assert "assign" in found.problem


def test_a_kernel_without_ipv6_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_family(*_: object) -> None:
        raise OSError(EAFNOSUPPORT, "Address family not supported by protocol")

    monkeypatch.setattr(socket, "socket", no_family)
    assert look_at_port("::", 5060).problem == "Address family not supported by protocol"
    assert ask_options("::1", 5060) is None


def test_ipv6_is_written_in_brackets() -> None:
    assert look_at_port("::1", sip_port()).place.startswith("[::1]:")


@pytest.mark.parametrize(("bound", "reached"), [("0.0.0.0", HERE), ("::", "::1"), ("192.0.2.1", "192.0.2.1")])
def test_this_machine_reaches_itself(bound: str, reached: str) -> None:
    assert reached_at(bound) == reached


@pytest.mark.parametrize(
    ("answer", "status"), [(b"SIP/2.0 200 OK\r\n\r\n", 200), (b"HTTP/1.1 400 Bad\r\n\r\n", None), (b"?", None)]
)
def test_options_tells_the_status_of_what_speaks_sip(answer: bytes, status: int | None) -> None:
    asked: list[bytes] = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as peer:
        peer.bind((HERE, 0))

        def reply() -> None:
            data, source = peer.recvfrom(65535)
            asked.append(data)
            peer.sendto(answer, source)

        thread = threading.Thread(target=reply)
        thread.start()
        assert ask_options(*peer.getsockname()) == status
        thread.join()
    assert asked[0].startswith(b"OPTIONS sip:127.0.0.1:")
    assert b"Call-ID: doctor-" in asked[0]


def test_nobody_answers_for_a_closed_port_or_a_deaf_one() -> None:
    assert ask_options(HERE, sip_port()) is None
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as deaf:
        deaf.bind((HERE, 0))
        assert ask_options(HERE, deaf.getsockname()[1], within_s=0.05) is None


def test_the_kernels_table_tells_how_many_pairs_are_taken() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind((HERE, 0))
        first = taken.getsockname()[1] // 2 * 2
        assert taken_pairs(first, first + 1) == 1


def test_both_ports_of_a_pair_count_once_and_without_a_table_nothing_is_known(tmp_path: Path) -> None:
    table = tmp_path / "udp"
    line = "  1: 0100007F:{:04X} 00000000:0000 07 00000000:00000000 00:00000000 00000000 0 0 1 2 0\n"
    table.write_text("  sl  local_address rem_address\n" + "".join(line.format(port) for port in (10000, 10001, 10006)))
    assert taken_pairs(10000, 10009, [table]) == 2
    assert taken_pairs(20000, 20009, [table]) == 0
    assert taken_pairs(10000, 10009, [tmp_path / "none"]) is None


def test_our_own_side_of_a_trunk_is_found_without_sending() -> None:
    assert own_side("0.0.0.0", "near", "sip:127.0.0.1:5060", ()) == Toward("near", HERE, is_far=False)
    assert own_side("0.0.0.0", "calls-in", None, ("127.0.0.0/8",)) == Toward("calls-in", HERE, is_far=False)
    assert own_side("127.0.0.1", "far", "sip:[2600::1]", ()) == Toward("far", HERE, is_far=True)
    assert own_side("0.0.0.0", "named", "sip:gw.carrier.example", ()) is None
