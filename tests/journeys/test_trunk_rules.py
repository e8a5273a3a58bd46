"""A trunk's rules on a running platform: which number a call finds, and who it is said to come from."""

import asyncio
import json
from typing import Any

import pytest

from action_server import ActionServer
from foreign_caller import foreign_caller
from office import TRUNK
from phone import phone
from running_platform import NUMBER, SETTLED_S, RunningPlatform

pytestmark = pytest.mark.peers

NATIONAL = f"0{NUMBER[2:]}"
FOLLOWS_S = 5
DECLINED = 603
NOT_FOUND = 404


async def _call(platform: RunningPlatform, dialled: str, caller: str) -> int:
    async with phone() as customer:
        return await customer.call(dialled, platform.sip, caller=caller)


async def _is_followed(platform: RunningPlatform, caller: str) -> None:
    """Call by the national form until the running platform knows what the operator just said."""
    for _ in range(FOLLOWS_S * 5):
        if await _call(platform, NATIONAL, caller) == DECLINED:
            return
        await asyncio.sleep(0.2)
    raise AssertionError("the platform does not follow what the operator said")


def _latest(platform: RunningPlatform, caller: str) -> dict[str, dict[str, Any]]:
    """Return the events of a caller's latest call by their kinds, as the operator sees them."""
    call, *_ = json.loads(platform.cli("calls", "list", "--caller", caller, "--json"))

    def timeline() -> list[dict[str, Any]]:
        events: list[dict[str, Any]] = json.loads(platform.cli("calls", "show", call["call_id"], "--json"))["timeline"]
        return events

    # A refused call is on record before its timeline is.
    events = platform.wait_until(timeline, within_s=SETTLED_S, what="the timeline to be recorded")
    return {event["kind"]: event for event in events}


async def test_one_number_is_found_by_all_of_its_spellings_and_a_refused_call_names_those_tried(
    mortal: RunningPlatform, actions: ActionServer, caller: str
) -> None:
    actions.says("reject declined")
    assert await _call(mortal, NATIONAL, caller) == NOT_FOUND
    refused = _latest(mortal, caller)["refused"]
    assert (refused["code"], refused["data"]["tried"]) == ("unknown-number", [])
    assert "has no country code, and the rules of the trunk name none" in refused["text"]

    mortal.cli("trunks", "set", TRUNK, "--country-code", "81", "--national-prefix", "0,none")
    await _is_followed(mortal, "81900000000")
    actions.forget()
    actions.says("reject declined")
    for spelling in (NATIONAL, f"+{NUMBER}", NUMBER, f"00{NUMBER}"):
        assert await _call(mortal, spelling, caller) == DECLINED
    assert [question.parameters["recipient"] for question in actions.questions] == [NUMBER] * 4
    trial = json.loads(mortal.cli("trunks", "try", TRUNK, NATIONAL, "--json"))
    assert (trial["din"], trial["subscribed"]) == (NUMBER, True)

    # Digits that begin with the country code may be a number of that country or, without a prefix, one within it.
    assert await _call(mortal, "8112345678", caller) == NOT_FOUND
    tried = ["8112345678", "818112345678"]
    latest = _latest(mortal, caller)
    assert latest["refused"]["data"]["tried"] == latest["arrived"]["data"]["forms"] == tried
    assert latest["refused"]["text"] == f"no number of the pool was dialled; tried {', '.join(tried)}"


async def test_what_a_trunk_says_of_the_caller_is_believed_only_when_it_is_trusted(
    mortal: RunningPlatform, actions: ActionServer
) -> None:
    actions.says("reject declined")
    mortal.cli("trunks", "set", TRUNK, "--country-code", "81", "--number-from", "p-called-party-id", "--trusted")
    # The phone writes no such header: its calls are found by the Request-URI, and their timelines say so.
    await _is_followed(mortal, "81900000000")
    arrived = _latest(mortal, "81900000000")["arrived"]
    assert arrived["text"].endswith("; its P-Called-Party-ID names no number, so Request-URI was read")

    actions.forget()
    actions.says("reject declined")
    fields = {
        "From": '"Bank" <sip:+81900000001@carrier.example>;tag=them',
        "P-Asserted-Identity": "<sip:switch@carrier.example>, <tel:+81900000002;verstat=TN-Validation-Passed>",
        "P-Called-Party-ID": f"<sip:{NATIONAL[1:]};phone-context=+81@ims.example;user=phone>",
        "Diversion": "<sip:+81300000003@carrier.example>;reason=unconditional",
        "Identity": "eyJ.e30.c2ln;info=<https://cert.example/a.pem>",
    }
    assert await _asked(mortal, fields) == DECLINED
    mortal.cli("trunks", "set", TRUNK, "--untrusted")
    for _ in range(FOLLOWS_S * 5):
        assert await _asked(mortal, fields) == DECLINED
        if actions.questions[-1].parameters["caller"] == "81900000001":
            break
        await asyncio.sleep(0.2)
    assert await _asked(mortal, fields | {"Privacy": "id;history"}) == DECLINED

    believed, doubted, hidden = (actions.questions[place].parameters for place in (0, -2, -1))
    assert {believed["recipient"], doubted["recipient"], hidden["recipient"]} == {NUMBER}
    assert (believed["caller"], believed["verstat"]) == ("81900000002", "TN-Validation-Passed")
    assert (believed["caller_name"], believed["forwarded_from"]) == ("Bank", "81300000003")
    assert (doubted["caller"], doubted["forwarded_from"], "verstat" in doubted) == ("81900000001", "81300000003", False)
    assert (hidden["caller"], hidden["anonymous"]) == ("", "1")
    assert {"caller_name", "forwarded_from", "verstat"}.isdisjoint(hidden)
    signed = _latest(mortal, "81900000002")["arrived"]
    assert signed["data"]["identity"] == [fields["Identity"]]
    assert (signed["data"]["caller_in"], signed["data"]["dialled_in"]) == ("P-Asserted-Identity", "P-Called-Party-ID")


async def _asked(platform: RunningPlatform, fields: dict[str, str]) -> int:
    """Call with these headers at the address of the trunk itself, and return what the platform answers."""
    async with foreign_caller() as foreign:
        offer = foreign.describe(f"m=audio {foreign.rtp_port} RTP/AVP 0")
        response = await foreign.call(platform.sip, offer, uri="sip:trunk@127.0.0.1", fields={**fields})
        return response.status
