"""`offhook dial --script` and `offhook phone --script`: one script calls the other, and both call the real platform."""

import re
from pathlib import Path

import pytest

from action_server import ActionServer
from offhook.cli.dialogue.ladder import Ladder, rungs
from offhook.engine.net.happenings import Happening
from running_platform import NUMBER, RunningPlatform
from scripted_phone import ENDS_WITHIN_S, dial, scripted, verdicts
from terminal import Terminal
from tones import mp3_of, sweep, tone, write_wav


def test_two_scripts_talk_to_each_other_and_each_hears_what_the_other_does(terminal: Terminal) -> None:
    write_wav(Path("sweep.wav"), sweep(300, 3000, 0.8))
    called = """
        answer after 0.1
        play sweep.wav
        expect keys 1 within 5
        expect keys 2*
        expect keys 3 within 5
        press 4 #
        expect tone 500 for 0.4 within 5
        expect silence for 0.6 within 5
        expect hang up within 5
    """
    caller = """
        call anonymous
        # Every twentieth packet is lost each way, which both ears bear with.
        lose 5 %
        expect ringing within 5
        expect answer within 5
        expect sound sweep.wav within 2
        press 1
        press 2* by info
        lose 0 %
        press 3 by rfc4733
        expect keys 4# within 5
        play tone.wav
        silent 0.7
        hang up
    """
    write_wav(Path("tone.wav"), tone(500, 0.6))
    with scripted(terminal, called, "--calls", "1") as phone:
        printed = dial(terminal, phone.address, caller, "--json")
        assert printed.status == 0, printed
        assert all(verdict == "passed" for _, verdict in verdicts(printed.document))
        assert printed.document["script"]["ok"]
        assert Path("heard.wav").exists()
        status, told = phone.ends()
    assert (status, told["caller"], told["number"], told["script"]["ok"]) == (0, None, "1", True)
    assert all(verdict == "passed" for _, verdict in verdicts(told))
    assert told["ladder"][0]["text"] == "<-- INVITE sip:1@127.0.0.1:" + phone.address.rpartition(":")[2]


def test_either_end_holds_the_other_and_talks_on(terminal: Terminal) -> None:
    write_wav(Path("low.wav"), tone(500, 3))
    write_wav(Path("high.wav"), tone(900, 3))
    called = """
        answer
        play low.wav
        expect tone 900 for 0.5 within 9
        hold inactive
        expect silence for 0.5
        resume
        expect tone 900 for 0.5 within 5
    """
    caller = """
        call from 1
        expect answer within 5
        expect tone 500 for 0.5 within 5
        hold
        expect silence for 0.5
        resume
        # Its sound went on where it was held.
        expect tone 500 for 1 within 5
        play high.wav
        expect hang up within 9
    """
    with scripted(terminal, called, "--calls", "1") as phone:
        printed = dial(terminal, phone.address, caller, "--json")
        assert printed.status == 0, printed
        status, told = phone.ends()
    assert (status, told["script"]["ok"]) == (0, True), told
    lines = [line["words"] for line in printed.document["script"]["lines"]]
    assert [lines[3], lines[5]] == ["the other side only listens", "both talk again"]
    assert told["script"]["lines"][3]["words"] == "nobody sends"
    assert sum("--> INVITE" in rung["text"] for rung in told["ladder"]) == 2


def test_nobody_is_held_who_has_not_answered_or_is_gone(terminal: Terminal) -> None:
    with scripted(terminal, "wait 1\nanswer\nhang up\n", "--calls", "1") as phone:
        early = dial(terminal, phone.address, "hold\n", "--from", "2")
        phone.ends()
    assert "hold: nobody has answered yet" in early.out
    with scripted(terminal, "answer\nhang up\n", "--calls", "1") as phone:
        late = dial(terminal, phone.address, "expect hang up\nresume\n", "--from", "2")
    assert "resume: the call is over: the other side hung up" in late.out


def test_a_line_that_fails_ends_the_call_and_shows_what_happened(terminal: Terminal) -> None:
    with scripted(terminal, "answer\nexpect keys 1\n", "--calls", "1") as phone:
        printed = dial(terminal, phone.address, "expect answer\npress 2\nexpect tone 440 within 3\n", "--from", "2")
        status, told = phone.ends()
    assert printed.status == 1
    lines = [re.sub(r"[0-9]+\.[0-9]+", "T", line) for line in printed.out.splitlines()]
    assert [lines[0], lines[1][:17], *lines[2:4]] == [
        "✓    T s  expect answer: answered",
        "✓    T s  press 2",
        "✗    T s  expect tone 440 within 3: the call is over: the other side hung up",
        "what happened:",
    ]
    for rung in (
        "--> INVITE sip:1@",
        "<-- 180 Ringing (INVITE)",
        "<-- 200 OK (INVITE)",
        "--> ACK sip:",
        "<-- BYE sip:",
        "--> 200 OK (BYE)",
    ):
        assert rung in printed.out
    assert printed.out.endswith("line 3 failed: expect tone 440 within 3\n")
    assert (status, verdicts(told)) == (1, [(1, "passed"), (2, "failed")])
    assert told["script"]["lines"][1]["words"] == "the other side pressed 2"


