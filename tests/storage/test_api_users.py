import asyncio
import time
from collections.abc import Callable
from functools import partial
from threading import Event

import pytest
from sqlalchemy import select
from sqlalchemy.dialects import postgresql
from sqlalchemy.sql.elements import CompilerElement

from house import NOW, House
from offhook.domain.accounts import ApiUser, is_token_of
from offhook.domain.errors import NicknameTaken
from offhook.service import api_users as users
from offhook.storage import Work, api_users
from offhook.storage.prepared import Prepared
from offhook.storage.schema import api_users as table


def kept_networks(house: House) -> list[bool]:
    """Tell of every user whether any network is kept, as SQL sees it."""
    statement = select(table.c.networks.is_not(None)).order_by(table.c.id)
    return house.read(lambda work: [bool(kept) for kept in work.connection.execute(statement).scalars()])


def test_no_networks_are_null_in_the_table(house: House) -> None:
    bound = house.write(
        lambda work: work.api_users.add(house.shop.id, "till", "Till", "hash", NOW, ("192.0.2.0/24", "2001:db8::/32"))
    )
    assert kept_networks(house) == [False, True]
    assert house.read(lambda work: work.api_users.by_sid("till")) == bound
    shop = house.read(lambda work: work.api_users.by_sid("sid-Shop"))
    assert shop is not None
    house.write(lambda work: work.api_users.save(shop))
    assert kept_networks(house) == [False, True]


def for_postgresql(prepared: Prepared) -> str:
    assert isinstance(prepared.statement, CompilerElement)
    return str(prepared.statement.compile(dialect=postgresql.dialect()))  # type: ignore[no-untyped-call]


def test_every_statement_is_one_for_postgresql_too() -> None:
    statements = [one for one in vars(api_users).values() if isinstance(one, Prepared)]
    assert len(statements) == 3
    assert all(for_postgresql(statement) for statement in statements)


async def at_once(house: House, first: Callable[[Work], ApiUser], second: Callable[[Work], ApiUser]) -> None:
    """Do two units, of which the second begins before the first is committed."""
    first_is_done, second_begins = Event(), Event()

    def early(work: Work) -> None:
        first(work)
        first_is_done.set()
        assert second_begins.wait(5)
        # Long enough for the second to read what it would judge by.
        time.sleep(0.1)

    def late(work: Work) -> None:
        assert first_is_done.wait(5)
        second_begins.set()
        second(work)

    await asyncio.gather(house.database.write(early), house.database.write(late))


async def test_of_two_at_once_one_takes_the_nickname(postgres_house: House) -> None:
    add = partial(users.add_user, account="Shop", nickname="Till", token="t", now=NOW)
    with pytest.raises(NicknameTaken):
        await at_once(postgres_house, partial(add, sid="till-1"), partial(add, sid="till-2"))
    await postgres_house.database.write(partial(add, nickname="Door", sid="door"))
    with pytest.raises(NicknameTaken):
        await at_once(
            postgres_house,
            partial(users.rename, sid="till-1", nickname="Desk"),
            partial(users.rename, sid="door", nickname="Desk"),
        )


async def test_of_two_rotations_at_once_the_second_replaces_the_first(postgres_house: House) -> None:
    rotate = partial(users.rotate, sid="sid-Shop", now=NOW)
    await at_once(postgres_house, partial(rotate, token="second"), partial(rotate, token="third"))
    user = postgres_house.read(lambda work: work.api_users.by_sid("sid-Shop"))
    assert user is not None
    assert [is_token_of(user, token, NOW) for token in ("token", "second", "third")] == [False, True, True]
