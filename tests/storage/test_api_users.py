from sqlalchemy import select
from sqlalchemy.dialects import postgresql
from sqlalchemy.sql.elements import CompilerElement

from house import NOW, House
from offhook.storage import api_users
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


def test_a_row_is_locked_where_others_write_beside_us() -> None:
    assert for_postgresql(api_users._LOCK).endswith("FOR UPDATE")


def test_every_statement_is_one_for_postgresql_too() -> None:
    statements = [one for one in vars(api_users).values() if isinstance(one, Prepared)]
    assert len(statements) == 3
    assert all(for_postgresql(statement) for statement in statements)
