"""Foreign programs call, and are called, over TCP and TLS; what both hear is proven by ear."""

import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

import ear
import office
import sip_probe
import sipp
from action_server import ActionServer
from baresip import Phone
from certificates import tls_files
from free_ports import lasting_tcp_port
from running_platform import NUMBER, RunningPlatform
from stages import FRIEND
from tones import RATE, mp3_of, tone, write_wav

pytestmark = pytest.mark.peers

CALLER_HZ, CALLEE_HZ = 1100, 700
KEYS = "1#5*0"
HELD_S = 1.5
POLLED_WITHIN_S = 2.5
"""A running node has read what was changed."""


@pytest.fixture(scope="module")
def tls_port() -> int:
    return lasting_tcp_port()


@pytest.fixture(scope="module")
def secure(
    action_server: ActionServer, tls_port: int, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunningPlatform]:
    """Return a platform that is reached by TLS too."""
    folder = tmp_path_factory.mktemp("secure")
    files = tls_files(folder / "tls", "127.0.0.1")
    settings = {
        "OFFHOOK_TLS_CERTIFICATE": str(files.certificate),
        "OFFHOOK_TLS_KEY": str(files.key),
        "OFFHOOK_TLS_AUTHORITIES": str(files.authorities),
        "OFFHOOK_TLS_PORT": str(tls_port),
    }
    with RunningPlatform(folder, action_server.url, settings) as platform:
        yield platform


def pem_files(folder: Path) -> tuple[Path, Path]:
    """Return a certificate with its key in one file, as baresip wants it, and the authorities."""
    files = tls_files(folder, "127.0.0.1")
    assert files.certificate is not None
    assert files.key is not None
    assert files.authorities is not None
    files.certificate.write_text(files.key.read_text() + files.certificate.read_text())
    return files.certificate, files.authorities


@pytest.mark.parametrize("scenario", ["basic", "delayed-offer", "record-route", "hold", "update"])
def test_sipp_calls_by_tcp(
    platform: RunningPlatform, actions: ActionServer, caller: str, tmp_path: Path, scenario: str
) -> None:
    actions.says("pause 1" if scenario in ("basic", "delayed-offer", "record-route") else "pause 30")
    trace = sipp.run(scenario, platform.sip, NUMBER, folder=tmp_path, caller=caller, transport="t1")
    assert trace.response(200).values("Contact")[0].endswith(";transport=tcp>")
    (call,) = platform.ended_calls(caller)
    assert call["status"] == "completed"


def test_sipp_cancels_by_tcp(platform: RunningPlatform, actions: ActionServer, caller: str, tmp_path: Path) -> None:
    actions.says("pause 1", after_s=3)
    sipp.run("cancel", platform.sip, NUMBER, folder=tmp_path, caller=caller, transport="t1")
    (call,) = platform.ended_calls(caller)
    assert call["status"] == "canceled"


WAYS = [("tcp", False), ("tls", False), ("tls", True), ("udp", True)]


@pytest.mark.parametrize(("transport", "srtp"), WAYS)
def test_baresip_calls_and_hears(
    secure: RunningPlatform,
    actions: ActionServer,
    caller: str,
    tls_port: int,
    tmp_path: Path,
    transport: str,
    srtp: bool,
) -> None:
    actions.says(f"playback {actions.serves('tone.mp3', mp3_of(tone(CALLEE_HZ, 2)))}")
    speech = write_wav(tmp_path / "speech.wav", tone(CALLER_HZ, 60))
    host, port = secure.sip[0], tls_port if transport == "tls" else secure.sip[1]
    with Phone(
        tmp_path / "baresip", speech, user=caller, transport=transport, srtp=srtp, tls=pem_files(tmp_path / "tls")
    ) as phone:
        phone.dial(f"sip:{NUMBER}@{host}:{port}")
        phone.wait_for("CALL_ESTABLISHED", within_s=10)
        phone.wait_for("CALL_CLOSED", within_s=20)
        assert ear.has_tone(phone.heard(), CALLEE_HZ)
    (call,) = secure.ended_calls(caller)
    assert (call["status"], call["reason"]) == ("completed", None)
    timeline = secure.timeline(call["call_id"])
    media = next(event["text"] for event in timeline if event["kind"] == "media")
    assert ("by SRTP (AES_CM_128_HMAC_SHA1" in media) == srtp
    (quality,) = [event["data"] for event in timeline if event["kind"] == "quality"]
    # Its audio was understood all the while, though most of it was dropped by the kernel.
    assert quality["received"]["packets"] > 80
    assert quality["received"]["lost"] <= 1
    # Each message is there for a foreign dissector, what TLS had sealed and keys were taken from too.
    secure.cli("calls", "show", call["call_id"], "--pcap", str(tmp_path / "call.pcap"))
    told = [
        event["text"].partition(" to 127")[0].partition(" from 127")[0] for event in timeline if event["kind"] == "sip"
    ]
    methods = read_by_tshark(tmp_path / "call.pcap", tls_port, "sip", "sip.Method", "sip.Status-Code")
    assert methods == [text.partition(" ")[0] for text in told]
    assert len(read_by_tshark(tmp_path / "call.pcap", tls_port, "rtp", "rtp.ssrc")) == 2


