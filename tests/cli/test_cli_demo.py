import asyncio
import json
import wave
from pathlib import Path
from urllib.request import urlopen

import pytest

from offhook.cli.demo.action_server import MELODY_PATH, open_action_server
from offhook.cli.demo.customer import Customer
from offhook.cli.demo.documents import credits_of, read_document, read_list, text_of
from offhook.cli.demo.melody import MELODY_FILE
from offhook.cli.demo.node import START_S, Operator, open_program
from offhook.cli.demo.scenes import GREETING, scenes
from offhook.cli.errors import DemoFailed
from offhook.domain.sounds import Codec
from offhook.engine.media.g711 import to_linear16
from offhook.serve import studio
from terminal import ENDS_WITHIN_S, Terminal

SOUNDS = (
    "say.wav",
    "playback.wav",
    "gather.wav",
    "voicemail.wav",
    "voicemail-message.wav",
    "transfer.wav",
    "transfer-callee.wav",
)


@pytest.mark.peers
def test_two_demos_at_once_hear_what_they_should_and_no_setting_reaches_them(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with terminal.start("demo") as for_people:
        elsewhere = tmp_path / "elsewhere"
        elsewhere.mkdir()
        monkeypatch.chdir(elsewhere)
        monkeypatch.setenv("OFFHOOK_SIP", "nonsense")
        (elsewhere / "offhook.toml").write_text("nonsense")
        for_programs = terminal.type("demo", "--json")
        out, err = for_people.communicate(timeout=ENDS_WITHIN_S)
    assert for_people.returncode == 0, out + err
    assert out.splitlines()[-1] == "demo: ok"
    for name in SOUNDS:
        with wave.open(str(terminal.folder / "demo-out" / name)) as heard:
            assert heard.getnframes() > 2 * heard.getframerate()
    timelines = (terminal.folder / "demo-out" / "timeline.txt").read_text()
    assert timelines.count("transfer-answered") == 1
    assert timelines.count("the callee heard") == 1
    assert "rebate" in timelines

    assert for_programs.status == 0, for_programs.err
    document = for_programs.document
    assert document["ok"] is True
    assert [call["status"] for call in document["calls"]] == ["completed"] * 5
    assert [call["callee_heard"] is None for call in document["calls"]] == [True, True, True, True, False]
    assert document["ledger"][-1]["balance"] == 4994.0


@pytest.mark.peers
def test_both_sides_of_the_transfer_are_judged_by_what_the_other_one_says() -> None:
    transfer = scenes("http://127.0.0.1")[-1]
    assert transfer.overhears is not None
    greeting = to_linear16(asyncio.run(studio.speak("en", GREETING)), Codec.PCMU)
    said = to_linear16(transfer.speech, Codec.PCMU)
    assert "speech" in transfer.hears(greeting)
    assert "speech" in transfer.overhears(said)
    for judge, wrong in ((transfer.hears, said), (transfer.overhears, greeting)):
        with pytest.raises(DemoFailed):
            judge(wrong)


def test_a_program_that_ends_fails_the_demo_with_its_last_words(tmp_path: Path) -> None:
    with (
        open_program(Operator(tmp_path), "phone", "--listen", "nowhere", "--json") as program,
        pytest.raises(DemoFailed, match="usage"),
    ):
        program.read(START_S)


def test_the_action_server_answers_by_number_and_serves_the_melody() -> None:
    with open_action_server() as server:
        server.answers = {"815012345678": {"incoming": "hangup", "gather": "pause 1"}}
        client = Customer(server.url, "sid", "token")
        with pytest.raises(DemoFailed, match="404"):
            client.search("JP")
        assert _get(server.url, "/?caller=1&recipient=815012345678") == (200, b"hangup")
        assert _get(server.url, "/?caller=1&recipient=815012345678&event=gather") == (200, b"pause 1")
        assert _get(server.url, MELODY_PATH) == (200, MELODY_FILE.read_bytes())


def test_a_command_that_fails_fails_the_demo_with_its_words(tmp_path: Path) -> None:
    with pytest.raises(DemoFailed, match="account-not-found"):
        Operator(tmp_path).run("accounts", "top-up", "Nobody", "1")


def test_a_platform_that_is_not_there_fails_the_demo(tmp_path: Path) -> None:
    with pytest.raises(DemoFailed, match="failed"):
        Customer("http://127.0.0.1:9", "sid", "token").balance()


@pytest.mark.parametrize("text", ["", "[]", "nonsense", "1"])
def test_what_is_no_document_fails_the_demo(text: str) -> None:
    with pytest.raises(DemoFailed):
        read_document(text)


def test_fields_that_are_missing_fail_the_demo() -> None:
    document = read_document(json.dumps({"name": 1, "balance": "x", "held": 0.1}))
    with pytest.raises(DemoFailed):
        text_of(document, "name")
    with pytest.raises(DemoFailed):
        credits_of(document, "balance")
    assert str(credits_of(document, "held")) == "0.1"
    with pytest.raises(DemoFailed):
        read_list("{}")


def _get(url: str, path: str) -> tuple[int, bytes]:
    with urlopen(url + path) as answer:
        return answer.status, answer.read()
