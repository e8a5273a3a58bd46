"""Files of lines with a header (CSV), as operators bring them: numbers and rates."""

import csv
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from offhook.errors import InputError

FIRST_LINE = 2
"""Line 1 of a file is its header."""
LONGEST_LINE = 10_000
"""Characters. A line that long is another kind of file, or a quote that nobody closed."""
_PARTS = {";": "semicolons", "\t": "tabs"}


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line that keeps a whole file out."""

    line: int
    reason: str


def read_rows(lines: Iterable[str], columns: Sequence[str], optional: Collection[str]) -> Iterator[Mapping[str, str]]:
    """Read CSV lines with a header; rows and lines keep in step, since a line without a row of its own is an empty row.

    Raises InputError (`header`) when the first line does not name the columns, each once; `optional` ones may be
    left out. Raises csv.Error naming the line where the file is no CSV.
    """
    records = _records(lines)
    _, names = next(records, (1, []))
    header = [name.strip().removeprefix("\ufeff") for name in names]
    if missing := [name for name in columns if name not in header and name not in optional]:
        # What some programs of tables write as CSV where the comma is in their numbers.
        other = next((mark for mark in ";\t" if mark in "".join(header)), None)
        hint = "" if other is None else f"part the columns by commas; here it is by {_PARTS[other]}"
        said = f"the first line names the columns {','.join(columns)}; missing: {', '.join(missing)}"
        raise InputError("header", said, hint=hint)
    if twice := sorted({name for name in header if header.count(name) > 1}):
        raise InputError("header", f"the first line names a column twice: {', '.join(twice)}")
    expected = FIRST_LINE
    for line, cells in records:
        # A quoted cell may hold line ends: its row stands on its first line, the others have none.
        yield from [{}] * (line - expected)
        expected = line + 1
        surplus = {f"column {place}": cell for place, cell in enumerate(cells[len(header) :], len(header) + 1)}
        yield dict(zip(header, cells, strict=False)) | surplus


def _records(lines: Iterable[str]) -> Iterator[tuple[int, list[str]]]:
    """Read CSV strictly: what each record holds, and the line that it begins on."""
    reader = csv.reader(_measured(lines), strict=True)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader, None)
        except csv.Error as error:
            raise csv.Error(f"line {line}: {error}") from None
        if cells is None:
            return
        yield line, cells


def _measured(lines: Iterable[str]) -> Iterator[str]:
    for line in lines:
        if len(line) > LONGEST_LINE:
            raise csv.Error(f"it is longer than {LONGEST_LINE:,} characters")
        yield line
