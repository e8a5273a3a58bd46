from pathlib import Path

import pytest

from terminal import Printed, Terminal

HEADER = "din,country_code,prefix,monthly_cost,minute_cost,trunk\n"
GOOD = HEADER + "815012345678,81,50,650,1,lab\n+12025550143,1,202,2.5,0.01,\n"
BAD = HEADER + "815012345678,81,50,650,1,lab\nabc,81,50,650,1,lab\n815012345679,81,50,650,1,nowhere\n"


@pytest.fixture
def furnished(terminal: Terminal) -> Terminal:
    terminal.type("trunks", "add", "lab", "--source", "127.0.0.1/32")
    return terminal


def written(terminal: Terminal, text: str, *words: str) -> Printed:
    Path("numbers.csv").write_text(text)
    return terminal.type("numbers", "import", "numbers.csv", *words)


def test_numbers_are_imported_from_a_file(furnished: Terminal) -> None:
    printed = written(furnished, GOOD)
    assert (printed.status, printed.out) == (0, "2 numbers were added to the pool\n")


def test_numbers_are_imported_from_standard_input_with_a_byte_order_mark(furnished: Terminal) -> None:
    printed = furnished.type("numbers", "import", "-", "--json", stdin=b"\xef\xbb\xbf" + GOOD.encode())
    assert printed.document == {"imported": 2}


def test_every_bad_line_is_reported_and_nothing_is_imported(furnished: Terminal) -> None:
    printed = written(furnished, BAD)
    assert printed.status == 1
    assert printed.err.splitlines() == [
        "  line 3: din: 'abc' is not 7 to 15 digits of E.164",
        "  line 4: trunk: there is no trunk 'nowhere'",
        "error: 2 lines are wrong; nothing was imported",
        "  code: lines-wrong",
    ]
    assert written(furnished, GOOD).status == 0


def test_bad_lines_are_details_of_the_json_error(furnished: Terminal) -> None:
    printed = written(furnished, BAD, "--json")
    assert (printed.status, printed.out, printed.error["code"]) == (1, "", "lines-wrong")
    assert len(printed.error["details"]) == 2


def test_a_file_that_is_not_there_or_not_utf8_is_an_error(furnished: Terminal) -> None:
    assert furnished.type("numbers", "import", "nothing.csv", "--json").error["code"] == "file-unusable"
    latin = HEADER.encode() + b"815012345678,81,50,650,1,b\xfcro\n"
    printed = furnished.type("numbers", "import", "-", "--json", stdin=latin)
    assert printed.error["sentence"] == "- is not UTF-8: see line 2"


def test_a_cell_that_is_endless_is_an_error(furnished: Terminal) -> None:
    printed = written(furnished, HEADER + '"' + "8" * 200_000, "--json")
    assert printed.error["code"] == "file-unusable"


@pytest.mark.parametrize("text", ["", "815012345678,81,50,650,1,lab\n", "din,country_code\n815012345678,81\n"])
def test_a_file_whose_first_line_does_not_name_the_columns_is_an_error(furnished: Terminal, text: str) -> None:
    printed = written(furnished, text, "--json")
    assert (printed.status, printed.out) == (1, "")
    assert "the first line names the columns" in printed.error["sentence"]
