"""Nothing can be written while two people talk: they talk on, new callers are refused, the books are right later."""

import asyncio
import resource
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

import ear
from action_server import ActionServer
from books import Books
from phone import phone
from running_platform import NUMBER, UNSUBSCRIBED_NUMBER, RunningPlatform
from shopper import is_away
from stages import Stage, call_of, locked, scene
from tones import tone

pytestmark = pytest.mark.peers

ROOM = 32_768
HALF_A_PAGE = 2_000
SUBSCRIPTIONS = "/voice/dins/subscriptions/"
HZ = 1100


@pytest.fixture(scope="module")
def young(action_server: ActionServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningPlatform]:
    """Return a platform of these tests alone, whose log is still short."""
    with RunningPlatform(tmp_path_factory.mktemp("young"), action_server.url) as platform:
        yield platform


@contextmanager
def _locked(platform: RunningPlatform) -> Iterator[None]:
    with locked(platform.database):
        yield


@contextmanager
def _full(platform: RunningPlatform) -> Iterator[None]:
    """Let the server write nothing beyond the first bytes of a file, as on a disk that has no more."""
    assert _log_of(platform.database).stat().st_size > ROOM
    with _no_room_beyond(ROOM, platform):
        yield


@contextmanager
def _full_in_mid_page(platform: RunningPlatform) -> Iterator[None]:
    """Let the server write a part of one page more, so that what it commits next is torn."""
    before = _log_of(platform.database).stat().st_size
    with _no_room_beyond(before + HALF_A_PAGE, platform):
        yield
        assert _log_of(platform.database).stat().st_size == before + HALF_A_PAGE


@contextmanager
def _no_room_beyond(size: int, platform: RunningPlatform) -> Iterator[None]:
    assert platform.log.stat().st_size < ROOM / 2
    before = resource.prlimit(platform.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(platform.pid, resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.prlimit(platform.pid, resource.RLIMIT_FSIZE, before)


def _log_of(database: Path) -> Path:
    """Return where SQLite writes what is committed."""
    return database.with_name(f"{database.name}-wal")


@pytest.mark.parametrize("fault", [_locked, _full, _full_in_mid_page])
async def test_a_talk_goes_on_and_a_new_caller_is_refused_while_nothing_can_be_written(
    young: RunningPlatform,
    actions: ActionServer,
    caller: str,
    fault: Callable[[RunningPlatform], AbstractContextManager[None]],
) -> None:
    books = Books(young)
    [number] = young.api("GET", f"/voice/dins/?prefix={UNSUBSCRIBED_NUMBER}")
    wish, key = {"din_uid": number["din_uid"]}, f"order of {caller}"
    async with scene(Stage.JOINED, young, actions, caller) as talk:
        await talk.customer.hear(0.5)
        with fault(young):
            async with phone() as late:
                assert await late.call(NUMBER, young.sip, caller=caller + "1") == 480
            assert young.api("GET", "/account/")["held"] == 2
            status, document = await asyncio.to_thread(young.ask, "POST", SUBSCRIPTIONS, wish, key=key)
            assert status == 503
            assert is_away(document)
            talk.customer.say(tone(HZ, 5))
            await talk.friend.hear(1)
            assert ear.has_tone(await talk.friend.hear(1), HZ)
        refused = await call_of(young, caller + "1")
        assert (refused["status"], refused["reason"], refused["cost"]) == ("refused", "database-away", 0)
        assert young.ask("POST", SUBSCRIPTIONS, wish, key=key)[0] == 201
        # Within a day what was paid comes back.
        young.api("DELETE", f"{SUBSCRIPTIONS}{wish['din_uid']}/")
        actions.says("reject declined")
        async with phone() as afterwards:
            assert await afterwards.call(NUMBER, young.sip, caller=caller + "2") == 603
        talk.customer.hang_up()
        await talk.friend.hear_the_end()
        call = await call_of(young, caller)
    assert (call["status"], call["reason"], call["cost"]) == ("completed", None, 2)
    await books.add_up(2)
    young.cli("ledger", "verify")
    assert young.rows("PRAGMA integrity_check") == [("ok",)]
