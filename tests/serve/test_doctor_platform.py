"""The doctor on a platform that is broken: whatever it is becomes a cross with a cure, and nothing raises."""

import asyncio
import os
import socket
import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from errno import EACCES
from functools import partial
from pathlib import Path
from typing import NoReturn

import pytest

from free_ports import lasting_tcp_port, sip_port, tcp_port, udp_range
from house import empty_database
from offhook.config import Settings
from offhook.config.values import HostPort
from offhook.domain.diagnosis.checks import Check
from offhook.domain.diagnosis.findings import Finding, Verdict
from offhook.domain.diagnosis.nodes import Load
from offhook.serve.diagnosis import machine
from offhook.serve.diagnosis.doctor import Diagnosis, examine
from offhook.serve.diagnosis.machine import ask_load, ask_readiness, look_at_disk
from offhook.serve.settings import node_name
from offhook.service import nodes, trunks
from offhook.storage import open_database
from rawserver import Reply, Request, raw_server

DIN = "815012345678"


@pytest.fixture
def options(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, object]:
    """Return the settings of a node that has its own ports and an empty database."""
    monkeypatch.chdir(tmp_path)
    for name in os.environ:
        if name.startswith("OFFHOOK_"):
            monkeypatch.delenv(name)
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "offhook.db").write_bytes(empty_database())
    first, last = udp_range(16)
    return {
        "sip": f"127.0.0.1:{sip_port()}",
        "http": f"127.0.0.1:{tcp_port()}",
        "rtp_ports": f"{first}-{last}",
        "data_folder": tmp_path / "data",
        "media_workers": 1,
    }


async def look(options: dict[str, object], din: str | None = None) -> Diagnosis:
    return await examine(din, load=lambda: Settings.load(**options), now=datetime.now(UTC))


def of(found: Diagnosis, check: Check) -> Finding:
    return next(one for one in found.platform if one.code is check)


def crosses(found: Diagnosis) -> set[Check]:
    return {one.code for one in found.platform if one.verdict is Verdict.BAD}


async def test_a_new_platform_that_does_not_run_has_a_node_to_start_and_a_trunk_to_add(
    options: dict[str, object],
) -> None:
    found = await look(options, DIN)
    assert crosses(found) == {Check.NODE, Check.TRUNK}
    assert found.verdict is Verdict.BAD
    assert found.number is not None
    assert found.number.findings[0].data["reason"] == "unknown-number"
    assert of(found, Check.WORKERS).verdict is Verdict.UNKNOWN
    assert "free, so the node can start" in of(found, Check.SIP_PORT).sentence
    assert all(one.cure for one in found.platform if one.verdict in (Verdict.BAD, Verdict.WARNING))


async def test_findings_come_in_the_order_of_the_checks(options: dict[str, object]) -> None:
    found = await look(options)
    order = list(Check)
    places = [order.index(one.code) for one in found.platform]
    assert places == sorted(places)
    assert of(found, Check.NUMBERS).verdict is Verdict.GOOD


async def test_settings_that_are_wrong_are_the_only_cross(options: dict[str, object]) -> None:
    found = await look({**options, "sip": "nonsense"}, DIN)
    assert crosses(found) == {Check.SETTINGS}
    assert "HOST:PORT" in of(found, Check.SETTINGS).sentence
    assert found.number is not None
    assert found.number.findings[0].verdict is Verdict.UNKNOWN


async def test_no_database_is_not_made_by_looking(options: dict[str, object], tmp_path: Path) -> None:
    (tmp_path / "data" / "offhook.db").unlink()
    found = await look(options, DIN)
    assert "there is no file" in of(found, Check.DATABASE).sentence
    assert "offhook database upgrade" in of(found, Check.DATABASE).cure
    assert list((tmp_path / "data").iterdir()) == []
    for check in (Check.NODE, Check.TRUNK, Check.STRANGERS, Check.RTP):
        assert of(found, check).verdict is Verdict.UNKNOWN
    # What needs no database is looked at all the same.
    assert of(found, Check.DISK).verdict in (Verdict.GOOD, Verdict.WARNING)
    assert of(found, Check.RTP_PORTS).verdict is Verdict.GOOD


def _garbage(path: Path) -> None:
    path.write_bytes(b"this is no database" * 100)


def _nothing_in_it(path: Path) -> None:
    path.unlink()
    sqlite3.connect(path).close()


def _as_of(revision: str, path: Path) -> None:
    with sqlite3.connect(path) as other:
        other.execute("UPDATE alembic_version SET version_num = ?", (revision,))
    other.close()


