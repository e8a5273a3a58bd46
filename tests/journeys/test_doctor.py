"""The doctor at a running platform: ticks while all is well, and a cross with its cure for each thing that breaks."""

import asyncio
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest

import office
import sip_probe
from action_server import ActionServer
from offhook.cli import main
from offhook.domain.credits import CREDIT, adjustment
from offhook.storage import Work
from phone import phone
from running_platform import NUMBER, UNSUBSCRIBED_NUMBER, RunningPlatform
from soundfiles import mp3, sine
from stages import FRIEND

pytestmark = pytest.mark.peers

FOREIGN = "4930123456"


@dataclass(frozen=True, slots=True)
class Told:
    """What the doctor said, by codes: the worst finding of each."""

    status: int
    document: dict[str, Any]

    def of(self, code: str) -> dict[str, Any]:
        number = self.document["number"]
        findings = [*(number["findings"] if number else []), *self.document["platform"]]
        order = ("bad", "warning", "unknown", "good")
        return min((one for one in findings if one["code"] == code), key=lambda one: order.index(one["verdict"]))

    @property
    def crosses(self) -> set[str]:
        number = self.document["number"]
        findings = [*(number["findings"] if number else []), *self.document["platform"]]
        return {one["code"] for one in findings if one["verdict"] == "bad"}


def run_doctor(platform: RunningPlatform, *words: str) -> Told:
    """Run it as a program, with the settings of the platform."""
    finished = platform.run("doctor", *words, "--json")
    assert finished.stderr == ""
    return Told(finished.returncode, json.loads(finished.stdout))


class Doctor:
    """The same in this process, which is quicker."""

    def __init__(self, platform: RunningPlatform, patch: pytest.MonkeyPatch, capture: pytest.CaptureFixture[str]):
        for name, value in platform.environment.items():
            if name.startswith("OFFHOOK_"):
                patch.setenv(name, value)
        self._capture = capture

    async def ask(self, *words: str) -> Told:
        self._capture.readouterr()
        status = await asyncio.to_thread(main, ["doctor", *words, "--json"])
        return Told(status, json.loads(self._capture.readouterr().out))


async def call(platform: RunningPlatform, number: str = NUMBER) -> int:
    async with phone() as customer:
        return await customer.call(number, platform.sip, caller="819012345678")


def money_and_calls(platform: RunningPlatform) -> tuple[object, ...]:
    tables = ("postings", "calls", "call_events", "strangers", "legs", "notices")
    known = {name for (name,) in platform.rows("SELECT name FROM sqlite_master WHERE type = 'table'")}
    return tuple(tuple(platform.rows(f"SELECT count(*) FROM {name}")) for name in tables if name in known)


