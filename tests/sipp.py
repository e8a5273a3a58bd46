"""SIPp as a foreign caller, or callee: runs one scenario of tests/peers/sipp and tells what went over the wire.

SIPp itself judges the order of the messages and what its `ereg` actions look for; a test reads the rest from
the trace. SIPp's own retransmissions and its tolerance for ours are off: a scenario sees every datagram.
"""

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from free_ports import sip_port, udp_range

SCENARIOS = Path(__file__).parent / "peers" / "sipp"
PATIENCE_S = 40
_ENTRY = re.compile(
    r"^-{20,} [^\n]*\n(?:UDP|TCP) message (sent|received)[^\n]*\n\n(.*?)(?=^-{20,} |\Z)", re.MULTILINE | re.DOTALL
)


@dataclass(frozen=True, slots=True)
class Message:
    """One SIP message of the trace, as text."""

    received: bool
    text: str

    @property
    def first_line(self) -> str:
        return self.text.partition("\n")[0].strip()

    @property
    def status(self) -> int | None:
        """The code of a response; a request has none."""
        line = self.first_line
        return int(line.split()[1]) if line.startswith("SIP/2.0 ") else None

    def values(self, header: str) -> list[str]:
        """Return the values of a header in order, also those that share a line."""
        lines = re.findall(rf"^{re.escape(header)}\s*:[ \t]*(.*?)\s*$", self.text, re.MULTILINE | re.IGNORECASE)
        return [value.strip() for line in lines for value in line.split(",")]


@dataclass(frozen=True, slots=True)
class Trace:
    """What a finished scenario sent and received."""

    messages: list[Message]

    @property
    def statuses(self) -> list[int]:
        """The codes that were received, in order."""
        return [message.status for message in self.messages if message.received and message.status is not None]

    @property
    def requests(self) -> list[str]:
        """The first lines of the requests that were received, in order."""
        return [message.first_line for message in self.messages if message.received and message.status is None]

    def request(self, method: str) -> Message:
        """Return the first request of this method that SIPp received."""
        return next(m for m in self.messages if m.received and m.first_line.startswith(f"{method} "))

    def response(self, status: int) -> Message:
        """Return the first response with this code."""
        return next(m for m in self.messages if m.received and m.status == status)


class ScenarioFailed(AssertionError):
    """SIPp saw something else than the scenario says; the message holds what SIPp wrote."""


def run(
    scenario: str,
    platform: tuple[str, int],
    number: str,
    *,
    folder: Path,
    host: str = "127.0.0.1",
    caller: str = "819012345678",
    codecs: str = "0",
    transport: str = "u1",
) -> Trace:
    """Call `number` as the scenario says, from `host`; raises ScenarioFailed. `transport` is SIPp's: u1, t1.

    Audio that arrives is sent back (`-rtp_echo`), so that the platform has somebody to talk to.
    """
    called = (*("-s", number, "-key", "caller", caller, "-key", "codecs", codecs), f"{platform[0]}:{platform[1]}")
    return _play(scenario, *called, folder=folder, host=host, port=sip_port(host), transport=transport)


def be_called(scenario: str, port: int, *, folder: Path) -> Trace:
    """Be the callee of the scenario at this port of loopback; raises ScenarioFailed."""
    return _play(scenario, folder=folder, host="127.0.0.1", port=port, transport="u1")


def _play(scenario: str, *called: str, folder: Path, host: str, port: int, transport: str) -> Trace:
    # One row of ports for both of SIPp's audio sockets with their RTCP neighbours.
    audio, _ = udp_range(8, host)
    trace, errors = folder / f"{scenario}.messages", folder / f"{scenario}.errors"
    command = [
        *("sipp", "-sf", str(SCENARIOS / f"{scenario}.xml"), "-m", "1", "-nostdin", "-nr", "-rtp_echo"),
        *("-t", transport, "-i", host, "-p", str(port), "-mi", host, "-mp", str(audio)),
        *("-trace_msg", "-message_file", str(trace), "-trace_err", "-error_file", str(errors)),
        *("-timeout", f"{PATIENCE_S}s", "-timeout_error", "-recv_timeout", "15000"),
        *called,
    ]
    finished = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, timeout=PATIENCE_S + 10, check=False, errors="replace"
    )
    if finished.returncode != 0:
        written = [path.read_text(errors="replace") for path in (errors, trace) if path.exists()]
        raise ScenarioFailed(f"SIPp ended with {finished.returncode}\n" + "\n".join([finished.stderr, *written]))
    return Trace(read_trace(trace.read_text(errors="replace")))


class Callee:
    """SIPp waiting for one call as a scenario says; `sip` is where."""

    def __init__(self, scenario: str, folder: Path, host: str = "127.0.0.1") -> None:
        self.sip = (host, sip_port(host))
        self._scenario = scenario
        self._trace, self._errors = folder / f"{scenario}.messages", folder / f"{scenario}.errors"
        audio, _ = udp_range(8, host)
        self._command = [
            *("sipp", "-sf", str(SCENARIOS / f"{scenario}.xml"), "-m", "1", "-nostdin", "-nr", "-rtp_echo"),
            *("-i", host, "-p", str(self.sip[1]), "-mi", host, "-mp", str(audio)),
            *("-trace_msg", "-message_file", str(self._trace), "-trace_err", "-error_file", str(self._errors)),
            *("-timeout", f"{PATIENCE_S}s", "-timeout_error", "-recv_timeout", "15000"),
        ]
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> "Callee":
        self._process = subprocess.Popen(
            self._command, cwd=self._trace.parent, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process is not None, "only what has been started is ended"
        self._process.kill()
        self._process.wait()

    def ended(self) -> Trace:
        """Wait until the scenario has ended well; raises ScenarioFailed if it did not."""
        assert self._process is not None, "only what has been started ends"
        status = self._process.wait(PATIENCE_S + 10)
        if status != 0:
            written = [path.read_text(errors="replace") for path in (self._errors, self._trace) if path.exists()]
            raise ScenarioFailed("\n".join([f"SIPp ended {self._scenario} with {status}", *written]))
        return Trace(read_trace(self._trace.read_text(errors="replace")))


def read_trace(text: str) -> list[Message]:
    """Read SIPp's file of messages."""
    return [Message(direction == "received", body) for direction, body in _ENTRY.findall(text.replace("\r", ""))]
