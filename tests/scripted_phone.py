"""`offhook phone --script` as a program, and calls to it by `offhook dial --script`."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from terminal import Printed, Terminal

ENDS_WITHIN_S = 60.0


class ScriptedPhone:
    """A phone that has said where it listens."""

    def __init__(self, terminal: Terminal, script: str, *words: str) -> None:
        Path("called.txt").write_text(script)
        self.process = terminal.start("phone", "--listen", "127.0.0.1:0", "--script", "called.txt", "--json", *words)
        # A line that never comes would be waited for without end.
        self._watchdog = threading.Timer(ENDS_WITHIN_S, self.process.kill)
        self._watchdog.start()
        assert self.process.stdout is not None
        first = self.process.stdout.readline()
        assert first, self.process.communicate()
        self.address: str = json.loads(first)["listening"]

    def ends(self) -> tuple[int, Any]:
        """Wait for the end; return the exit status and what it told of its call."""
        out, err = self.process.communicate(timeout=ENDS_WITHIN_S)
        assert not err
        return self.process.returncode, json.loads(out) if out else None

    def close(self) -> None:
        """End it, however far it came."""
        self._watchdog.cancel()
        self.process.kill()
        self.process.communicate()


@contextmanager
def scripted(terminal: Terminal, script: str, *words: str) -> Iterator[ScriptedPhone]:
    """Lend a phone that follows a script."""
    phone = ScriptedPhone(terminal, script, *words)
    try:
        yield phone
    finally:
        phone.close()


def dial(terminal: Terminal, address: str, script: str, *words: str, number: str = "1") -> Printed:
    """Call as a script says."""
    Path("caller.txt").write_text(script)
    return terminal.type("dial", number, "--to-sip", address, "--script", "caller.txt", *words)


def verdicts(document: Any) -> list[tuple[int, str]]:
    """Return the number and the verdict of each line."""
    return [(line["line"], line["verdict"]) for line in document["script"]["lines"]]
