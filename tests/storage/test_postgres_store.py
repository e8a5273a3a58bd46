"""What is so only on PostgreSQL: several units at once, and servers that come and go."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from time import monotonic, sleep

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text

from house import NOW, House, audit
from offhook.domain.credits import CREDIT
from offhook.domain.errors import NumberTaken, SubscriptionNotFound
from offhook.errors import SetupError
from offhook.service import accounts, desk, trunks
from offhook.storage import Database, DatabaseAway, SchemaTooNew, Work, open_database
from offhook.storage.inspection import inspect_database
from offhook.storage.postgres_store import PostgresStore
from offhook.storage.schema import metadata
from offhook.storage.upgrade import HEAD
from postgres import PrivateServer

PATIENCE_S = 20.0


def test_a_new_database_has_every_table_and_a_version(postgres_url: str) -> None:
    database = open_database(postgres_url)
    assert database.read_now(trunks.version) == 1
    difference = database.read_now(lambda work: compare_metadata(MigrationContext.configure(work.connection), metadata))
    assert difference == []
    database.close()


def test_several_programs_may_create_a_database_at_once(postgres_url: str) -> None:
    with ThreadPoolExecutor(4) as programs:
        databases = list(programs.map(open_database, [postgres_url] * 4))
    assert [database.read_now(trunks.version) for database in databases] == [1] * 4
    for database in databases:
        database.close()


def test_a_schema_of_a_later_program_is_left_alone(furnished_postgres_url: str) -> None:
    database = open_database(furnished_postgres_url)
    database.write_now(lambda work: work.connection.execute(text("UPDATE alembic_version SET version_num = 'r9999'")))
    database.close()
    with pytest.raises(SchemaTooNew, match="r9999"):
        open_database(furnished_postgres_url)
    with pytest.raises(SchemaTooNew, match="r9999"):
        inspect_database(furnished_postgres_url)


def test_a_schema_is_looked_at_without_changing_it(postgres_url: str) -> None:
    assert inspect_database(postgres_url).present is None
    open_database(postgres_url).close()
    schema = inspect_database(postgres_url)
    assert (schema.kind, schema.present, schema.is_current) == ("postgresql", HEAD, True)


def test_a_server_that_is_not_there_is_away() -> None:
    with pytest.raises(DatabaseAway, match="refused"):
        open_database("postgresql://postgres@127.0.0.1:1/offhook")


def test_a_url_without_a_database_is_refused() -> None:
    with pytest.raises(SetupError):
        open_database("postgresql://postgres@127.0.0.1")


def test_a_closed_database_takes_nothing_more(postgres_house: House) -> None:
    postgres_house.close()
    with pytest.raises(DatabaseAway, match="closed"):
        postgres_house.read(trunks.version)


def test_a_unit_that_waits_too_long_for_a_row_is_away(furnished_postgres_url: str) -> None:
    house = House(furnished_postgres_url, busy_timeout_s=0.1)
    locked, release = threading.Event(), threading.Event()

    def hold(work: Work) -> None:
        work.ledger.lock(house.shop.id)
        locked.set()
        assert release.wait(PATIENCE_S)

    with ThreadPoolExecutor(1) as other:
        holding = other.submit(house.write, hold)
        assert locked.wait(PATIENCE_S)
        with pytest.raises(DatabaseAway, match="lock timeout"):
            house.write(lambda work: work.ledger.lock(house.shop.id))
        release.set()
        holding.result(PATIENCE_S)
    house.close()


def test_units_that_meet_in_a_circle_are_run_again(postgres_house: House) -> None:
    """Each of two units locks an account and then the other's: PostgreSQL ends one of them, and it runs again."""
    house = postgres_house
    other = house.open_account("Other", 1)
    both = threading.Barrier(2)
    runs: list[int] = []

    def unit(first: int, second: int, work: Work) -> None:
        runs.append(first)
        work.ledger.lock(first)
        if len(runs) <= 2:
            both.wait(PATIENCE_S)
        work.ledger.lock(second)

    with ThreadPoolExecutor(2) as threads:
        done = [
            threads.submit(house.write, partial(unit, house.shop.id, other.id)),
            threads.submit(house.write, partial(unit, other.id, house.shop.id)),
        ]
        for future in done:
            future.result(PATIENCE_S)
    assert len(runs) == 3


def test_the_same_fact_at_the_same_time_is_posted_once(postgres_house: House) -> None:
    house = postgres_house

    def pay(_number: int) -> None:
        house.write(lambda work: accounts.top_up(work, name="Shop", amount=CREDIT, reference="invoice-1", now=NOW))

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(pay, range(40)))
    assert house.credit().balance == 1001 * CREDIT
    house.read(audit)


def test_payments_without_a_reference_all_count(postgres_house: House) -> None:
    house = postgres_house

    def pay(_number: int) -> None:
        house.write(lambda work: accounts.top_up(work, name="Shop", amount=CREDIT, reference=None, now=NOW))

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(pay, range(40)))
    assert house.credit().balance == 1040 * CREDIT
    house.read(audit)


