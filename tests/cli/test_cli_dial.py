import re
import signal
import socket
import threading
import time
import wave
from collections.abc import Iterator
from pathlib import Path

import pytest

from action_server import ActionServer
from running_platform import NUMBER, UNSUBSCRIBED_NUMBER, RunningPlatform
from terminal import Terminal
from tones import tone, write_wav

HEADERS = ("Via", "From", "Call-ID", "CSeq")


class OneWordPeer:
    """A gateway that answers every INVITE with the same final response, or with silence."""

    def __init__(self, status: str) -> None:
        self._status = status
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._socket.getsockname()[1]}"
        self.requests: list[str] = []
        self._thread = threading.Thread(target=self._answer)
        self._thread.start()

    def close(self) -> None:
        host, _, port = self.address.rpartition(":")
        self._socket.sendto(b"", (host, int(port)))
        self._thread.join()
        self._socket.close()

    def _answer(self) -> None:
        while True:
            data, peer = self._socket.recvfrom(65536)
            if not data:
                return
            request = data.decode()
            self.requests.append(request)
            if request.startswith("INVITE ") and self._status:
                self._socket.sendto(self._response(request), peer)

    def _response(self, request: str) -> bytes:
        copied = [found[0] for name in HEADERS if (found := re.search(rf"^{name}: .*\r$", request, re.MULTILINE))]
        to = re.search(r"^To: (.*)\r$", request, re.MULTILINE)
        assert to is not None
        lines = [f"SIP/2.0 {self._status}", *(line.rstrip("\r") for line in copied), f"To: {to[1]};tag=peer"]
        return "\r\n".join([*lines, "Content-Length: 0", "", ""]).encode()


@pytest.fixture
def busy() -> Iterator[OneWordPeer]:
    peer = OneWordPeer("486 Busy Here")
    yield peer
    peer.close()


def test_a_number_that_is_busy_is_told_in_words_and_by_the_exit_status(terminal: Terminal, busy: OneWordPeer) -> None:
    printed = terminal.type("dial", "815012345678", "--from", "819012345678", "--to-sip", busy.address)
    assert printed.status == 1
    assert "dialling 815012345678" in printed.out
    assert printed.err == "not answered: 486: the number is busy\n"
    assert not Path("heard.wav").exists()
    assert "From: <sip:819012345678@127.0.0.1>" in busy.requests[0]


def test_a_call_that_was_not_answered_is_one_json_document(terminal: Terminal, busy: OneWordPeer) -> None:
    printed = terminal.type("dial", "1", "--anonymous", "--to-sip", busy.address, "--json")
    assert (printed.status, printed.err) == (1, "")
    document = printed.document
    assert (document["answered"], document["status"], document["saved"]) == (False, 486, None)
    assert "anonymous@anonymous.invalid" in busy.requests[0]


def test_our_own_platform_is_called_when_no_gateway_is_named(
    terminal: Terminal, busy: OneWordPeer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OFFHOOK_SIP", busy.address.replace("127.0.0.1", "0.0.0.0"))
    assert terminal.type("dial", "1", "--from", "2", "--json").document["to"] == busy.address


def test_a_name_is_resolved_before_anything_is_sent(terminal: Terminal, busy: OneWordPeer) -> None:
    port = busy.address.rpartition(":")[2]
    assert (
        terminal.type("dial", "1", "--from", "2", "--to-sip", f"localhost:{port}", "--json").document["status"] == 486
    )
    printed = terminal.type("dial", "1", "--from", "2", "--to-sip", "gateway.invalid:5060", "--json")
    assert (printed.status, printed.error["code"]) == (1, "setup")


def test_ctrl_c_while_it_rings_gives_the_call_up(terminal: Terminal) -> None:
    silent = OneWordPeer("")
    with terminal.start("dial", "1", "--from", "2", "--to-sip", silent.address) as process:
        deadline = time.monotonic() + 30
        while not silent.requests and time.monotonic() < deadline:
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=30)
    silent.close()
    assert (process.returncode, err) == (1, "not answered: the call was given up before an answer\n")


