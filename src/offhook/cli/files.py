"""Files and folders that a command reads and writes; `-` is standard input, or standard output."""

import csv
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from io import StringIO
from pathlib import Path

from offhook.cli.errors import FileUnusable

STANDARD_INPUT = STANDARD_OUTPUT = Path("-")


def read_bytes(path: Path, *, at_most: int) -> bytes:
    """Return a file's bytes; raises FileUnusable, also for a file that is longer than `at_most`."""
    try:
        if path == STANDARD_INPUT:
            data = sys.stdin.buffer.read(at_most + 1)
        else:
            with path.open("rb") as file:
                data = file.read(at_most + 1)
    except OSError as error:
        raise FileUnusable("file", f"{path} cannot be read: {error.strerror}") from None
    if len(data) > at_most:
        raise FileUnusable("file", f"{path} is longer than {at_most:,} bytes")
    return data


def read_text(path: Path, *, at_most: int) -> str:
    """Return a file's text, which is UTF-8 with or without a byte order mark; raises FileUnusable."""
    data = read_bytes(path, at_most=at_most)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise FileUnusable("file", f"{path} is not UTF-8: see line {line}", hint="save it as UTF-8") from None


def read_table(
    path: Path, read_rows: Callable[[Iterable[str]], Iterator[Mapping[str, str]]], *, at_most: int
) -> list[Mapping[str, str]]:
    """Return the rows of a CSV file; raises FileUnusable, and whatever `read_rows` has to say of the header."""
    # csv wants to see the line ends itself, and no others than a file has: a quoted cell may hold one.
    lines = StringIO(read_text(path, at_most=at_most), newline="")
    try:
        return list(read_rows(lines))
    except csv.Error as error:
        raise FileUnusable("file", f"{path} is not CSV: {error}") from None


def make_folder(path: Path) -> None:
    """Let there be a folder of this name; raises FileUnusable."""
    try:
        path.mkdir(exist_ok=True)
    except OSError as error:
        raise FileUnusable("file", f"the folder {path} cannot be made here: {error.strerror}") from None


@contextmanager
def writing(path: Path) -> Iterator[Callable[[str], object]]:
    """Give a function that writes a file's text bit by bit, in UTF-8. Raises and keeps what `writing_bytes` does."""
    with writing_bytes(path) as write:
        yield lambda text: write(text.encode())


@contextmanager
def writing_bytes(path: Path) -> Iterator[Callable[[bytes], object]]:
    """Give a function that writes a file bit by bit; raises FileUnusable.

    The file takes its place when it is whole. If it never is, nothing is left of it, and what was there stays.
    """
    if path == STANDARD_OUTPUT:
        yield sys.stdout.buffer.write
        sys.stdout.buffer.flush()
        return
    place = path.resolve()
    # A device or a pipe is no file that another one could take the place of.
    is_replaced = not place.exists() or place.is_file()
    begun = place.with_name(f".{place.name}.{os.getpid()}") if is_replaced else place
    try:
        with begun.open("wb") as file:
            yield file.write
        if is_replaced:
            begun.replace(place)
    except OSError as error:
        raise FileUnusable("file", f"{path} cannot be written: {error.strerror}") from None
    finally:
        if is_replaced:
            begun.unlink(missing_ok=True)
