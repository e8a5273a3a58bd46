"""The tiny example is a real server: it is started as its reader would start it, and asked over HTTP."""

import subprocess
import sys
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from typing import IO
from urllib.parse import urlencode, urlsplit

import pytest

from offhook.language.parser import parse

EXAMPLES = Path(__file__).parents[2] / "examples"
SOUND = b"ID3 an MP3 as far as a web server cares"


class TinyServer:
    """The running example: its output, and one connection to it that is kept alive."""

    def __init__(self, output: IO[str]) -> None:
        self.output = output
        self.address = urlsplit(output.readline().split()[-1]).netloc
        self.connection = HTTPConnection(self.address, timeout=10)

    def get(self, path: str, **question: str) -> tuple[int, bytes]:
        self.connection.request("GET", f"{path}?{urlencode(question)}")
        response = self.connection.getresponse()
        return response.status, response.read()

    def ask(self, **question: str) -> str:
        status, body = self.get("/", **question)
        assert status == 200
        return body.decode()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TinyServer]:
    sounds = tmp_path_factory.mktemp("sounds")
    (sounds / "welcome.mp3").write_bytes(SOUND)
    command = [sys.executable, str(EXAMPLES / "action_server_tiny.py"), "--port", "0", "--sounds", str(sounds)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout
        tiny = TinyServer(process.stdout)
        yield tiny
        tiny.connection.close()
        process.terminate()


def test_a_caller_is_greeted_with_the_number_that_was_called(server: TinyServer) -> None:
    action = server.ask(event="incoming", caller="819012345678", recipient="815012345678", call_id="c1")
    assert action == 'say en "Hello! You have called 8 1 5 0 1 2 3 4 5 6 7 8. Goodbye."'


def test_one_number_plays_a_sound_which_the_server_serves_itself(server: TinyServer) -> None:
    verb, url = server.ask(event="incoming", caller="819012345678", recipient="815012345679").split()
    assert (verb, urlsplit(url).netloc) == ("playback", server.address)
    assert server.get(urlsplit(url).path) == (200, SOUND)


def test_who_hides_the_number_is_rejected(server: TinyServer) -> None:
    assert server.ask(event="incoming", caller="", anonymous="1", recipient="815012345678") == "reject declined"


def test_a_fallback_apologises(server: TinyServer) -> None:
    assert server.ask(event="fallback", reason="timeout", recipient="815012345678").startswith('say en "Sorry')


def test_a_missing_sound_is_a_404_and_a_path_cannot_leave_the_folder(server: TinyServer) -> None:
    assert server.get("/missing.mp3")[0] == 404
    assert server.get("/../../../etc/passwd")[0] == 404


def test_the_server_prints_what_it_was_asked_and_what_it_told(server: TinyServer) -> None:
    server.ask(event="incoming", recipient="815000000000", call_id="printed")
    for line in iter(server.output.readline, ""):
        if "'call_id': 'printed'" in line:
            break
    assert server.output.readline().startswith(' told say en "Hello!')


def test_what_is_no_number_is_neither_said_nor_printed(server: TinyServer) -> None:
    assert server.ask(event="incoming", recipient='1"\n\x1b[2Jreject', call_id="odd") == "hangup"
    for line in iter(server.output.readline, ""):
        assert "\x1b" not in line
        if "'call_id': 'odd'" in line:
            break
    assert server.output.readline() == " told hangup\n"


@pytest.mark.parametrize(
    "question",
    [
        {"event": "incoming", "recipient": "815012345678"},
        {"event": "incoming", "recipient": "815012345679"},
        {"event": "incoming", "recipient": "815012345678", "anonymous": "1"},
        {"event": "fallback", "recipient": "815012345678"},
        {"event": "voicemail", "recipient": "815012345678"},
    ],
)
def test_every_answer_is_right_in_the_action_language(server: TinyServer, question: dict[str, str]) -> None:
    assert parse(server.ask(**question)).problems == ()
