"""The callee of the demo: the real `offhook phone` in a process of its own, which answers and says a sentence."""

from collections.abc import Iterator
from contextlib import contextmanager

from offhook.cli.demo.documents import text_of
from offhook.cli.demo.node import Operator, open_program


@contextmanager
def open_callee(operator: Operator, sentence: str) -> Iterator[str]:
    """Run a phone for as long as the context lasts; gives where it is called, `HOST:PORT`. Raises DemoFailed."""
    with open_program(operator, "phone", "--listen", "127.0.0.1:0", "--say", sentence, "--json") as said:
        yield text_of(said, "listening")