@pytest.mark.parametrize(
    ("called", "caller", "words"),
    [
        ("be busy", "expect busy within 5", "486: the number is busy"),
        ("decline", "expect refused", "603: the callee declined"),
    ],
)
def test_a_phone_refuses_as_it_is_told(terminal: Terminal, called: str, caller: str, words: str) -> None:
    with scripted(terminal, called, "--calls", "1") as phone:
        printed = dial(terminal, phone.address, caller, "--from", "2", "--json")
        assert (printed.status, phone.ends()[0]) == (0, 0)
    assert printed.document["script"]["lines"][0]["words"] == words


def test_a_caller_gives_up_and_what_cannot_be_any_more_says_why(terminal: Terminal) -> None:
    with scripted(terminal, "never answer", "--calls", "1") as phone:
        printed = dial(
            terminal, phone.address, "expect ringing\nexpect answer within 0.2\nwait 9", "--from", "2", "--json"
        )
        status, told = phone.ends()
    assert (printed.status, status) == (1, 0)
    assert verdicts(printed.document) == [(1, "passed"), (2, "failed"), (3, "not-reached")]
    assert printed.document["script"]["lines"][1]["words"] == "nobody answered"
    assert told["script"]["lines"][0]["words"] == "the call is over: the caller gave up"


@pytest.mark.parametrize(
    ("caller", "words"),
    [
        ("press 1", "nobody has answered yet"),
        ("expect refused", "the call was answered"),
        ("expect answer\nexpect sound within 0.1", "nothing but silence was heard"),
    ],
)
def test_what_does_not_come_is_told_in_words(terminal: Terminal, caller: str, words: str) -> None:
    with scripted(terminal, "answer after 0.2\nexpect hang up", "--calls", "1") as phone:
        printed = dial(terminal, phone.address, caller, "--from", "2", "--json")
        phone.ends()
    assert printed.status == 1
    assert printed.document["script"]["lines"][-1]["words"] == words


def test_a_phone_that_is_stopped_ends_its_calls_and_says_that_they_failed(terminal: Terminal) -> None:
    with scripted(terminal, "answer\nexpect hang up within 60") as phone:
        Path("caller.txt").write_text("expect answer\nexpect hang up within 30")
        words = ("--to-sip", phone.address, "--from", "2", "--script", "caller.txt")
        with terminal.start("dial", "1", *words) as caller:
            assert caller.stdout is not None
            assert "expect answer: answered" in caller.stdout.readline()
            phone.process.terminate()
            out, _ = caller.communicate(timeout=ENDS_WITHIN_S)
        assert (caller.returncode, "the other side hung up" in out) == (0, True)
        status, told = phone.ends()
    assert (status, told["script"]["lines"][1]["words"]) == (1, "it was interrupted")


def test_ctrl_c_ends_a_script_and_its_call(terminal: Terminal) -> None:
    with scripted(terminal, "answer\nexpect hang up within 60", "--calls", "1") as phone:
        Path("caller.txt").write_text("expect answer\nwait 60")
        words = ("--to-sip", phone.address, "--from", "2", "--script", "caller.txt")
        with terminal.start("dial", "1", *words) as caller:
            assert caller.stdout is not None
            caller.stdout.readline()
            caller.send_signal(2)
            out, _ = caller.communicate(timeout=ENDS_WITHIN_S)
        assert (caller.returncode, "wait 60: it was interrupted" in out) == (1, True)
        assert phone.ends()[0] == 0


def test_a_mistake_is_drawn_and_nobody_is_called(terminal: Terminal) -> None:
    Path("caller.txt").write_text("call anonymous\nexpect tone 440 witin 3\n")
    printed = terminal.type("dial", "1", "--to-sip", "127.0.0.1:9", "--script", "caller.txt", "--json")
    assert (printed.status, printed.error["code"]) == (1, "script-wrong")
    (drawn,) = printed.error["details"]
    assert drawn.startswith("too-many-arguments, line 2, column 17:")
    printed = terminal.type("phone", "--listen", "127.0.0.1:0", "--script", "caller.txt", "--json")
    assert (printed.status, len(printed.error["details"])) == (1, 2)


@pytest.mark.parametrize(
    ("script", "code", "words"),
    [
        ("play nowhere.wav", "file-unusable", "nowhere.wav"),
        ("play page.mp3", "sound-not-audio", "page.mp3: "),
        ("play http://127.0.0.1:9/hello.mp3", "connect-failed", "http://127.0.0.1:9/hello.mp3: "),
        ('say xh "Molo"', "language-not-installed", 'xh "Molo": '),
        ("expect sound silent.wav", "sound-unknowable", "line 1: expect sound silent.wav"),
    ],
)
def test_a_sound_that_cannot_be_made_is_an_error_before_the_call(
    terminal: Terminal, script: str, code: str, words: str
) -> None:
    Path("page.mp3").write_text("<html>")
    write_wav(Path("silent.wav"), tone(440, 1, level=0.001))
    Path("caller.txt").write_text(script)
    printed = terminal.type("dial", "1", "--from", "2", "--to-sip", "127.0.0.1:9", "--script", "caller.txt", "--json")
    assert (printed.status, printed.error["code"]) == (1, code)
    assert words in printed.error["sentence"]


