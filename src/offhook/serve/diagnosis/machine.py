"""What is measured of the machine itself. These functions block, and run in threads."""

import ctypes
import json
import os
import shutil
import socket
from contextlib import suppress
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from tempfile import TemporaryFile
from threading import Timer
from time import monotonic

from prometheus_client.parser import text_string_to_metric_families

from offhook.config.values import HostPort
from offhook.domain.diagnosis.machine import Disk
from offhook.domain.diagnosis.nodes import Load
from offhook.engine.net.port_probe import reached_at

ASK_S = 2.0
LONGEST_ANSWER = 4 * 1024 * 1024
OK = 200
_TIME_ERROR = 5
"""What adjtimex returns while nobody synchronises the clock."""
_TIMEX_BYTES = 512
"""More than its struct has anywhere; zeros ask for nothing to be changed."""


def look_at_disk(folder: Path) -> Disk:
    """Say what the file system of the data folder has left, and write there, into a file that has no name."""
    try:
        place = _nearest(folder)
        space = shutil.disk_usage(place)
        counted = os.statvfs(place)
        with TemporaryFile(dir=place) as file:
            file.write(b"offhook doctor")
    except OSError as error:
        return Disk(str(folder), problem=f"it cannot be written to: {error.strerror or error}")
    # Some file systems have no fixed number of files, and say 0 of 0.
    files = counted.f_favail if counted.f_files else None
    return Disk(str(folder), space.free, space.total, files)


def _nearest(folder: Path) -> Path:
    """Return the folder or, before the first start, what is above it: that says as much. Raises OSError."""
    for place in (folder, *folder.absolute().parents):
        # A file or a broken link that stands in its place is found too, and cannot be written into.
        with suppress(FileNotFoundError, NotADirectoryError):
            place.lstat()
            return place
    return Path("/")


def is_clock_synchronised() -> bool | None:
    """Return what the kernel says of its clock (adjtimex(2)); None if it says nothing."""
    try:
        adjtimex = ctypes.CDLL(None).adjtimex
    except (OSError, AttributeError):
        return None
    state = int(adjtimex(ctypes.create_string_buffer(_TIMEX_BYTES)))
    return None if state < 0 else state != _TIME_ERROR


def ask_readiness(http: HostPort) -> tuple[int | None, str | None]:
    """Return the status of `/readyz` and what it says (None: it is not ours), or no status and why nobody answers."""
    status, body = _get(http, "/readyz")
    return status, body.decode("utf-8", "replace") if status is None else _told(body)


def ask_load(http: HostPort) -> Load | None:
    """Return what the metrics of the node say of its load; None if nobody says anything."""
    status, body = _get(http, "/metrics")
    if status != OK:
        return None
    busy: dict[str, float] = {}
    known: dict[str, float] = {}
    try:
        for family in text_string_to_metric_families(body.decode("utf-8", "replace")):
            for sample in family.samples:
                if sample.name == "offhook_media_worker_busy_ratio":
                    busy[sample.labels["worker"]] = sample.value
                else:
                    known[sample.name] = sample.value
        return Load(busy, known["offhook_loop_lag_seconds"], known["offhook_overloaded"] > 0)
    except (ValueError, KeyError):
        # Whoever has that port, it is no node of ours.
        return None


def _get(http: HostPort, path: str) -> tuple[int | None, bytes]:
    """Return status and body of an answer, or no status and why there is none."""
    connection = HTTPConnection(_host_of(http.host), http.port, timeout=ASK_S)
    # The time-out of a socket is one of silence: whoever sends a byte a second would keep us for ever.
    until, alarm = monotonic() + ASK_S, None
    try:
        connection.connect()
        alarm = Timer(ASK_S, _break_off, (connection.sock,))
        alarm.start()
        connection.request("GET", path)
        response = connection.getresponse()
        status, body = response.status, response.read(LONGEST_ANSWER)
    except (OSError, HTTPException, UnicodeError) as error:
        status, body = None, (str(error) or type(error).__name__).encode()
    finally:
        if alarm is not None:
            alarm.cancel()
        connection.close()
    return (status, body) if monotonic() < until else (None, f"it was not done within {ASK_S:g} s".encode())


def _break_off(connected: socket.socket) -> None:
    # It may have ended a moment ago.
    with suppress(OSError):
        connected.shutdown(socket.SHUT_RDWR)


def _host_of(host: str) -> str:
    try:
        return reached_at(host)
    except ValueError:
        # A name and no address.
        return host


def _told(body: bytes) -> str | None:
    """Return what `/readyz` names: its parts, or the sentence about what is not ready; None if it is not ours."""
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return None
    match document:
        case {"parts": [*parts]}:
            return ", ".join(map(str, parts))
        case {"detail": str(sentence)}:
            return sentence
    return None