@pytest.mark.parametrize(
    "words",
    [
        ("dial",),
        ("dial", "1"),
        ("dial", "1", "--from", "2", "--anonymous"),
        ("dial", "1\r\nX: y", "--from", "2"),
        ("dial", "1", "--from", "<evil>"),
        ("dial", "1", "--from", "2", "--press", "12x"),
        ("dial", "1", "--from", "2", "--to-sip", "nowhere"),
        ("dial", "1", "--from", "2", "--seconds", "-1"),
    ],
    ids=["no number", "no caller", "two callers", "a line break", "brackets", "no key", "no port", "before the answer"],
)
def test_a_wish_that_is_wrong_is_wrong_usage(terminal: Terminal, words: tuple[str, ...]) -> None:
    printed = terminal.type(*words, "--json")
    assert (printed.status, printed.error["code"]) == (2, "usage")


def test_what_cannot_be_said_is_an_error_before_the_call(terminal: Terminal, busy: OneWordPeer) -> None:
    Path("page.mp3").write_text("<html>")
    printed = terminal.type("dial", "1", "--from", "2", "--to-sip", busy.address, "--wav", "page.mp3", "--json")
    assert (printed.status, printed.error["code"]) == (1, "sound-not-audio")
    assert busy.requests == []


@pytest.mark.peers
def test_a_call_to_the_real_platform_is_heard_and_saved(
    terminal: Terminal, platform: RunningPlatform, actions: ActionServer
) -> None:
    actions.says('say en "Hello"', "pause 2")
    gateway = ("--to-sip", f"{platform.sip[0]}:{platform.sip[1]}")
    speech = write_wav(Path("speech.wav"), tone(700, 0.5))
    caller = "819055550001"
    words = ("dial", NUMBER, "--from", caller, *gateway, "--wav", str(speech), "--press", "12", "--save", "x.wav")
    printed = terminal.type(*words, "--json")
    assert printed.status == 0, printed.err
    document = printed.document
    assert document["answered"]
    assert 2.2 < document["heard_s"] < 5
    assert document["first_packet_ms"] < 500
    assert document["happenings"][-1]["text"] == "the other side hung up"
    with wave.open("x.wav") as heard:
        assert (heard.getframerate(), heard.getnchannels()) == (8000, 1)
        assert heard.getnframes() / 8000 == pytest.approx(document["heard_s"], abs=0.02)
    (call,) = platform.ended_calls(caller)
    pressed = [event["data"]["digit"] for event in platform.timeline(call["call_id"]) if event["kind"] == "digit"]
    assert pressed == ["1", "2"]


@pytest.mark.peers
def test_a_number_that_nobody_subscribes_is_not_known(terminal: Terminal, platform: RunningPlatform) -> None:
    gateway = ("--to-sip", f"{platform.sip[0]}:{platform.sip[1]}")
    printed = terminal.type("dial", UNSUBSCRIBED_NUMBER, "--from", "819055550002", *gateway)
    assert (printed.status, printed.err) == (1, "not answered: 404: the number is not known there\n")


@pytest.mark.peers
def test_a_call_is_ended_after_the_seconds_that_were_wished(
    terminal: Terminal, platform: RunningPlatform, actions: ActionServer
) -> None:
    actions.says("pause 60")
    gateway = ("--to-sip", f"{platform.sip[0]}:{platform.sip[1]}")
    printed = terminal.type("dial", NUMBER, "--from", "819055550003", *gateway, "--seconds", "1")
    assert printed.status == 0
    assert "we hung up" in printed.out
    assert "saved in heard.wav" in printed.out


@pytest.mark.parametrize("place", ["/nowhere/heard.wav", "."])
def test_a_place_that_cannot_be_written_is_an_error_before_the_call(
    terminal: Terminal, busy: OneWordPeer, place: str
) -> None:
    printed = terminal.type(
        "dial", "815012345678", "--from", "81901", "--to-sip", busy.address, "--save", place, "--json"
    )
    assert (printed.status, printed.error["code"]) == (1, "file-unusable")
    assert not busy.requests
