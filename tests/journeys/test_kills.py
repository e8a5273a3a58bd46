"""The server is killed again and again while fifty calls come, ring and talk; its successors leave nothing undone.

Three times for each database; `scripts/soak` does it more often, with the rounds in OFFHOOK_TEST_KILLS.
"""

import asyncio
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from time import monotonic, sleep

import pytest

from action_server import ActionServer
from books import Books
from callee import Callee, callee
from chances import chance
from crowd import CROWD, GATHERS_S, Crowd
from running_platform import RunningPlatform
from stages import lead_to

pytestmark = pytest.mark.peers

ROUNDS = int(os.environ.get("OFFHOOK_TEST_KILLS") or 3)
LAST_KILL_S = GATHERS_S + 1.5
RTP_PORTS = 256
FIRST_NUMBER = 819_100_000_000

_BACKENDS = """
SELECT pid FROM pg_stat_activity
WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()
"""


@pytest.fixture(params=["sqlite", "postgresql"])
def crowded(request: pytest.FixtureRequest, action_server: ActionServer, tmp_path: Path) -> Iterator[RunningPlatform]:
    """Return a platform with room for a crowd, on each kind of database in turn."""
    url = None if request.param == "sqlite" else str(request.getfixturevalue("furnished_postgres_url"))
    with RunningPlatform(tmp_path, action_server.url, database_url=url, rtp_ports=RTP_PORTS) as platform:
        yield platform


async def test_whenever_the_server_is_killed_its_calls_end_once_and_everybody_hears_it(
    crowded: RunningPlatform, actions: ActionServer
) -> None:
    with chance() as random:
        async with callee() as friend:
            lead_to(crowded, friend.sip)
            for number in range(ROUNDS):
                await _kill_once(crowded, actions, friend, FIRST_NUMBER + number * len(CROWD), random)


async def _kill_once(
    platform: RunningPlatform, actions: ActionServer, friend: Callee, first_number: int, random: Random
) -> None:
    books = Books(platform)
    async with Crowd(friend, first_number) as crowd:
        gathering = asyncio.create_task(crowd.gather(platform, actions, random))
        await asyncio.sleep(random.uniform(0, LAST_KILL_S))
        gathering.cancel()
        await asyncio.wait([gathering])
        platform.kill()
        killed, killed_at = monotonic(), datetime.now(UTC)
        await asyncio.to_thread(_wait_until_nothing_commits, platform)
        survey = crowd.survey(platform, killed)
        await asyncio.to_thread(platform.start_again)
        await crowd.check(platform, survey, killed_at)
    await books.add_up(await crowd.cost(platform))
    platform.cli("ledger", "verify")


def _wait_until_nothing_commits(platform: RunningPlatform) -> None:
    """PostgreSQL finishes what a server that was killed asked for last."""
    while not platform.database_url.startswith("sqlite") and platform.rows(_BACKENDS):
        sleep(0.02)