def read_by_tshark(capture: Path, tls_port: int, wanted: str, *fields: str) -> list[str]:
    """Return these fields of what a display filter lets through, TLS being read in the clear."""
    names = [word for field in fields for word in ("-e", field)]
    command = ["tshark", "-r", str(capture), "-d", f"tcp.port=={tls_port},sip", "-Y", wanted, "-T", "fields", *names]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return [line.strip() for line in done.stdout.splitlines()]


@pytest.mark.parametrize(("transport", "srtp"), WAYS)
def test_baresip_is_transferred_to_and_both_hear_each_other(
    secure: RunningPlatform,
    actions: ActionServer,
    caller: str,
    tls_port: int,
    tmp_path: Path,
    transport: str,
    srtp: bool,
) -> None:
    actions.says(f"transfer {FRIEND}")
    host, port = secure.sip[0], tls_port if transport == "tls" else secure.sip[1]
    pems = pem_files(tmp_path / "tls")
    speeches = {hertz: write_wav(tmp_path / f"{hertz}.wav", tone(hertz, 60)) for hertz in (CALLER_HZ, CALLEE_HZ)}
    with (
        Phone(
            tmp_path / "friend",
            speeches[CALLEE_HZ],
            user=f"+{FRIEND}",
            answers=True,
            transport=transport,
            srtp=srtp,
            tls=pems,
        ) as friend,
        Phone(tmp_path / "caller", speeches[CALLER_HZ], user=caller, transport=transport, srtp=srtp, tls=pems) as phone,
    ):
        office.lead_out(secure.database_url, ("127.0.0.1", friend.port_of(transport)), transport=transport, srtp=srtp)
        phone.dial(f"sip:{NUMBER}@{host}:{port}")
        phone.wait_for("CALL_ESTABLISHED", within_s=10)
        friend.wait_for("CALL_ESTABLISHED", within_s=10)
        time.sleep(3)
        phone.hang_up()
        for one in (friend, phone):
            one.wait_for("CALL_CLOSED", within_s=10)
        assert ear.has_tone(phone.heard()[-8000:], CALLEE_HZ)
        assert ear.has_tone(friend.heard()[-8000:], CALLER_HZ)
        assert np.abs(friend.heard()).max() > 500
    (call,) = secure.ended_calls(caller)
    assert call["status"] == "completed"


@dataclass(frozen=True, slots=True)
class Story:
    """How two phones call: over what, who wants its sound sealed and how much, and who holds the call meanwhile."""

    transport: str
    srtp: bool = False
    may_srtp: bool = False
    callee_holds: bool = False


