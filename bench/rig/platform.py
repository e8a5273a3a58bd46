"""A real `offhook serve` with a new database, set up as an operator and a customer would."""

import base64
import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Self
from urllib.parse import urlencode

from free_ports import sip_port, tcp_port

HOST = "127.0.0.1"
SID = "benchAccountSid0123456789"
TOKEN = "benchAccountToken0123456789"
START_S = 30.0
STOP_S = 15.0
TRUNK_KNOWN_S = 2.5
"""A node learns within 2 s of a trunk that the command line added."""

LIMITS = {
    "OFFHOOK_CALLS_PER_SOURCE": "100000",
    "OFFHOOK_CALLS_PER_NODE": "100000",
    "OFFHOOK_CALLS_PER_TRUNK": "100000",
    "OFFHOOK_CALLS_PER_NUMBER": "100000",
    "OFFHOOK_CALLS_PER_ACCOUNT": "100000",
}
"""The limits that are raised: one source brings all calls, and all go to one number."""


class PlatformFailed(RuntimeError):
    """The platform did not come up, or refused to be set up."""


class Platform:
    """One node on loopback, with the numbers of `urls` subscribed and pointed at their action URLs.

    `settings` are further ones, such as a database that is furnished already.
    """

    def __init__(
        self, folder: Path, urls: Mapping[str, str], cores: set[int], settings: Mapping[str, str] = MappingProxyType({})
    ) -> None:
        self._folder = folder
        self._urls = urls
        self._cores = cores
        self.http = tcp_port(HOST)
        self.sip = (HOST, sip_port(HOST))
        self.environment = {name: value for name, value in os.environ.items() if not name.startswith("OFFHOOK_")} | {
            "OFFHOOK_HTTP": f"{HOST}:{self.http}",
            "OFFHOOK_SIP": f"{self.sip[0]}:{self.sip[1]}",
            "OFFHOOK_RTP_PORTS": "16384-24575",
            "OFFHOOK_DATA_FOLDER": str(folder / "data"),
            "OFFHOOK_ALLOW_ADDRESSES": "127.0.0.0/8",
            "OFFHOOK_MEDIA_WORKERS": "1",
            **LIMITS,
            **settings,
        }

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def database(self) -> Path:
        """The SQLite file, unless `settings` name another database."""
        return self._folder / "data" / "offhook.db"

    def __enter__(self) -> Self:
        with (self._folder / "platform.log").open("wb") as log:
            self._process = subprocess.Popen(
                _offhook("serve"), cwd=self._folder, env=self.environment, stdout=log, stderr=log
            )
        # Its workers are started later and inherit this.
        os.sched_setaffinity(self._process.pid, self._cores)
        try:
            self._wait_until_ready()
            if self._urls:
                self._furnish()
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._stop()

    def log(self) -> str:
        """Return the end of what the platform said."""
        return (self._folder / "platform.log").read_text(errors="replace")[-2000:]

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + START_S
        while time.monotonic() < deadline and self._process.poll() is None:
            try:
                if self._request("GET", "/readyz")[0] == 200:
                    return
            except (OSError, HTTPException):
                time.sleep(0.05)
        raise PlatformFailed(f"offhook serve did not come up\n{self.log()}")

    def _furnish(self) -> None:
        pool = self._folder / "numbers.csv"
        rows = [f"{din},81,50,650,1,bench" for din in self._urls]
        pool.write_text("\n".join(["din,country_code,prefix,monthly_cost,minute_cost,trunk", *rows, ""]))
        self._cli("trunks", "add", "bench", "--source", f"{HOST}/32")
        self._cli("numbers", "import", str(pool))
        self._cli("accounts", "create", "Bench", "--credit", "100000000", "--sid", SID, "--token", TOKEN)
        for number in json.loads(self._ask("GET", "/voice/dins/")):
            fields = {"din_uid": number["din_uid"], "action_url": self._urls[number["din"]]}
            self._ask("POST", "/voice/dins/subscriptions/", fields)
        time.sleep(TRUNK_KNOWN_S)

    def _cli(self, *words: str) -> None:
        done = subprocess.run(
            _offhook(*words), cwd=self._folder, env=self.environment, capture_output=True, text=True, check=False
        )
        if done.returncode != 0:
            raise PlatformFailed(f"offhook {' '.join(words)}\n{done.stdout}{done.stderr}")

    def _ask(self, method: str, path: str, fields: Mapping[str, str] | None = None) -> bytes:
        status, body = self._request(method, path, fields)
        if status not in (200, 201):
            raise PlatformFailed(f"{method} {path} answered {status}: {body.decode(errors='replace')}")
        return body

    def _request(self, method: str, path: str, fields: Mapping[str, str] | None = None) -> tuple[int, bytes]:
        connection = HTTPConnection(HOST, self.http, timeout=10)
        credentials = base64.b64encode(f"{SID}:{TOKEN}".encode()).decode()
        headers = {"Authorization": f"Basic {credentials}", "Content-Type": "application/x-www-form-urlencoded"}
        try:
            connection.request(method, path, urlencode(fields) if fields else None, headers)
            response = connection.getresponse()
            return response.status, response.read()
        finally:
            connection.close()

    def _stop(self) -> None:
        self._process.terminate()
        try:
            self._process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def _offhook(*words: str) -> list[str]:
    return [sys.executable, "-P", "-m", "offhook", *words]
