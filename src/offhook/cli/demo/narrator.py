"""Tells the demo while it plays: with a spinner in a terminal, line by line elsewhere."""

import sys
from types import TracebackType
from typing import Self

from rich.console import RenderableType
from rich.text import Text

from offhook.cli.output import console, write


class Narrator:
    """Speaks to standard output or, when that belongs to a JSON document, to standard error."""

    def __init__(self, *, as_json: bool) -> None:
        self._console = console(sys.stderr if as_json else sys.stdout)
        self._status = self._console.status("")
        self.width: int = self._console.width

    def __enter__(self) -> Self:
        if self._console.is_terminal:
            self._status.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._status.stop()

    def begin(self, part: str) -> None:
        """Say what comes now."""
        self._console.print(Text(f"==> {part}", style="bold"))
        self._status.update(Text(part, style="dim"))

    def say(self, text: str, style: str = "") -> None:
        """Tell one thing that was done."""
        self._console.print(Text(f"    {text}", style=style))

    def show(self, part: RenderableType) -> None:
        """Show a table or a waterfall."""
        write(part, self._console)
        self._console.print()
