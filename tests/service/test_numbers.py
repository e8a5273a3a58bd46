from datetime import timedelta

import pytest

from house import DIN, NOW, House
from offhook.domain.credits import CREDIT
from offhook.domain.numbers import Feature, PoolState, SearchFilters
from offhook.errors import InputError
from offhook.service import numbers, reservations, trunks
from offhook.service.numbers import ImportReport
from offhook.service.tables import BadLine

HEADER = "din,country_code,prefix,monthly_cost,minute_cost,trunk"


def load(house: House, *lines: str) -> ImportReport:
    rows = list(numbers.read_rows([HEADER, *lines]))
    return house.write(lambda work: numbers.import_numbers(work, rows, now=NOW, fresh=house.fresh))


def check(house: House, *lines: str) -> tuple[list[str], tuple[BadLine, ...]]:
    rows = list(numbers.read_rows([HEADER, *lines]))
    checked = house.read(lambda work: numbers.check_numbers(work, rows, fresh=house.fresh))
    return [number.din for number in checked.numbers], checked.problems


def found(house: House, filters: SearchFilters, limit: int = 100, after: str | None = None) -> list[str]:
    return [
        number.din
        for number in house.read(lambda work: numbers.search(work, filters, now=NOW, limit=limit, after=after))
    ]


@pytest.fixture
def pool(house: House) -> House:
    """Fill the pool with numbers of four countries."""
    report = load(
        house,
        "815012345678,81,50,650,1,",
        "81312345678,81,3,900,1,",
        "12125551234,1,212,100,0.5,",
        "14165551234,1,416,100,0.5,",
        "441632960123,44,1632,200,0.25,",
    )
    assert report == ImportReport(5)
    return house


def test_a_file_of_numbers_comes_into_the_pool(house: House) -> None:
    house.write(lambda work: trunks.add_trunk(work, name="carrier", sources=("192.0.2.1",), send=None, now=NOW))
    assert load(house, "+815012345678,+81,50,650.5,1,carrier") == ImportReport(1)
    (number,) = house.read(lambda work: numbers.search(work, SearchFilters(), now=NOW))
    assert (number.din, number.country_code, number.prefix, number.trunk) == (DIN, "81", "50", "carrier")
    assert (number.monthly_cost, number.minute_cost) == (650_500_000, CREDIT)
    assert number.din_uid.startswith("JP")
    assert len(number.din_uid) == 16


def test_every_bad_line_is_told_and_nothing_is_imported(house: House) -> None:
    report = load(
        house,
        "815012345678,81,50,650,1,",
        "",
        "12,81,50,650,1,",
        "815012345679,44,50,650,1,",
        "815012345680,81,3,650,1,",
        "815012345681,81,50,-1,1,",
        "815012345682,81,50,650,much,",
        "815012345683,81,50,650,1,nowhere",
        "815012345678,81,50,650,1,",
        "815012345684,81,50,650,1,,more",
        "815012345685,81",
    )
    assert report.added == 0
    assert [(problem.line, problem.reason.split(":")[0]) for problem in report.problems] == [
        (4, "din"),
        (5, "country_code"),
        (6, "prefix"),
        (7, "monthly_cost"),
        (8, "minute_cost"),
        (9, "trunk"),
        (10, "din"),
        (11, "column 7"),
        (12, "monthly_cost"),
    ]
    assert "line 2" in report.problems[6].reason
    assert found(house, SearchFilters()) == []


def test_a_number_is_imported_once(pool: House) -> None:
    report = load(pool, "815099999999,81,50,650,1,", "815012345678,81,50,650,1,")
    assert report == ImportReport(0, (BadLine(3, "din: 815012345678 is in the pool already"),))


def test_a_check_tells_the_same_and_adds_nothing(pool: House) -> None:
    before = found(pool, SearchFilters())
    assert check(pool, "815099999999,81,50,650,1,") == (["815099999999"], ())
    bad = ["815099999999,81,50,650,1,", "815012345678,81,50,650,1,", "12,81,50,650,1,"]
    numbers_, problems = check(pool, *bad)
    assert (numbers_, problems) == ([], load(pool, *bad).problems)
    assert [problem.line for problem in problems] == [3, 4]
    assert found(pool, SearchFilters()) == before


