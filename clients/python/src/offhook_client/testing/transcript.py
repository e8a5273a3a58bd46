"""What a call did so far, for people: a word and a text a line."""

_WIDTH = 9
_INDENT = "  "
_MOST_LINES = 60
"""A call that goes in circles is shown in part: its beginning and its end."""


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
        if len(lines) > _MOST_LINES:
            half = _MOST_LINES // 2
            lines[half:-half] = [f"{_INDENT}… and {len(lines) - 2 * half} lines more, until"]
        return "\n".join([self._heading, *lines])
