"""PostgreSQL crashes for a few seconds while customers shop and people talk: it is waited for, and nothing is lost."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from threading import Event

import pytest

import ear
from action_server import ActionServer
from books import Books
from phone import phone
from postgres import PrivateServer
from running_platform import NUMBER, RunningPlatform
from shopper import Shopper
from stages import Stage, call_of, scene
from tones import tone

pytestmark = pytest.mark.peers

HZ = 1100
AWAY_S = 3
BUSY_S = 1.5
SHOP_DINS = ("815012345601", "815012345602", "815012345603")
COST = 30
# What stands behind the number of whom this test is about.
GIVEN_UP, REFUSED, AFTERWARDS = "1", "2", "3"


@pytest.fixture
def shop(mortal_postgres: PrivateServer, action_server: ActionServer, tmp_path: Path) -> Iterator[RunningPlatform]:
    """Return a platform on a server that may be stopped, with a few numbers more."""
    mortal_postgres.create_database("offhook")
    settings = {"OFFHOOK_API_RATE": "1000"}
    url = mortal_postgres.url("offhook")
    with RunningPlatform(tmp_path, action_server.url, settings, database_url=url) as platform:
        rows = [f"{din},81,50,{COST},1," for din in SHOP_DINS]
        pool = tmp_path / "shop.csv"
        pool.write_text("\n".join(["din,country_code,prefix,monthly_cost,minute_cost,trunk", *rows, ""]))
        platform.cli("numbers", "import", str(pool))
        yield platform


async def test_nothing_is_lost_and_nothing_done_twice_when_postgresql_crashes_under_load(
    shop: RunningPlatform, mortal_postgres: PrivateServer, actions: ActionServer, caller: str
) -> None:
    books, enough = Books(shop), Event()
    shoppers = [Shopper(shop, din) for din in SHOP_DINS]
    async with scene(Stage.JOINED, shop, actions, caller) as talk, phone() as given_up, phone() as refused:
        actions.says("pause 60")
        assert await given_up.call(NUMBER, shop.sip, caller=caller + GIVEN_UP) == 200
        shopping = [asyncio.create_task(asyncio.to_thread(shopper.shop, enough)) for shopper in shoppers]
        try:
            await asyncio.sleep(BUSY_S)
            before = [shopper.rounds for shopper in shoppers]
            await asyncio.to_thread(mortal_postgres.stop, "immediate")
            given_up.hang_up()
            assert await refused.call(NUMBER, shop.sip, caller=caller + REFUSED) == 480
            talk.customer.say(tone(HZ, AWAY_S + 2))
            await talk.friend.hear(AWAY_S)
            assert ear.has_tone(await talk.friend.hear(1), HZ)
            await asyncio.to_thread(mortal_postgres.start)
            await asyncio.sleep(BUSY_S)
        finally:
            enough.set()
        await asyncio.gather(*shopping)
        ended = [await call_of(shop, caller + which) for which in (GIVEN_UP, REFUSED)]
        async with phone() as afterwards:
            assert await afterwards.call(NUMBER, shop.sip, caller=caller + AFTERWARDS) == 200
        talk.customer.hang_up()
        await talk.friend.hear_the_end()
        ended.append(await call_of(shop, caller))
    assert [(call["status"], call["reason"], call["cost"]) for call in ended] == [
        ("completed", None, 1),
        ("refused", "database-away", 0),
        ("completed", None, 2),
    ]
    assert all(before)
    assert all(shopper.refusals and shopper.rounds > done + 1 for shopper, done in zip(shoppers, before, strict=True))
    # What was given back within a day was paid back; a number that was paid twice would be missed here.
    await books.add_up(1 + 2 + 1)
    shop.cli("ledger", "verify")
