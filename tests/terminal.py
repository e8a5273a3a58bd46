"""A terminal for tests: types `offhook` commands in a folder of its own and keeps what they print."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from io import BytesIO, TextIOWrapper
from pathlib import Path
from typing import Any

import pytest
import structlog

from offhook.cli import main

ENDS_WITHIN_S = 300
"""The demo takes a minute and a half beside two busy processes on two cores."""


@dataclass(frozen=True, slots=True)
class Printed:
    """What a command left: its exit status, standard output and standard error."""

    status: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """The one JSON document on standard output."""
        return json.loads(self.out)

    @property
    def error(self) -> dict[str, Any]:
        """The one JSON error on standard error."""
        found: dict[str, Any] = json.loads(self.err)["error"]
        return found


class Terminal:
    """Runs commands in this process, which is quick, or each as a program of its own."""

    def __init__(self, folder: Path, capture: pytest.CaptureFixture[str], patch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        self._capture = capture
        self._patch = patch

    def type(self, *words: str, stdin: bytes = b"") -> Printed:
        """Run `offhook` with these words."""
        self._capture.readouterr()
        with self._patch.context() as patch:
            patch.setattr(sys, "stdin", TextIOWrapper(BytesIO(stdin)))
            status = main(words)
            # Each command is a program of its own; how it logs is no business of the next test.
            structlog.reset_defaults()
        captured = self._capture.readouterr()
        return Printed(status, captured.out, captured.err)

    def start(self, *words: str, **options: Any) -> "subprocess.Popen[str]":
        """Start `offhook` as a program; its streams are pipes unless the options say otherwise."""
        streams: dict[str, Any] = {
            "stdin": subprocess.PIPE,
            "stdout": subprocess.PIPE,
            "stderr": subprocess.PIPE,
        }
        return subprocess.Popen(
            command(*words), cwd=self.folder, env=clean_environment(), text=True, **streams | options
        )

    def run(self, *words: str) -> Printed:
        """Run `offhook` as a program until it ends."""
        with self.start(*words) as process:
            out, err = process.communicate(timeout=ENDS_WITHIN_S)
        return Printed(process.returncode, out, err)


def command(*words: str) -> list[str]:
    """Return what starts `offhook` with these words."""
    return [sys.executable, "-P", "-m", "offhook", *words]


def clean_environment() -> dict[str, str]:
    """Return the environment without anybody's settings."""
    return {name: value for name, value in os.environ.items() if not name.startswith("OFFHOOK_")}
