"""Each action's line: what it may hold, and what it cannot do without."""

import pytest

from answers import action_of, marked, problem_of
from offhook.language import (
    SELF,
    Action,
    CallerId,
    Code,
    Gather,
    Hangup,
    Pause,
    Playback,
    Redirect,
    Reject,
    RejectKind,
    Say,
    Transfer,
    Verb,
    Voicemail,
    parse,
    verb_of,
)

URL = "https://example.com/a.mp3"


@pytest.mark.parametrize(
    ("line", "action"),
    [
        (f"playback {URL}", Playback(URL)),
        (f"playback {URL} loop=100", Playback(URL, 100)),
        (f'playback "{URL}?a=b"', Playback(f"{URL}?a=b")),
        ('say en "Hello, \\"you\\""', Say("en", 'Hello, "you"')),
        ("say ja こんにちは", Say("ja", "こんにちは")),
        ("say en it's", Say("en", "it's")),
        (r"say en a\b", Say("en", r"a\b")),
        ('say zh-CN "你好" loop=2 voice=mei', Say("zh-cn", "你好", 2, "mei")),
        ("transfer 81355500123", Transfer(("81355500123",))),
        (
            "transfer +1-555-0100,15550101 ring=5 max=60 from=caller confirm=1 next=self",
            Transfer(("15550100", "15550101"), 5, 60, CallerId.CALLER, True, SELF),
        ),
        ("voicemail", Voicemail()),
        ('voicemail say en "Speak"', Voicemail(Say("en", "Speak"))),
        (f"voicemail playback {URL} loop=2 max=60 next={URL}", Voicemail(Playback(URL, 2), 60, URL)),
        ("gather", Gather()),
        (
            'gather say en "Code?" voice=anna digits=4 timeout=9 finish=* next=self',
            Gather(Say("en", "Code?", voice="anna"), 4, 9, "*", SELF),
        ),
        ("pause 1", Pause(1)),
        (f"redirect {URL}", Redirect(URL)),
        ("reject", Reject(RejectKind.BUSY)),
        ("reject busy", Reject(RejectKind.BUSY)),
        ("reject declined", Reject(RejectKind.DECLINED)),
        ("reject unavailable", Reject(RejectKind.UNAVAILABLE)),
        ("hangup", Hangup()),
    ],
)
def test_a_line_means_its_action(line: str, action: Action) -> None:
    assert action_of(line) == action
    assert verb_of(action) == line.split(maxsplit=1)[0]


def test_every_verb_has_an_action() -> None:
    assert {verb_of(action_of(line)) for line in ("gather", "voicemail", "hangup", "reject", "pause 1")} < set(Verb)


def test_the_defaults_are_those_of_the_language() -> None:
    assert Transfer(("15550100",)) == Transfer(("15550100",), 30, None, CallerId.RECIPIENT, False, None)
    assert Gather() == Gather(None, 20, 5, "#", None)
    assert Voicemail() == Voicemail(None, None, None)


@pytest.mark.parametrize(
    ("line", "needed"),
    [
        ("playback", "a URL"),
        ("say", "a language and a text"),
        ("say en", "a text"),
        ("transfer ring=20", "a phone number"),
        ("pause", "the seconds"),
        ("redirect  ", "a URL"),
        ("voicemail say", "a language and a text"),
        ("gather say en", "a text"),
        ("gather playback", "a URL"),
    ],
)
def test_what_is_missing_is_named_where_it_belongs(line: str, needed: str) -> None:
    problem = problem_of(line)
    assert problem.code is Code.MISSING_ARGUMENT
    assert problem.column == len(line.rstrip()) + 1
    assert needed in problem.sentence


def test_a_text_in_the_place_of_the_language_is_marked() -> None:
    assert problem_of('say "Hello there"').code is Code.MISSING_ARGUMENT
    assert marked('say "Hello there"') == '"Hello there"'


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("say en Hello there", "Hello there"),
        ("say en Hello  there \t loop=2", "Hello  there"),
        ("gather say ja もしもし です digits=1", "もしもし です"),
        ('say en He said "hi"', 'He said "hi"'),
    ],
)
def test_a_text_of_several_words_stands_in_quotes(line: str, text: str) -> None:
    problem = problem_of(line)
    assert problem.code is Code.UNQUOTED_TEXT
    assert marked(line) == text
    escaped = text.replace('"', '\\"')
    assert problem.hint == f'put it in quotes: "{escaped}"'


@pytest.mark.parametrize(
    ("line", "code", "mark"),
    [
        ("voicemail please", Code.TOO_MANY_ARGUMENTS, "please"),
        ('gather "say"', Code.TOO_MANY_ARGUMENTS, '"say"'),
        ("gather transfer 15550100", Code.TOO_MANY_ARGUMENTS, "transfer"),
        ("reject bussy", Code.BAD_OPTION, "bussy"),
        ("transfer 15550100 from=me", Code.BAD_OPTION, "me"),
        ("transfer 15550100 confirm=yes", Code.BAD_OPTION, "yes"),
        ("gather finish=##", Code.BAD_OPTION, "##"),
        ("gather loop=2", Code.UNKNOWN_OPTION, "loop"),
        (f"gather playback {URL} voice=anna", Code.UNKNOWN_OPTION, "voice"),
        ("transfer 15550100 max=14401", Code.BAD_OPTION, "14401"),
        ("transfer 15550100 next=later", Code.BAD_URL, "later"),
        ('say en "Hello" voice="Anna B"', Code.BAD_OPTION, '"Anna B"'),
    ],
)
def test_what_is_wrong_is_marked(line: str, code: Code, mark: str) -> None:
    assert problem_of(line).code is code
    assert marked(line) == mark


def test_an_action_inside_another_may_have_capitals_and_is_warned_about() -> None:
    parsed = parse('voicemail SAY en "Speak"')
    assert parsed.script is not None
    assert parsed.script.actions == (Voicemail(Say("en", "Speak")),)
    assert [(problem.code, problem.column) for problem in parsed.problems] == [(Code.UNKNOWN_VERB, 11)]