@pytest.mark.parametrize(
    ("line", "field"),
    [
        ("8150\x0012345678,81,50,650,1,", "din"),
        ("815012345678,8\x001,50,650,1,", "country_code"),
        ("815012345678,81,5\x000,650,1,", "prefix"),
        ("815012345678,81,50,6\x0050,1,", "monthly_cost"),
        ("815012345678,81,50,650,1\x00,", "minute_cost"),
        ("815012345678,81,50,650,1,\x00", "trunk"),
        ("８１５０１２３４５６７８,81,50,650,1,", "din"),
        ("815012345678,81,50,650,99999999999999999999,", "minute_cost"),
        ("815012345678,81,50,0.0000001,1,", "monthly_cost"),
    ],
)
def test_a_bad_cell_is_told_by_its_column(house: House, line: str, field: str) -> None:
    [problem] = load(house, line).problems
    assert (problem.line, problem.reason.split(":")[0]) == (2, field)


@pytest.mark.parametrize("lines", [[], ["815012345678,81,50,650,1,lab"], ["\ufeffnumber,price", "815012345678,3"]])
def test_a_file_that_does_not_name_its_columns_says_which_are_missing(lines: list[str]) -> None:
    with pytest.raises(InputError, match="missing: din"):
        list(numbers.read_rows(lines))


def test_a_column_that_does_not_exist_is_told(house: House) -> None:
    rows = numbers.read_rows(["din,country_code,prefix,monthly_cost,minute_cost,price", "815012345678,81,50,1,1,3"])
    report = house.write(lambda work: numbers.import_numbers(work, list(rows), now=NOW, fresh=house.fresh))
    assert report.problems[0].reason.startswith("price: there is no such column")


def test_a_file_may_say_what_a_day_costs_and_what_a_number_allows(house: House) -> None:
    rows = numbers.read_rows(
        [
            f"{HEADER},day_cost,requires_verification,allow_transfer",
            "815012345670,81,50,650,1,,21.5,yes,no",
            "815012345671,81,50,650,1,,,TRUE, 0 ",
            "815012345672,81,50,650,1,,0,false,1",
            "815012345673,81,50,650,1",
        ]
    )
    report = house.write(lambda work: numbers.import_numbers(work, list(rows), now=NOW, fresh=house.fresh))
    assert report == ImportReport(4)
    brought = house.read(lambda work: numbers.search(work, SearchFilters(), now=NOW))
    assert [(one.day_cost, one.allow_transfer, one.requires_verification) for one in brought] == [
        (21_500_000, False, True),
        (0, False, True),
        (0, True, False),
        (0, True, False),
    ]


@pytest.mark.parametrize(
    ("cells", "field"),
    [
        ("-1,,", "day_cost"),
        ("1,maybe,", "allow_transfer"),
        ("1,yes,2", "requires_verification"),
        (",ｙｅｓ,", "allow_transfer"),
    ],
)
def test_what_a_number_allows_is_said_in_words_that_are_known(house: House, cells: str, field: str) -> None:
    header = f"{HEADER},day_cost,allow_transfer,requires_verification"
    rows = list(numbers.read_rows([header, f"815012345678,81,50,650,1,,{cells}"]))
    [problem] = house.write(lambda work: numbers.import_numbers(work, rows, now=NOW, fresh=house.fresh)).problems
    assert problem.reason.startswith(f"{field}: ")


def test_a_file_of_a_header_alone_adds_nothing(house: House) -> None:
    assert load(house) == ImportReport(0)


def test_more_numbers_than_one_statement_takes_are_checked_for_doubles(house: House) -> None:
    lines = [f"8150{number:08d},81,50,1,1," for number in range(1200)]
    assert load(house, *lines) == ImportReport(1200)
    assert len(load(house, *lines).problems) == 1200