async def test_all_is_well_and_then_one_thing_after_the_other_is_not(
    mortal: RunningPlatform,
    action_server: ActionServer,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    platform, actions, doctor = mortal, action_server, Doctor(mortal, monkeypatch, capsys)
    actions.forget()
    music = actions.serves("music.mp3", mp3(sine(440, 1.0)))
    actions.says("reject")
    assert await call(platform) == 486
    script = (f"playback {music}", 'say en "Hello"', f"transfer {FRIEND}")
    actions.says(*script)
    office.lead_out(platform.database_url, ("127.0.0.1", 9))
    actions.questions.clear()
    before = money_and_calls(platform)

    well = run_doctor(platform, NUMBER)
    assert well.crosses == set()
    assert well.status == 0, well.document
    for code in (
        *("subscribed", "action-url-set", "action-url-resolves", "action-url-allowed", "action-url-reachable"),
        *("action-url-answers", "action-url-left-alone", "action-text", "sound", "language", "transfer-target"),
        *("credit", "limits", "calls-arrive", "number-forms", "settings", "database", "node", "workers"),
        *("sip-port", "rtp-ports"),
        *("public-address", "strangers", "disk"),
    ):
        assert well.of(code)["verdict"] == "good", well.of(code)
    # The port itself answered, and the times of the way were taken.
    assert well.of("sip-port")["data"]["answered"] == 200
    assert well.of("action-url-reachable")["data"]["connect_ms"] is not None
    assert well.of("action-url-answers")["data"]["first_byte_ms"] is not None
    assert "through peers from 127.0.0.1" in well.of("calls-arrive")["sentence"]
    # It was asked once, as a call would, and can tell that it was the doctor.
    [question] = actions.questions
    assert question.parameters["call_id"].startswith("doctor-")
    assert question.parameters["trunk"] == "doctor"
    assert (question.parameters["recipient"], question.parameters["event"]) == (NUMBER, "incoming")
    # Nothing was changed by looking.
    assert money_and_calls(platform) == before

    # The customer is told the same by the API, but nothing of trunks.
    [held] = platform.api("GET", "/voice/dins/subscriptions/")
    told = platform.api("GET", f"/voice/dins/subscriptions/{held['din_uid']}/diagnosis/")
    assert told["verdict"] == "good", told
    assert {"subscribed", "sound", "transfer-target", "calls-arrive"} <= {one["code"] for one in told["findings"]}
    assert "peers" not in json.dumps(told)
    assert "way-out" not in json.dumps(told)

    actions.says("playbak x")
    found = await doctor.ask(NUMBER)
    assert (found.status, found.crosses) == (1, {"action-text"})
    assert found.of("action-text")["data"]["reason"] == "unknown-verb"
    assert "^^^^^^^" in found.of("action-text")["sentence"]

    not_audio = actions.serves("page.mp3", b"<html>no sound</html>")
    actions.says(f"playback {actions.origin}/missing.mp3", f"playback {not_audio}", 'say zh "x"', f"transfer {FOREIGN}")
    found = await doctor.ask(NUMBER)
    assert found.crosses == {"sound", "language", "transfer-target"}
    assert found.of("language")["data"]["reason"] == "language-not-installed"
    assert found.of("transfer-target")["data"]["reason"] == "destination-refused"
    reasons = {one["data"]["reason"] for one in found.document["number"]["findings"] if one["code"] == "sound"}
    assert reasons == {"sound-not-found", "sound-not-audio"}

    # A form that nobody reads, and a carrier that nobody names.
    actions.says(*script)
    assert await call(platform, "05012345678") == 404
    sip_probe.ask(platform.sip, "INVITE", user=NUMBER, host="127.0.0.9")
    platform.wait_until(
        lambda: platform.rows("SELECT 1 FROM strangers"), within_s=10, what="the stranger to be written down"
    )
    found = await doctor.ask(NUMBER)
    assert found.crosses == {"number-forms"}
    assert "--country-code 81" in found.of("number-forms")["cure"]
    assert found.of("strangers")["verdict"] == "warning"
    assert "--source 127.0.0.9/32" in found.of("strangers")["cure"]

    office.write(platform.database_url, _spend_almost_all)
    found = await doctor.ask(NUMBER)
    assert "credit" in found.crosses
    assert found.of("credit")["data"]["reason"] == "no-credit"

    # All numbers, without asking anybody.
    actions.questions.clear()
    found = await doctor.ask()
    assert found.of("numbers")["verdict"] == "bad"
    assert [one["number"] for one in found.document["numbers"]] == [NUMBER]
    assert actions.questions == []

    found = await doctor.ask(UNSUBSCRIBED_NUMBER)
    assert found.of("subscribed")["data"]["reason"] == "not-subscribed"

    platform.kill()
    found = await doctor.ask(NUMBER)
    # Within the first seconds its heart seems to beat, but nobody has its port and nobody answers.
    assert {"workers", "sip-port"} <= found.crosses or "node" in found.crosses


def _spend_almost_all(work: Work) -> None:
    account = work.accounts.by_name(office.ACCOUNT)
    assert account is not None
    available, _ = work.ledger.balance(account.id)
    text = "spent by a test"
    work.ledger.post(
        adjustment(account.id, CREDIT // 2 - available, fact="test:spent", at=datetime.now(UTC), text=text)
    )
