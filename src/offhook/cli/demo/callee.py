"""The callee of the demo: the real `offhook phone` in a process of its own: answers, speaks, listens."""

import wave
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from offhook.cli.demo.documents import text_of
from offhook.cli.demo.node import START_S, Operator, Program, open_program

ENDED_S = 10.0
HEARD = "heard"
SAVED = "saved in "


@contextmanager
def open_callee(operator: Operator, sentence: str) -> Iterator["Callee"]:
    """Run a phone for as long as the context lasts. Raises DemoFailed."""
    words = ("phone", "--listen", "127.0.0.1:0", "--say", sentence, "--save", HEARD, "--json")
    with open_program(operator, *words) as program:
        yield Callee(program, operator.folder)


class Callee:
    """A running phone; `place` is where it is called, `HOST:PORT`."""

    def __init__(self, program: Program, folder: Path) -> None:
        self.place = text_of(program.read(START_S), "listening")
        self._program = program
        self._folder = folder

    def heard(self) -> bytes:
        """Return what its next call heard, once that is over: linear, 16 bits, 8 kHz, mono. Raises DemoFailed."""
        while not (text := text_of(self._program.read(ENDED_S), "text")).startswith(SAVED):
            continue
        with wave.open(str(self._folder / text.removeprefix(SAVED))) as file:
            samples: bytes = file.readframes(file.getnframes())
        return samples
