"""The databases that money is measured on: SQLite in a file on the disk, and a PostgreSQL server of our own.

Both keep what they said they kept: the server is the tests' own, but with every commit on the disk.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Protocol

from bench.rig.processes import PROC, children, cpu_s

from postgres import PrivateServer, is_installed


class Store(Protocol):
    """A place where databases can be made, and its own processes' CPU."""

    @property
    def name(self) -> str: ...

    def fresh(self) -> str:
        """Return the URL of a new and empty database."""
        ...

    def copy(self, url: str) -> str:
        """Return the URL of a copy of a database that nobody has open."""
        ...

    def cpu_s(self) -> float:
        """Return the CPU seconds that processes other than ours have used for it."""
        ...


class SqliteFiles:
    """Files in one folder; SQLite works in our own process."""

    name = "SQLite"

    def __init__(self, folder: Path) -> None:
        self._paths = (folder / f"{number}.db" for number in count())

    def fresh(self) -> str:
        return f"sqlite:///{next(self._paths)}"

    def copy(self, url: str) -> str:
        path = next(self._paths)
        shutil.copyfile(url.removeprefix("sqlite:///"), path)
        return f"sqlite:///{path}"

    def cpu_s(self) -> float:
        return 0.0


class PostgresServer:
    """Databases of one private server."""

    name = "PostgreSQL"

    def __init__(self, server: PrivateServer) -> None:
        self._server = server
        self._names = (f"bench_{number}" for number in count())

    def fresh(self) -> str:
        name = next(self._names)
        self._server.create_database(name)
        return self._server.url(name)

    def copy(self, url: str) -> str:
        name = next(self._names)
        self._server.create_database(name, template=url.rpartition("/")[2])
        return self._server.url(name)

    def cpu_s(self) -> float:
        """Add up the server's processes: those that live, and (in ticks of the clock) those that have ended."""
        pid = self._server.pid
        fields = (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
        ended_s = (int(fields[13]) + int(fields[14])) / os.sysconf("SC_CLK_TCK")
        return ended_s + sum(map(cpu_s, (pid, *children(pid))))


@contextmanager
def open_stores() -> Iterator[tuple[Store, ...]]:
    """Start what is to be measured; without PostgreSQL on the machine SQLite alone is."""
    with tempfile.TemporaryDirectory() as folder:
        files = SqliteFiles(Path(folder))
        if not is_installed():
            print("PostgreSQL is not installed: its figures are left out")
            yield (files,)
            return
        with PrivateServer(durable=True) as server:
            yield files, PostgresServer(server)
