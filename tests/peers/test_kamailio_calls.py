"""Kamailio stands between the world and the platform, twice in a row, and stays in the way of every call.

A request inside a dialog has to name both proxies in their order (RFC 3261 section 12.2.1.1), or it does not arrive.
"""

import asyncio
from pathlib import Path

import pytest

import ear
import office
from action_server import ActionServer
from baresip import Phone
from callee import callee, pcmu
from kamailio import Proxy, proxies
from offhook.domain.logins import Login
from offhook.engine.net.manners import BUSY, Manners
from phone import phone
from running_platform import NUMBER, RunningPlatform
from stages import FRIEND, ONLY_RINGS, call_of, lead_to
from tones import mp3_of, tone, write_wav

pytestmark = pytest.mark.peers

IN_A_ROW = 2
PASSWORD = "a secret of 2026"
CALLER_HZ, CALLEE_HZ, SOUND_HZ = 1100, 700, 900


def names_in_order(values: list[str], *row: Proxy) -> bool:
    """Tell whether Route or Record-Route values name these proxies, in this order, and nobody else."""
    wanted = [f"<sip:{proxy.sip[0]}:{proxy.sip[1]};" for proxy in row]
    return len(values) == len(wanted) and all(map(str.startswith, values, wanted))


async def test_a_caller_hears_a_playback_and_the_platforms_bye_takes_the_way_that_was_recorded(
    platform: RunningPlatform, actions: ActionServer, caller: str, tmp_path: Path
) -> None:
    actions.says(f"playback {actions.serves('proxied.mp3', mp3_of(tone(SOUND_HZ, 1)))}")
    with proxies(tmp_path, IN_A_ROW, inner=platform.sip) as (edge, core):
        async with phone() as customer:
            assert await customer.call(NUMBER, edge.sip, caller=caller) == 200
            heard = await customer.hear_the_end()
        assert ear.has_tone(heard, SOUND_HZ)
        answer, bye = core.received("SIP/2.0 200"), core.received("BYE")
        recorded = answer.values("Record-Route")
        assert names_in_order(recorded, core, edge)
        assert (bye.source, bye.values("Route")) == (platform.sip, recorded)
        # The caller's own Contact stands in every request to it.
        contact = edge.received("INVITE").values("Contact")[0].strip("<>")
        assert bye.request_uri == edge.sent("BYE").request_uri == contact
        assert edge.received("BYE").values("Route") == recorded[1:]
        assert edge.sent("BYE").values("Route") == []
    call = await call_of(platform, caller)
    assert (call["status"], call["reason"]) == ("completed", None)


async def test_a_caller_who_hangs_up_ends_the_call_along_the_way_that_was_recorded(
    platform: RunningPlatform, actions: ActionServer, caller: str, tmp_path: Path
) -> None:
    actions.says("pause 60")
    with proxies(tmp_path, IN_A_ROW, inner=platform.sip) as (edge, core):
        async with phone() as customer:
            assert await customer.call(NUMBER, edge.sip, caller=caller) == 200
            customer.hang_up()
            call = await call_of(platform, caller)
        contact = core.received("SIP/2.0 200").values("Contact")[0].strip("<>")
        for method in ("ACK", "BYE"):
            assert names_in_order(edge.received(method).values("Route"), edge, core)
            assert names_in_order(core.received(method).values("Route"), core)
            assert (core.sent(method).destination, core.sent(method).request_uri) == (platform.sip, contact)
    assert (call["status"], call["reason"]) == ("completed", None)


async def test_a_caller_who_gives_up_cancels_through_the_proxies(
    platform: RunningPlatform, actions: ActionServer, caller: str, tmp_path: Path
) -> None:
    actions.says("pause 60", after_s=2)
    with proxies(tmp_path, IN_A_ROW, inner=platform.sip) as (edge, core):
        async with phone() as customer:
            calling = asyncio.create_task(customer.call(NUMBER, edge.sip, caller=caller))
            await customer.hear_it_ring()
            customer.hang_up()
            calling.cancel()
            call = await call_of(platform, caller)
        assert core.sent("CANCEL").destination == platform.sip
        assert core.received("SIP/2.0 487").source == platform.sip
        assert core.sent("ACK").destination == platform.sip
        assert edge.received("SIP/2.0 487").source == core.sip
    assert (call["status"], call["cost"]) == ("canceled", 0)


