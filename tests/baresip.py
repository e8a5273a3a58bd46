"""baresip as a foreign phone without a sound card: it speaks a WAV file and writes what it hears into another.

One process is one phone with one account, and without a registrar unless told. It is driven over its `ctrl_tcp`
socket: JSON in netstrings, commands in, events out. Everything it writes stays in the folder that it is given.
"""

import json
import socket
import subprocess
import time
import wave
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from free_ports import sip_port, tcp_port, udp_range
from networks import Host

CONFIG = """\
poll_method      epoll
sip_listen       {host}:{sip_port}
{security}
rtp_ports        {first_rtp}-{last_rtp}
audio_source     aufile,{speech}
audio_alert      aufile,{speech}
ausrc_srate      8000
ausrc_channels   1
snd_path         {folder}
ctrl_tcp_listen  {host}:{control_port}
{module_path}
module           g711.so
module           srtp.so
module           sndfile.so
module           aufile.so
module_tmp       uuid.so
module_tmp       account.so
module_app       menu.so
module_app       ctrl_tcp.so
"""
START_S = 10


class PhoneFailed(AssertionError):
    """baresip did not do what a test waited for; the message holds its log."""


@dataclass(frozen=True, slots=True)
class Event:
    """What baresip tells about its call: `CALL_ESTABLISHED`, `CALL_CLOSED`, ... and why."""

    kind: str
    text: str


