"""What a call did so far, for people: a word and a text a line."""

_WIDTH = 9
_INDENT = "  "


class Transcript:
    """The lines of one call, below a heading."""

    def __init__(self, heading: str) -> None:
        self._heading = heading
        self._lines: list[tuple[str, str]] = []

    def add(self, word: str, text: str) -> None:
        """Note that something happened; further lines of the text stand below its first."""
        self._lines.append((word, text))

    def drawn(self) -> str:
        """Return all that happened."""
        below = "\n" + _INDENT + " " * _WIDTH
        lines = [f"{_INDENT}{word:<{_WIDTH}}{text.replace(chr(10), below)}".rstrip() for word, text in self._lines]
        return "\n".join([self._heading, *lines])
