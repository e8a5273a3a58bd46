"""Keys as they are typed, without waiting for the end of a line: those of a telephone, and q to hang up."""

import asyncio
import contextlib
import os
import sys
from collections.abc import Callable, Iterator

KEYS = "0123456789*#ABCD"
HANG_UP = "q"
MOST_BYTES = 64


@contextlib.contextmanager
def typing(press: Callable[[str], None], hang_up: Callable[[], None]) -> Iterator[None]:
    """Tell of keys that are typed on standard input for as long as the context lasts; all others mean nothing."""
    try:
        place = sys.stdin.fileno()
    except (OSError, ValueError, AttributeError):
        # There is no keyboard, so nothing is typed.
        yield
        return
    loop = asyncio.get_running_loop()

    def read() -> None:
        typed = os.read(place, MOST_BYTES).decode(errors="replace")
        if not typed:
            loop.remove_reader(place)
        for character in typed:
            if character == HANG_UP:
                hang_up()
            elif character.upper() in KEYS:
                press(character.upper())

    with _at_once(place):
        try:
            loop.add_reader(place, read)
        except OSError:
            # A file is always there to be read, and is no keyboard.
            yield
            return
        try:
            yield
        finally:
            loop.remove_reader(place)


@contextlib.contextmanager
def _at_once(place: int) -> Iterator[None]:
    """Have a terminal give each key as it is typed and show none; Ctrl-C means what it always does."""
    if not os.isatty(place):
        yield
        return
    import termios
    import tty

    before = termios.tcgetattr(place)
    try:
        tty.setcbreak(place)
        yield
    finally:
        termios.tcsetattr(place, termios.TCSADRAIN, before)
