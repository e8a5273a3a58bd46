"""The examples as their readers start them: by the commands of examples/README.md, each on a free port.

They have the client library and nothing of the platform. Rack is not needed: the Ruby client has a small stand-in.
"""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from free_ports import lasting_tcp_port

ROOT = Path(__file__).parents[1]
README = ROOT / "examples" / "README.md"
DJANGO = "examples/action_server_django"
STARTED_WITHIN_S = 60
STOPPED_WITHIN_S = 10

_ROW = re.compile(r"^\| \[([^\]]+)\].* \| `([^`]+)` \| `http://127\.0\.0\.1:9000(/[^`]*)` \|$", re.MULTILINE)
_RACKUP = re.compile(r"^rackup -I(\S+) (\S+) .*")
_FOREIGN = ("OFFHOOK_", "DJANGO_", "FLASK_", "SMTP_", "MAIL_", "PYTHON")


@dataclass(frozen=True, slots=True)
class ExampleServer:
    """An example that runs, or is about to."""

    name: str
    port: int
    path: str
    log: Path
    process: "subprocess.Popen[bytes]"

    @property
    def origin(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        """The action URL."""
        return self.origin + self.path

    def asked(self, words: str) -> int:
        """Count the requests so far in whose line of the log these words stand."""
        return self.log.read_text(errors="replace").count(words)

    def wait(self) -> None:
        """Return when it listens."""
        deadline = time.monotonic() + STARTED_WITHIN_S
        while self.process.poll() is None and time.monotonic() < deadline:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
            except ConnectionRefusedError:
                time.sleep(0.05)
            else:
                return
        said = self.log.read_text(errors="replace")
        raise AssertionError(f"{self.name} does not listen at port {self.port}:\n{said}")


def listed() -> dict[str, tuple[str, str]]:
    """Return the command and the path of the action URL of each example that the README lists, by its name."""
    return {name: (command, path) for name, command, path in _ROW.findall(README.read_text(encoding="utf-8"))}


@contextmanager
def example_servers(folder: Path, surroundings: Mapping[str, str]) -> Iterator[dict[str, ExampleServer]]:
    """Start all that are listed, with these variables in their environment; they write into `folder` alone."""
    reception = folder / "reception"
    shutil.copytree(ROOT / DJANGO, reception, ignore=shutil.ignore_patterns("*.db", "__pycache__"))
    with ExitStack() as stack:
        servers = {}
        for name, (command, path) in listed().items():
            port, log = lasting_tcp_port(), folder / f"{name}.log"
            own = _rack(command.replace("9000", str(port)), port).replace(DJANGO, str(reception))
            if own == command:
                own = f"{command} --port {port}"
            process = stack.enter_context(_running(own, log, surroundings))
            servers[name] = ExampleServer(name, port, path, log, process)
        yield servers


def manage(reception: Path, *words: str, **surroundings: str) -> str:
    """Run `manage.py` of the Django example in this folder, warnings being errors, and return what it said."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "manage.py", *words],
        cwd=reception,
        env=environment(surroundings),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


def environment(surroundings: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of somebody who has installed the client library, and has set these variables."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(_FOREIGN)}
    own = {
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT / "clients" / "python" / "src"),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    return {**inherited, **own, **surroundings}


def _rack(command: str, port: int) -> str:
    return _RACKUP.sub(rf"ruby -W -I\1 clients/ruby/test/rack_app.rb \2 {port}", command)


@contextmanager
def _running(command: str, log: Path, surroundings: Mapping[str, str]) -> Iterator["subprocess.Popen[bytes]"]:
    with (
        log.open("wb") as output,
        subprocess.Popen(
            ["sh", "-c", command],
            cwd=ROOT,
            env=environment(surroundings),
            stdout=output,
            stderr=output,
            # A group of its own, so that what the shell started ends with it.
            start_new_session=True,
        ) as process,
    ):
        try:
            yield process
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGTERM)
            try:
                process.wait(STOPPED_WITHIN_S)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
