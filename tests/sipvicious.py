"""SIPVicious as a foreign scanner: svmap looks for SIP devices, svwar for their users.

Only svmap keeps to the address that it is told to scan from; svwar always scans loopback from 127.0.0.1.
"""

import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from free_ports import udp_port

PATIENCE_S = 60
_ROW = re.compile(r"^\| (\S+) +\|", re.MULTILINE)
_HEADINGS = ("SIP", "Extension")


class ScanFailed(AssertionError):
    """A scanner did not come to an end of its own; the message holds what it wrote."""


@dataclass(frozen=True, slots=True)
class Scan:
    """What a scanner is asked to do: its program and words without the target."""

    program: str
    words: tuple[str, ...]


def svmap(*words: str) -> Scan:
    """Look for a device."""
    return Scan("svmap", words)


def svwar(method: str, users: str) -> Scan:
    """Look for these users, in svwar's own way of listing them, by requests of this method."""
    return Scan("svwar", ("-m", method, "-e", users, "--maximumtime", "2"))


def run(target: tuple[str, int], *scans: Scan, folder: Path) -> list[list[str]]:
    """Scan a target in all these ways at once; return what each found: addresses or users."""
    started = [_start(scan, target, folder) for scan in scans]
    try:
        return [_found(process) for process in started]
    finally:
        for process in started:
            process.kill()
            process.wait()


def _start(scan: Scan, target: tuple[str, int], folder: Path) -> "subprocess.Popen[str]":
    host, port = target
    return subprocess.Popen(
        [scan.program, *scan.words, "-P", str(udp_port()), "-p", str(port), host],
        cwd=folder,
        # Its sessions belong into the test's folder.
        env={**os.environ, "HOME": str(folder)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def _found(process: "subprocess.Popen[str]") -> list[str]:
    output, log = process.communicate(timeout=PATIENCE_S)
    found = [first for first in _ROW.findall(output) if first not in _HEADINGS]
    # A scanner that failed must not pass for one that found nothing.
    if process.returncode != 0 or bool(found) is ("found nothing" in log):
        raise ScanFailed(f"{process.args!r} ended with {process.returncode}\n{output}\n{log}")
    return found
