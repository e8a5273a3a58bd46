"""SIPVicious scans the platform: a stranger finds nothing, and a carrier nothing that a call would not tell.

What a carrier does hear: whether a number can be called. A number that nobody subscribed gets 404 as one that is not
in the pool does, so the list of free numbers is not to be had; a subscribed one rings, which is what it is for.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

import sip_probe
import sipvicious
from action_server import ActionServer
from phone import phone
from running_platform import NUMBER, UNSUBSCRIBED_NUMBER, RunningPlatform
from sipvicious import svmap, svwar

pytestmark = pytest.mark.peers

UNKNOWN_NUMBER = "815099999999"
CARRIER, STRANGER = "127.0.0.2", "127.0.0.1"
USERS = f"100-103,{NUMBER},{UNSUBSCRIBED_NUMBER},{UNKNOWN_NUMBER}"
ECHOES = ("Via:", "From:", "To:", "Call-ID:")


@pytest.fixture(scope="module")
def guarded(action_server: ActionServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningPlatform]:
    """Return a platform whose only trunk is at `CARRIER`."""
    with RunningPlatform(tmp_path_factory.mktemp("guarded"), action_server.url, trunk=CARRIER) as platform:
        yield platform


def test_a_stranger_finds_no_device_no_user_and_no_number(
    guarded: RunningPlatform, actions: ActionServer, tmp_path: Path
) -> None:
    scans = [svmap("-m", method) for method in ("OPTIONS", "REGISTER", "INVITE")]
    scans += [svwar(method, USERS) for method in ("REGISTER", "OPTIONS", "INVITE")]
    assert sipvicious.run(guarded.sip, *scans, folder=tmp_path) == [[]] * len(scans)
    assert guarded.calls() == []
    assert not actions.questions
    told = [line for line in guarded.log.read_text().splitlines() if "a stranger was ignored" in line]
    # Once for each address, however much it sends.
    assert len([line for line in told if f"source={STRANGER}" in line]) == 1


def test_the_same_scan_from_a_carrier_finds_the_platform(guarded: RunningPlatform, tmp_path: Path) -> None:
    (found,) = sipvicious.run(guarded.sip, svmap("-b", CARRIER, "-x", CARRIER), folder=tmp_path)
    assert found == [f"{guarded.sip[0]}:{guarded.sip[1]}"]


def test_a_carrier_finds_no_users_by_anything_but_calls(
    platform: RunningPlatform, actions: ActionServer, tmp_path: Path
) -> None:
    scans = [svwar(method, USERS) for method in ("REGISTER", "OPTIONS")]
    assert sipvicious.run(platform.sip, *scans, folder=tmp_path) == [[], []]
    assert not actions.questions


@pytest.mark.parametrize("method", ["OPTIONS", "REGISTER", "SUBSCRIBE", "MESSAGE"])
def test_a_carrier_hears_the_same_about_every_number(platform: RunningPlatform, method: str) -> None:
    answers = set()
    for number in (NUMBER, UNSUBSCRIBED_NUMBER, UNKNOWN_NUMBER, "100"):
        response = sip_probe.ask(platform.sip, method, user=number, within_s=2)
        assert response is not None
        answers.add("\n".join(line for line in response.splitlines() if not line.startswith(ECHOES)))
    assert len(answers) == 1


async def test_a_call_does_not_tell_a_number_that_is_free_from_one_that_does_not_exist(
    platform: RunningPlatform, actions: ActionServer, caller: str
) -> None:
    stories = []
    for number in (UNSUBSCRIBED_NUMBER, UNKNOWN_NUMBER):
        async with phone() as customer:
            assert await customer.call(number, platform.sip, caller=caller) == 404
            stories.append([sentence.replace(number, "it") for sentence in customer.story])
    assert stories[0] == stories[1]
    assert not actions.questions
