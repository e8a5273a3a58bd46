"""Files of lines with a header: what stands on which line."""

import csv

import pytest

from offhook.errors import InputError
from offhook.service.tables import FIRST_LINE, LONGEST_LINE, read_rows


def read(*lines: str) -> dict[int, dict[str, str]]:
    """Read a file with the columns `a` and, if there is one, `b`; empty rows are left out."""
    rows = enumerate(read_rows(lines, ("a", "b"), ("b",)), FIRST_LINE)
    return {line: dict(row) for line, row in rows if row}


def test_cells_stand_under_the_names_of_their_columns() -> None:
    assert read("b,a\n", "1,2\n", "3\n") == {2: {"b": "1", "a": "2"}, 3: {"b": "3"}}


def test_cells_without_a_column_are_named_by_their_place() -> None:
    assert read("a\n", "1,2,3\n") == {2: {"a": "1", "column 2": "2", "column 3": "3"}}


def test_rows_are_found_by_the_line_they_begin_on() -> None:
    lines = ["a,b\n", "\n", '"1\n', "\n", '1",2\r\n', "3,4\n", "\n", "5\n"]
    assert read(*lines) == {3: {"a": "1\n\n1", "b": "2"}, 6: {"a": "3", "b": "4"}, 8: {"a": "5"}}


def test_a_header_may_take_several_lines() -> None:
    assert read('a,"c\n', 'd"\n', "1,2\n") == {3: {"a": "1", "c\nd": "2"}}


@pytest.mark.parametrize(("header", "mark"), [("a;b", "semicolons"), ("a\tb", "tabs")])
def test_a_file_of_another_mark_than_the_comma_is_told_so(header: str, mark: str) -> None:
    with pytest.raises(InputError, match="missing: a") as refused:
        read(header)
    assert refused.value.hint == f"part the columns by commas; here it is by {mark}"


@pytest.mark.parametrize(
    ("header", "sentence"),
    [
        ("", "missing: a"),
        ("b", "missing: a"),
        ("a,b,b", "twice: b"),
        ("a, a ,b,b", "twice: a, b"),
        ("\ufeffa,a", "twice: a"),
        ("a\0", "missing: a"),
    ],
)
def test_a_header_names_every_column_once(header: str, sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        read(header, "1")


@pytest.mark.parametrize(
    ("lines", "sentence"),
    [
        (["a\n", '1"2"\n', '"1"2\n'], "line 3: .* expected after"),
        (["a\n", "1\n", '"2\n', "3\n"], "line 3: unexpected end of data"),
        (["a\n", "\n", "1" * LONGEST_LINE + "\n"], "line 3: it is longer than 10,000 characters"),
        (['"a\n'], "line 1: unexpected end of data"),
    ],
)
def test_what_is_no_csv_is_told_with_its_line(lines: list[str], sentence: str) -> None:
    with pytest.raises(csv.Error, match=sentence):
        read(*lines)


def test_the_longest_line_is_read() -> None:
    assert read("a\n", "1" * (LONGEST_LINE - 1) + "\n")[2]["a"].startswith("11")