@pytest.mark.parametrize(
    ("filters", "dins"),
    [
        (SearchFilters(region="JP"), ["81312345678", "815012345678"]),
        (SearchFilters(region="CA"), ["14165551234"]),
        (SearchFilters(region="XX"), []),
        (SearchFilters(prefix="813"), ["81312345678"]),
        (SearchFilters(prefix="1"), ["12125551234", "14165551234"]),
        (SearchFilters(contains="5551"), ["12125551234", "14165551234"]),
        (SearchFilters(max_monthly_cost=200 * CREDIT), ["12125551234", "14165551234", "441632960123"]),
        (SearchFilters(region="JP", contains="50", max_monthly_cost=700 * CREDIT), ["815012345678"]),
        (SearchFilters(region="JP", prefix="8150"), ["815012345678"]),
        (SearchFilters(region="JP", prefix="44"), []),
        (SearchFilters(max_minute_cost=CREDIT // 4), ["441632960123"]),
        (SearchFilters(max_minute_cost=CREDIT // 2, max_monthly_cost=100 * CREDIT), ["12125551234", "14165551234"]),
    ],
)
def test_filters_narrow_the_search(pool: House, filters: SearchFilters, dins: list[str]) -> None:
    assert found(pool, filters) == dins


@pytest.mark.parametrize(
    ("features", "dins"),
    [
        (set(), ["815012345670", "815012345671", "815012345672"]),
        ({Feature.TRANSFER}, ["815012345670", "815012345672"]),
        ({Feature.VERIFICATION}, ["815012345671", "815012345672"]),
        ({Feature.TRANSFER, Feature.VERIFICATION}, ["815012345672"]),
    ],
)
def test_a_number_must_have_every_feature_that_is_asked_for(
    house: House, features: set[Feature], dins: list[str]
) -> None:
    bare = {"country_code": "81", "prefix": "", "monthly_cost": "1", "minute_cost": "1"}
    house.import_rows(
        {"din": "815012345670", **bare},
        {"din": "815012345671", **bare, "allow_transfer": "no", "requires_verification": "yes"},
        {"din": "815012345672", **bare, "requires_verification": "yes"},
    )
    assert found(house, SearchFilters(features=frozenset(features))) == dins


def test_a_search_goes_on_where_the_last_page_ended(pool: House) -> None:
    first = found(pool, SearchFilters(), limit=2)
    second = found(pool, SearchFilters(), limit=2, after=first[-1])
    third = found(pool, SearchFilters(), limit=2, after=second[-1])
    assert [*first, *second, *third] == found(pool, SearchFilters())
    assert len(third) == 1


@pytest.mark.parametrize(
    ("prefix", "after", "dins"),
    [
        ("81", "81312345678", ["815012345678"]),
        ("81", "815012345678", []),
        ("81", "80", ["81312345678", "815012345678"]),
        ("81", "81", ["81312345678", "815012345678"]),
        ("81", "9", []),
        ("1", "1212555123", ["12125551234", "14165551234"]),
    ],
)
def test_a_prefix_and_the_end_of_the_last_page_both_count(
    pool: House, prefix: str, after: str, dins: list[str]
) -> None:
    assert found(pool, SearchFilters(prefix=prefix), after=after) == dins


@pytest.mark.parametrize(
    ("filters", "field"),
    [
        (SearchFilters(region="ZZ"), "country"),
        (SearchFilters(region="jp"), "country"),
        (SearchFilters(prefix="+81"), "prefix"),
        (SearchFilters(prefix=""), "prefix"),
        (SearchFilters(contains="%"), "contains"),
    ],
)
def test_a_filter_that_makes_no_sense_is_named(house: House, filters: SearchFilters, field: str) -> None:
    with pytest.raises(InputError) as refused:
        found(house, filters)
    assert refused.value.field == field


def test_a_subscribed_number_is_not_found(pool: House) -> None:
    (number,) = pool.read(lambda work: numbers.search(work, SearchFilters(prefix="44"), now=NOW))
    pool.subscribe(number.din_uid)
    assert found(pool, SearchFilters(prefix="44")) == []


def test_an_operator_sees_how_every_number_stands(pool: House) -> None:
    uids = {one.number.din: one.number.din_uid for one in pool.read(lambda work: numbers.list_pool(work, now=NOW))}
    subscription = pool.subscribe(uids[DIN])
    pool.subscribe(uids["14165551234"])
    later = NOW + timedelta(days=2)
    pool.cancel(uids["14165551234"], later)
    account = pool.open_account("Other")
    pool.write(lambda work: reservations.reserve(work, account_id=account.id, din_uid=uids["12125551234"], now=later))
    listed = pool.read(lambda work: numbers.list_pool(work, now=later))
    assert [one.number.din for one in listed] == sorted(uids)
    seen = {one.number.din: (one.state, one.account, one.until) for one in listed}
    assert seen["81312345678"] == (PoolState.FREE, "", None)
    assert seen[DIN] == (PoolState.SUBSCRIBED, "Shop", subscription.renews_at)
    assert seen["12125551234"] == (PoolState.RESERVED, "Other", later + timedelta(minutes=30))
    assert seen["14165551234"] == (PoolState.RESTING, "", later + timedelta(days=30))
    # What ended by itself is free, though nobody wrote so.
    after = pool.read(lambda work: numbers.list_pool(work, now=later + timedelta(days=31)))
    assert [one.number.din for one in after if one.state is not PoolState.FREE] == [DIN]


def test_the_pool_is_read_page_by_page(pool: House) -> None:
    def page(contains: str = "", limit: int = 2, after: str = "") -> list[str]:
        listed = pool.read(lambda work: numbers.list_pool(work, now=NOW, contains=contains, limit=limit, after=after))
        return [one.number.din for one in listed]

    assert page() == ["12125551234", "14165551234"]
    assert page(after="14165551234") == ["441632960123", "81312345678"]
    assert page("5551234", 9) == ["12125551234", "14165551234"]
