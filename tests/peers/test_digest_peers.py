"""A phone that is known by its password alone registers, calls and is called; whoever does not know it gets nothing.

Only MD5 is offered to it: this baresip gives up when SHA-256 is offered too.
"""

import asyncio
import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

import ear
import office
import sip_probe
import sipvicious
from action_server import ActionServer
from baresip import Phone, PhoneFailed
from offhook.service import accounts
from phone import phone
from running_platform import NUMBER, RunningPlatform
from sipvicious import svwar
from stages import FRIEND
from tones import mp3_of, tone, write_wav

pytestmark = pytest.mark.peers

USER = "anna"
CARRIER = "127.0.0.2"
CALLER_HZ, SPOKEN_HZ = 440, 900
KNOWN_WITHIN_S = ENDED_WITHIN_S = 5


@pytest.fixture(scope="module")
def guarded(action_server: ActionServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningPlatform]:
    """Return a platform that knows `CARRIER` by its address, and everybody else by a password only."""
    with RunningPlatform(tmp_path_factory.mktemp("guarded"), action_server.url, trunk=CARRIER) as platform:
        yield platform


@pytest.fixture(scope="module")
def password(guarded: RunningPlatform) -> str:
    """Return the password of `USER`."""
    added: dict[str, Any] = json.loads(
        guarded.cli("trunks", "add", "desk", "--auth", "digest-md5", "--peer-user", USER, "--json")
    )
    guarded.wait_until(
        lambda: sip_probe.ask(guarded.sip, "REGISTER", user=USER), within_s=KNOWN_WITHIN_S, what="the user to be known"
    )
    return str(added["peer_password"])


def phone_of(platform: RunningPlatform, folder: Path, password: str, **options: Any) -> Phone:
    speech = write_wav(folder / "speech.wav", tone(CALLER_HZ, 60))
    return Phone(folder / "baresip", speech, user=USER, registrar=platform.sip, password=password, **options)


def ended_call(platform: RunningPlatform, before: set[str]) -> dict[str, Any]:
    """Return the one call that is new, once it has ended."""

    def look() -> dict[str, Any] | None:
        new = [call for call in platform.calls() if call["call_id"] not in before]
        return new[0] if new and new[0]["end_time"] else None

    return platform.wait_until(look, within_s=ENDED_WITHIN_S, what="the call to end")


@pytest.mark.parametrize("transport", ["udp", "tcp"])
async def test_a_phone_registers_calls_and_is_called_by_its_password(
    guarded: RunningPlatform,
    password: str,
    action_server: ActionServer,
    actions: ActionServer,
    caller: str,
    tmp_path: Path,
    transport: str,
) -> None:
    actions.says(f"playback {action_server.serves('hello.mp3', mp3_of(tone(SPOKEN_HZ, 2)))}")
    host, port = guarded.sip
    before = {call["call_id"] for call in guarded.calls()}
    with phone_of(guarded, tmp_path, password, answers=True, transport=transport) as baresip:
        await asyncio.to_thread(baresip.wait_for_registration, within_s=10)
        baresip.dial(f"sip:{NUMBER}@{host}:{port};transport={transport}")
        await asyncio.to_thread(baresip.wait_for, "CALL_ESTABLISHED", within_s=10)
        await asyncio.to_thread(baresip.wait_for, "CALL_CLOSED", within_s=20)
        assert ear.has_tone(baresip.heard(), SPOKEN_HZ)
        call = await asyncio.to_thread(ended_call, guarded, before)
        assert call["status"] == "completed"
        assert "trunk desk" in guarded.timeline(call["call_id"])[0]["text"]
        # Its trunk has no address to send to: a transfer goes to where the phone registered.
        office.write(guarded.database_url, partial(accounts.route, name=office.ACCOUNT, trunk="desk"))
        actions.says(f"transfer {FRIEND}")
        async with phone(host=CARRIER) as customer:
            assert await customer.call(NUMBER, guarded.sip, caller=caller) == 200
            await asyncio.to_thread(baresip.wait_for, "CALL_ESTABLISHED", within_s=10)
            await customer.hear(1.5)
            customer.hang_up()
        await asyncio.to_thread(baresip.wait_for, "CALL_CLOSED", within_s=5)
        (call,) = await asyncio.to_thread(guarded.ended_calls, caller)
        assert call["status"] == "completed"


def test_a_wrong_password_never_gets_in(
    guarded: RunningPlatform, password: str, actions: ActionServer, tmp_path: Path
) -> None:
    before = guarded.calls()
    with phone_of(guarded, tmp_path, f"{password}x") as baresip:
        with pytest.raises(PhoneFailed):
            baresip.wait_for_registration(within_s=2)
        baresip.dial(f"sip:{NUMBER}@{guarded.sip[0]}:{guarded.sip[1]}")
        closed = baresip.wait_for("CALL_CLOSED", within_s=10)
        assert "401" in closed.text
    assert guarded.calls() == before
    assert not actions.questions
    assert password not in guarded.log.read_text()


def test_a_scanner_finds_no_user_that_it_does_not_name(
    guarded: RunningPlatform, password: str, actions: ActionServer, tmp_path: Path
) -> None:
    assert password
    before = guarded.calls()
    users = f"100-103,{NUMBER}"
    scans = [svwar(method, users) for method in ("REGISTER", "OPTIONS", "INVITE")]
    assert sipvicious.run(guarded.sip, *scans, folder=tmp_path) == [[]] * len(scans)
    for method in ("OPTIONS", "SUBSCRIBE", "MESSAGE", "BYE", "CANCEL", "ACK"):
        assert sip_probe.ask(guarded.sip, method, user=USER) is None, "only an INVITE or a REGISTER is challenged"
    assert guarded.calls() == before
    assert not actions.questions
