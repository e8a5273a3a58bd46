"""The match of what the use cases need and what the storage gives is proven by the type checker."""

from house import House
from offhook.service import ports
from offhook.storage import Database, Work


def as_needed(work: Work) -> ports.Work:
    return work


def database_as_needed(database: Database) -> ports.Database:
    return database


def test_the_storage_is_what_the_use_cases_need(house: House) -> None:
    needed = database_as_needed(house.database)
    assert needed.read_now(lambda work: work.accounts.by_id(house.shop.id)) == house.shop
    assert house.read(lambda work: as_needed(work) is work)
