"""The callee of the demo: the real `offhook phone` in a process of its own, which answers and says a sentence."""

import select
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

from offhook.cli.demo.documents import read_document, text_of
from offhook.cli.demo.node import LOG_FILE, STOP_S, Operator, last_words, program
from offhook.cli.errors import DemoFailed

START_S = 30.0


@contextmanager
def open_callee(operator: Operator, sentence: str) -> Iterator[str]:
    """Run a phone for as long as the context lasts; gives where it is called, `HOST:PORT`. Raises DemoFailed."""
    with (operator.folder / LOG_FILE).open("ab") as log:
        process = subprocess.Popen(  # noqa: S603 (our own program, our own words)
            [*program(), "phone", "--listen", "127.0.0.1:0", "--say", sentence, "--json"],
            cwd=operator.folder,
            env=operator.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
        )
    with process:
        try:
            yield _place(process, operator)
        finally:
            process.terminate()
            try:
                # What it tells is read to its end, so that it never waits for a reader.
                process.communicate(timeout=STOP_S)
            except subprocess.TimeoutExpired:
                process.kill()


def _place(process: "subprocess.Popen[bytes]", operator: Operator) -> str:
    assert process.stdout is not None, "its standard output is a pipe"
    if select.select([process.stdout], [], [], START_S)[0] and (line := process.stdout.readline()):
        return text_of(read_document(line.decode()), "listening")
    raise DemoFailed("the callee's phone did not start; its last words were:\n" + last_words(operator.folder))
