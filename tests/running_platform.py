"""The real platform in a process of its own, on free ports of loopback and with a new database: SQLite unless named.

It is set up as an operator and a customer would: trunk, account and numbers by the verbs of the command line,
the subscription through the HTTP API. One address of loopback is a known trunk, all others are strangers.
"""

import base64
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar
from urllib.parse import urlencode

from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import NullPool, create_engine, make_url, text

import office
import sip_probe
from free_ports import sip_port, tcp_port, udp_range

NUMBER = "815012345678"
UNSUBSCRIBED_NUMBER = "815012345679"
SID = "peersAccountSid0123456789"
TOKEN = "peersAccountToken0123456789"
START_S = 60
STOP_S = 15
SETTLED_S = 5
HTTP_S = 30
"""Longer than a change waits for a locked database: behind another change, which waits as well."""
RTP_PORTS = 64

Value = TypeVar("Value")


class PlatformFailed(AssertionError):
    """The platform did not do what a test waited for; the message holds the end of its log."""


class RunningPlatform:
    """`offhook serve`, with one trunk, one account and one subscribed number, `NUMBER`."""

    def __init__(
        self,
        folder: Path,
        action_url: str,
        settings: Mapping[str, str] | None = None,
        *,
        database_url: str | None = None,
        rtp_ports: int = RTP_PORTS,
        trunk: str = "127.0.0.1",
        listens_at: str = "127.0.0.1",
    ) -> None:
        self._folder = folder
        self._trunk = trunk
        self._action_url = action_url
        self._http_port = tcp_port()
        self.sip = ("127.0.0.1", sip_port())
        first, last = udp_range(rtp_ports)
        self.rtp_ports = range(first, last + 1)
        self.database = folder / "offhook.db"
        self.database_url = database_url or f"sqlite:///{self.database}"
        self.log = folder / "platform.log"
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("OFFHOOK_")}
        own = {
            "OFFHOOK_HTTP": f"127.0.0.1:{self._http_port}",
            "OFFHOOK_SIP": f"{listens_at}:{self.sip[1]}",
            "OFFHOOK_RTP_PORTS": f"{first}-{last}",
            "OFFHOOK_DATABASE": self.database_url,
            "OFFHOOK_DATA_FOLDER": str(folder / "data"),
            "OFFHOOK_ALLOW_ADDRESSES": "127.0.0.0/8",
            "OFFHOOK_MEDIA_WORKERS": "1",
            "OFFHOOK_DRAIN_S": "0",
        }
        self._environment = {**inherited, **own, **(settings or {})}

    def __enter__(self) -> Self:
        self._process = self._started()
        try:
            self.wait_until(self._is_ready, within_s=START_S, what="the platform to be ready")
            self._furnish()
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._stop()

    def kill(self) -> None:
        """End it at once, as a crash or a loss of power would."""
        self._process.kill()
        self._process.wait()

    @property
    def url(self) -> str:
        """Where the HTTP API is."""
        return f"http://127.0.0.1:{self._http_port}"

    @property
    def environment(self) -> Mapping[str, str]:
        """Its settings, and whatever else stands in its environment."""
        return self._environment

    @property
    def pid(self) -> int:
        """The process id of the server."""
        return self._process.pid

    def ask_to_stop(self) -> None:
        """Send SIGTERM, as an operator's service manager does."""
        self._process.terminate()

    def wait_for_its_end(self) -> int:
        """Return the exit status of a platform that ends by itself."""
        return self._process.wait(STOP_S)

    def start_again(self) -> None:
        """Start it after a `kill`, on the same database and ports."""
        self._process = self._started()
        self.wait_until(self._is_ready, within_s=START_S, what="the platform to be ready again")

    def cli(self, *words: str) -> str:
        """Run `offhook` with these words and return what it prints; raises PlatformFailed."""
        finished = self.run(*words)
        if finished.returncode != 0:
            raise PlatformFailed(
                f"offhook {' '.join(words)} ended with {finished.returncode}\n{finished.stdout}{finished.stderr}"
            )
        return finished.stdout

    def run(self, *words: str) -> "subprocess.CompletedProcess[str]":
        """Run `offhook` with these words, whatever its exit status."""
        return subprocess.run(
            _offhook(*words),
            cwd=self._folder,
            env=self._environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def api(self, method: str, path: str, fields: Mapping[str, str] | None = None) -> Any:
        """Ask the HTTP API as the account's API user and return the JSON; raises PlatformFailed."""
        status, document = self.ask(method, path, fields)
        if status not in (200, 201):
            raise PlatformFailed(f"{method} {path} answered {status}: {document}")
        return document

    def put(self, path: str, document: Any) -> Any:
        """Put a JSON document by the HTTP API and return what it answers; raises PlatformFailed."""
        status, body = self._request("PUT", path, document=document)
        if status != 200:
            raise PlatformFailed(f"PUT {path} answered {status}: {body.decode()}")
        return json.loads(body)

    def ask(
        self, method: str, path: str, fields: Mapping[str, str] | None = None, *, key: str | None = None
    ) -> tuple[int, Any]:
        """Ask the HTTP API, with an idempotency key if one is given, and return the status and the JSON."""
        status, body = self._request(method, path, fields, key)
        return status, json.loads(body)

    def calls(self, limit: int = 100) -> list[dict[str, Any]]:
        """Return all calls, or the last ones if there are more than `limit`, as the API shows them."""
        calls: list[dict[str, Any]] = self.api("GET", f"/voice/calls/?limit={limit}")
        return calls

    def ended_calls(self, caller: str) -> list[dict[str, Any]]:
        """Return the calls of a caller once none of them goes on any more; raises PlatformFailed."""

        def all_ended() -> list[dict[str, Any]] | None:
            calls = [call for call in self.calls() if call["caller"] == caller]
            return calls if calls and all(call["end_time"] for call in calls) else None

        return self.wait_until(all_ended, within_s=SETTLED_S, what=f"the calls of {caller} to end")

    def recorded_legs(self) -> int:
        """Count the legs that another start could end."""
        [(number,)] = self.rows("SELECT count(*) FROM legs WHERE dialog IS NOT NULL")
        return int(number)

    def rows(self, statement: str) -> Sequence[Any]:
        """Read the database itself, past the platform and leaving no trace."""
        url = make_url(self.database_url)
        if url.get_backend_name() == "sqlite":
            # Whoever may write and is the last to leave writes the log of a killed server into the file.
            url = url.set(database=f"file:{url.database}", query={"mode": "ro", "uri": "true"})
        with create_engine(url, poolclass=NullPool).connect() as reader:
            return reader.execute(text(statement)).all()

    def timeline(self, call_id: str) -> list[dict[str, Any]]:
        """Return what happened in a call, in order."""
        events: list[dict[str, Any]] = self.api("GET", f"/voice/calls/{call_id}/timeline/")
        return events

    def wait_until(self, look: Callable[[], Value | None], *, within_s: float, what: str) -> Value:
        """Return what `look` returns as soon as it is true; raises PlatformFailed."""
        deadline = time.monotonic() + within_s
        while self._process.poll() is None:
            if seen := look():
                return seen
            if time.monotonic() > deadline:
                raise PlatformFailed(f"waited {within_s} s for {what}\n{self._end_of_log()}")
            time.sleep(0.05)
        raise PlatformFailed(f"the platform ended with {self._process.returncode}\n{self._end_of_log()}")

    def metric(self, name: str, **labels: str) -> float:
        """Scrape the metrics as Prometheus does, and return one sample; 0 while there is none."""
        families = text_string_to_metric_families(self._request("GET", "/metrics")[1].decode())
        samples = (sample for family in families for sample in family.samples)
        return next((one.value for one in samples if (one.name, one.labels) == (name, labels)), 0.0)

    def _started(self) -> "subprocess.Popen[bytes]":
        with self.log.open("ab") as log:
            return subprocess.Popen(_offhook("serve"), cwd=self._folder, env=self._environment, stdout=log, stderr=log)

    def _furnish(self) -> None:
        office.furnish(self.database_url, dins=(NUMBER, UNSUBSCRIBED_NUMBER), sid=SID, token=TOKEN, source=self._trunk)
        (number,) = [number for number in self.api("GET", "/voice/dins/") if number["din"] == NUMBER]
        self.api("POST", "/voice/dins/subscriptions/", {"din_uid": number["din_uid"], "action_url": self._action_url})
        # What an operator changes reaches a running node within seconds, not at once.
        self.wait_until(
            lambda: sip_probe.is_answered(self.sip, host=self._trunk), within_s=5, what="the trunk to be known"
        )

    def _is_ready(self) -> bool:
        try:
            return self._request("GET", "/readyz")[0] == 200
        except (OSError, HTTPException):
            return False

    def _request(
        self,
        method: str,
        path: str,
        fields: Mapping[str, str] | None = None,
        key: str | None = None,
        *,
        document: Any = None,
    ) -> tuple[int, bytes]:
        connection = HTTPConnection("127.0.0.1", self._http_port, timeout=HTTP_S)
        credentials = base64.b64encode(f"{SID}:{TOKEN}".encode()).decode()
        headers = {"Authorization": f"Basic {credentials}", "Content-Type": "application/x-www-form-urlencoded"}
        if key is not None:
            headers["Idempotency-Key"] = key
        try:
            body = urlencode(fields) if fields else None
            if document is not None:
                body, headers["Content-Type"] = json.dumps(document), "application/json"
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            return response.status, response.read()
        finally:
            connection.close()

    def _end_of_log(self) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-60:])

    def _stop(self) -> None:
        self._process.terminate()
        try:
            self._process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def _offhook(*words: str) -> list[str]:
    return [sys.executable, "-P", "-m", "offhook", *words]
