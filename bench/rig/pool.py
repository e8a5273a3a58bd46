"""A pool of numbers as a large operator has it, made from the numbering plans: the same one in every run.

Blocks of a thousand numbers in a row, as carriers hand them out, in 200 countries of which the largest has a
sixth of all. Each country has land, mobile and toll-free numbers at prices of their own, and those that end in
three equal digits cost three times as much. A fifth of all is taken.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import Any

import phonenumbers
import psycopg
from phonenumbers import PhoneNumberType
from sqlalchemy import make_url

from offhook.domain.credits import CREDIT
from offhook.domain.numbers import make_uid
from offhook.storage import open_database

COUNTRIES = 200
LARGEST = ("US", "GB", "DE", "FR", "JP", "BR", "IN", "ES", "IT", "CA", "MX", "AU", "NL", "PL", "KR")
BLOCK = 1000
TAKEN = 0.2
SEED = 20261127
FULLEST = 0.5
"""More of a country's plan than this nobody has."""
COLUMNS = (
    *("din", "din_uid", "region", "country_code", "prefix", "monthly_cost", "minute_cost", "day_cost"),
    *("allow_transfer", "requires_verification", "free_from", "created_at"),
)
Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of a country's numbers; costs are credits."""

    plan: int
    share: float
    monthly: int
    minute: float
    allow_transfer: bool
    requires_verification: bool


KINDS = (
    Kind(PhoneNumberType.FIXED_LINE, 0.6, 200, 0.5, allow_transfer=True, requires_verification=False),
    Kind(PhoneNumberType.MOBILE, 0.3, 650, 1, allow_transfer=True, requires_verification=True),
    Kind(PhoneNumberType.TOLL_FREE, 0.1, 1500, 4, allow_transfer=False, requires_verification=False),
)


def fill(url: str, size: int, now: datetime) -> int:
    """Make the tables, and bring the pool in by the bare driver, as rows; return how many numbers it has.

    The planner of PostgreSQL then knows them, as it does a minute after any other import.
    """
    open_database(url).close()
    if url.startswith("sqlite"):
        return _fill_sqlite(url, size, now)
    return _fill_postgres(url, size, now)


def _fill_sqlite(url: str, size: int, now: datetime) -> int:
    path, at = make_url(url).database, f"{now:%Y-%m-%d %H:%M:%S.%f}"
    assert path is not None, "it is a file"
    written = ([at if value is now else value for value in row] for row in rows(size, now))
    words = f"INSERT INTO numbers ({', '.join(COLUMNS)}) VALUES ({', '.join('?' * len(COLUMNS))})"
    with closing(sqlite3.connect(path)) as connection, connection:
        return connection.executemany(words, written).rowcount


def _fill_postgres(url: str, size: int, now: datetime) -> int:
    place = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(place, autocommit=True) as connection, connection.cursor() as cursor:
        with cursor.copy(f"COPY numbers ({', '.join(COLUMNS)}) FROM STDIN".encode()) as copy:
            for row in rows(size, now):
                copy.write_row(row)
        count = cursor.rowcount
        cursor.execute("VACUUM ANALYZE numbers")
    return count


def rows(size: int, now: datetime) -> Iterator[Row]:
    """Return the rows of about so many numbers, country by country; those that are free are so from now on."""
    chance, used = Random(SEED), set[str]()
    regions = _regions()
    whole = sum(1 / rank for rank in range(1, len(regions) + 1))
    for rank, region in enumerate(regions, 1):
        # What things cost differs from country to country.
        level = 1 + chance.random()
        for kind in KINDS:
            example = phonenumbers.example_number_for_type(region, kind.plan)
            if example is not None:
                count = round(size * kind.share / (rank * whole))
                yield from _of_kind(kind, region, level, _numbers(example, count, used), chance, now)


def _of_kind(
    kind: Kind, region: str, level: float, numbers: Iterator[tuple[str, str, str]], chance: Random, now: datetime
) -> Iterator[Row]:
    monthly, minute = round(kind.monthly * level) * CREDIT, round(kind.minute * level * CREDIT)
    for din, code, prefix in numbers:
        is_golden = din[-1] == din[-2] == din[-3]
        yield (
            din,
            make_uid(region, f"{chance.getrandbits(64):016x}"),
            region,
            code,
            prefix,
            monthly * 3 if is_golden else monthly,
            minute,
            monthly // 30,
            kind.allow_transfer,
            kind.requires_verification,
            None if chance.random() < TAKEN else now,
            now,
        )


def _regions() -> list[str]:
    others = sorted(phonenumbers.SUPPORTED_REGIONS - set(LARGEST))
    Random(SEED).shuffle(others)
    return [*LARGEST, *others][:COUNTRIES]


def _numbers(example: phonenumbers.PhoneNumber, count: int, used: set[str]) -> Iterator[tuple[str, str, str]]:
    """Return so many numbers like the example, in blocks that are spread over its plan; each with code and prefix."""
    code, national = str(example.country_code), str(example.national_number)
    kept = 3 if len(national) > 9 else 2
    prefix, left = national[:kept], len(national) - kept
    # Some plans do not tell kinds, or countries, apart by the first digits.
    while any(one.startswith(code + prefix) or (code + prefix).startswith(one) for one in used):
        prefix = str(int(prefix) + 1)
    used.add(code + prefix)
    space = 10**left
    count = min(count, int(space * FULLEST))
    block = min(BLOCK, count) or 1
    step = max(block, space * block // max(count, 1) // block * block)
    for number in range(count):
        place, inside = divmod(number, block)
        yield f"{code}{prefix}{place * step + inside:0{left}d}", code, prefix
