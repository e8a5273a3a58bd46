"""What the rules of a trunk make of the transfers that go through it, on a running platform."""

import asyncio
from contextlib import AsyncExitStack

import pytest

import office
from action_server import ActionServer
from callee import Callee, callee
from foreign_caller import foreign_caller
from late_callee import SDP, late_callee
from offhook.domain.rules import ForwardedBy, RuleChanges
from offhook.engine.net.loops import MOST_IN_FLIGHT
from offhook.engine.net.manners import Manners
from offhook.engine.sip.message import Response
from office import TRUNK
from phone import phone
from running_platform import NUMBER, RunningPlatform
from sip_peer import Fields

pytestmark = pytest.mark.peers

FRIEND = "81312345678"
FOLLOWS_S = 5
SIGNATURE = "eyJ.e30.c2ln;info=<https://cert.example/a.pem>"
BEFORE = "<sip:+81300000003@carrier.example>;reason=no-answer;counter=1"
HOST = "127.0.0.1"
OURS = f"<sip:+{NUMBER}@{HOST}>"


def lead_to(platform: RunningPlatform, friend: Callee, rules: RuleChanges, *, pass_caller: bool = True) -> None:
    """Let the account's transfers go out to this phone, by rules."""
    office.lead_out(platform.database_url, friend.sip, pass_caller=pass_caller, rules=rules)


async def call(platform: RunningPlatform, fields: Fields) -> Response:
    """Call with these headers, and return the final response."""
    async with foreign_caller() as foreign:
        offer = foreign.describe(f"m=audio {foreign.rtp_port} RTP/AVP 0")
        return await foreign.call(platform.sip, offer, uri=f"sip:+{NUMBER}@{HOST}", fields=fields)


async def test_a_caller_is_passed_through_with_its_way_or_hidden_from_all_but_trusted_trunks(
    mortal: RunningPlatform, actions: ActionServer, caller: str
) -> None:
    told: Fields = {
        "From": f"<sip:switch@{HOST}>;tag=them",
        "P-Asserted-Identity": f"<sip:+{caller}@carrier.example>",
        "Diversion": BEFORE,
        "Identity": SIGNATURE,
    }
    hidden: Fields = told | {"From": '"Anonymous" <sip:anonymous@anonymous.invalid>;tag=them', "Privacy": "id"}
    mortal.cli("trunks", "set", TRUNK, "--trusted")
    async with callee(Manners(refusal=486)) as friend:
        lead_to(mortal, friend, RuleChanges())
        for _ in range(FOLLOWS_S * 5):
            actions.says(f"transfer {FRIEND} from=caller")
            assert (await call(mortal, told)).status == 486
            if friend.call.caller == f"+{caller}":
                break
            await asyncio.sleep(0.2)
        shown = friend.call.request.headers
        assert shown["From"][0].startswith(f"<sip:+{caller}@{HOST}>;tag=")
        assert shown["Diversion"] == [f"{OURS};reason=unconditional;counter=1", BEFORE]
        assert shown["Identity"] == [SIGNATURE]
        assert "Privacy" not in shown

        assert (await call(mortal, hidden)).status == 486
        request = friend.call.request
        assert request.first("From").startswith('"Anonymous" <sip:anonymous@anonymous.invalid>;tag=')
        assert request.headers["Privacy"] == ["id"]
        # Neither its number nor anything that it signed or came by: only by way of which number of ours.
        assert request.headers["Diversion"] == [f"{OURS};reason=unconditional;counter=1"]
        assert caller not in repr(request)
        assert {"Identity", "P-Asserted-Identity", "History-Info"}.isdisjoint(request.headers)

        lead_to(mortal, friend, RuleChanges(is_trusted=True, forwarded_by=ForwardedBy.HISTORY_INFO))
        assert (await call(mortal, hidden)).status == 486
        trusted = friend.call.request
        assert trusted.headers["P-Asserted-Identity"] == [f"<sip:+{caller}@{HOST}>"]
        assert (trusted.headers["Privacy"], friend.call.is_anonymous) == (["id"], True)
        assert trusted.headers["History-Info"] == [
            f"{OURS};index=1",
            f"<sip:+{FRIEND}@{HOST}:{friend.sip[1]};cause=302>;index=1.1;mp=1",
        ]

        lead_to(mortal, friend, RuleChanges(asserts_number=True, is_trusted=True), pass_caller=False)
        assert (await call(mortal, hidden)).status == 486
        ours = friend.call.request
        assert (friend.call.caller, ours.headers["P-Asserted-Identity"]) == (f"+{NUMBER}", [OURS])
        assert caller not in repr(ours)
        assert {"Diversion", "Privacy"}.isdisjoint(ours.headers)


