"""`offhook phone` as a program of its own, called by `offhook dial`."""

import asyncio
import json
import re
import signal
import socket
import subprocess
import threading
import wave
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from ear import correlation, decode_g711, has_tone
from offhook.domain.sounds import Codec
from offhook.serve import studio
from terminal import Printed, Terminal
from tones import tone, write_wav

ENDS_WITHIN_S = 60.0
LINE = re.compile(r" *[0-9]+\.[0-9] ms  (.*)\n")


class Listening:
    """A phone that has said where it listens."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        assert process.stdout is not None
        self.process = process
        self.out = process.stdout
        first = self.out.readline()
        assert first, process.communicate()
        self.first = first.rstrip("\n")
        self.gateway = ("--to-sip", re.sub(r".*?(127\.0\.0\.1:[0-9]+).*", r"\1", self.first))

    def tells(self, text: str) -> list[str]:
        """Wait for a line that ends so; return it and those before it, without their times."""
        lines: list[str] = []
        for line in self.out:
            found = LINE.fullmatch(line)
            lines.append(found[1] if found else line)
            if lines[-1].endswith(text):
                return lines
        raise AssertionError(f"{text!r} was never told: {lines}")

    def ends(self) -> Printed:
        """Wait until the program is over; return what it told since the last look."""
        out, err = self.process.communicate(timeout=ENDS_WITHIN_S)
        return Printed(self.process.returncode, out, err)

    def stop(self, by: signal.Signals = signal.SIGTERM) -> Printed:
        """Send a signal and wait for the end."""
        self.process.send_signal(by)
        return self.ends()


@contextmanager
def listening(terminal: Terminal, *words: str) -> Iterator[Listening]:
    with terminal.start("phone", "--listen", "127.0.0.1:0", *words) as process:
        # A line that never comes would be waited for without end.
        watchdog = threading.Timer(ENDS_WITHIN_S, process.kill)
        watchdog.start()
        try:
            yield Listening(process)
        finally:
            watchdog.cancel()
            process.kill()


def heard(terminal: Terminal, name: str = "heard.wav") -> NDArray[np.int16]:
    """Return what `offhook dial` has saved, or another file."""
    with wave.open(str(terminal.folder / name)) as file:
        return np.frombuffer(file.readframes(file.getnframes()), np.int16)


def test_a_call_is_answered_and_the_caller_hears_the_file(terminal: Terminal) -> None:
    sound = write_wav(Path("sound.wav"), tone(700, 3))
    with listening(terminal, "--answer-after", "0", "--wav", str(sound)) as friend:
        assert friend.first == f"listening on {friend.gateway[1]}"
        words = ("dial", "815012345678", "--from", "819012345678", *friend.gateway)
        printed = terminal.type(*words, "--press", "5", "--seconds", "1.5")
        assert printed.status == 0, printed.err
        assert has_tone(heard(terminal), 700)
        parties = "call 1, 819012345678 to 815012345678:"
        assert friend.tells("the caller hung up") == [
            f"{parties} a call comes in",
            f"{parties} it rings",
            f"{parties} we answered",
            f"{parties} the caller pressed 5",
            f"{parties} the caller hung up",
        ]
        assert friend.stop() == Printed(0, "", "")


@pytest.mark.peers
def test_a_text_is_read_aloud(terminal: Terminal) -> None:
    text = "Guten Tag"
    with listening(terminal, "--say", text, "--language", "de") as friend:
        assert terminal.type("dial", "1", "--from", "2", *friend.gateway, "--seconds", "2").status == 0
        friend.stop()
    speech = asyncio.run(studio.speak("de", text))
    assert correlation(heard(terminal), decode_g711(speech, Codec.PCMU)) > 0.95


def test_what_each_caller_says_is_saved_in_a_file_of_its_own(terminal: Terminal) -> None:
    with listening(terminal, "--answer-after", "0", "--save", "kept") as friend:
        for place, hz in ((1, 600), (2, 1400)):
            words = ("--wav", str(write_wav(Path(f"{hz}.wav"), tone(hz, 3))), "--seconds", "1.5")
            assert terminal.type("dial", "1", "--from", "2", *friend.gateway, *words).status == 0
            file = f"kept/call-{place}.wav"
            assert friend.tells(file)[-2:] == [
                f"call {place}, 2 to 1: the caller hung up",
                f"call {place}, 2 to 1: saved in {file}",
            ]
    for name, said, unsaid in (("kept/call-1.wav", 600, 1400), ("kept/call-2.wav", 1400, 600)):
        assert has_tone(heard(terminal, name), said)
        assert not has_tone(heard(terminal, name), unsaid)


def test_what_a_call_said_is_saved_too_when_the_phone_ends_it(terminal: Terminal) -> None:
    with (
        listening(terminal, "--answer-after", "0", "--save", ".") as friend,
        terminal.start("dial", "1", "--from", "2", *friend.gateway) as caller,
    ):
        friend.tells("we answered")
        last = friend.stop().out.splitlines()[-2:]
        assert [LINE.sub(r"\1", f"{line}\n") for line in last] == [
            "call 1, 2 to 1: we hung up",
            "call 1, 2 to 1: saved in call-1.wav",
        ]
        caller.communicate(timeout=ENDS_WITHIN_S)
    assert Path("call-1.wav").exists()


def test_a_caller_who_gave_up_said_nothing_that_could_be_saved(terminal: Terminal) -> None:
    with listening(terminal, "--answer-after", "60", "--save", "kept") as friend:
        with terminal.start("dial", "1", "--from", "2", *friend.gateway) as caller:
            friend.tells("it rings")
            caller.send_signal(signal.SIGINT)
            caller.communicate(timeout=ENDS_WITHIN_S)
        assert friend.stop().out.endswith("the caller gave up\n")
    assert list(Path("kept").iterdir()) == []


def test_what_happens_is_a_json_document_a_line(terminal: Terminal) -> None:
    with listening(terminal, "--json", "--answer-after", "0") as friend:
        assert json.loads(friend.first) == {"listening": friend.gateway[1]}
        assert terminal.type("dial", "1", "--anonymous", *friend.gateway, "--seconds", "0").status == 0
        lines = [json.loads(friend.out.readline()) for _ in range(4)]
        assert [line["text"] for line in lines] == ["a call comes in", "it rings", "we answered", "the caller hung up"]
        assert {(line["call"], line["caller"], line["number"]) for line in lines} == {(1, None, "1")}
        assert all(line["at_ms"] >= 0 for line in lines)


def test_a_busy_phone_refuses_every_call(terminal: Terminal) -> None:
    with listening(terminal, "--busy") as friend:
        printed = terminal.type("dial", "1", "--from", "2", *friend.gateway)
        assert (printed.status, printed.err) == (1, "not answered: 486: the number is busy\n")
        assert friend.tells("refused with 486")[0] == "call 1, 2 to 1: a call comes in"


def test_a_phone_that_only_rings_is_given_up(terminal: Terminal) -> None:
    with (
        listening(terminal, "--ring") as friend,
        terminal.start("dial", "1", "--from", "2", *friend.gateway) as caller,
    ):
        friend.tells("it rings")
        caller.send_signal(signal.SIGINT)
        friend.tells("the caller gave up")
        _, err = caller.communicate(timeout=ENDS_WITHIN_S)
    assert err.startswith("not answered: ")
    assert err.endswith("the call was given up before an answer\n")


@pytest.mark.parametrize("by", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_hangs_up_its_calls_and_is_no_failure(terminal: Terminal, by: signal.Signals) -> None:
    with (
        listening(terminal, "--answer-after", "0") as friend,
        terminal.start("dial", "1", "--from", "2", *friend.gateway) as caller,
    ):
        friend.tells("we answered")
        printed = friend.stop(by)
        out, _ = caller.communicate(timeout=ENDS_WITHIN_S)
    assert (printed.status, printed.err) == (0, "")
    assert printed.out.endswith("call 1, 2 to 1: we hung up\n")
    assert "the other side hung up" in out
    assert caller.returncode == 0


def test_a_signal_refuses_who_still_hears_it_ring(terminal: Terminal) -> None:
    with (
        listening(terminal, "--ring") as friend,
        terminal.start("dial", "1", "--from", "2", *friend.gateway) as caller,
    ):
        friend.tells("it rings")
        printed = friend.stop()
        _, err = caller.communicate(timeout=ENDS_WITHIN_S)
    assert (printed.status, printed.out.endswith("refused with 480\n")) == (0, True)
    assert err == "not answered: 480: the number cannot take the call now\n"


def test_it_ends_when_nobody_reads_it_any_more(terminal: Terminal) -> None:
    with listening(terminal, "--busy") as friend:
        friend.out.close()
        friend.process.stdout = None
        assert terminal.type("dial", "1", "--from", "2", *friend.gateway).status == 1
        printed = friend.ends()
    assert (printed.status, printed.err) == (1, "")


def test_a_port_that_is_taken_is_an_error(terminal: Terminal) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        printed = terminal.type("phone", "--listen", f"127.0.0.1:{taken.getsockname()[1]}", "--json")
    assert (printed.status, printed.out, printed.error["code"]) == (1, "", "setup")
    assert "--listen" in printed.error["hint"]


def test_a_name_that_is_not_known_is_an_error(terminal: Terminal) -> None:
    printed = terminal.type("phone", "--listen", "phone.invalid:0", "--json")
    assert (printed.status, printed.error["code"]) == (1, "setup")


def test_what_cannot_be_said_or_saved_is_an_error_before_any_call(terminal: Terminal) -> None:
    Path("page.mp3").write_text("<html>")
    for words, code in (
        (("--wav", "page.mp3"), "sound-not-audio"),
        (("--wav", "nowhere.mp3"), "file-unusable"),
        (("--say", "hello", "--language", "tlh"), "language-not-installed"),
        (("--save", "page.mp3"), "file-unusable"),
        (("--save", "nowhere/kept"), "file-unusable"),
    ):
        printed = terminal.type("phone", "--listen", "127.0.0.1:0", *words, "--json")
        assert (printed.status, printed.out, printed.error["code"]) == (1, "", code)


@pytest.mark.parametrize(
    "words",
    [
        ("phone",),
        ("phone", "--listen", "nowhere"),
        ("phone", "--listen", "127.0.0.1:0", "--busy", "--ring"),
        ("phone", "--listen", "127.0.0.1:0", "--say", "hello", "--wav", "x.wav"),
        ("phone", "--listen", "127.0.0.1:0", "--busy", "--answer-after", "1"),
        ("phone", "--listen", "127.0.0.1:0", "--answer-after", "-1"),
        ("phone", "--listen", "127.0.0.1:0", "--answer-after", "nan"),
        ("phone", "--listen", "127.0.0.1:0", "--say", " "),
        ("phone", "--listen", "127.0.0.1:0", "--ring", "--save", "kept"),
    ],
    ids=["nowhere to listen", "no port", "two ways", "two sounds", "never", "before", "no number", "no text", "deaf"],
)
def test_a_wish_that_is_wrong_is_wrong_usage(terminal: Terminal, words: tuple[str, ...]) -> None:
    printed = terminal.type(*words, "--json")
    assert (printed.status, printed.out, printed.error["code"]) == (2, "", "usage")