@pytest.mark.parametrize("ends", ["caller", "callee"])
async def test_a_callee_is_reached_through_the_proxies_and_every_request_takes_the_way_that_was_recorded(
    platform: RunningPlatform, actions: ActionServer, caller: str, tmp_path: Path, ends: str
) -> None:
    actions.says(f"transfer {FRIEND}")
    manners = Manners(answers_after_s=0.1, speech=pcmu(tone(CALLEE_HZ, 5)))
    async with callee(manners) as friend, phone() as customer:
        with proxies(tmp_path, IN_A_ROW, inner=platform.sip, outer=friend.sip) as (edge, core):
            lead_to(platform, core.sip)
            assert await customer.call(NUMBER, platform.sip, caller=caller) == 200
            customer.say(tone(CALLER_HZ, 5))
            heard, overheard = await customer.hear(1), await friend.hear(1)
            (customer if ends == "caller" else friend).hang_up()
            await (friend if ends == "caller" else customer).hear_the_end()
            recorded = core.sent("SIP/2.0 200").values("Record-Route")
            assert names_in_order(recorded, edge, core)
            contact = edge.received("SIP/2.0 200").values("Contact")[0].strip("<>")
            for method in ("ACK", "BYE") if ends == "caller" else ("ACK",):
                ours = core.received(method)
                assert (ours.source, ours.request_uri) == (platform.sip, contact)
                assert ours.values("Route") == recorded[::-1]
                assert edge.sent(method).destination == friend.sip
            if ends == "callee":
                assert edge.received("BYE").source == friend.sip
                assert core.sent("BYE").destination == platform.sip
    assert ear.has_tone(heard, CALLEE_HZ)
    assert ear.has_tone(overheard, CALLER_HZ)
    call = await call_of(platform, caller)
    assert (call["status"], call["reason"], call["cost"]) == ("completed", None, 2)


@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_two_phones_behind_a_proxy_hear_each_other(
    platform: RunningPlatform, actions: ActionServer, caller: str, tmp_path: Path, transport: str
) -> None:
    actions.says(f"transfer {FRIEND}")
    proxy = Proxy(tmp_path / "proxy")
    customers, friends = (write_wav(tmp_path / f"{hz}.wav", tone(hz, 60)) for hz in (CALLER_HZ, CALLEE_HZ))
    with (
        Phone(tmp_path / "friend", friends, user=f"+{FRIEND}", answers=True, transport=transport) as friend,
        Phone(tmp_path / "customer", customers, user=caller, transport=transport) as customer,
        proxy.running(inner=platform.sip, outer=("127.0.0.1", friend.sip_port), transport=transport),
    ):
        office.lead_out(platform.database_url, proxy.sip, transport=transport)
        customer.dial(f"sip:{NUMBER}@{proxy.sip[0]}:{proxy.sip[1]};transport={transport}")
        for one in (customer, friend):
            one.wait_for("CALL_ESTABLISHED", within_s=10)
        # Both legs are changed along the way that was recorded, each by its own side.
        for one in (customer, friend):
            one.stays_in_the_call(1)
            one.hold()
            one.stays_in_the_call(0.5)
            one.resume()
        customer.stays_in_the_call(1)
        friend.hang_up()
        for one in (customer, friend):
            one.wait_for("CALL_CLOSED", within_s=10)
        again = [one for one in proxy.passed() if one.received and one.is_again("INVITE")]
        assert len(again) == 4
        assert all(names_in_order(one.values("Route"), proxy) for one in again)
        # The friend's BYE reached us, and ours the caller.
        byes = [one for one in proxy.passed() if one.received and one.first_line.startswith("BYE")]
        assert len(byes) == 2
        assert names_in_order(byes[1].values("Route"), proxy)
        ways = {via.split()[0] for one in proxy.passed() for via in one.values("Via")}
        assert ways == {f"SIP/2.0/{transport.upper()}"}
    assert ear.has_tone(customer.heard(), CALLEE_HZ)
    assert ear.has_tone(friend.heard(), CALLER_HZ)
    (call,) = platform.ended_calls(caller)
    assert (call["status"], call["reason"], call["cost"]) == ("completed", None, 2)


