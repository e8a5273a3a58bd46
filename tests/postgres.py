"""PostgreSQL for tests: a private server on loopback, or the one that `OFFHOOK_TEST_POSTGRES` names.

`open_server` chooses between the two. A test that stops its server, or starts it again, wants a `PrivateServer`.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

import psycopg
from psycopg import sql
from sqlalchemy import URL, make_url

from free_ports import lasting_tcp_port

Mode = Literal["fast", "immediate"]
VARIABLE = "OFFHOOK_TEST_POSTGRES"
GUARD = Path(__file__).with_name("postgres_guard.py")
SUPERUSER = "postgres"
FIRST_DATABASE = "postgres"
CONNECTIONS = 200
START_S = 30
STOP_S = 20
"""Longer than the guard waits until it kills the server."""

CARELESS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_wal_size": "256MB"}
"""Good enough for rows that nobody wants after the test."""

DISK = Path("/tmp")
MEMORY = Path("/dev/shm")
"""A database is some hundred files: here it is copied five to ten times as fast as on a disk."""
MEMORY_ROOM = 1 << 30
"""Containers often have 64 MB there, which a server's data soon fill."""


class ServerFailed(AssertionError):
    """PostgreSQL did not do what a test waited for; the message holds the end of its log."""


class Server:
    """A server on which databases may be created."""

    def __init__(self, url: URL) -> None:
        self._url = url.set(drivername="postgresql+psycopg")

    def url(self, database: str) -> str:
        """Return what `open_database` takes."""
        return self._url.set(database=database).render_as_string(hide_password=False)

    def create_database(self, name: str, template: str | None = None) -> None:
        """Create an empty database, or a copy of another one that nobody is connected to."""
        copied = sql.SQL("TEMPLATE {}").format(sql.Identifier(template)) if template else sql.SQL("")
        self._say(sql.SQL("CREATE DATABASE {} {}").format(sql.Identifier(name), copied))

    def drop_database(self, name: str) -> None:
        """Drop a database if it is still there, also while somebody is connected to it."""
        self._say(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def _say(self, command: sql.Composed) -> None:
        place = self._url.set(drivername="postgresql", database=self._url.database or FIRST_DATABASE)
        with psycopg.connect(place.render_as_string(hide_password=False), autocommit=True) as connection:
            connection.execute(command)


class PrivateServer(Server):
    """A server of the tests alone, with its data in a temporary folder; its guard ends it with the tests.

    Unless it is `durable`, a stop in the mode `immediate` may lose what was committed last.
    """

    def __init__(self, *, durable: bool = False) -> None:
        self.port = lasting_tcp_port()
        super().__init__(
            URL.create("postgresql", username=SUPERUSER, host="127.0.0.1", port=self.port, database=FIRST_DATABASE)
        )
        self._settings = {} if durable else CARELESS
        self._place = DISK if durable else _fastest_place()
        self._guard: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        # Not pytest's folder: the path of a socket has at most 107 bytes, and the server's user must reach it.
        self.folder = Path(tempfile.mkdtemp(prefix="offhook-pg-", dir=self._place))
        self.log = self.folder / "server.log"
        try:
            self._make_data()
            self.start()
        except BaseException:
            self._clear_away()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._clear_away()

    @property
    def pid(self) -> int:
        """The process id of the running server; all its other processes are children of this one."""
        return int((self.folder / "data" / "postmaster.pid").read_text().split()[0])

    def start(self) -> None:
        """Start it on its port and data, and return when it accepts connections. Raises ServerFailed."""
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": str(self.port),
            "unix_socket_directories": str(self.folder),
            "max_connections": str(CONNECTIONS),
            "autovacuum": "on",
            **self._settings,
        }
        words = (word for name, value in settings.items() for word in ("-c", f"{name}={value}"))
        self._run("postgres", "-D", str(self.folder / "data"), *words)
        self._wait_until_it_accepts()

    def stop(self, mode: Mode = "fast") -> None:
        """End every connection and the server: in order (`fast`), or without a word to the disk, as a crash would.

        A server that has already ended stays as it is.
        """
        if self._guard is not None:
            self._guard.communicate(mode.encode(), timeout=STOP_S)
            self._guard = None

    def _make_data(self) -> None:
        if os.geteuid() == 0:
            shutil.chown(self.folder, SUPERUSER, SUPERUSER)
        guard = self._run(
            *("initdb", "--pgdata", str(self.folder / "data"), "--no-sync", "--no-instructions"),
            *("--username", SUPERUSER, "--auth", "trust", "--encoding", "UTF8", "--locale", "C.UTF-8"),
        )
        if guard.wait(START_S) != 0:
            raise ServerFailed(f"initdb ended with {guard.returncode}\n{self._end_of_log()}")

    def _run(self, program: str, *words: str) -> "subprocess.Popen[bytes]":
        """Run a program of PostgreSQL under a guard, once the one before has ended."""
        if self._guard is not None:
            # Of a server that was killed: it follows at once.
            self._guard.wait(STOP_S)
            self.stop()
        with self.log.open("ab") as log:
            self._guard = subprocess.Popen(
                [sys.executable, "-I", "-S", str(GUARD), str(self.folder), *_as_its_user(), _path(program), *words],
                cwd=self.folder,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                # Ctrl-C is for pytest, which still wants the server while it ends the fixtures.
                start_new_session=True,
            )
        return self._guard

    def _wait_until_it_accepts(self) -> None:
        deadline = time.monotonic() + START_S
        while self._guard and self._guard.poll() is None and time.monotonic() < deadline:
            try:
                # By the socket in our folder: at the port somebody else might answer.
                psycopg.connect(host=str(self.folder), port=self.port, user=SUPERUSER, dbname=FIRST_DATABASE).close()
            except psycopg.OperationalError:
                time.sleep(0.02)
            else:
                return
        raise ServerFailed(f"PostgreSQL did not start\n{self._end_of_log()}")

    def _end_of_log(self) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-60:])

    def _clear_away(self) -> None:
        try:
            self.stop("immediate")
        finally:
            shutil.rmtree(self.folder)


@contextmanager
def open_server() -> Iterator[Server]:
    """Use the server that the environment names, or start one."""
    if named := os.environ.get(VARIABLE):
        yield Server(make_url(named))
    else:
        with PrivateServer() as server:
            yield server


def is_installed() -> bool:
    """Tell whether a private server can be started here."""
    return bool(_versions())


def _fastest_place() -> Path:
    if MEMORY.is_dir() and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free >= MEMORY_ROOM:
        return MEMORY
    return DISK


def _path(program: str) -> str:
    """Return where a program of the newest version is; Debian puts none of them on the PATH."""
    if not is_installed():
        raise ServerFailed(f"PostgreSQL is not here: apt-get install postgresql, or name a server in {VARIABLE}")
    return str(max(_versions())[1] / program)


def _versions() -> list[tuple[float, Path]]:
    """Return each version that is installed, and where its programs are."""
    return [
        (float(path.parent.parent.name), path.parent) for path in Path("/usr/lib/postgresql").glob("[0-9]*/bin/initdb")
    ]


def _as_its_user() -> list[str]:
    """Return the words before a command: root may not run a server, so Debian's user for it does."""
    user = ["--reuid", SUPERUSER, "--regid", SUPERUSER, "--clear-groups"] if os.geteuid() == 0 else []
    # Should the guard be killed, the kernel ends the server (SIGQUIT is the mode `immediate`).
    return ["setpriv", *user, "--pdeathsig", "QUIT"]
