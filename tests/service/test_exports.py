"""Exports: all of a list, in parts that fit together."""

import csv
from collections.abc import Iterator
from datetime import date, timedelta

import pytest

from house import DIN, NOW, House
from offhook.domain.calls import CallFilters
from offhook.domain.usage import Days
from offhook.service import exports
from offhook.service.exports import Export, Part

NOVEMBER = Days(date(2026, 11, 1), date(2026, 12, 1))


@pytest.fixture
def log(house: House) -> House:
    """Take five calls of a minute each, `call-0` to `call-4`, of one moment: only their order tells them apart."""
    house.subscribed(monthly="100")
    for _ in range(5):
        call = house.ring()
        house.answer(call)
        house.hang_up(call, 42)
    return house


def parts(house: House, export: Export) -> list[Part]:
    return list(exports.parts_now(house.database, export))


def rows(export: Export, found: list[Part]) -> list[dict[str, str]]:
    return list(csv.DictReader((export.header + "".join(part.text for part in found)).splitlines()))


def test_calls_have_exactly_these_columns(log: House) -> None:
    export = exports.of_calls(log.shop.id, CallFilters())
    newest = rows(export, parts(log, export))[0]
    assert list(newest.items()) == [
        ("caller", "819012345678"),
        ("cost", "1.0"),
        ("direction", "inbound"),
        ("recipient", DIN),
        ("start_time", "2026-11-23T06:00:00Z"),
        ("end_time", "2026-11-23T06:00:42Z"),
        ("duration", "42"),
        ("status", "completed"),
        ("apiuser", "Shop"),
        ("uuid", "call-4"),
        ("actionurl", ""),
    ]


@pytest.mark.parametrize("size", [1, 2, 3, 5, 6])
def test_parts_of_every_size_fit_together(log: House, size: int) -> None:
    calls = exports.of_calls(log.shop.id, CallFilters(), rows=size)
    found = parts(log, calls)
    assert [row["uuid"] for row in rows(calls, found)] == ["call-4", "call-3", "call-2", "call-1", "call-0"]
    assert max(part.rows for part in found) <= size
    ledger = exports.of_ledger(log.shop.id, rows=size)
    ids = [row["id"] for row in rows(ledger, parts(log, ledger))]
    assert ids == [line.posting.id for line in log.ledger()]


def test_an_export_goes_on_after_what_was_seen(log: House) -> None:
    calls = exports.of_calls(log.shop.id, CallFilters(), before="call-1", rows=2)
    assert [row["uuid"] for row in rows(calls, parts(log, calls))] == ["call-0"]
    newest, *others = log.ledger()
    ledger = exports.of_ledger(log.shop.id, before=newest.posting.id, rows=2)
    assert [row["id"] for row in rows(ledger, parts(log, ledger))] == [line.posting.id for line in others]


def test_calls_that_come_while_others_are_exported_do_not_disturb(log: House) -> None:
    export = exports.of_calls(log.shop.id, CallFilters(), rows=2)

    def disturbed() -> Iterator[Part]:
        for part in exports.parts_now(log.database, export):
            yield part
            log.ring()

    found = rows(export, list(disturbed()))
    assert [row["uuid"] for row in found] == ["call-4", "call-3", "call-2", "call-1", "call-0"]


def test_what_is_empty_is_a_header_alone(house: House) -> None:
    for export in (
        exports.of_calls(house.shop.id, CallFilters()),
        exports.of_ledger(house.shop.id, until=NOW),
        exports.of_usage(house.shop.id, NOVEMBER),
        exports.of_usage(house.shop.id, Days(NOVEMBER.until, NOVEMBER.since)),
    ):
        assert parts(house, export) == [Part("", 0, None)]


def test_the_operator_exports_the_calls_of_nobody_too_and_runs_no_formula(log: House) -> None:
    log.admit(log.arrival("=1+1"))
    export = exports.of_calls(None, CallFilters(until=NOW + timedelta(seconds=1)))
    newest = rows(export, parts(log, export))[0]
    assert (newest["recipient"], newest["apiuser"], newest["end_time"]) == ("'=1+1", "", newest["start_time"])


def test_the_ledger_has_the_columns_of_its_json(log: House) -> None:
    export = exports.of_ledger(log.shop.id)
    *_, charge, first = rows(export, parts(log, export))
    assert list(charge.items()) == [
        ("id", "subscription:1:1"),
        ("at", "2026-11-23T06:00:00Z"),
        ("kind", "subscription"),
        ("amount", "-100.0"),
        ("balance", "900.0"),
        ("din", DIN),
        ("call_id", ""),
        ("text", f"{DIN}: 30 days"),
    ]
    assert (first["kind"], first["amount"], first["din"]) == ("top-up", "1000.0", "")


def test_usage_is_read_month_by_month(log: House) -> None:
    export = exports.of_usage(log.shop.id, Days(date(2026, 1, 1), date(2027, 1, 1)))
    found = parts(log, export)
    assert [part.rows for part in found] == [0] * 10 + [1, 0]
    assert rows(export, found) == [
        {
            "day": "2026-11-23",
            "din": DIN,
            "calls": "5",
            "minutes": "5",
            "seconds": "210",
            "cost": "5.0",
            "subscription_cost": "100.0",
        }
    ]


def test_usage_goes_on_after_a_line(log: House) -> None:
    day = date(2026, 11, 23)
    for after, left in (((day, "0"), 1), ((day, DIN), 0), ((day + timedelta(days=1), "0"), 0)):
        assert sum(part.rows for part in parts(log, exports.of_usage(log.shop.id, NOVEMBER, after=after))) == left


async def test_the_server_reads_the_same_parts(log: House) -> None:
    export = exports.of_calls(log.shop.id, CallFilters(), rows=2)
    assert [part async for part in exports.parts(log.database, export)] == parts(log, export)
