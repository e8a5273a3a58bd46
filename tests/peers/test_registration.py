"""The platform registers at a provider (Kamailio) as a phone does, and is called only where it registered."""

import asyncio
import json
from pathlib import Path

import pytest

import ear
import sipp
from action_server import ActionServer
from kamailio import NOWHERE, Proxy
from phone import phone
from running_platform import NUMBER, RunningPlatform
from tones import mp3_of, tone

pytestmark = pytest.mark.peers

PASSWORD = "a secret of 2026"
SOUND_HZ = 900
REGISTERED_WITHIN_S = 10


async def test_a_provider_that_is_registered_at_brings_calls_and_a_stranger_at_the_same_address_none(
    action_server: ActionServer, actions: ActionServer, caller: str, tmp_path: Path
) -> None:
    actions.says(f"playback {actions.serves('home.mp3', mp3_of(tone(SOUND_HZ, 1)))}")
    provider, secret = Proxy(tmp_path / "provider"), tmp_path / "password"
    secret.write_text(PASSWORD)
    folder = tmp_path / "platform"
    folder.mkdir()
    # The only trunk by address is elsewhere: nothing but the registration lets the provider in.
    with (
        RunningPlatform(folder, action_server.url, trunk="127.0.0.2") as platform,
        provider.running(inner=platform.sip, outer=NOWHERE, password=PASSWORD, registrar=True),
    ):
        host, port = provider.sip
        words = ("--send", f"sip:{host}:{port}", "--user", "offhook", "--password-file", str(secret), "--register")
        platform.cli("trunks", "add", "home", *words, "--check-every", "0")
        await asyncio.to_thread(
            platform.wait_until,
            lambda: any(one.first_line == "SIP/2.0 200 OK" for one in provider.passed() if not one.received),
            within_s=REGISTERED_WITHIN_S,
            what="the registration",
        )

        def registered() -> str | None:
            (home,) = [
                trunk for trunk in json.loads(platform.cli("trunks", "list", "--json")) if trunk["name"] == "home"
            ]
            return next((one["text"] for one in home["states"] if one["kind"] == "registration" and one["up"]), None)

        until = await asyncio.to_thread(platform.wait_until, registered, within_s=15, what="its state to be shown")
        assert until.startswith("until 20")
        assert platform.metric("offhook_trunk_registered", trunk="home") == 1
        async with phone() as customer:
            assert await customer.call(NUMBER, provider.sip, caller=caller) == 200
            heard = await customer.hear_the_end()
        assert ear.has_tone(heard, SOUND_HZ)
        (call,) = await asyncio.to_thread(platform.ended_calls, caller)
        assert (call["recipient"], call["status"]) == (NUMBER, "completed")
        arrived = platform.timeline(call["call_id"])[0]
        assert "trunk home" in arrived["text"]
        assert arrived["data"]["dialled_in"] == "To"
        # Its address alone opens nothing: the number itself was never told to the provider as ours.
        with pytest.raises(sipp.ScenarioFailed):
            await asyncio.to_thread(sipp.run, "basic", platform.sip, NUMBER, folder=tmp_path, caller=f"{caller}1")
        registers = [one for one in provider.passed() if one.received and one.first_line.startswith("REGISTER")]
        assert [bool(one.values("Authorization")) for one in registers[:2]] == [False, True]
        platform.ask_to_stop()
        platform.wait_for_its_end()
        last = [one for one in provider.passed() if one.received and one.first_line.startswith("REGISTER")][-1]
        assert last.values("Expires") == ["0"]
        assert PASSWORD not in platform.log.read_text()
