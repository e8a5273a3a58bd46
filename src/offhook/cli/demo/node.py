"""The platform of the demo: the real program in a process of its own, set up by the operator's real commands.

It lives on free ports of loopback and in a folder of its own; no setting of the machine's own platform reaches it.
"""

import os
import select
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from offhook.cli.demo.documents import read_document, text_of
from offhook.cli.documents import Document
from offhook.cli.errors import DemoFailed
from offhook.engine.sip.outputs import Destination

COMMAND_S = 30.0
START_S = 90.0
"""Voices are loaded at the start, which a crowded machine may take long for."""
STOP_S = 15.0
LOG_FILE = "platform.log"
LAST_LINES = 15


class Operator:
    """Types commands in the folder of the demo's platform."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        kept = {name: value for name, value in os.environ.items() if not name.startswith("OFFHOOK_")}
        self.environment = {**kept, "OFFHOOK_MEDIA_WORKERS": "1"}

    def run(self, *words: str) -> Document:
        """Run `offhook` with these words and return the document that it prints; raises DemoFailed."""
        try:
            finished = subprocess.run(  # noqa: S603 (our own program, our own words)
                [*_offhook(), *words, "--json"],
                cwd=self.folder,
                env=self.environment,
                capture_output=True,
                text=True,
                timeout=COMMAND_S,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise DemoFailed(f"offhook {' '.join(words)} did not end within {COMMAND_S:g} s") from None
        if finished.returncode:
            raise DemoFailed(f"offhook {' '.join(words)}: {finished.stderr.strip()}")
        return read_document(finished.stdout)


@contextmanager
def open_node(operator: Operator) -> Iterator["Node"]:
    """Run `offhook serve` for as long as the context lasts. Raises DemoFailed."""
    words = ("serve", "--json", "--http", "127.0.0.1:0", "--sip", "127.0.0.1:0", "--allow-addresses", "127.0.0.0/8")
    with open_program(operator, *words) as program:
        yield Node(program.read(START_S))


@contextmanager
def open_program(operator: Operator, *words: str) -> Iterator["Program"]:
    """Run `offhook` for as long as the context lasts."""
    with (operator.folder / LOG_FILE).open("ab") as log:
        process = subprocess.Popen(  # noqa: S603 (our own program, our own words)
            [*_offhook(), *words],
            cwd=operator.folder,
            env=operator.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            # What was read ahead would be hidden from `select`.
            bufsize=0,
        )
    with process:
        try:
            yield Program(process, words[0], operator.folder)
        finally:
            process.terminate()
            try:
                # What it still prints is read, so that it never waits for a reader.
                process.communicate(timeout=STOP_S)
            except subprocess.TimeoutExpired:
                process.kill()


class Program:
    """A running `offhook`, which prints documents, one a line."""

    def __init__(self, process: "subprocess.Popen[bytes]", command: str, folder: Path) -> None:
        self._process = process
        self._command = command
        self._folder = folder

    def read(self, within_s: float) -> Document:
        """Return the next document; raises DemoFailed."""
        out = self._process.stdout
        assert out is not None, "its standard output is a pipe"
        if select.select([out], [], [], within_s)[0] and (line := out.readline()):
            return read_document(line.decode())
        raise DemoFailed(f"offhook {self._command} did not go on; its last words were:\n" + last_words(self._folder))


class Node:
    """A running platform: where its API (`http`, a URL) and its SIP are reached."""

    def __init__(self, ready: Document) -> None:
        self.http = text_of(ready, "http")
        host, _, port = text_of(ready, "sip").rpartition(":")
        self.sip = Destination(host, int(port))


def last_words(folder: Path) -> str:
    """Return the end of the platform's log."""
    log = folder / LOG_FILE
    lines = log.read_text(errors="replace").splitlines() if log.exists() else []
    return "\n".join(lines[-LAST_LINES:])


def _offhook() -> list[str]:
    return [sys.executable, "-P", "-m", "offhook"]
