"""Phones on other hosts call: each reads the address at which it can reach the platform, and both are heard."""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from pathlib import Path

import pytest

import ear
import networks
import office
from action_server import ActionServer
from baresip import Phone, in_uri
from linphone import linphone
from networks import Host, own_network
from offhook.service import trunks
from running_platform import NUMBER, RunningPlatform
from stages import FRIEND
from tones import RATE, tone, write_wav

pytestmark = pytest.mark.peers

CALLER_HZ, CALLEE_HZ = 1100, 700
PUBLIC = "100.64.77.1"
"""Of the one block that is neither private nor anybody's (RFC 6598): to the platform it is the internet."""


@dataclass(frozen=True, slots=True)
class Town:
    """The hosts of these tests: two in networks of ours, one with IPv6 alone, one beyond a router."""

    left: Host
    right: Host
    six: Host
    beyond: Host


@pytest.fixture(scope="module")
def town() -> Iterator[Town]:
    if not networks.is_possible():
        sentence = "only root may make networks: run the tests as root to have several hosts"
        (pytest.fail if os.environ.get("CI") else pytest.skip)(sentence)
    with own_network() as network:
        yield Town(
            left=network.plug("10.77.1.2", "10.77.1.1"),
            right=network.plug("10.77.2.2", "10.77.2.1"),
            six=network.plug("fd77::2", "fd77::1", bits=64),
            beyond=network.plug_behind_router("100.64.77.2", PUBLIC, private=("10.77.3.1", "10.77.3.2")),
        )


@pytest.fixture(scope="module")
def home_actions(town: Town) -> Iterator[ActionServer]:
    with ActionServer() as server:
        yield server


@pytest.fixture(scope="module")
def home(
    town: Town, home_actions: ActionServer, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunningPlatform]:
    """Return a platform at all addresses that it has: by `request.param` those of IPv4 alone, or of both."""
    settings = {"OFFHOOK_PUBLIC_ADDRESS": PUBLIC}
    folder = tmp_path_factory.mktemp("home")
    with RunningPlatform(folder, home_actions.url, settings, listens_at=request.param) as platform:
        known = tuple(getattr(town, field.name).address for field in fields(town))
        office.write(
            platform.database_url,
            lambda work: trunks.add_trunk(work, name="town", sources=known, send=None, now=datetime.now(UTC)),
        )
        yield platform


IPV4, BOTH = "0.0.0.0", "[::]"


@pytest.mark.parametrize(
    ("home", "pairs"),
    [
        (IPV4, [("left", "right"), ("beyond", "left"), ("right", "beyond")]),
        (BOTH, [("six", "left"), ("beyond", "six")]),
    ],
    indirect=["home"],
    scope="module",
    ids=["ipv4", "both"],
)
def test_each_host_reads_the_address_at_which_it_reaches_us_and_both_are_heard(
    home: RunningPlatform,
    home_actions: ActionServer,
    town: Town,
    caller: str,
    tmp_path: Path,
    pairs: list[tuple[str, str]],
) -> None:
    home_actions.says(f"transfer {FRIEND}")
    for serial, (calls, called) in enumerate(pairs):
        folder = tmp_path / f"{calls}-{called}"
        folder.mkdir()
        _call_across(home, getattr(town, calls), getattr(town, called), f"{caller}{serial}", folder)


def _call_across(home: RunningPlatform, near: Host, far: Host, caller: str, folder: Path) -> None:
    customers, friends = (write_wav(folder / f"{hz}.wav", tone(hz, 60)) for hz in (CALLER_HZ, CALLEE_HZ))
    with (
        Phone(folder / "friend", friends, user=f"+{FRIEND}", answers=True, at=far) as friend,
        Phone(folder / "customer", customers, user=caller, at=near) as customer,
    ):
        office.lead_out(home.database_url, (in_uri(far.address), friend.sip_port))
        customer.dial(f"sip:{NUMBER}@{in_uri(near.gateway)}:{home.sip[1]}")
        for one in (customer, friend):
            one.wait_for("CALL_ESTABLISHED", within_s=10)
        customer.stays_in_the_call(2)
        # Our own BYE has to find the caller, too.
        friend.hang_up()
        for one in (customer, friend):
            one.wait_for("CALL_CLOSED", within_s=10)
    for one, host, others_hz in ((customer, near, CALLEE_HZ), (friend, far, CALLER_HZ)):
        assert ear.has_tone(one.heard()[-RATE:], others_hz)
        family, ours = "IP6" if ":" in host.address else "IP4", f"{in_uri(host.gateway)}:{home.sip[1]}"
        for line in (f"c=IN {family} {host.gateway}\n", f"Via: SIP/2.0/UDP {ours};", f"Contact: <sip:{ours}>"):
            assert line in one.messages()
        # Nothing tells where the other one is, nor of the addresses at which it cannot reach us.
        assert addresses_in(one.messages()) == {host.address, host.gateway}
    (call,) = home.ended_calls(caller)
    assert (call["status"], call["reason"], call["cost"]) == ("completed", None, 2)


@pytest.mark.parametrize("home", [BOTH], indirect=True, scope="module")
def test_linphone_calls_and_is_heard_and_hears(
    home: RunningPlatform, home_actions: ActionServer, town: Town, caller: str, tmp_path: Path
) -> None:
    home_actions.says(f"transfer {FRIEND}")
    customers, friends = (write_wav(tmp_path / f"{hz}.wav", tone(hz, 60)) for hz in (CALLER_HZ, CALLEE_HZ))
    with (
        Phone(tmp_path / "friend", friends, user=f"+{FRIEND}", answers=True, at=town.right) as friend,
        linphone(tmp_path / "customer", customers, user=caller, at=town.left) as customer,
    ):
        office.lead_out(home.database_url, (town.right.address, friend.sip_port))
        customer.call(f"sip:{NUMBER}@{town.left.gateway}:{home.sip[1]}")
        friend.wait_for("CALL_ESTABLISHED", within_s=10)
        friend.stays_in_the_call(3)
        friend.hang_up()
        friend.wait_for("CALL_CLOSED", within_s=5)
        heard = customer.hear_the_end()
    assert ear.has_tone(friend.heard()[-RATE:], CALLER_HZ)
    assert ear.has_tone(heard[RATE:], CALLEE_HZ)
    (call,) = home.ended_calls(caller)
    assert (call["status"], call["reason"], call["cost"]) == ("completed", None, 2)


def addresses_in(messages: str) -> set[str]:
    """Return every IP address that stands in these messages."""
    return set(re.findall(r"\b(?:[0-9]{1,3}\.){3}[0-9]{1,3}\b|\bfd77:[0-9a-f:]*[0-9a-f]", messages))