def _folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def _torn(path: Path) -> None:
    """Keep the schema's version and lose a table that is read."""
    with sqlite3.connect(path) as other:
        other.execute("DROP TABLE strangers")
    other.close()


@pytest.mark.parametrize(
    ("harm", "words"),
    [
        (_garbage, "not a database"),
        (_nothing_in_it, "no tables of Offhook"),
        (partial(_as_of, "r0010"), "has r0010, and this program needs"),
        (partial(_as_of, "r9999"), "which this program does not know"),
        (_folder, "unable to open"),
        (_torn, "no such table"),
    ],
)
async def test_a_database_that_cannot_be_used_is_a_cross_with_a_cure(
    options: dict[str, object], tmp_path: Path, harm: Callable[[Path], None], words: str
) -> None:
    harm(tmp_path / "data" / "offhook.db")
    found = await look(options, DIN)
    assert of(found, Check.DATABASE).verdict is Verdict.BAD
    assert words in of(found, Check.DATABASE).sentence
    assert of(found, Check.DATABASE).cure
    assert found.number is not None
    assert found.number.findings[0].verdict is Verdict.UNKNOWN
    assert of(found, Check.NODE).verdict is Verdict.UNKNOWN


@pytest.mark.parametrize("din", [None, DIN])
async def test_a_row_that_this_program_cannot_read_is_a_cross(
    options: dict[str, object], tmp_path: Path, din: str | None
) -> None:
    settings = Settings.load(**options)
    add = partial(trunks.add_trunk, name="near", sources=("192.0.2.0/24",), send=None, now=datetime.now(UTC))
    _write(settings, add)
    _write(settings, partial(nodes.begin, node=node_name(settings), now=datetime.now(UTC)))
    with sqlite3.connect(tmp_path / "data" / "offhook.db") as other:
        other.execute("UPDATE nodes SET seen_at = 'the day after tomorrow'")
    other.close()
    found = await look(options, din)
    assert of(found, Check.DATABASE).verdict is Verdict.BAD
    assert "that this program cannot read" in of(found, Check.DATABASE).sentence
    assert of(found, Check.TRUNK).verdict is Verdict.UNKNOWN
    assert of(found, Check.DISK).verdict in (Verdict.GOOD, Verdict.WARNING)


async def test_an_older_database_stays_as_it_is(options: dict[str, object], tmp_path: Path) -> None:
    path = tmp_path / "data" / "offhook.db"
    _as_of("r0010", path)
    await look(options)
    with sqlite3.connect(path) as other:
        assert other.execute("SELECT version_num FROM alembic_version").fetchone() == ("r0010",)
    other.close()


async def test_a_postgresql_that_is_away_is_a_cross(options: dict[str, object]) -> None:
    url = f"postgresql://nobody@127.0.0.1:{lasting_tcp_port()}/offhook"
    found = await look({**options, "database": url}, DIN)
    assert of(found, Check.DATABASE).data["reason"] == "database-away"
    assert "refused" in of(found, Check.DATABASE).sentence


@pytest.mark.parametrize(
    ("where", "words"), [("127.0.0.1:port", "not given as a URL"), ("no..host:5432", "none that a name can be")]
)
async def test_a_postgresql_that_can_be_nowhere_is_a_cross(options: dict[str, object], where: str, words: str) -> None:
    found = await look({**options, "database": f"postgresql://nobody:secret@{where}/offhook"})
    assert words in of(found, Check.DATABASE).sentence
    assert of(found, Check.DATABASE).verdict is Verdict.BAD
    assert all("secret" not in one.sentence for one in found.platform)


async def test_a_postgresql_that_is_there_tells_its_clock(
    options: dict[str, object], furnished_postgres_url: str
) -> None:
    found = await look({**options, "database": furnished_postgres_url})
    assert of(found, Check.DATABASE).verdict is Verdict.GOOD
    [difference] = of(found, Check.CLOCK).data["differences_s"].values()  # type: ignore[attr-defined]
    assert abs(difference) < 60


@pytest.mark.parametrize("kind", [socket.SOCK_DGRAM, socket.SOCK_STREAM])
async def test_a_sip_port_that_another_program_has_is_a_cross(
    options: dict[str, object], kind: socket.SocketKind
) -> None:
    with socket.socket(socket.AF_INET, kind) as other:
        other.bind(("127.0.0.1", 0))
        if kind == socket.SOCK_STREAM:
            other.listen()
        found = await look({**options, "sip": f"127.0.0.1:{other.getsockname()[1]}"})
    assert of(found, Check.SIP_PORT).data["reason"] == "port-taken"


