"""Lists as CSV."""

from pydantic import BaseModel

from offhook.api.tables import csv_of


class Row(BaseModel):
    text: str | None
    amount: float


def test_rows_stand_under_the_names_of_their_fields() -> None:
    assert csv_of(Row, [Row(text='a "b", c', amount=1.5)]) == 'text,amount\r\n"a ""b"", c",1.5\r\n'


def test_nothing_is_an_empty_cell() -> None:
    assert csv_of(Row, [Row(text=None, amount=0)]) == "text,amount\r\n,0.0\r\n"


def test_a_spreadsheet_is_given_no_formula_to_run() -> None:
    assert csv_of(Row, [Row(text="=1+1", amount=-1)]) == "text,amount\r\n'=1+1,-1.0\r\n"