@pytest.mark.parametrize(
    "story",
    [
        Story("udp"),
        # A phone that would do without it calls with keys beside plain audio, and is called where SRTP is a must.
        Story("tcp", may_srtp=True, callee_holds=True),
        Story("tls", srtp=True),
    ],
    ids=lambda story: story.transport,
)
def test_two_phones_hear_each_other_and_each_others_keys_before_and_after_a_hold(
    secure: RunningPlatform, actions: ActionServer, caller: str, tls_port: int, tmp_path: Path, story: Story
) -> None:
    actions.says(f"transfer {FRIEND}")
    host, port = secure.sip[0], tls_port if story.transport == "tls" else secure.sip[1]
    with ExitStack() as stack:

        def put_up(name: str, user: str, hertz: int, *, answers: bool) -> Phone:
            speech = write_wav(tmp_path / f"{name}.wav", tone(hertz, 60))
            made = Phone(
                tmp_path / name,
                speech,
                user=user,
                answers=answers,
                transport=story.transport,
                srtp=story.srtp,
                may_srtp=story.may_srtp,
                tls=pem_files(tmp_path / "tls"),
            )
            return stack.enter_context(made)

        friend = put_up("friend", f"+{FRIEND}", CALLEE_HZ, answers=True)
        customer = put_up("customer", caller, CALLER_HZ, answers=False)
        sealed = story.srtp or story.may_srtp
        way_out = ("127.0.0.1", friend.port_of(story.transport))
        office.lead_out(secure.database_url, way_out, transport=story.transport, srtp=sealed)
        customer.dial(f"sip:{NUMBER}@{host}:{port}")
        for one in (customer, friend):
            one.wait_for("CALL_ESTABLISHED", within_s=10)
        for one, other in ((customer, friend), (friend, customer)):
            one.press(KEYS)
            pressed = [other.wait_for("CALL_DTMF_START", within_s=5).text for _ in KEYS]
            assert "".join(pressed) == KEYS
        holder, held = (friend, customer) if story.callee_holds else (customer, friend)
        holder.hold()
        held.stays_in_the_call(HELD_S)
        holder.resume()
        held.stays_in_the_call(1.5)
        customer.hang_up()
        for one in (customer, friend):
            one.wait_for("CALL_CLOSED", within_s=10)
    for one, others_hz, own_hz in ((customer, CALLEE_HZ, CALLER_HZ), (friend, CALLER_HZ, CALLEE_HZ)):
        heard = one.heard()
        # What a phone heard after a hold of its own it does not keep.
        parts = [heard[:RATE]] if one is holder else [heard[:RATE], heard[-RATE // 2 :]]
        for part in parts:
            assert ear.has_tone(part, others_hz)
            assert not ear.has_tone(part, own_hz)
    (call,) = secure.ended_calls(caller)
    assert (call["status"], call["reason"], call["cost"]) == ("completed", None, 2)
    timeline = secure.timeline(call["call_id"])
    keys = [event["text"] for event in timeline if event["kind"] == "digit"]
    assert keys == [f"the {who} pressed {key}" for who in ("caller", "callee") for key in KEYS]
    held_leg = "callee-media-changed" if story.callee_holds else "media-changed"
    changes = [event["text"] for event in timeline if event["kind"] == held_leg]
    assert [change.endswith("on hold") for change in changes] == [True, False]
    # A key beside plain audio is only a wish, and stays one.
    for kind, is_sealed in (("media", story.srtp), ("callee-media", sealed)):
        texts = [event["text"] for event in timeline if event["kind"] == kind]
        assert texts
        assert all((" by SRTP (" in text) == is_sealed for text in texts)
    for kind in ("quality", "callee-quality"):
        (quality,) = [event["data"]["received"] for event in timeline if event["kind"] == kind]
        # Neither the keys nor the hold count as faults of the network.
        assert quality["lost"] == 0
        assert quality["jitter_ms"] < 20
        assert quality["longest_gap_ms"] < 1_000


def test_a_trunk_that_needs_srtp_takes_no_plain_audio(
    mortal: RunningPlatform, actions: ActionServer, caller: str, tmp_path: Path
) -> None:
    mortal.cli("trunks", "set", "peers", "--srtp")
    time.sleep(POLLED_WITHIN_S)
    with pytest.raises(sipp.ScenarioFailed):
        sipp.run("basic", mortal.sip, NUMBER, folder=tmp_path, caller=caller)
    (call,) = mortal.ended_calls(caller)
    assert (call["status"], call["reason"]) == ("refused", "no-common-codec")


def test_a_trunk_that_needs_a_certificate_is_let_in_by_it_alone(
    secure: RunningPlatform, actions: ActionServer, caller: str, tls_port: int, tmp_path: Path
) -> None:
    actions.says(f"playback {actions.serves('tone.mp3', mp3_of(tone(CALLEE_HZ, 1)))}")
    speech = write_wav(tmp_path / "speech.wav", tone(CALLER_HZ, 60))
    secure.cli("trunks", "set", office.TRUNK, "--client-certificate", "127.0.0.1")
    try:
        # By UDP nothing is answered any more, though the address is the trunk's.
        secure.wait_until(lambda: not sip_probe.is_answered(secure.sip), within_s=5, what="the rule to be known")
        pems = pem_files(tmp_path / "tls")
        with Phone(tmp_path / "baresip", speech, user=caller, transport="tls", tls=pems) as phone:
            phone.dial(f"sip:{NUMBER}@{secure.sip[0]}:{tls_port}")
            phone.wait_for("CALL_ESTABLISHED", within_s=10)
            phone.wait_for("CALL_CLOSED", within_s=20)
            assert ear.has_tone(phone.heard(), CALLEE_HZ)
    finally:
        secure.cli("trunks", "set", office.TRUNK, "--client-certificate", "")
        secure.wait_until(lambda: sip_probe.is_answered(secure.sip), within_s=5, what="the rule to be gone")
    (call,) = secure.ended_calls(caller)
    assert call["status"] == "completed"
    assert "needs TLS with a certificate that names 127.0.0.1" in secure.log.read_text()