@pytest.mark.parametrize("host", ["192.0.2.77", "no-such-host.invalid", "no..host"])
async def test_an_address_of_another_machine_is_a_cross(options: dict[str, object], host: str) -> None:
    found = await look({**options, "sip": f"{host}:5060"})
    assert Check.SIP_PORT in crosses(found)


async def test_a_port_that_changes_at_each_start_cannot_be_looked_at(options: dict[str, object]) -> None:
    found = await look({**options, "sip": "127.0.0.1:0"})
    assert "chosen anew" in of(found, Check.SIP_PORT).sentence
    # Its name tells the port, so nobody knows under which one it ran last.
    assert of(found, Check.NODE).verdict is Verdict.UNKNOWN


async def test_an_api_whose_port_changes_at_each_start_cannot_be_asked(options: dict[str, object]) -> None:
    settings = Settings.load(**options)
    _write(settings, partial(nodes.begin, node=node_name(settings), now=datetime.now(UTC)))
    found = await look({**options, "http": "127.0.0.1:0"})
    assert of(found, Check.WORKERS).verdict is Verdict.UNKNOWN
    assert "`http`" in of(found, Check.WORKERS).cure


async def test_rtp_ports_that_are_all_taken_are_a_cross(options: dict[str, object]) -> None:
    first, last = udp_range(2)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(("127.0.0.1", first))
        found = await look({**options, "rtp_ports": f"{first}-{last}"})
    assert of(found, Check.RTP_PORTS).verdict is Verdict.BAD


async def test_a_heart_that_beats_without_a_port_is_a_cross_and_so_is_an_api_that_does_not_answer(
    options: dict[str, object],
) -> None:
    settings = Settings.load(**options)
    _write(settings, partial(nodes.begin, node=node_name(settings), now=datetime.now(UTC)))
    found = await look(options)
    assert {Check.WORKERS, Check.SIP_PORT} <= crosses(found)
    assert of(found, Check.NODE).verdict is Verdict.GOOD


async def test_a_port_that_is_held_and_deaf_is_a_cross_where_a_trunk_may_ask_it(options: dict[str, object]) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as deaf:
        deaf.bind(("127.0.0.1", 0))
        settings = Settings.load(**{**options, "sip": f"127.0.0.1:{deaf.getsockname()[1]}"})
        _write(settings, partial(nodes.begin, node=node_name(settings), now=datetime.now(UTC)))
        found = await look({**options, "sip": settings.sip})
        # No trunk names this machine, so a question would only make a stranger of us.
        assert of(found, Check.SIP_PORT).verdict is Verdict.GOOD
        add = partial(trunks.add_trunk, name="near", sources=("127.0.0.0/8",), send=None, now=datetime.now(UTC))
        _write(settings, add)
        found = await look({**options, "sip": settings.sip})
    assert "does not answer OPTIONS" in of(found, Check.SIP_PORT).sentence


async def test_another_node_whose_clock_is_ahead_is_told(options: dict[str, object]) -> None:
    settings = Settings.load(**options)
    later = datetime.now(UTC) + timedelta(minutes=5)
    _write(settings, partial(nodes.begin, node="other/192.0.2.1:5060", now=later))
    found = await look(options)
    assert of(found, Check.CLOCK).verdict is Verdict.BAD
    assert "the clock of the node other/192.0.2.1:5060" in of(found, Check.CLOCK).sentence


async def test_a_sqlite_file_elsewhere_has_a_disk_of_its_own(options: dict[str, object], tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "data" / "offhook.db").rename(tmp_path / "elsewhere" / "offhook.db")
    found = await look({**options, "database": f"sqlite:///{tmp_path}/elsewhere/offhook.db"})
    folders = [one.sentence.split(" ")[0] for one in found.platform if one.code is Check.DISK]
    assert sorted(folders) == sorted([str(tmp_path / "data"), str(tmp_path / "elsewhere")])


async def test_with_a_certificate_the_port_of_tls_is_looked_at_too(options: dict[str, object], tmp_path: Path) -> None:
    (tmp_path / "certificate.pem").write_text("")
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        found = await look({**options, "tls_certificate": tmp_path / "certificate.pem", "tls_port": port})
    ports = {one.data["place"]: one.verdict for one in found.platform if one.code is Check.SIP_PORT}
    assert ports == {options["sip"]: Verdict.GOOD, f"127.0.0.1:{port}": Verdict.BAD}


