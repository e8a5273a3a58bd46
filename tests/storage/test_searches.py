"""A search follows one index in the order of digits and reads nothing else: no filter, and no page, is passed over."""

import re
from itertools import combinations

import pytest
from sqlalchemy import Select, text

from house import NOW, House
from offhook.domain.credits import CREDIT
from offhook.domain.numbers import Feature, Number, SearchFilters
from offhook.storage.offers import NAMES, walk
from offhook.storage.prepared import Prepared
from offhook.storage.searches import COUNTRY, EVERYWHERE, OFFER, statement_of
from offhook.storage.work import Work

PRICES = [("1", "0.5"), ("2", "0.5"), ("2", "1"), ("3", "1")]
CODES = {"JP": "8150", "DE": "4930", "US": "1212"}


def row(region: str, place: int) -> dict[str, str]:
    """Return a number of a country: one of few offers, but in the US one of many."""
    monthly, minute = PRICES[place % 4] if region != "US" else (str(place % 50), "1")
    return {
        "din": f"{CODES[region]}{place:07d}",
        "country_code": CODES[region][: 1 if region == "US" else 2],
        "prefix": "",
        "monthly_cost": monthly,
        "minute_cost": minute,
        "allow_transfer": str(int(place % 3 > 0)),
        "requires_verification": str(int(place % 5 == 0)),
    }


@pytest.fixture
def pool(house: House) -> House:
    """Fill the pool with 200 numbers of each country, of which somebody has two."""
    house.import_rows(*(row(region, place) for region in CODES for place in range(200)))
    for din in ("81500000001", "81500000007"):
        [number] = search(house, SearchFilters(prefix=din))
        house.subscribe(number.din_uid)
    return house


def search(house: House, filters: SearchFilters, limit: int = 1000, after: str | None = None) -> list[Number]:
    return house.read(lambda work: work.numbers.free(filters, NOW, limit, after))


def is_as_wanted(number: Number, filters: SearchFilters) -> bool:
    """Say what the filters mean, in the plainest words."""
    return (
        (filters.region is None or number.din.startswith(CODES[filters.region]))
        and number.din.startswith(filters.prefix or "")
        and (filters.contains or "") in number.din
        and (filters.max_monthly_cost is None or number.monthly_cost <= filters.max_monthly_cost)
        and (filters.max_minute_cost is None or number.minute_cost <= filters.max_minute_cost)
        and (number.allow_transfer or Feature.TRANSFER not in filters.features)
        and (number.requires_verification or Feature.VERIFICATION not in filters.features)
    )