class Phone:
    """A running baresip.

    `speech` is the WAV file that it speaks once a call is up: 8,000 Hz, one channel, signed 16 bits, and longer
    than the call. `codec` is PCMU or PCMA. `answers` makes it pick up calls by itself. `transport` is udp, tcp or tls;
    with `srtp` it takes no plain audio, with `may_srtp` it does, but shows its keys; `tls` are its certificate with its
    key and the authorities that it trusts, PEM. It runs on this machine, or `at` another host.
    With a `registrar` it registers there as its user with the `password`, which its calls prove too if they are asked;
    `REGISTER_OK` or `REGISTER_FAIL` follows.
    """

    def __init__(
        self,
        folder: Path,
        speech: Path,
        *,
        user: str = "819012345678",
        codec: str = "PCMU",
        answers: bool = False,
        transport: str = "udp",
        srtp: bool = False,
        may_srtp: bool = False,
        tls: tuple[Path, Path] | None = None,
        registrar: tuple[str, int] | None = None,
        password: str = "",
        at: Host | None = None,
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.sip_port = sip_port()
        self._control_port = tcp_port()
        self._speech = speech
        self.at = at
        self._host = at.address if at else "127.0.0.1"
        domain = f"{registrar[0]}:{registrar[1]}" if registrar else in_uri(self._host)
        every_s = 600 if registrar else 0
        self._account = f"<sip:{user}@{domain};transport={transport}>;regint={every_s};audio_codecs={codec}"
        self._account += f";auth_pass={password}" if password else ""
        self._account += ";answermode=auto" if answers else ""
        self._account += ";mediaenc=srtp-mand" if srtp else ";mediaenc=srtp" if may_srtp else ""
        self._tls = tls
        self._log = folder / "baresip.log"
        self._buffer = b""

    def __enter__(self) -> Self:
        self._write_settings()
        # -s: every message of SIP stands in the log.
        command = ["baresip", "-s", "-f", str(self.folder)]
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                self.at.command(*command) if self.at else command, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        try:
            self._control = self._connect()
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._control.close()
        self._stop()

    def port_of(self, transport: str) -> int:
        """Return where calls reach it: baresip listens for TLS one port further."""
        return self.sip_port + 1 if transport == "tls" else self.sip_port

    def wait_for_registration(self, *, within_s: float) -> None:
        """Wait until its registrar has answered 200, which may be before its events are heard; raises PhoneFailed."""
        deadline = time.monotonic() + within_s
        while "200 OK" not in self._log.read_text():
            if time.monotonic() > deadline:
                raise PhoneFailed(f"it did not register within {within_s} s\n{self._log.read_text()}")
            time.sleep(0.05)

    def dial(self, uri: str) -> None:
        """Call somebody; `CALL_ESTABLISHED` or `CALL_CLOSED` follows."""
        self._command("dial", uri)

    def hang_up(self) -> None:
        """End the call; `CALL_CLOSED` follows."""
        self._command("hangup")

    def hold(self) -> None:
        """Put the other side on hold, by a re-INVITE that says `sendonly`."""
        self._command("hold")

    def resume(self) -> None:
        """Take the other side back; `heard` ends where the hold began, as baresip records nothing after it."""
        self._command("resume")

    def press(self, keys: str) -> None:
        """Press keys, one after the other: RFC 4733."""
        self._command("sndcode", keys)

    def wait_for(self, kind: str, *, within_s: float) -> Event:
        """Return the next event of this kind and forget those before it; raises PhoneFailed."""
        deadline = time.monotonic() + within_s
        seen = []
        while (message := self._next_message(deadline)) is not None:
            if not message.get("event"):
                continue
            event = Event(str(message.get("type")), str(message.get("param", "")))
            if event.kind == kind:
                return event
            seen.append(event)
        raise PhoneFailed(f"{kind} did not come within {within_s} s, but {seen}\n{self._log.read_text()}")

    def stays_in_the_call(self, seconds: float) -> None:
        """Let time pass while the call goes on; raises PhoneFailed if the call ends meanwhile."""
        deadline = time.monotonic() + seconds
        while (message := self._next_message(deadline)) is not None:
            if message.get("type") == "CALL_CLOSED":
                raise PhoneFailed(f"the call ended: {message.get('param')}\n{self._log.read_text()}")

    def messages(self) -> str:
        """Return all that it wrote, with every message of SIP that came or went: ask after the end."""
        return self._log.read_text(errors="replace")

    def heard(self) -> NDArray[np.int16]:
        """Return all audio that arrived in the last call (8,000 Hz, one channel); ask after the call's end."""
        recordings = sorted(self.folder.glob("dump-*-dec.wav"))
        if not recordings:
            raise PhoneFailed(f"baresip heard nothing\n{self._log.read_text()}")
        with wave.open(str(recordings[-1])) as recording:
            return np.frombuffer(recording.readframes(recording.getnframes()), np.int16)

    def _write_settings(self) -> None:
        first, last = udp_range(8)
        # Debian says where the modules are only through the path of the architecture, or the plain one.
        places = [*Path("/usr/lib").glob("*/baresip/modules"), Path("/usr/lib/baresip/modules")]
        module_path = next((f"module_path {place}" for place in places if place.is_dir()), "")
        security = ""
        if self._tls is not None:
            certificate, authorities = self._tls
            security = f"sip_certificate {certificate}\nsip_cafile {authorities}\nsip_verify_server yes"
        settings = CONFIG.format(
            security=security,
            host=in_uri(self._host),
            sip_port=self.sip_port,
            control_port=self._control_port,
            first_rtp=first,
            last_rtp=last,
            speech=self._speech,
            folder=self.folder,
            module_path=module_path,
        )
        (self.folder / "config").write_text(settings)
        (self.folder / "accounts").write_text(self._account + "\n")
        (self.folder / "contacts").write_text("")

    def _connect(self) -> socket.socket:
        deadline = time.monotonic() + START_S
        while time.monotonic() < deadline and self._process.poll() is None:
            try:
                return socket.create_connection((self._host, self._control_port), timeout=1)
            except ConnectionRefusedError:
                time.sleep(0.05)
        raise PhoneFailed(f"baresip did not start\n{self._log.read_text()}")

    def _stop(self) -> None:
        self._process.terminate()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _command(self, command: str, parameters: str = "") -> None:
        text = json.dumps({"command": command, "params": parameters, "token": command}).encode()
        self._control.sendall(b"%d:%s," % (len(text), text))

    def _next_message(self, deadline: float) -> dict[str, Any] | None:
        while True:
            length, colon, rest = self._buffer.partition(b":")
            if colon and len(rest) > int(length):
                self._buffer = rest[int(length) + 1 :]
                message: dict[str, Any] = json.loads(rest[: int(length)])
                return message
            left = deadline - time.monotonic()
            if left <= 0:
                return None
            self._control.settimeout(left)
            try:
                received = self._control.recv(65536)
            except TimeoutError:
                return None
            if not received:
                raise PhoneFailed(f"baresip ended\n{self._log.read_text()}")
            self._buffer += received


def in_uri(host: str) -> str:
    """Write an address as it stands in a URI (RFC 3986 section 3.2.2)."""
    return f"[{host}]" if ":" in host else host