async def test_another_node_that_fell_silent_is_told(options: dict[str, object]) -> None:
    settings = Settings.load(**options)
    ago = datetime.now(UTC) - timedelta(hours=2)
    _write(settings, partial(nodes.begin, node="other/192.0.2.1:5060", now=ago))
    found = await look(options)
    [other] = [one for one in found.platform if one.code is Check.NODE and one.verdict is Verdict.WARNING]
    assert "other/192.0.2.1:5060" in other.sentence


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        (b'{"status": "ready", "parts": ["database", "sip"]}', 200, "database, sip"),
        (b'{"detail": "not ready: media: 1 media workers are being started"}', 503, "media workers"),
        (b"<html>", 200, None),
        (b"[1]", 200, None),
        (b'{"status": "ok"}', 200, None),
        (b"[" * 100_000, 200, None),
    ],
)
async def test_readiness_is_read_from_whoever_answers(body: bytes, status: int, words: str | None) -> None:
    async def behave(request: Request, reply: Reply) -> None:
        reply.respond(body, status=status, Connection="close")

    async with raw_server(behave) as server:
        for host in ("127.0.0.1", "0.0.0.0", "localhost"):
            got, told = await asyncio.to_thread(ask_readiness, HostPort(host, server.port))
            assert got == status
            assert (words is None and told is None) or (words and told and words in told)


@pytest.mark.parametrize("beginning", [b"HTTP/1.1 200 OK\r\nX-Long: ", b"HTTP/1.1 200 OK\r\n\r\n"])
async def test_whoever_never_comes_to_an_end_is_broken_off(monkeypatch: pytest.MonkeyPatch, beginning: bytes) -> None:
    async def behave(request: Request, reply: Reply) -> None:
        reply.send(beginning)
        while True:
            # Each byte would begin the time-out of a socket anew.
            await asyncio.sleep(0.05)
            reply.send(b"x")

    monkeypatch.setattr(machine, "ASK_S", 0.3)
    async with raw_server(behave) as server:
        place = HostPort("127.0.0.1", server.port)
        assert await asyncio.to_thread(ask_readiness, place) == (None, "it was not done within 0.3 s")
        assert await asyncio.to_thread(ask_load, place) is None


METRICS = b"""\
# TYPE offhook_media_worker_busy_ratio gauge
offhook_media_worker_busy_ratio{worker="0"} 0.25
# TYPE offhook_loop_lag_seconds gauge
offhook_loop_lag_seconds 0.002
# TYPE offhook_overloaded gauge
offhook_overloaded 1.0
"""


@pytest.mark.parametrize(
    ("body", "status", "load"),
    [
        (METRICS, 200, Load({"0": 0.25}, 0.002, is_overloaded=True)),
        (METRICS, 503, None),
        (b"up 1\n", 200, None),
        (b"<html> of { somebody else", 200, None),
    ],
)
async def test_the_load_is_read_from_the_metrics_of_a_node_and_of_nobody_else(
    body: bytes, status: int, load: Load | None
) -> None:
    async def behave(request: Request, reply: Reply) -> None:
        assert request.target == "/metrics"
        reply.respond(body, status=status, Connection="close")

    async with raw_server(behave) as server:
        assert await asyncio.to_thread(ask_load, HostPort("127.0.0.1", server.port)) == load


def test_a_folder_that_is_none_yet_is_looked_at_above(tmp_path: Path) -> None:
    disk = look_at_disk(tmp_path / "not" / "yet")
    assert disk.problem == ""
    assert disk.total_bytes > 0
    assert not (tmp_path / "not").exists()


@pytest.mark.parametrize("below", ["", "/below"])
def test_a_file_in_the_place_of_the_folder_is_told(tmp_path: Path, below: str) -> None:
    (tmp_path / "data").write_text("no folder")
    assert look_at_disk(Path(f"{tmp_path}/data{below}")).problem == "it cannot be written to: Not a directory"


@pytest.mark.parametrize("target", ["data", "nowhere"])
def test_a_link_that_leads_nowhere_in_the_place_of_the_folder_is_told(tmp_path: Path, target: str) -> None:
    (tmp_path / "data").symlink_to(target)
    assert "cannot be written to" in look_at_disk(tmp_path / "data").problem


def test_a_folder_that_cannot_be_written_to_is_told() -> None:
    # Not even root writes there.
    assert "cannot be written to" in look_at_disk(Path("/proc/1")).problem


def test_a_folder_that_this_user_may_not_look_into_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    # Root may look everywhere, so what the others get is put in its place.
    def forbidden(path: Path, **_: object) -> NoReturn:
        raise PermissionError(EACCES, "Permission denied", str(path))

    monkeypatch.setattr(Path, "stat", forbidden)
    assert look_at_disk(Path("/closed/offhook-data")).problem == "it cannot be written to: Permission denied"


def _write(settings: Settings, unit: Callable[..., object]) -> None:
    database = open_database(settings.database)
    try:
        database.write_now(unit)
    finally:
        database.close()