@pytest.mark.parametrize(
    "words",
    [
        ("dial", "1", "--script", "anonymous.txt", "--from", "2"),
        ("dial", "1", "--script", "anonymous.txt", "--anonymous"),
        ("dial", "1", "--script", "wait.txt"),
        ("dial", "1", "--script", "wait.txt", "--from", "2", "--press", "1"),
        ("dial", "1", "--script", "wait.txt", "--from", "2", "--seconds", "1"),
        ("phone", "--listen", "127.0.0.1:0", "--script", "wait.txt", "--busy"),
        ("phone", "--listen", "127.0.0.1:0", "--script", "wait.txt", "--save", "."),
        ("phone", "--listen", "127.0.0.1:0", "--calls", "1"),
    ],
)
def test_what_the_script_says_is_not_said_twice(terminal: Terminal, words: tuple[str, ...]) -> None:
    Path("anonymous.txt").write_text("call anonymous\nwait 1\n")
    Path("wait.txt").write_text("wait 1\n")
    printed = terminal.type(*words, "--json")
    assert (printed.status, printed.error["code"]) == (2, "usage")


def test_a_ladder_tells_the_calls_apart_and_keeps_the_order() -> None:
    ladder = Ladder()
    ladder.add(b"INVITE sip:1@b SIP/2.0\r\nCall-ID: x\r\n\r\nCall-ID: y", goes_out=True, now=10.0)
    ladder.add(b"SIP/2.0 200 OK\r\ni : x\r\nCSeq: 1 INVITE\r\n\r\n", goes_out=False, now=10.5)
    ladder.add(b"BYE sip:1@b SIP/2.0\r\nCall-ID: y\r\n\r\n", goes_out=True, now=11.0)
    ladder.add(b"\xff\xfe", goes_out=False, now=11.0)
    assert rungs(ladder.of("x"), [Happening(250.0, "it rings")], 10.0) == [
        (0.0, "--> INVITE sip:1@b"),
        (250.0, "    it rings"),
        (500.0, "<-- 200 OK (INVITE)"),
    ]
    assert len(ladder.of()) == 4


@pytest.mark.peers
def test_a_script_goes_through_a_menu_of_the_real_platform(
    terminal: Terminal, platform: RunningPlatform, actions: ActionServer
) -> None:
    hello = actions.serves("hello.mp3", mp3_of(sweep(400, 1500, 1.2)))
    caller = "819055550101"
    menu = 'gather say en "Press one or two." digits=1 timeout=20'
    actions.says(f"playback {hello}", menu)
    actions.says_after("gather", "pause 1", f"playback {hello}")
    script = f"""
        call from {caller}
        lose 3 %
        expect ringing within 5
        expect answer within 20
        expect sound {hello} within 5
        expect speech en "Press one or two." within 5
        press 2 by inband
        press 1
        expect silence for 0.7 within 2
        expect sound {hello} for 0.8 within 5
        expect hang up within 10
    """
    Path("script.txt").write_text(script)
    gateway = f"{platform.sip[0]}:{platform.sip[1]}"
    printed = terminal.type("dial", NUMBER, "--to-sip", gateway, "--script", "script.txt", "--json")
    assert printed.status == 0, printed.out
    (call,) = platform.ended_calls(caller)
    pressed = [event["data"]["digit"] for event in platform.timeline(call["call_id"]) if event["kind"] == "digit"]
    assert pressed
    assert actions.questions[-1].parameters["digits"] == pressed[0]


@pytest.mark.peers
def test_the_platform_is_silent_while_it_is_held_and_is_heard_again(
    terminal: Terminal, platform: RunningPlatform, actions: ActionServer
) -> None:
    caller = "819055550104"
    actions.says_to(caller, f"playback {actions.serves('tone.mp3', mp3_of(tone(700, 15)))}")
    script = f"""
        call from {caller}
        expect answer within 20
        expect tone 700 for 0.5 within 5
        hold
        expect silence for 0.6
        resume
        expect tone 700 for 0.5 within 2
        hold inactive
        expect silence for 0.6
        resume
        expect tone 700 for 0.5 within 2
    """
    Path("script.txt").write_text(script)
    gateway = f"{platform.sip[0]}:{platform.sip[1]}"
    printed = terminal.type("dial", NUMBER, "--to-sip", gateway, "--script", "script.txt", "--json")
    assert printed.status == 0, printed.out
    (call,) = platform.ended_calls(caller)
    events = platform.timeline(call["call_id"])
    changes = [event["text"] for event in events if event["kind"] == "media-changed"]
    assert [text.endswith(", on hold") for text in changes] == [True, False, True, False]
