"""What is on record of a call besides its own story: every SIP message, every posting; and what must not be."""

import json
import socket
import subprocess
from pathlib import Path
from typing import Any

import pytest

import office
import sip_probe
from action_server import ActionServer
from callee import callee, pcmu
from foreign_caller import foreign_caller
from offhook.engine.net.manners import Manners
from phone import phone
from running_platform import NUMBER, SETTLED_S, RunningPlatform
from sip_peer import Fields, Peer
from tones import tone
from torture import messages

pytestmark = pytest.mark.peers

FRIEND = "81312345678"
NOBODY = "815099999999"

MOST_BYTES = 8192
"""What the whole story of an ordinary call takes in the database, one with a transfer too."""

IN, OUT = "in", "out"
WITH_CALLER = [
    (IN, "INVITE"),
    (OUT, "100 Trying to INVITE"),
    (OUT, "180 Ringing to INVITE"),
    (OUT, "200 OK to INVITE"),
    (IN, "ACK"),
    (OUT, "BYE"),
    (IN, "200 OK to BYE"),
]
WITH_CALLEE = [
    (OUT, "INVITE"),
    (IN, "100 Trying to INVITE"),
    (IN, "180 Ringing to INVITE"),
    (IN, "200 OK to INVITE"),
    (OUT, "ACK"),
    (IN, "BYE"),
    (OUT, "200 OK to BYE"),
]


async def put_through(platform: RunningPlatform, actions: ActionServer, caller: str) -> str:
    """Let a caller be put through to a friend who hangs up, and return the call's id."""
    actions.says(f"transfer {FRIEND}")
    async with callee(Manners(answers_after_s=0.1, speech=pcmu(tone(700, 1)))) as friend, phone() as customer:
        office.lead_out(platform.database_url, friend.sip, pass_caller=False)
        assert await customer.call(NUMBER, platform.sip, caller=caller) == 200
        await customer.hear(0.2)
        friend.hang_up()
        await customer.hear_the_end()
    (call,) = platform.ended_calls(caller)
    return str(call["call_id"])


def said(platform: RunningPlatform, call_id: str, leg: int) -> list[tuple[str, str]]:
    """Return what was said on a leg: the direction, and the text as far as the address."""
    lines = [event for event in platform.timeline(call_id) if event["kind"] == "sip"]
    return [
        (line["data"]["direction"], line["text"].partition(" to 127")[0].partition(" from 127")[0])
        for line in lines
        if line["data"]["leg"] == leg
    ]


async def test_every_message_and_posting_stands_in_the_timeline(
    platform: RunningPlatform, actions: ActionServer, caller: str, tmp_path: Path
) -> None:
    call_id = await put_through(platform, actions, caller)
    assert said(platform, call_id, leg=1) == WITH_CALLER
    assert said(platform, call_id, leg=2) == WITH_CALLEE

    postings = [event["data"]["kind"] for event in platform.timeline(call_id) if event["kind"] == "posting"]
    assert sorted(postings) == ["call-hold", "call-hold", "settle", "transfer-minutes"]

    kept = f"SELECT length(events) + length(messages) FROM call_events WHERE call_id = '{call_id}' AND part = 0"
    ((size,),) = platform.rows(kept)
    assert size < MOST_BYTES

    shown = platform.cli("calls", "show", call_id)
    assert "──▶│" in shown
    assert "1 minute charged at 1 credit" in shown
    with_bodies = platform.cli("calls", "show", call_id, "--bodies")
    assert "m=audio" in with_bodies
    messages = json.loads(platform.cli("calls", "show", call_id, "--bodies", "--json"))["messages"]
    assert len(messages) == len(WITH_CALLER) + len(WITH_CALLEE)

    capture = tmp_path / "call.pcap"
    platform.cli("calls", "show", call_id, "--pcap", str(capture))
    assert dissected(capture) == [message["text"].partition("\n")[0].rstrip() for message in messages]
    # Both legs, both directions: the dissector knows the ports from SDP.
    assert len(read_by_tshark(capture, "rtp", "rtp.ssrc")) == 4