def test_a_number_is_sold_once_however_many_want_it(postgres_house: House) -> None:
    house = postgres_house
    din_uid = house.add_number()

    def want(_number: int) -> bool:
        try:
            house.subscribe(din_uid)
        except NumberTaken:
            return False
        return True

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(want, range(50))) == 1
    assert house.credit().balance == 350 * CREDIT
    house.read(audit)


def test_a_subscription_is_cancelled_once_however_many_cancel_it(postgres_house: House) -> None:
    house = postgres_house
    din_uid = house.subscribed()

    def cancel(_number: int) -> bool:
        try:
            house.cancel(din_uid)
        except SubscriptionNotFound:
            return False
        return True

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(cancel, range(20))) == 1
    assert house.credit().balance == 1000 * CREDIT
    house.read(audit)


def test_a_call_is_settled_once_however_many_close_it(postgres_house: House) -> None:
    house = postgres_house
    house.subscribed()
    call_id, other = house.ring(), house.ring()

    def close(number: int) -> None:
        # Two nodes do not agree on how long it was, nor whether it was answered at all.
        if number % 2:
            house.hang_up(call_id, 10.0 * number)
        else:
            house.give_up(call_id)

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(close, range(16)))
    assert house.credit().held == CREDIT
    house.give_up(other)
    house.read(audit)


def test_no_more_calls_run_at_once_than_allowed(postgres_house: House) -> None:
    house = postgres_house
    din_uid = house.subscribed()
    limits = desk.Limits(calls_per_number=3)
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda _number: house.admit(house.arrival(), limits), range(24)))
    number = house.read(lambda work: work.numbers.by_uid(din_uid))
    assert number is not None
    standing = house.write(lambda work: work.standings.lock(house.shop.id, number))
    assert (standing.calls_of_number, standing.calls_of_account) == (3, 3)
    house.read(audit)


def test_four_connections_over_a_few_accounts_neither_lose_nor_wait_for_ever(postgres_house: House) -> None:
    """Whatever four workers do to three accounts at once, every unit comes back, and the books are right."""
    house = postgres_house
    opened = [house.shop, *(house.open_account(name, 1000) for name in ("A", "B"))]
    names, ids = [account.name for account in opened], sorted(account.id for account in opened)
    store = house.database._store
    assert isinstance(store, PostgresStore)
    four = PostgresStore(store._engine, connections=4)
    few = Database(four)

    async def work_through() -> None:
        async def pay(number: int) -> None:
            name = names[number % len(names)]
            await few.write(partial(accounts.top_up, name=name, amount=1, reference=str(number), now=NOW))

        async def pay_all(number: int) -> None:
            def unit(work: Work) -> None:
                for account_id in ids:
                    work.ledger.lock(account_id)
                for name in names[number % 3 :] + names[: number % 3]:
                    accounts.top_up(work, name=name, amount=1, reference=f"all-{number}", now=NOW)

            await few.write(unit)

        await asyncio.gather(*(pay(number) for number in range(300)), *(pay_all(number) for number in range(60)))

    asyncio.run(work_through())
    few.close()
    found = house.read(accounts.list_accounts)
    assert sum(account.balance for account in found) == 3000 * CREDIT + 300 + 3 * 60
    house.read(audit)


END_THE_OTHERS = text(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


def test_an_idle_connection_that_the_server_closed_is_opened_again(postgres_house: House) -> None:
    house = postgres_house
    house.read(trunks.version)
    for _ in range(3):
        house.read(trunks.version)
    house.read(lambda work: work.connection.execute(END_THE_OTHERS).all())
    for _ in range(20):
        assert house.read(trunks.version) == 1


@pytest.mark.parametrize(
    "look",
    [
        pytest.param(lambda work: work.ledger.lock(1), id="a prepared statement"),
        pytest.param(accounts.list_accounts, id="a statement that SQLAlchemy executes"),
    ],
)
def test_a_connection_that_breaks_within_a_unit_is_away_once_and_opened_again(
    furnished_postgres_url: str, look: Callable[[Work], object]
) -> None:
    house, other = House(furnished_postgres_url), open_database(furnished_postgres_url)

    def unit(work: Work) -> None:
        look(work)
        other.read_now(lambda others: others.connection.execute(END_THE_OTHERS).all())
        look(work)

    with pytest.raises(DatabaseAway):
        house.write(unit)
    assert house.read(trunks.version) == 1
    other.close()
    house.close()


def test_a_server_that_is_started_again_is_used_again(mortal_postgres: PrivateServer) -> None:
    mortal_postgres.create_database("offhook")
    house = House(mortal_postgres.url("offhook"))
    kept = house.credit()
    mortal_postgres.stop("immediate")
    with pytest.raises(DatabaseAway):
        house.credit()
    mortal_postgres.start()
    until = monotonic() + PATIENCE_S
    while True:
        try:
            assert house.credit() == kept
        except DatabaseAway:
            assert monotonic() < until
            sleep(0.1)
        else:
            break
    house.read(audit)
    house.close()