EVERY = [
    SearchFilters(region, prefix, contains, monthly, minute, frozenset(features))
    for region in (None, "JP", "US")
    for prefix in (None, "81", "81500001")
    for contains in (None, "01")
    for monthly in (None, 0, CREDIT, 3 * CREDIT)
    for minute in (None, CREDIT // 2)
    for count in range(3)
    for features in combinations(Feature, count)
]


def test_all_filters_together_find_what_each_of_them_leaves(pool: House) -> None:
    whole = search(pool, SearchFilters())
    assert len(whole) == 598
    for filters in EVERY:
        expected = [number for number in whole if is_as_wanted(number, filters)]
        assert search(pool, filters) == expected, filters
        if expected:
            middle = expected[len(expected) // 2].din
            after = [number for number in expected if number.din > middle]
            assert search(pool, filters, limit=3, after=middle) == after[:3], filters


MANY = text(
    """
    INSERT INTO numbers (din, din_uid, region, country_code, prefix, monthly_cost, minute_cost, free_from, created_at)
    WITH RECURSIVE places (place) AS (SELECT 0 UNION ALL SELECT place + 1 FROM places WHERE place < 19999)
    SELECT
        CAST(81500000000 + place AS TEXT), 'JP' || place, 'A' || SUBSTR('ABCDEFGHIJKLMNOPQRST', 1 + place / 1000, 1),
        '81', '50', 1000000 * (place % 3), 0, CASE WHEN place % 5 > 0 THEN :now END, :now
    FROM places
    """
)
"""As many numbers as a planner takes seriously, in 20 countries. A fifth is taken."""
PLANNED = {
    (EVERYWHERE, ()): ("ix_numbers_free_din", "din"),
    (EVERYWHERE, ("contains", "max_monthly_cost", "transfer")): ("ix_numbers_free_din", "din"),
    (COUNTRY, ()): ("ix_numbers_free_region_din", "region, din"),
    (COUNTRY, ("max_monthly_cost", "transfer")): ("ix_numbers_free_region_din", "region, din"),
    (OFFER, ()): ("ix_numbers_free_offer_din", ", ".join(OFFER)),
}
"""The index that a search follows, and the columns by which it knows where to begin and to end."""
VALUES = {
    "now": NOW,
    "limit": 101,
    "region": "AK",
    "monthly_cost": CREDIT,
    "minute_cost": 0,
    "allow_transfer": True,
    "requires_verification": False,
    "first": "81500010500/",
    "end": "8150001:",
    "contains": "7",
    "max_monthly_cost": 2 * CREDIT,
}
Asked = tuple[tuple[str, ...], tuple[str, ...]]


def plan_of(work: Work, prepared: Prepared, explain: str) -> list[str]:
    statement = prepared.statement
    assert isinstance(statement, Select)
    words = statement.params(VALUES).compile(
        dialect=work.connection.dialect, compile_kwargs={"literal_binds": True, "render_postcompile": True}
    )
    return [str(line[-1]) for line in work.connection.execute(text(f"{explain} {words}".replace(":", "\\:")))]


@pytest.mark.parametrize("asked", PLANNED)
def test_on_sqlite_a_search_is_one_walk_along_an_index(sqlite_house: House, asked: Asked) -> None:
    sqlite_house.write(lambda work: work.connection.execute(MANY, {"now": NOW}).close())
    index, columns = PLANNED[asked]
    [step] = sqlite_house.read(lambda work: plan_of(work, statement_of(*asked), "EXPLAIN QUERY PLAN"))
    found = re.fullmatch(r"SEARCH numbers USING INDEX (\w+) \((.*)\)", step)
    assert found is not None, step
    assert found[1] == index
    assert re.findall(r"([\w,]+)\)?[<>]", found[2]) == [columns.replace(" ", "")] * 2


@pytest.mark.parametrize("asked", PLANNED)
def test_on_postgresql_a_search_is_one_walk_along_an_index(postgres_house: House, asked: Asked) -> None:
    postgres_house.write(lambda work: work.connection.execute(MANY, {"now": NOW}).close())
    postgres_house.write(lambda work: work.connection.exec_driver_sql("ANALYZE numbers").close())
    index, columns = PLANNED[asked]
    limit, walk, condition, *_ = postgres_house.read(
        lambda work: plan_of(work, statement_of(*asked), "EXPLAIN (COSTS OFF)")
    )
    assert (limit, walk.strip()) == ("Limit", f"->  Index Scan using {index} on numbers"), [condition, *_]
    row = f"ROW({columns})" if ", " in columns else columns
    assert condition.strip().startswith("Index Cond: ")
    assert [f"({row} {sign} " in condition for sign in (">=", "<")] == [True, True], condition


def test_on_sqlite_the_next_offer_is_found_by_an_index(sqlite_house: House) -> None:
    sqlite_house.write(lambda work: work.connection.execute(MANY, {"now": NOW}).close())
    plan = "\n".join(sqlite_house.read(lambda work: plan_of(work, walk(), "EXPLAIN QUERY PLAN")))
    offer = ",".join((*NAMES, "din"))
    assert f"SEARCH there USING INDEX ix_numbers_free_offer_din (region=? AND ({offer})>(?,?,?,?,?))" in plan


def test_on_postgresql_the_next_offer_is_found_by_an_index(postgres_house: House) -> None:
    postgres_house.write(lambda work: work.connection.execute(MANY, {"now": NOW}).close())
    postgres_house.write(lambda work: work.connection.exec_driver_sql("ANALYZE numbers").close())
    # Not done, the plan would not tell of what is asked in each step.
    explain = "EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF)"
    plan = "\n".join(postgres_house.read(lambda work: plan_of(work, walk(), explain)))
    found = re.search(r"-> +Index Scan using ix_numbers_free_offer_din on numbers there .*\n +Index Cond: (.*)", plan)
    assert found is not None, plan
    assert f"(ROW({', '.join((*NAMES, 'din'))}) > ROW(" in found[1]
    # Only the few offers at the end are put in their order.
    assert plan.count("Sort Key") == 1