async def test_a_refused_call_shows_its_messages_too(platform: RunningPlatform, caller: str) -> None:
    async with phone() as customer:
        assert await customer.call(NOBODY, platform.sip, caller=caller) == 404
    (call,) = json.loads(platform.cli("calls", "list", "--caller", caller, "--json"))
    told = json.loads(platform.cli("calls", "show", call["call_id"], "--json"))["timeline"]
    assert [line["text"].split(" to 127")[0].split(" from 127")[0] for line in told if line["kind"] == "sip"] == [
        "INVITE",
        "100 Trying to INVITE",
        "404 Not Found to INVITE",
        "ACK",
    ]


@pytest.mark.parametrize(
    ("asked", "status", "why"),
    [
        ({"Require": "100rel, early-session"}, 420, "it requires an extension of SIP that we lack (early-session)"),
        (
            {"Content-Type": "multipart/mixed"},
            415,
            "it describes its sound in multipart/mixed, and not in application/sdp",
        ),
        ({"Contact": None}, 400, "an INVITE needs a Contact"),
    ],
)
async def test_a_call_whose_request_cannot_be_taken_is_on_record_with_what_was_asked(
    platform: RunningPlatform, caller: str, asked: Fields, status: int, why: str
) -> None:
    async with foreign_caller() as foreign:
        fields = {"From": f"<sip:+{caller}@127.0.0.1>;tag={foreign.tag}", **asked}
        offer = foreign.describe(f"m=audio {foreign.rtp_port} RTP/AVP 0")
        answer = await foreign.call(platform.sip, offer, uri=f"sip:+{NUMBER}@127.0.0.1", fields=fields)
        assert answer.status == status

    def recorded() -> dict[str, Any] | None:
        found = json.loads(platform.cli("calls", "list", "--caller", caller, "--json"))
        shown = json.loads(platform.cli("calls", "show", found[0]["call_id"], "--json")) if found else None
        # A refused call is on record before its timeline is.
        return shown if shown and shown["timeline"] else None

    shown = platform.wait_until(recorded, within_s=SETTLED_S, what="the call to be recorded")
    assert (shown["status"], shown["reason"], shown["recipient"]) == ("refused", "request-not-taken", NUMBER)
    assert shown["cause"]["sentence"] == f"The call was refused: its INVITE was answered {status}: {why}."
    said = [line["text"].partition(" ")[0] for line in shown["timeline"] if line["kind"] == "sip"]
    assert said[:2] == ["INVITE", str(status)]


ODD: tuple[Fields, ...] = (
    {},
    {"P-Asserted-Identity": '"open <sip:a@h>'},
    {"Diversion": "<sip:a@h>" + ";x=y" * 65},
    {"P-Called-Party-ID": ",,,"},
    {"Privacy": ";" * 200},
    {"Identity": "x" * 5_000},
    {"History-Info": "<sip:%zz>;index=1.1"},
    {"Offhook-Inside": "\u00e9"},
)
"""Headers that nobody has read yet when a call is refused for something else."""


async def test_whatever_a_refused_call_says_besides_ends_nothing(platform: RunningPlatform, caller: str) -> None:
    logged = len(platform.log.read_text())
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as trunk:
        trunk.bind(("127.0.0.1", 0))
        for number, odd in enumerate(ODD):
            fields = {"From": f"<sip:+{caller}@127.0.0.1>;tag={number}", "Require": "x", **odd}
            trunk.sendto(Peer(call_id=f"{caller}-{number}").request("INVITE", body=b"", fields=fields), platform.sip)
        for data in messages().values():
            trunk.sendto(data, platform.sip)

    def recorded() -> bool:
        found = json.loads(platform.cli("calls", "list", "--caller", caller, "--json"))
        return [call["reason"] for call in found] == ["request-not-taken"] * len(ODD)

    platform.wait_until(lambda: recorded() or None, within_s=SETTLED_S, what="each of them to be on record")
    assert sip_probe.is_answered(platform.sip)
    log = platform.log.read_text()[logged:]
    assert "Traceback" not in log
    assert "a call met a defect" not in log


def dissected(capture: Path) -> list[str]:
    """Return the first line of each SIP message that a foreign dissector finds, in the order of time."""
    return read_by_tshark(capture, "sip", "sip.Request-Line", "sip.Status-Line")


def read_by_tshark(capture: Path, protocol: str, *fields: str) -> list[str]:
    """Return these fields of the packets of a protocol."""
    wanted = [word for field in fields for word in ("-e", field)]
    command = ["tshark", "-r", str(capture), "-Y", protocol, "-T", "fields", *wanted]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return [line.strip() for line in done.stdout.splitlines()]
