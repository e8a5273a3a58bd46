"""docs/dialling.md is run: each script is read, the pair of scripts talk to each other, and the first one calls."""

import re
from pathlib import Path

import pytest

from action_server import ActionServer
from offhook.language import draw
from offhook.language.dialogue import SHAPES, Script, Side, parse
from running_platform import NUMBER, RunningPlatform
from scripted_phone import dial, scripted
from terminal import Terminal
from tones import sweep, write_wav

PAGE = (Path(__file__).parents[2] / "docs" / "dialling.md").read_text(encoding="utf-8")
FENCE = re.compile(r"```(dial|phone|actions)\n(.*?)```\n", re.DOTALL)
WRONG = re.compile(r"```dial wrong\n(.*?)```\n\n```lint\n(.*?)```\n", re.DOTALL)
ROW = re.compile(r"^\| `(.+?)` \| (caller|called|both) \|", re.MULTILINE)
SIDES = {"dial": Side.CALLER, "phone": Side.CALLED}
MENU, IMPATIENT, HOLDING, TALKATIVE = (text for kind, text in FENCE.findall(PAGE) if kind == "dial")
(FRIEND,) = (text for kind, text in FENCE.findall(PAGE) if kind == "phone")
(ACTIONS,) = (text for kind, text in FENCE.findall(PAGE) if kind == "actions")


@pytest.mark.parametrize(("kind", "text"), [found for found in FENCE.findall(PAGE) if found[0] in SIDES])
def test_each_script_of_the_page_is_one(kind: str, text: str) -> None:
    assert isinstance(parse(text, SIDES[kind]).script, Script)


def test_mistakes_are_drawn_as_the_page_draws_them() -> None:
    for text, drawn in WRONG.findall(PAGE):
        (problem,) = parse(text, Side.CALLER).problems
        assert f"{draw(problem, text)}\n" == drawn


def test_the_tables_are_those_of_the_grammar() -> None:
    shown = {usage.replace("\\|", "|"): side for usage, side in ROW.findall(PAGE)}
    assert shown == {
        shape.usage: "both" if len(shape.sides) == 2 else next(iter(shape.sides)).value for shape in SHAPES.values()
    }


@pytest.mark.peers
def test_the_two_ends_of_the_page_talk_to_each_other(terminal: Terminal) -> None:
    write_wav(Path("goodbye.wav"), sweep(2000, 500, 1))
    with scripted(terminal, FRIEND, "--calls", "1") as phone:
        printed = dial(terminal, phone.address, TALKATIVE)
        status, told = phone.ends()
    assert printed.status == 0, printed.out
    assert (status, told["script"]["ok"]) == (0, True)


@pytest.mark.peers
def test_the_first_script_of_the_page_calls_what_the_page_says(
    terminal: Terminal, platform: RunningPlatform, actions: ActionServer
) -> None:
    actions.says(*ACTIONS.splitlines())
    actions.says_after("gather", 'say en "Thank you."')
    printed = dial(terminal, f"{platform.sip[0]}:{platform.sip[1]}", MENU, number=NUMBER)
    assert printed.status == 0, printed.out
    assert actions.questions[-1].parameters["digits"] == "1"
    held = dial(terminal, f"{platform.sip[0]}:{platform.sip[1]}", HOLDING, number=NUMBER)
    assert held.status == 0, held.out


@pytest.mark.peers
def test_a_caller_who_is_impatient_is_one_for_the_platform_too(
    terminal: Terminal, platform: RunningPlatform, actions: ActionServer
) -> None:
    actions.says("pause 5", after_s=1)
    caller = "819055550102"
    script = IMPATIENT.replace("819012345678", caller)
    printed = dial(terminal, f"{platform.sip[0]}:{platform.sip[1]}", script, number=NUMBER)
    assert printed.status == 0, printed.out
    (call,) = platform.ended_calls(caller)
    assert call["status"] == "canceled"