async def test_a_ringing_callee_is_canceled_through_the_proxies(
    platform: RunningPlatform, actions: ActionServer, caller: str, tmp_path: Path
) -> None:
    actions.says(f"transfer {FRIEND}")
    async with callee(ONLY_RINGS) as friend, phone() as customer:
        with proxies(tmp_path, IN_A_ROW, inner=platform.sip, outer=friend.sip) as (_edge, core):
            lead_to(platform, core.sip)
            calling = asyncio.create_task(customer.call(NUMBER, platform.sip, caller=caller))
            await friend.hear_it_ring()
            await customer.hear_it_ring()
            customer.hang_up()
            calling.cancel()
            await friend.hear_the_end()
            invite, cancel, acknowledged = (core.received(method) for method in ("INVITE", "CANCEL", "ACK"))
            # They belong to the INVITE's own transaction (section 9.1, section 17.1.1.3), which has no Route.
            for later in (cancel, acknowledged):
                assert later.request_uri == invite.request_uri
                assert later.values("Via") == invite.values("Via")
                assert later.values("Route") == []
            assert core.sent("SIP/2.0 487").destination == platform.sip
    call = await call_of(platform, caller)
    assert (call["status"], call["cost"]) == ("canceled", 0)


async def test_a_callees_refusal_comes_back_through_the_proxies(
    platform: RunningPlatform, actions: ActionServer, caller: str, tmp_path: Path
) -> None:
    actions.says(f"transfer {FRIEND}")
    async with callee(Manners(refusal=BUSY)) as friend, phone() as customer:
        with proxies(tmp_path, IN_A_ROW, inner=platform.sip, outer=friend.sip) as (_edge, core):
            lead_to(platform, core.sip)
            assert await customer.call(NUMBER, platform.sip, caller=caller) == BUSY
            assert core.received("ACK").source == platform.sip
    call = await call_of(platform, caller)
    assert (call["status"], call["reason"]) == ("failed", "callee-busy")


@pytest.mark.parametrize("algorithm", ["MD5", "SHA-256"])
async def test_a_carrier_that_asks_for_a_login_gets_it(
    platform: RunningPlatform, actions: ActionServer, caller: str, tmp_path: Path, algorithm: str
) -> None:
    actions.says(f"transfer {FRIEND}")
    carrier = Proxy(tmp_path)
    manners = Manners(answers_after_s=0.1, speech=pcmu(tone(CALLEE_HZ, 5)))
    async with callee(manners) as friend, phone() as customer:
        with carrier.running(inner=platform.sip, outer=friend.sip, password=PASSWORD, algorithm=algorithm):
            office.lead_out(platform.database_url, carrier.sip, login=Login("offhook", PASSWORD))
            assert await customer.call(NUMBER, platform.sip, caller=caller) == 200
            assert ear.has_tone(await customer.hear(1), CALLEE_HZ)
            customer.hang_up()
            await friend.hear_the_end()
            invites = [
                message for message in carrier.passed() if message.received and message.text.startswith("INVITE")
            ]
            assert [bool(message.values("Proxy-Authorization")) for message in invites] == [False, True]
            assert [message.values("CSeq") for message in invites] == [["1 INVITE"], ["2 INVITE"]]
            assert f"algorithm={algorithm}" in invites[1].text
            assert PASSWORD not in "".join(message.text for message in carrier.passed())
    call = await call_of(platform, caller)
    assert (call["status"], call["reason"], call["cost"]) == ("completed", None, 2)


async def test_a_wrong_password_is_told_and_not_tried_twice(
    platform: RunningPlatform, actions: ActionServer, caller: str, tmp_path: Path
) -> None:
    actions.says(f"transfer {FRIEND}")
    carrier = Proxy(tmp_path)
    async with callee(Manners()) as friend, phone() as customer:
        with carrier.running(inner=platform.sip, outer=friend.sip, password=PASSWORD):
            office.lead_out(platform.database_url, carrier.sip, login=Login("offhook", "guessed"))
            assert await customer.call(NUMBER, platform.sip, caller=caller) == 480
            tries = [message for message in carrier.passed() if message.received and message.text.startswith("INVITE")]
            assert len(tries) == 2
    call = await call_of(platform, caller)
    assert (call["status"], call["reason"]) == ("failed", "callee-failed")
    (failed,) = [event for event in platform.timeline(call["call_id"]) if event["kind"] == "transfer-failed"]
    assert "check user name and password" in failed["text"]
    assert "guessed" not in str(platform.timeline(call["call_id"]))
