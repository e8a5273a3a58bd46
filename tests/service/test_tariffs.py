import pytest

from house import House
from offhook.domain.credits import CREDIT
from offhook.domain.tariffs import Rate, RateKind
from offhook.errors import InputError
from offhook.service import tariffs
from offhook.service.tables import BadLine
from offhook.service.tariffs import TariffReport

FILE = """\
prefix,minute_cost,kind,name
81,1,,Japan
813,0.5,standard,Tokyo
+8190,2,premium,
850,0,refused,North Korea
"""


def bring(house: House, text: str, *, dry_run: bool = False) -> TariffReport:
    rows = list(tariffs.read_rows(text.splitlines()))
    return house.write(lambda work: tariffs.import_rates(work, rows, dry_run=dry_run))


def table(house: House) -> list[Rate]:
    return house.read(tariffs.list_rates)


def test_a_file_takes_the_place_of_the_whole_table(house: House) -> None:
    house.set_rates(("1", "1"), ("81", "1"), ("813", "9"))
    assert bring(house, FILE) == TariffReport(added=2, changed=2, removed=1)
    assert table(house) == [
        Rate("81", CREDIT, RateKind.STANDARD, "Japan"),
        Rate("813", CREDIT // 2, RateKind.STANDARD, "Tokyo"),
        Rate("8190", 2 * CREDIT, RateKind.PREMIUM),
        Rate("850", 0, RateKind.REFUSED, "North Korea"),
    ]
    assert bring(house, FILE) == TariffReport(same=4)


def test_a_dry_run_tells_and_changes_nothing(house: House) -> None:
    before = table(house)
    assert bring(house, FILE, dry_run=True) == TariffReport(added=3, changed=1)
    assert table(house) == before


def test_one_bad_line_keeps_the_whole_file_out(house: House) -> None:
    before = table(house)
    lines = ["1,1,,", "012,1,,", "44,-1,,", "44,1,cheap,", "", "1,2,,", "49,1,,Germany,more", f"49,1,,{'x' * 101}"]
    report = bring(house, "\n".join(["prefix,minute_cost,kind,name", *lines]))
    assert report == TariffReport(
        problems=(
            BadLine(3, "prefix: '012' is not 1 to 15 digits that begin a number of E.164"),
            BadLine(4, "minute_cost: '-1' is not an amount of credits"),
            BadLine(5, "kind: 'cheap' is no kind; there are standard, premium, refused"),
            BadLine(7, "prefix: 1 stands on line 2 already"),
            BadLine(8, "column 5: there is no such column; the columns are prefix, minute_cost, kind, name"),
            BadLine(9, "name: a name is at most 100 printable characters"),
        )
    )
    assert table(house) == before


def test_kind_and_name_may_be_left_out(house: House) -> None:
    assert bring(house, "minute_cost,prefix\n1,49\n").added == 1
    with pytest.raises(InputError, match="missing: prefix"):
        list(tariffs.read_rows(["minute_cost"]))


@pytest.mark.parametrize(
    ("number", "prefix"),
    [("81312345678", "813"), ("+8131", "813"), ("81", "81"), ("8", None), ("819012345678901", "8190"), ("49", None)],
)
def test_the_longest_prefix_counts(house: House, number: str, prefix: str | None) -> None:
    bring(house, FILE)
    rate = house.read(lambda work: tariffs.find_rate(work, number))
    assert (rate.prefix if rate else None) == prefix


def test_only_digits_have_a_rate(house: House) -> None:
    with pytest.raises(InputError, match="digits of"):
        house.read(lambda work: tariffs.find_rate(work, "london"))


def test_an_empty_file_with_a_header_empties_the_table(house: House) -> None:
    assert bring(house, "prefix,minute_cost\n") == TariffReport(removed=1)
    assert table(house) == []
