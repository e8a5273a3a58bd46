"""Lists as CSV: what a spreadsheet makes of them."""

import csv
from datetime import UTC, date, datetime, timedelta, timezone
from io import StringIO

import pytest

from offhook.domain.credits import CREDIT
from offhook.service.sheets import Cell, Sheet, credits_cell

SHEET: Sheet[tuple[Cell, ...]] = Sheet(("first", "second"), lambda row: row)


def written(*row: Cell) -> str:
    return SHEET.lines([row])


def test_rows_stand_under_the_names_of_their_columns() -> None:
    assert SHEET.whole([('a "b", c', 1), ("d", 2)]) == 'first,second\r\n"a ""b"", c",1\r\nd,2\r\n'


def test_nothing_is_an_empty_cell() -> None:
    assert written(None, "") == ",\r\n"


def test_times_are_written_in_utc_and_whole_seconds() -> None:
    tokyo = datetime(2026, 11, 23, 15, 0, 59, 999999, timezone(timedelta(hours=9)))
    assert written(tokyo, datetime(2026, 11, 23, 6, 1, tzinfo=UTC)) == "2026-11-23T06:00:59Z,2026-11-23T06:01:00Z\r\n"
    assert written(date(2026, 11, 23)) == "2026-11-23\r\n"


@pytest.mark.parametrize(
    ("micro", "cell"),
    [
        (0, "0.0"),
        (CREDIT, "1.0"),
        (-650 * CREDIT, "-650.0"),
        (CREDIT // 4, "0.25"),
        (1, "0.000001"),
        (-1, "-0.000001"),
        (10**15, "1000000000.0"),
        (10**15 + 1, "1000000000.000001"),
    ],
)
def test_amounts_are_exact_numbers_without_an_exponent(micro: int, cell: str) -> None:
    assert written(credits_cell(micro)) == cell + "\r\n"


def test_negative_numbers_stay_numbers() -> None:
    assert written(-1, credits_cell(-CREDIT)) == "-1,-1.0\r\n"


@pytest.mark.parametrize(
    "text",
    [
        *("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "\tx", "\rx", "\nx"),
        # Blanks and what nobody sees before it: no-break space, ideographic space, zero width space, byte order mark.
        *(" =1", "   +1", "\u00a0=1", "\u3000@x", "\u200b=1", "\ufeff-1", "\x00=1", " \n=1", " \tx"),
        # Wide, small and raised forms, and the minus sign.
        *("＝1+1", "＋1", "－1", "＠x", " ＝1", "﹦1", "﹢1", "﹣1", "﹫x", "⁼1", "⁺1", "−1"),
    ],
)
def test_a_spreadsheet_is_given_no_formula_to_run(text: str) -> None:
    [[cell]] = csv.reader(StringIO(written(text), newline=""))
    assert cell == "'" + text


@pytest.mark.parametrize(
    "text",
    [
        *(
            "819012345678",
            "https://shop.example/?a=1",
            "Shop",
            "Größe",
            "店",
            "٣",
            " two words",
            "",
            " ",
            "(=1)",
            "'=1",
        ),
        *("1=1", "a\n=1", "#12", "*21#", "…"),
    ],
)
def test_other_texts_stay_as_they_are(text: str) -> None:
    [row] = csv.reader(StringIO(written(text, ""), newline=""))
    assert row == [text, ""]
