"""What an account may not do or cannot pay: a call is refused at once, or ends with the minute that is paid for."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial

import pytest

import ear
import office
from action_server import ActionServer
from books import Books
from offhook.domain.credits import CREDIT
from offhook.domain.terms import TERMS
from offhook.service import accounts, limits
from phone import phone
from running_platform import NUMBER, RunningPlatform
from soundfiles import mp3, sine
from stages import call_of
from tones import RATE

pytestmark = pytest.mark.peers

UNAVAILABLE, BUSY = 480, 486
LEAST_CREDIT = TERMS.minimum_credit // CREDIT
HERTZ = 600
GOODBYE = "This call ends now. Goodbye."


@contextmanager
def poor(platform: RunningPlatform, *, left: int) -> Iterator[None]:
    """Take all but so many credits from the account, and give them back."""
    taken = (int(platform.api("GET", "/account/")["available"]) - left) * CREDIT
    _adjust(platform, -taken)
    try:
        yield
    finally:
        _adjust(platform, taken)


@pytest.mark.parametrize("left", [0, LEAST_CREDIT - 1])
async def test_a_call_that_cannot_be_paid_is_refused(
    platform: RunningPlatform, actions: ActionServer, caller: str, left: int
) -> None:
    Books(platform)
    with poor(platform, left=left):
        async with phone() as customer:
            assert await customer.call(NUMBER, platform.sip, caller=caller) == UNAVAILABLE
        call = await call_of(platform, caller)
    assert (call["status"], call["reason"], call["cost"]) == ("refused", "no-credit", 0)
    assert actions.questions == []


async def test_one_call_more_than_a_number_may_have_at_once_hears_busy(
    platform: RunningPlatform, actions: ActionServer, caller: str
) -> None:
    books = Books(platform)
    actions.says("pause 60")
    _limit(platform, 1)
    try:
        async with phone() as first, phone() as second, phone() as third:
            assert await first.call(NUMBER, platform.sip, caller=caller) == 200
            assert await second.call(NUMBER, platform.sip, caller=f"{caller}2") == BUSY
            first.hang_up()
            await books.add_up(1)
            assert await third.call(NUMBER, platform.sip, caller=f"{caller}3") == 200
    finally:
        _limit(platform, None)
    call = await call_of(platform, f"{caller}2")
    assert (call["status"], call["reason"], call["cost"]) == ("refused", "too-many-calls", 0)


async def test_a_call_whose_next_minute_cannot_be_paid_says_so_and_ends_with_the_present_one(
    platform: RunningPlatform, actions: ActionServer, caller: str
) -> None:
    books = Books(platform)
    actions.says(f"playback {actions.serves('on.mp3', mp3(sine(HERTZ, 10)))} loop=9")
    async with phone() as customer:
        assert await customer.call(NUMBER, platform.sip, caller=caller) == 200
        with poor(platform, left=0):
            before = await customer.hear(50)
            # The last seconds of the minute, with our words in them.
            after = (await customer.hear_the_end())[len(before) :]
    assert ear.has_tone(before, HERTZ)
    assert ear.word_error_rate(GOODBYE, ear.recognise(after[-5 * RATE :])) < 0.5
    call = await call_of(platform, caller)
    assert (call["status"], call["reason"], call["cost"]) == ("completed", "credit-ended", 1)
    await books.add_up(1)


def _adjust(platform: RunningPlatform, amount: int) -> None:
    change = partial(
        accounts.adjust,
        name=office.ACCOUNT,
        amount=amount,
        reason="a test",
        by="the tests",
        reference=None,
        now=datetime.now(UTC),
    )
    office.write(platform.database_url, change)


def _limit(platform: RunningPlatform, calls: int | None) -> None:
    """Let the number have so many calls at once, None for as many as all have."""
    change = partial(limits.limit_number, din=NUMBER, calls_at_once=calls, calls_per_minute=None, spend_per_day=None)
    office.write(platform.database_url, change)
