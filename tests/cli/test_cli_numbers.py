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


def test_a_file_may_have_more_columns_than_it_must(furnished: Terminal) -> None:
    header = HEADER.strip() + ",day_cost,allow_transfer,requires_verification\n"
    printed = written(furnished, header + "815012345678,81,50,650,1,lab,20,no,yes\n", "--json")
    assert printed.document == {"imported": 1}


def test_every_bad_line_is_reported_and_nothing_is_imported(furnished: Terminal) -> None:
    printed = written(furnished, BAD)
    assert printed.status == 1
    assert printed.err.splitlines() == [
        "  line 3: din: 'abc' is not 7 to 15 digits of E.164",
        "  line 4: trunk: there is no trunk 'nowhere'",
        "error: 2 lines are wrong; nothing was imported",
        "  code: lines-wrong (offhook explain lines-wrong)",
    ]
    assert written(furnished, GOOD).status == 0


def test_a_dry_run_tells_how_many_numbers_a_file_would_add_and_adds_none(furnished: Terminal) -> None:
    printed = written(furnished, GOOD, "--dry-run")
    assert (printed.status, printed.out) == (0, "2 numbers would be added to the pool\n")
    assert written(furnished, GOOD, "--dry-run", "--json").document == {"imported": 0, "would_import": 2}
    assert written(furnished, GOOD, "--json").document == {"imported": 2}


def test_a_dry_run_reports_what_an_import_would(furnished: Terminal) -> None:
    written(furnished, GOOD)
    for text in (GOOD, BAD):
        dry, real = written(furnished, text, "--dry-run"), written(furnished, text)
        assert (dry.status, dry.out, dry.err) == (1, "", real.err)


def test_a_line_is_named_by_its_number_in_the_file(furnished: Terminal) -> None:
    # The third number stands on line 6: one cell holds two line ends, and U+2028 is none.
    lines = '815012345678,81,50,650,1,"la\u2028b"\n81,81,50,650,1,"\n\nlab"\n12,81,50,650,1,lab\n'
    printed = written(furnished, HEADER + lines, "--json")
    assert [detail.split(":")[0] for detail in printed.error["details"]] == ["line 2", "line 3", "line 6"]


def test_bad_lines_are_details_of_the_json_error(furnished: Terminal) -> None:
    printed = written(furnished, BAD, "--json")
    assert (printed.status, printed.out, printed.error["code"]) == (1, "", "lines-wrong")
    assert len(printed.error["details"]) == 2


def test_a_file_that_is_not_there_or_not_utf8_is_an_error(furnished: Terminal) -> None:
    assert furnished.type("numbers", "import", "nothing.csv", "--json").error["code"] == "file-unusable"
    latin = HEADER.encode() + b"815012345678,81,50,650,1,b\xfcro\n"
    printed = furnished.type("numbers", "import", "-", "--json", stdin=latin)
    assert printed.error["sentence"] == "- is not UTF-8: see line 2"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("1,2\n" + "8" * 200_000, "line 3: it is longer than 10,000 characters"),
        ('"' + ("8" * 5_000 + "\n") * 50, "line 2: field larger than field limit (131072)"),
        ('1,2\n3,"never closed\n5\n', "line 3: unexpected end of data"),
        ('"81"5012345678,81', "line 2: ',' expected after '\"'"),
    ],
)
def test_a_file_that_is_no_csv_is_an_error_that_names_the_line(furnished: Terminal, text: str, reason: str) -> None:
    printed = written(furnished, HEADER + text, "--json")
    assert printed.error["code"] == "file-unusable"
    assert printed.error["sentence"] == f"numbers.csv is not CSV: {reason}"


def test_a_column_named_twice_is_an_error(furnished: Terminal) -> None:
    text = "din,country_code,prefix,monthly_cost,minute_cost,minute_cost\n815012345678,81,50,650,1,2\n"
    printed = written(furnished, text, "--json")
    assert printed.error["sentence"] == "the first line names a column twice: minute_cost"


@pytest.mark.parametrize("text", ["", "815012345678,81,50,650,1,lab\n", "din,country_code\n815012345678,81\n"])
def test_a_file_whose_first_line_does_not_name_the_columns_is_an_error(furnished: Terminal, text: str) -> None:
    printed = written(furnished, text, "--json")
    assert (printed.status, printed.out) == (1, "")
    assert "the first line names the columns" in printed.error["sentence"]


def test_the_pool_is_listed(furnished: Terminal) -> None:
    written(furnished, GOOD)
    lines = furnished.type("numbers", "list").out.splitlines()
    assert lines[0].split() == ["number", "is", "of", "until", "(UTC)", "30", "days", "minute", "trunk"]
    assert lines[2].split() == ["12025550143", "free", "2.50", "0.01"]
    [number] = furnished.type("numbers", "list", "--contains", "+8150", "--json").document
    assert number.pop("din_uid").startswith("JP")
    assert number == {
        "din": "815012345678",
        "state": "free",
        "account": None,
        "until": None,
        "monthly_cost": 650.0,
        "minute_cost": 1.0,
        "trunk": "lab",
    }
    assert furnished.type("numbers", "list", "--after", "+815012345678", "--json").document == []
    assert furnished.type("numbers", "list", "--limit", "0").status == 2
