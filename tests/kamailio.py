"""Kamailio as a foreign proxy: it passes calls on, stays in their way (Record-Route) and writes every message down.

One `Proxy` is one process on a port of its own, with the settings of tests/peers/kamailio. `proxies` puts several
in a row: the innermost stands in front of the platform, the outermost faces the world.
"""

import re
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import sip_probe
import sipp
from free_ports import sip_port
from processes import program

SETTINGS = Path(__file__).parent / "peers" / "kamailio" / "proxy.cfg"
HOST = "127.0.0.1"
START_S = 10
STOP_S = 5
HEARD_S = 5
NOWHERE = (HOST, 9)

Address = tuple[str, int]

_FIELD = re.compile(r"^(\w+): (.*)$", re.MULTILINE)
_BEGINS, _ENDS = "~" * 20 + "\n", "|" * 20 + "\n"


class ProxyFailed(AssertionError):
    """Kamailio did not do what a test waited for; the message holds its log."""


@dataclass(frozen=True, slots=True)
class Passed(sipp.Message):
    """One message at a proxy, received from `source` or sent to `destination`."""

    source: Address
    destination: Address

    @property
    def request_uri(self) -> str:
        """Where a request is meant to go in the end."""
        return self.first_line.split()[1]

    def is_again(self, method: str) -> bool:
        """Tell whether this is a request of a method inside a dialog: for INVITE a re-INVITE."""
        return self.first_line.startswith(f"{method} ") and ";tag=" in self.values("To")[0]


class Proxy:
    """One Kamailio; use `running` as a context manager."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.sip: Address = (HOST, sip_port())
        self._folder = folder
        self._log = folder / "kamailio.log"

    @contextmanager
    def running(
        self,
        *,
        inner: Address,
        outer: Address,
        password: str = "",
        algorithm: str = "MD5",
        registrar: bool = False,
        transport: str = "udp",
    ) -> Iterator[None]:
        """Pass calls on between two neighbours for as long as the block lasts. `transport` is udp or tcp.

        With a password the inner one must prove to be the user `offhook` of the realm `carrier.example`; a registrar
        lets it be called only where it registered.
        """
        defined = {
            "MODULES": f'"{_modules()}/"',
            "FOLDER": f'"{self._folder}"',
            "INNER": f'"{_uri(inner, transport)}"',
            "OUTER": f'"{_uri(outer, transport)}"',
            "INNER_HOST": f'"{inner[0]}"',
            "INNER_PORT": str(inner[1]),
        }
        if registrar:
            defined["REGISTRAR"] = "1"
        if password:
            defined |= {"PASSWORD": f'"{password}"', "ALGORITHM": f'"{algorithm}"'}
        command = [program("kamailio") or "kamailio", "-f", str(SETTINGS), "-l", f"udp:{self.sip[0]}:{self.sip[1]}"]
        if transport == "tcp":
            defined["TCP"] = "1"
            command += ["-l", f"tcp:{self.sip[0]}:{self.sip[1]}"]
        for name, value in defined.items():
            command += ["-A", f"{name}={value}"]
        # It stays our child (-DD), writes its log here (-E), and wants little memory (-m, -M: megabytes).
        command += ["-DD", "-E", "-m", "16", "-M", "4"]
        command += ["-P", str(self._folder / "pid"), "-Y", str(self._folder), "-w", str(self._folder)]
        with self._log.open("wb") as log:
            process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        try:
            self._wait_for(
                lambda: process.poll() is not None or sip_probe.is_answered(self.sip), "it to answer OPTIONS"
            )
            if process.poll() is not None:
                raise ProxyFailed(f"Kamailio ended with {process.returncode}\n{self._log.read_text()}")
            yield
        finally:
            # Its main process ends the others.
            process.terminate()
            try:
                process.wait(STOP_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def passed(self) -> list[Passed]:
        """Return every message up to now, but those of our own question whether it is there."""
        text = "".join(path.read_bytes().decode() for path in sorted(self._folder.glob("messages*.data")))
        # The last piece is empty, or a message that is still being written.
        found = map(_read, text.replace("\r", "").split(_ENDS)[:-1])
        return [message for message in found if not message.values("CSeq")[0].endswith("OPTIONS")]

    def received(self, start: str) -> Passed:
        """Return the first message that was received and whose first line starts so; wait for it if need be."""
        return self._first(start, received=True)

    def sent(self, start: str) -> Passed:
        """Return the first message that was sent and whose first line starts so; wait for it if need be."""
        return self._first(start, received=False)

    def _first(self, start: str, *, received: bool) -> Passed:
        found: list[Passed] = []

        def look() -> bool:
            found[:] = [
                message
                for message in self.passed()
                if message.received is received and message.first_line.startswith(start)
            ]
            return bool(found)

        # What passes is written down a moment later.
        self._wait_for(look, f"a message that begins with {start!r}", HEARD_S)
        return found[0]

    def _wait_for(self, look: Callable[[], bool], what: str, within_s: float = START_S) -> None:
        deadline = time.monotonic() + within_s
        while not look():
            if time.monotonic() > deadline:
                lines = [message.first_line for message in self.passed()]
                raise ProxyFailed(f"waited {within_s} s for {what}, but {lines}\n{self._log.read_text()}")
            time.sleep(0.02)


@contextmanager
def proxies(folder: Path, count: int, *, inner: Address, outer: Address = NOWHERE) -> Iterator[list[Proxy]]:
    """Run so many proxies in a row between the world and the platform; the outermost comes first."""
    row = [Proxy(folder / f"proxy-{place}") for place in range(count)]
    ways = [outer, *(proxy.sip for proxy in row), inner]
    with ExitStack() as stack:
        for place, proxy in enumerate(row):
            stack.enter_context(proxy.running(outer=ways[place], inner=ways[place + 2]))
        yield row


def _read(entry: str) -> Passed:
    head, _, text = entry.partition(_BEGINS)
    told = dict(_FIELD.findall(head))
    source, destination = ((told[f"{end}ip"], int(told[f"{end}port"])) for end in ("src", "dst"))
    return Passed(told["tag"] == "rcv", text, source, destination)


def _uri(address: Address, transport: str) -> str:
    return f"sip:{address[0]}:{address[1]};transport={transport}"


def _modules() -> Path:
    # Debian keeps them under the path of the architecture.
    places = [*Path("/usr/lib").glob("*/kamailio/modules"), Path("/usr/lib/kamailio/modules")]
    found = next((place for place in places if place.is_dir()), None)
    if found is None:
        raise ProxyFailed(f"Kamailio's modules are in none of {[str(place) for place in places]}")
    return found
