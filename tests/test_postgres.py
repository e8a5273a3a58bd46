"""The server that storage is tested with: its databases, its restarts, and that nothing of it stays behind."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import psycopg
import pytest
from sqlalchemy import make_url

import postgres as postgresql
from postgres import Mode, PrivateServer, Server, ServerFailed
from processes import children, gone_within, is_alive

GONE_S = 15
MODES: tuple[Mode, ...] = get_args(Mode)
DURABILITY = ("fsync", "synchronous_commit", "full_page_writes")
TESTS = """
import json, signal, sys
from postgres import PrivateServer
# A shell lets what it starts in the background ignore it, and that is inherited.
signal.signal(signal.SIGINT, signal.default_int_handler)
with PrivateServer() as server:
    print(json.dumps([server.pid, str(server.folder)]), flush=True)
    signal.pause()
"""


def ask(url: str, *commands: str) -> list[tuple[object, ...]]:
    """Run commands, each with a commit of its own, and return the rows of the last."""
    rows: list[tuple[object, ...]] = []
    with psycopg.connect(plain(url), autocommit=True) as connection:
        for command in commands:
            cursor = connection.execute(command.encode())
            rows = cursor.fetchall() if cursor.description else []
    return rows


def plain(url: str) -> str:
    """Return a URL as the driver itself reads it."""
    return url.replace("+psycopg", "", 1)


def family(pid: int) -> list[int]:
    """Return a process and all that came from it."""
    return [pid, *(member for child in children(pid) for member in family(child))]


@pytest.fixture(scope="module")
def shared(own_server_possible: None) -> Iterator[PrivateServer]:
    with PrivateServer() as server:
        yield server


@pytest.fixture
def own(shared: PrivateServer) -> Iterator[PrivateServer]:
    """Return a server that a test may leave in any state."""
    yield shared
    shared.stop("immediate")
    shared.start()


def settings(server: PrivateServer, *names: str) -> list[object]:
    return [ask(server.url("postgres"), f"SHOW {name}")[0][0] for name in names]


def keep_a_row_through(mode: Mode, server: PrivateServer) -> None:
    url = server.url("kept")
    server.create_database("kept")
    ask(url, "CREATE TABLE words (word text)", "INSERT INTO words VALUES ('kept')")
    server.stop(mode)
    with pytest.raises(psycopg.OperationalError, match="refused"):
        ask(url, "SELECT 1")
    server.start()
    assert ask(url, "SELECT word FROM words") == [("kept",)]


def test_a_server_listens_on_loopback_only(own: PrivateServer) -> None:
    assert own.url("some") == f"postgresql+psycopg://postgres@127.0.0.1:{own.port}/some"
    said = settings(own, "listen_addresses", "max_connections", "autovacuum")
    assert said == ["127.0.0.1", "200", "on"]


@pytest.mark.parametrize("time", ["first", "second"])
def test_each_test_has_an_empty_database(postgres_url: str, time: str) -> None:
    assert ask(postgres_url, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'") == []
    ask(postgres_url, "CREATE TABLE words (word text)")


def test_two_databases_are_apart(postgres: Server, postgres_url: str) -> None:
    other = f"{make_url(postgres_url).database}_other"
    postgres.create_database(other)
    try:
        ask(postgres_url, "CREATE TABLE words (word text)", "INSERT INTO words VALUES ('here')")
        ask(postgres.url(other), "CREATE TABLE words (word text)", "INSERT INTO words VALUES ('there')")
        words = [ask(url, "SELECT word FROM words") for url in (postgres_url, postgres.url(other))]
    finally:
        postgres.drop_database(other)
    assert words == [[("here",)], [("there",)]]


def test_a_database_is_a_copy_of_its_template(postgres: Server, postgres_url: str) -> None:
    template = make_url(postgres_url).database
    ask(postgres_url, "CREATE TABLE words (word text)", "INSERT INTO words VALUES ('copied')")
    postgres.create_database(f"{template}_copy", template)
    try:
        url = postgres.url(f"{template}_copy")
        ask(url, "INSERT INTO words VALUES ('later')")
        words = ask(url, "SELECT word FROM words"), ask(postgres_url, "SELECT word FROM words")
    finally:
        postgres.drop_database(f"{template}_copy")
    assert words == ([("copied",), ("later",)], [("copied",)])


def test_a_database_goes_though_somebody_is_connected(postgres: Server, postgres_url: str) -> None:
    name = f"{make_url(postgres_url).database}_busy"
    postgres.create_database(name)
    with psycopg.connect(plain(postgres.url(name)), autocommit=True) as connection:
        postgres.drop_database(name)
        with pytest.raises(psycopg.OperationalError):
            connection.execute("SELECT 1")
    assert ask(postgres_url, f"SELECT datname FROM pg_database WHERE datname = '{name}'") == []


def test_a_server_keeps_its_port_and_its_rows_when_it_stops_in_order(own: PrivateServer) -> None:
    assert settings(own, *DURABILITY) == ["off", "off", "off"]
    keep_a_row_through("fast", own)


def test_a_durable_server_keeps_them_when_it_does_not(mortal_postgres: PrivateServer) -> None:
    assert settings(mortal_postgres, *DURABILITY) == ["on", "on", "on"]
    keep_a_row_through("immediate", mortal_postgres)


@pytest.mark.parametrize("mode", MODES)
def test_a_stop_leaves_no_process(own: PrivateServer, mode: Mode) -> None:
    members = family(own.pid)
    own.stop(mode)
    assert len(members) > 3
    assert not [pid for pid in members if is_alive(pid)]


@pytest.mark.usefixtures("own_server_possible")
def test_the_end_leaves_nothing() -> None:
    with PrivateServer() as server:
        members = family(server.pid)
    assert not [pid for pid in members if is_alive(pid)]
    assert not server.folder.exists()


def test_a_server_that_was_killed_starts_again(own: PrivateServer) -> None:
    killed = family(own.pid)
    os.kill(killed[0], signal.SIGKILL)
    assert all(gone_within(pid, GONE_S) for pid in killed)
    own.start()
    assert own.pid not in killed


def test_a_server_outlives_the_thread_that_started_it(own: PrivateServer) -> None:
    own.stop()
    thread = threading.Thread(target=own.start)
    thread.start()
    thread.join()
    assert not gone_within(own.pid, 0.2)


@pytest.mark.usefixtures("own_server_possible")
@pytest.mark.parametrize("by", [signal.SIGINT, signal.SIGKILL])
def test_a_server_goes_with_tests_that_were_interrupted(by: signal.Signals) -> None:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    with subprocess.Popen(
        [sys.executable, "-c", TESTS],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    ) as interrupted:
        assert interrupted.stdout is not None
        pid, folder = json.loads(interrupted.stdout.readline())
        members = family(pid)
        (guard,) = children(interrupted.pid)
        # As a terminal does it: to the whole group.
        os.killpg(interrupted.pid, by)
    assert gone_within(guard, GONE_S)
    assert not [member for member in members if is_alive(member)]
    assert not Path(folder).exists()


def test_a_server_goes_with_its_guard(own: PrivateServer) -> None:
    members = family(own.pid)
    (guard,) = (pid for pid in children(os.getpid()) if own.pid in children(pid))
    os.kill(guard, signal.SIGKILL)
    assert all(gone_within(member, GONE_S) for member in members)


@pytest.mark.parametrize("said", [b"", b"fast", b"immediate"])
def test_a_guard_is_heard_though_a_shell_ignores_signals(said: bytes, tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    ignoring = ["sh", "-c", 'trap "" INT QUIT; exec "$@"', "sh"]
    guard = [sys.executable, str(postgresql.GUARD), str(folder), "sleep", "60"]
    with subprocess.Popen([*ignoring, *guard], stdin=subprocess.PIPE) as running:
        # Sooner than the guard loses its patience.
        running.communicate(said, timeout=10)
    assert folder.exists() == bool(said)


def test_a_server_that_cannot_start_says_why(own: PrivateServer) -> None:
    own.stop()
    with socket.create_server(("127.0.0.1", own.port)), pytest.raises(ServerFailed, match="could not bind"):
        own.start()


def test_a_server_that_the_environment_names_is_used_and_no_other(
    postgres: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    named = make_url(postgres.url("postgres")).set(drivername="postgresql", password="secret")
    monkeypatch.setenv(postgresql.VARIABLE, named.render_as_string(hide_password=False))
    before = children(os.getpid())
    with postgresql.open_server() as server:
        assert children(os.getpid()) == before
        url = make_url(server.url("some"))
    assert url == named.set(drivername="postgresql+psycopg", database="some")


def test_a_server_that_the_environment_names_takes_databases(
    own: PrivateServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(postgresql.VARIABLE, f"postgresql://postgres@127.0.0.1:{own.port}")
    with postgresql.open_server() as server:
        server.create_database("some")
        assert ask(own.url("some"), "SELECT current_database()") == [("some",)]
        server.drop_database("some")