async def test_a_redirection_leads_to_numbers_that_the_account_may_call_and_only_through_a_trunk_that_may(
    platform: RunningPlatform, actions: ActionServer, caller: str
) -> None:
    contacts = "<sip:+4930123456@127.0.0.2:9>;q=0.9, <sip:+81355555555@127.0.0.2:9>;q=0.5, <sip:bob@127.0.0.2:9>"
    fields: Fields = {"From": f"<sip:+{caller}@{HOST}>;tag=them"}
    actions.says(f"transfer {FRIEND}")
    async with late_callee() as gateway:
        for follows, status in ((False, 480), (True, 486)):
            office.lead_out(platform.database_url, gateway.sip, rules=RuleChanges(follows_redirects=follows))
            calling = asyncio.create_task(call(platform, fields))
            gateway.say(await gateway.hear("INVITE"), 302, fields={"Contact": contacts})
            if follows:
                # Germany is refused to this account, so that the next number is called: by its route, not its host.
                second = await gateway.hear("INVITE")
                assert second.uri == f"sip:+81355555555@{HOST}:{gateway.sip[1]}"
                gateway.say(second, 486)
            assert (await calling).status == status
    busy, refused = platform.ended_calls(caller)
    assert (refused["reason"], busy["reason"]) == ("callee-redirected", "callee-busy")
    events = {event["kind"]: event for event in platform.timeline(refused["call_id"])}
    assert events["redirect-refused"]["data"]["numbers"] == ["4930123456", "81355555555"]
    assert events["transfer-failed"]["data"] == {"transfer_status": "refused", "sip_code": 302}
    followed = {event["kind"]: event for event in platform.timeline(busy["call_id"])}
    assert followed["route-failed"]["code"] == "destination-refused"
    assert {"redirected", "transfer-failed"} <= set(followed)
    assert platform.api("GET", "/account/")["held"] == 0


async def test_a_refer_within_a_call_is_declined_and_told_and_the_call_goes_on(
    platform: RunningPlatform, actions: ActionServer, caller: str
) -> None:
    actions.says("pause 20")
    async with foreign_caller() as foreign:
        offer = foreign.describe(f"m=audio {foreign.rtp_port} RTP/AVP 0")
        uri = f"sip:+{NUMBER}@{HOST}"
        fields: Fields = {"From": f"<sip:+{caller}@{HOST}>;tag={foreign.tag}"}
        assert (await foreign.call(platform.sip, offer, uri=uri, fields=fields)).status == 200
        foreign.acknowledge()
        assert (await foreign.refer("<sip:+81355555555@127.0.0.2:9>")).status == 603
        foreign.hang_up()
        await foreign.hears(200)
    (call,) = platform.ended_calls(caller)
    assert (call["status"], call["reason"]) == ("completed", None)
    (event,) = [one for one in platform.timeline(call["call_id"]) if one["kind"] == "refer-refused"]
    assert (event["code"], event["data"]) == ("refer-refused", {"number": "+81355555555", "sip_code": 603})


async def test_a_callee_may_have_the_caller_led_to_another_number_where_its_trunk_may(
    platform: RunningPlatform, actions: ActionServer, caller: str
) -> None:
    actions.says(f"transfer {FRIEND}")
    async with late_callee() as pbx, phone() as customer:
        office.lead_out(platform.database_url, pbx.sip, rules=RuleChanges(takes_refer=True))
        calling = asyncio.create_task(customer.call(NUMBER, platform.sip, caller=caller))
        first = await pbx.hear("INVITE")
        pbx.say(first, 200, SDP)
        assert await calling == 200
        await pbx.hear("ACK")
        pbx.refer(first, "<sip:+81355555555@203.0.113.9>")
        for method in ("NOTIFY", "BYE"):
            asked = await pbx.hear(method)
            assert asked.first("Call-ID") == first.first("Call-ID")
            pbx.say(asked, 200)
        second = await pbx.hear("INVITE")
        assert second.uri == f"sip:+81355555555@{HOST}:{pbx.sip[1]}"
        pbx.say(second, 200, SDP)
        await pbx.hear("ACK")
        customer.hang_up()
        pbx.say(await pbx.hear("BYE"), 200)
    (call,) = await asyncio.to_thread(platform.ended_calls, caller)
    assert (call["status"], call["reason"]) == ("completed", None)
    kinds = [event["kind"] for event in platform.timeline(call["call_id"])]
    assert kinds.count("transfer-answered") == 2
    assert "referred" in kinds
    assert platform.api("GET", "/account/")["held"] == 0


async def test_a_call_that_comes_back_is_refused_as_a_loop_and_one_without_hops_goes_nowhere(
    platform: RunningPlatform, actions: ActionServer, caller: str
) -> None:
    actions.says(f"transfer {FRIEND}")
    own: Fields = {"From": f"<sip:+{caller}@{HOST}>;tag=them"}
    async with callee(Manners(answers_after_s=None)) as friend, AsyncExitStack() as stack:
        lead_to(platform, friend, RuleChanges())
        customers = [await stack.enter_async_context(phone()) for _ in range(MOST_IN_FLIGHT)]
        for customer in customers:
            customer.dial(NUMBER, platform.sip, caller=caller)
        out = (await friend.hear_it_ring(MOST_IN_FLIGHT)).request
        assert (out.headers["Max-Forwards"], out.headers["Offhook-Hops"]) == (["69"], ["1"])
        # One more turn of the circle: by who calls whom, by our own count, and by a Via of ours.
        assert (await call(platform, own)).status == 482
        stranger: Fields = {"From": f"<sip:+{caller}9@{HOST}>;tag=them"}
        assert (await call(platform, stranger | {"Offhook-Hops": "5"})).status == 482
        vias = ["SIP/2.0/UDP 10.0.0.1:5060;branch=z9hG4bKback;rport", out.first("Via")]
        assert (await call(platform, stranger | {"Via": vias})).status == 482
        assert (await call(platform, stranger | {"Max-Forwards": "0"})).status == 483
        for customer in customers:
            customer.hang_up()
    refused = next(one for one in platform.ended_calls(caller) if one["status"] == "refused")
    assert refused["reason"] == "loop"
    reasons = [one["reason"] for one in platform.ended_calls(f"{caller}9")]
    assert reasons == ["too-many-hops", "loop", "loop"]
