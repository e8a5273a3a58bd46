"""Nothing can be written while two people talk: they talk on, new callers are refused, the books are right later."""

import resource
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest

import ear
from action_server import ActionServer
from books import Books
from phone import phone
from running_platform import NUMBER, RunningPlatform
from stages import Stage, call_of, locked, scene
from tones import tone

pytestmark = pytest.mark.peers

ROOM = 32_768
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
    assert platform.log.stat().st_size < ROOM / 2
    assert platform.database.with_name("offhook.db-wal").stat().st_size > ROOM
    before = resource.prlimit(platform.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(platform.pid, resource.RLIMIT_FSIZE, (ROOM, before[1]))
    try:
        yield
    finally:
        resource.prlimit(platform.pid, resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize("fault", [_locked, _full])
async def test_a_talk_goes_on_and_a_new_caller_is_refused_while_nothing_can_be_written(
    young: RunningPlatform,
    actions: ActionServer,
    caller: str,
    fault: Callable[[RunningPlatform], AbstractContextManager[None]],
) -> None:
    books = Books(young)
    async with scene(Stage.JOINED, young, actions, caller) as talk:
        await talk.customer.hear(0.5)
        with fault(young):
            async with phone() as late:
                assert await late.call(NUMBER, young.sip, caller=caller + "1") == 480
            talk.customer.say(tone(HZ, 5))
            await talk.friend.hear(1)
            assert ear.has_tone(await talk.friend.hear(1), HZ)
        refused = await call_of(young, caller + "1")
        assert (refused["status"], refused["reason"], refused["cost"]) == ("refused", "database-away", 0)
        talk.customer.hang_up()
        await talk.friend.hear_the_end()
        call = await call_of(young, caller)
    assert (call["status"], call["reason"], call["cost"]) == ("completed", None, 2)
    await books.add_up(2)
