"""What Prometheus scrapes from a running platform before, during and after calls."""

import asyncio
import socket

import pytest

from action_server import ActionServer
from phone import phone
from running_platform import NUMBER, UNSUBSCRIBED_NUMBER, RunningPlatform

pytestmark = pytest.mark.peers

ENDED = {
    "offhook_setup_seconds_count": {},
    "offhook_action_seconds_count": {"outcome": "answered"},
    "offhook_rtp_mos_count": {},
    "offhook_rtp_loss_ratio_count": {"direction": "received"},
    "offhook_rtp_jitter_seconds_count": {"direction": "received"},
}
"""What one answered call adds one to, whose phone sends no reports."""


async def test_a_call_is_seen_while_it_runs_and_measured_when_it_ends(
    platform: RunningPlatform, actions: ActionServer, caller: str
) -> None:
    actions.says("pause 8")
    # Calls of the tests before may be over for their callers only.
    platform.wait_until(lambda: _running(platform) == 0, within_s=5, what="no call to run")
    before = {name: platform.metric(name, **labels) for name, labels in ENDED.items()}
    setup, mos = platform.metric("offhook_setup_seconds_sum"), platform.metric("offhook_rtp_mos_sum")
    assert platform.metric("offhook_calls", state="acting", trunk="peers") == 0
    async with phone() as customer:
        await customer.call(NUMBER, platform.sip, caller=caller)
        during = await asyncio.to_thread(_look, platform)
        customer.hang_up()
        await asyncio.to_thread(platform.ended_calls, caller)
    assert during == [1, 1]
    assert {name: platform.metric(name, **labels) for name, labels in ENDED.items()} == {
        name: count + 1 for name, count in before.items()
    }
    assert 0.0 < platform.metric("offhook_setup_seconds_sum") - setup < 5.0
    assert platform.metric("offhook_rtp_mos_sum") - mos == pytest.approx(4.41, abs=0.01)
    platform.wait_until(lambda: _running(platform) == 0, within_s=5, what="the call to be recorded")
    assert platform.metric("offhook_media_worker_legs", worker="0") == 0
    assert 0.0 <= platform.metric("offhook_media_worker_busy_ratio", worker="0") <= 1.0


async def test_a_refusal_is_counted_by_its_reason(platform: RunningPlatform, caller: str) -> None:
    before = platform.metric("offhook_refusals_total", reason="not-subscribed")
    async with phone() as customer:
        assert await customer.call(UNSUBSCRIBED_NUMBER, platform.sip, caller=caller) == 404
    assert platform.metric("offhook_refusals_total", reason="not-subscribed") == before + 1


def test_a_stranger_is_counted_and_gets_nothing(platform: RunningPlatform) -> None:
    before = platform.metric("offhook_stranger_datagrams_dropped_total")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
        stranger.bind(("127.0.0.2", 0))
        stranger.settimeout(0.5)
        for _ in range(3):
            stranger.sendto(b"OPTIONS sip:platform SIP/2.0\r\n\r\n", platform.sip)
        with pytest.raises(TimeoutError):
            stranger.recv(2048)
    assert platform.metric("offhook_stranger_datagrams_dropped_total") == before + 3


def _running(platform: RunningPlatform) -> float:
    states = ("arrived", "asking", "preparing", "calling", "acting", "joined", "ending")
    return sum(platform.metric("offhook_calls", state=state, trunk="peers") for state in states)


def _look(platform: RunningPlatform) -> list[float]:
    """Return the calls that are answered, and the legs of the only worker."""
    return [
        platform.metric("offhook_calls", state="acting", trunk="peers"),
        platform.metric("offhook_media_worker_legs", worker="0"),
    ]
