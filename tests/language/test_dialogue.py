"""The script of a phone: what each line means, and what is wrong with lines that mean nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offhook.language import Code, draw
from offhook.language.dialogue import (
    SHAPES,
    Answer,
    Call,
    ExpectAnswer,
    ExpectHangUp,
    ExpectKeys,
    ExpectRefusal,
    ExpectRinging,
    ExpectSilence,
    ExpectSound,
    ExpectTone,
    FileSound,
    HangUp,
    Hold,
    Lose,
    NeverAnswer,
    Press,
    Refuse,
    Resume,
    Say,
    Script,
    Side,
    Silent,
    Speech,
    Statement,
    Step,
    Wait,
    Way,
    WebSound,
    parse,
)
from offhook.language.dialogue.grammar import LONGEST_SCRIPT, MOST_STEPS
from offhook.language.problems import Problem

BOTH_SIDES: dict[str, Statement] = {
    "expect sound": ExpectSound(None, None, 10),
    "expect sound within 2": ExpectSound(None, None, 2),
    "expect sound hello.mp3": ExpectSound(FileSound("hello.mp3"), None, 10),
    'expect sound "my sounds/within.wav" for 1.5 within 5': ExpectSound(FileSound("my sounds/within.wav"), 1.5, 5),
    "expect sound HTTPS://example.com/a.mp3?b=c": ExpectSound(WebSound("HTTPS://example.com/a.mp3?b=c"), None, 10),
    'expect speech en "Hello" within 2': ExpectSound(Speech("en", "Hello"), None, 2),
    "expect tone 440": ExpectTone(440, 0.2, 10),
    "expect tone 440.5 within 3 for 1": ExpectTone(440.5, 1, 3),
    "expect silence for 1": ExpectSilence(1, 1),
    "expect silence within 9 for 0.5": ExpectSilence(0.5, 9),
    "expect keys 1 2# within 0": ExpectKeys("12#", 0),
    "expect hang up within 5": ExpectHangUp(5),
    "press 1 2 #": Press("12#", Way.EVENTS),
    "press 12AD* by info": Press("12AD*", Way.INFO),
    "press 1 by inband": Press("1", Way.TONES),
    "press 1 by rfc4733": Press("1", Way.EVENTS),
    'say de "Guten \\"Tag\\""': Say(Speech("de", 'Guten "Tag"')),
    "play hello.wav": Say(FileSound("hello.wav")),
    "play http://127.0.0.1:8000/a.wav": Say(WebSound("http://127.0.0.1:8000/a.wav")),
    "\t wait 2.5  ": Wait(2.5),
    "silent": Silent(None),
    "silent 3": Silent(3),
    "hold": Hold(is_inactive=False),
    "hold inactive": Hold(is_inactive=True),
    "resume": Resume(),
    "lose 10 %": Lose(10),
    "lose 0.5%": Lose(0.5),
    "lose 100": Lose(100),
    "hang up": HangUp(),
}
CALLERS: dict[str, Statement] = {
    "call from 819012345678": Call("819012345678"),
    "call from +81-90.a_b*": Call("+81-90.a_b*"),
    "call anonymous": Call(""),
    "expect ringing within 2": ExpectRinging(2),
    "expect answer": ExpectAnswer(120),
    "expect busy within 3": ExpectRefusal(486, 3),
    "expect refused": ExpectRefusal(None, 120),
    "expect refused within 3": ExpectRefusal(None, 3),
    "expect refused 302 within 3": ExpectRefusal(302, 3),
}
CALLED: dict[str, Statement] = {
    "answer": Answer(0),
    "answer after 2": Answer(2),
    "be busy": Refuse(486),
    "decline": Refuse(603),
    "refuse 480": Refuse(480),
    "never answer": NeverAnswer(),
}
WRONG = {
    # A name, or what follows it.
    "hold on": (Code.TOO_MANY_ARGUMENTS, 6, 2, "write it like: hold"),
    "unhold": (Code.UNKNOWN_VERB, 1, 6, 'did you mean "resume"?'),
    "expekt answer": (Code.UNKNOWN_VERB, 1, 6, 'did you mean "expect'),
    "pause 2": (Code.UNKNOWN_VERB, 1, 5, 'did you mean "wait"?'),
    "xyzzy": (Code.UNKNOWN_VERB, 1, 5, "there is call, expect ringing"),
    '"wait" 2': (Code.UNKNOWN_VERB, 1, 6, "there is"),
    "expect": (Code.MISSING_ARGUMENT, 7, 1, "write it like: expect ringing"),
    "expect anser": (Code.UNKNOWN_VERB, 8, 5, 'did you mean "expect answer"?'),
    "expect xyzzy": (Code.UNKNOWN_VERB, 8, 5, "there is expect ringing"),
    "hang on": (Code.UNKNOWN_VERB, 6, 2, 'did you mean "hang up"?'),
    "answer": (Code.UNKNOWN_VERB, 1, 6, "there is call"),
    "be busy": (Code.UNKNOWN_VERB, 1, 2, "there is call"),
    # Too little or too much.
    "call": (Code.MISSING_ARGUMENT, 5, 1, "write it like: call from 819012345678"),
    "call from": (Code.MISSING_ARGUMENT, 10, 1, ""),
    "wait": (Code.MISSING_ARGUMENT, 5, 1, "write it like: wait 2"),
    "wait 2 3": (Code.TOO_MANY_ARGUMENTS, 8, 1, "write it like: wait 2"),
    "wait 2 # a little": (Code.TOO_MANY_ARGUMENTS, 8, 1, "a comment stands on a line of its own"),
    "expect ringing witin 2": (Code.TOO_MANY_ARGUMENTS, 16, 5, 'did you mean "within"?'),
    "expect ringing within": (Code.MISSING_ARGUMENT, 22, 1, ""),
    "expect tone 440 for 1 for 2": (Code.TOO_MANY_ARGUMENTS, 23, 3, ""),
    "expect silence": (Code.MISSING_ARGUMENT, 15, 1, "write it like: expect silence for 1"),
    "press": (Code.MISSING_ARGUMENT, 6, 1, "write it like: press 1 2 #"),
    "play": (Code.MISSING_ARGUMENT, 5, 1, ""),
    "wait 2 within=3": (Code.UNKNOWN_OPTION, 8, 8, "quotes"),
    # Values.
    "call by 1": (Code.BAD_OPTION, 6, 2, ""),
    "call from <1>": (Code.BAD_NUMBER, 11, 3, "write digits"),
    "wait 5s": (Code.BAD_OPTION, 6, 2, 'did you mean "5"?'),
    "wait soon": (Code.BAD_OPTION, 6, 4, "write it like: wait 2"),
    "wait 99999": (Code.BAD_OPTION, 6, 5, 'did you mean "3600"?'),
    "expect tone 50": (Code.BAD_OPTION, 13, 2, 'did you mean "100"?'),
    "expect sound for 2": (Code.BAD_OPTION, 14, 3, ""),
    "expect sound for": (Code.BAD_OPTION, 14, 3, ""),
    'play ""': (Code.BAD_OPTION, 6, 2, ""),
    "play https://": (Code.BAD_URL, 6, 8, ""),
    "expect refused 200": (Code.BAD_OPTION, 16, 3, ""),
    "expect refused busy": (Code.BAD_OPTION, 16, 4, ""),
    "press 1x": (Code.BAD_OPTION, 7, 2, ""),
    f"press {'1' * 65}": (Code.BAD_OPTION, 7, 65, "split it"),
    "press 1 by mouth": (Code.BAD_OPTION, 12, 5, "write rfc4733 or info or inband"),
    "lose 101 %": (Code.BAD_OPTION, 6, 3, ""),
    "lose many": (Code.BAD_OPTION, 6, 4, ""),
    "say en Hello": (Code.UNQUOTED_TEXT, 8, 5, 'write it like: say en "Hello"'),
    'say xx "Hello"': (Code.UNKNOWN_LANGUAGE, 5, 2, ""),
    'say en ""': (Code.MISSING_ARGUMENT, 8, 2, ""),
    'say en "Hello': (Code.UNCLOSED_QUOTE, 8, 6, ""),
}


def only(text: str, side: Side) -> Statement:
    """Return what a text of one line means."""
    script = parse(text, side).script
    assert script is not None, parse(text, side).problems
    (step,) = script.steps
    assert step == Step(1, text.strip(), step.statement)
    return step.statement


def problem(text: str, side: Side = Side.CALLER) -> Problem:
    """Return the one thing that is wrong."""
    parsed = parse(text, side)
    assert parsed.script is None
    (found,) = parsed.problems
    return found


@pytest.mark.parametrize("text", BOTH_SIDES | CALLERS)
def test_a_phone_that_calls_is_told_so(text: str) -> None:
    assert only(text, Side.CALLER) == (BOTH_SIDES | CALLERS)[text]


@pytest.mark.parametrize("text", BOTH_SIDES | CALLED)
def test_a_phone_that_is_called_is_told_so(text: str) -> None:
    assert only(text, Side.CALLED) == (BOTH_SIDES | CALLED)[text]


@pytest.mark.parametrize("text", WRONG)
def test_a_mistake_has_a_code_a_place_and_a_hint(text: str) -> None:
    found = problem(text)
    code, column, length, hint = WRONG[text]
    assert (found.code, found.line, found.column, found.length) == (code, 1, column, length)
    assert hint in found.hint


@pytest.mark.parametrize("text", CALLERS)
def test_what_only_a_caller_can_do_is_refused_on_the_other_side(text: str) -> None:
    assert problem(text, Side.CALLED).sentence.endswith("is for a phone that calls, and this one is called")


def test_the_other_words_of_one_side_are_not_offered_on_the_other() -> None:
    assert problem("busy", Side.CALLED).hint == 'did you mean "be busy"?'
    assert "be busy" not in problem("busy").hint


def test_every_shape_shows_a_line_that_is_right() -> None:
    for shape in SHAPES.values():
        for side in shape.sides:
            assert parse(shape.example, side).script is not None, shape.example


def test_comments_and_blank_lines_are_passed_over_and_lines_keep_their_numbers() -> None:
    script = parse("# a call\r\n\r\ncall anonymous\n  # waits\n wait 1 \n", Side.CALLER).script
    assert script == Script((Step(3, "call anonymous", Call("")), Step(5, "wait 1", Wait(1))))
    assert script.caller == ""


def test_a_script_knows_its_caller_and_each_of_its_sounds_once() -> None:
    script = parse('play a.wav\nexpect sound a.wav\nexpect sound\nsay en "Hi"', Side.CALLER).script
    assert script is not None
    assert script.caller is None
    assert script.sounds == (FileSound("a.wav"), Speech("en", "Hi"))


def test_all_lines_are_looked_at_and_each_tells_its_first_mistake() -> None:
    parsed = parse("wait x y\nwait 1\npress z\n", Side.CALLER)
    assert [(found.line, found.column) for found in parsed.problems] == [(1, 6), (3, 7)]


def test_a_call_begins_once_and_first() -> None:
    assert problem("wait 1\ncall anonymous").code is Code.NOT_FIRST


@pytest.mark.parametrize("last", ["hang up", "be busy", "never answer"])
def test_what_follows_the_end_is_never_reached_and_that_is_told_once(last: str) -> None:
    found = problem(f"{last}\nwait 1\nwait 2\n", Side.CALLED)
    assert (found.code, found.line) == (Code.UNREACHABLE_LINE, 2)


@pytest.mark.parametrize("text", ["", "\n \n", "# nothing\n"])
def test_a_script_that_says_nothing_is_none(text: str) -> None:
    assert problem(text).code is Code.MISSING_ARGUMENT


def test_a_script_has_a_greatest_length_and_a_greatest_number_of_lines() -> None:
    assert problem("#" * (LONGEST_SCRIPT + 1)).code is Code.TOO_LONG
    assert parse("wait 1\n" * MOST_STEPS, Side.CALLER).script is not None
    found = problem("wait 1\n" * (MOST_STEPS + 100))
    assert (found.code, found.line) == (Code.TOO_MANY_LINES, MOST_STEPS + 1)


def test_a_mistake_is_drawn_under_its_line() -> None:
    text = "call anonymous\nexpect tone 440 witin 3\n"
    assert draw(problem(text), text) == (
        'too-many-arguments, line 2, column 17: "expect tone" takes no "witin" here\n'
        "    expect tone 440 witin 3\n"
        '                    ^^^^^ did you mean "within"? write it like: expect tone 440 within 3'
    )


@given(
    st.lists(
        st.one_of(
            st.sampled_from([word for name in SHAPES for word in name.split()]),
            st.sampled_from(['"', "for", "within", "by", "#", "1", "en", "%", "=", "\n", "x.wav", "https://a.b/"]),
            st.text(max_size=5),
        ),
        max_size=12,
    ),
    st.sampled_from(Side),
)
def test_whatever_a_text_holds_it_is_a_script_or_has_a_mistake(words: list[str], side: Side) -> None:
    parsed = parse(" ".join(words), side)
    assert (parsed.script is None) is bool(parsed.problems)
    for found in parsed.problems:
        assert draw(found, " ".join(words)).count("\n") == 2
