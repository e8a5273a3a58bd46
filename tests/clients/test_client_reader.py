"""Two readers of one language: the platform's and the test kit's give the same verdict at the same place."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offhook import language
from offhook_client import BadScript, Playback, Say, Script
from offhook_client.languages import LANGUAGES
from offhook_client.testing import Problem, actions, read
from offhook_client.testing.reader import Reading

ROOT = Path(__file__).parents[2]
BESIDE = (
    "",
    "say en ",
    'say en "a" voice=',
    "playback ",
    "transfer ",
    "gather ",
    "gather finish=",
    "pause ",
    "reject ",
)

Verdict = tuple[str, int, int, int, bool]


def theirs(source: str | bytes, *, may_ask: bool) -> tuple[tuple[language.Action, ...], list[Verdict]]:
    parsed = language.parse(source, platform_only=not may_ask)
    warning = language.Severity.WARNING
    verdicts = [(one.code.value, one.line, one.column, one.length, one.severity is warning) for one in parsed.problems]
    return parsed.script.actions if parsed.script else (), verdicts


def ours(reading: Reading) -> list[Verdict]:
    return [(one.code, one.line, one.column, one.length, one.is_warning) for one in reading.problems]


def in_their_words(action: actions.Action) -> language.Action:
    match action:
        case Say(lang, text, loop, voice):
            return language.Say(lang, text, loop or 1, voice)
        case Playback(url, loop):
            return language.Playback(url, loop or 1)
        case actions.Transfer(numbers, ring, most, shown, confirm, then):
            return language.Transfer(numbers, ring, most, language.CallerId(shown), confirm, then)
        case actions.Voicemail(greeting, most, then):
            return language.Voicemail(prompt(greeting), most, then)
        case actions.Gather(spoken, digits, timeout, finish, then):
            return language.Gather(prompt(spoken), digits, timeout, finish, then)
        case actions.Pause(seconds):
            return language.Pause(seconds)
        case actions.Redirect(url):
            return language.Redirect(url)
        case actions.Reject(reason):
            return language.Reject(language.RejectKind(reason))
        case actions.Hangup():
            return language.Hangup()


def prompt(sound: Say | Playback | None) -> language.Say | language.Playback | None:
    written = None if sound is None else in_their_words(sound)
    assert written is None or isinstance(written, language.Say | language.Playback)
    return written


def agree(source: str | bytes) -> Reading:
    for may_ask in (False, True):
        reading = read(source, may_ask=may_ask)
        meant, verdicts = theirs(source, may_ask=may_ask)
        assert ours(reading) == verdicts
        assert tuple(map(in_their_words, reading.actions)) == meant
        assert bool(reading.actions) != bool(reading.errors)
        assert reading.drawn().count("^") >= len(verdicts)
    return read(source)


def literals(node: ast.AST) -> Iterator[str | bytes]:
    for one in ast.walk(node):
        if isinstance(one, ast.Constant) and isinstance(one.value, str | bytes):
            yield one.value


SAMPLES = sorted(
    {
        text
        for path in (ROOT / "tests" / "language").glob("test_*.py")
        for text in literals(ast.parse(path.read_text()))
    },
    key=repr,
)


def test_all_that_stands_in_the_tests_of_the_language_is_read_alike() -> None:
    """Every literal: whole answers as they are, words of an answer behind the verbs that could stand before them."""
    codes = set()
    for sample in SAMPLES:
        for before in BESIDE:
            source = before.encode() + sample if isinstance(sample, bytes) else before + sample
            codes |= {problem.code for problem in agree(source).problems}
    by_length = {language.Code.TOO_MANY_LINES, language.Code.TOO_LONG, language.Code.TEXT_TOO_LONG}
    assert codes == set(language.Code) - by_length


def test_ten_numbers_ring_together_and_eleven_do_not() -> None:
    assert agree("transfer " + ",".join(["81312345678"] * 10)).problems == ()
    [problem] = agree("transfer " + ",".join(["81312345678"] * 11)).problems
    assert problem.code == "too-many-arguments"


def test_all_examples_of_the_page_are_read_alike() -> None:
    page = (ROOT / "docs" / "actions.md").read_text(encoding="utf-8")
    examples = [text.partition("\n")[2] for text in page.split("```actions")[1:]]
    assert len(examples) >= 30
    codes = set()
    for example in examples:
        text = example.partition("```")[0]
        for source in (text, text * 11, text * 300, text.replace("Hello", "Hello" * 401), text.encode("utf-16")):
            codes |= {problem.code for problem in agree(source).problems}
    assert codes == set(language.Code)


PIECES = st.sampled_from(
    [
        *("say", "Say", "en", "EN-gb", "xx", '"', '"Hello"', "\\", '\\"', '\\n"', " ", " ", "\t", "\n", "\r", "\ufeff"),
        *(
            "loop=",
            "LOOP=",
            "ring=",
            "max=",
            "from=",
            "confirm=",
            "digits=",
            "finish=",
            "next=",
            "voice=",
            "_x-1=",
            "=",
        ),
        *("2", "100", "0", "caller", "self", "#", "busy", "1", "99999999999", "５", "-", "+", ",", "_x-1=", "="),
        *("playback ", "transfer ", "gather ", "voicemail ", "pause ", "reject ", "redirect ", "hangup", "stream"),
        *("https://e.com/a", "HTTP://é.jp:80", "+81-3-5550-0123", "15550100,15550101", "<speak>", "<", "{", "&quot;"),
        *("\u3000", "\u200b", "\u200d", "\u2028", "「", "“", "'", "é", "\ud800", "\x00", "\x85", "İ", "\u212a"),
    ]
)


@given(st.lists(PIECES, max_size=25).map("".join))
def test_any_pieces_of_the_language_are_read_alike(source: str) -> None:
    agree(source)


@given(st.one_of(st.binary(max_size=200), st.text(max_size=100)))
def test_anything_is_read_alike(source: str | bytes) -> None:
    agree(source)


@given(
    st.sampled_from(["playback ", "gather next=", 'redirect "']),
    st.sampled_from(["", "https://", "http:/", "HtTpS://"]),
    st.one_of(st.text(), st.text('htps:/?#@[]\\.e1 日\u3000\u200b"<>%')),
)
def test_any_url_is_read_alike(before: str, scheme: str, rest: str) -> None:
    agree(before + scheme + rest)


SOUNDS = st.one_of(
    st.none(),
    st.builds(Say, st.sampled_from(sorted(LANGUAGES)), st.text(min_size=1, max_size=60), st.integers(1, 100)),
    st.just(Playback("https://例え.jp/a?b=c'")),
)
NEXT = st.sampled_from([None, "self", "https://example.com/next?a=b#ct=500"])
NUMBERS = st.lists(st.from_regex(r"\A\+?[1-9][0-9]{2}-?[0-9]{4,12}\Z"), min_size=1, max_size=10)


@st.composite
def scripts(draw: st.DrawFn) -> Script:
    """What the client writes, line by line, until nothing may follow."""
    script = Script()
    for kind in draw(st.lists(st.integers(0, 7), min_size=1, max_size=10)):
        longest, then = draw(st.none() | st.integers(1, 14_400)), draw(NEXT)
        try:
            match kind:
                case 0:
                    script = script.say("en", draw(st.text(min_size=1)), loop=draw(st.none() | st.integers(1, 100)))
                case 1:
                    script = script.playback("https://example.com/a.mp3", loop=draw(st.none() | st.integers(1, 100)))
                case 2:
                    numbers = draw(NUMBERS)
                    script = script.transfer(
                        *numbers, ring=draw(st.integers(5, 120)), max=longest, confirm=draw(st.booleans()), next=then
                    )
                case 3:
                    script = script.voicemail(draw(SOUNDS), max=longest, next=then)
                case 4:
                    finish = draw(st.sampled_from("0123456789*#"))
                    script = script.gather(draw(SOUNDS), digits=draw(st.integers(1, 20)), finish=finish, next=then)
                case 5:
                    script = script.pause(draw(st.integers(1, 60)))
                case 6:
                    script = script.reject(draw(st.sampled_from(["busy", "declined", "unavailable"])))
                case _:
                    script = script.hangup()
        except BadScript:
            break
    return script if script.lines else script.hangup()


@given(scripts())
def test_what_the_client_writes_is_read_alike_and_right(script: Script) -> None:
    reading = agree(script.text)
    assert reading.problems == ()
    assert len(reading.actions) == len(reading.lines) == len(script.lines)


def test_actions_are_values_with_the_language_s_defaults() -> None:
    reading = read(
        'say en "Hi" loop=1\n\ntransfer +81-3-5550-0123 from=caller\ngather playback https://e.com/a digits=1'
    )
    assert reading.actions == (
        Say("en", "Hi"),
        actions.Transfer(("81355500123",), from_="caller"),
        actions.Gather(Playback("https://e.com/a"), digits=1),
    )
    assert reading.lines == (1, 3, 4)


@pytest.mark.parametrize(
    ("source", "drawn"),
    [
        ("playbak https://e.com/a", "    playbak https://e.com/a\n    ^^^^^^^"),
        ('say ja "もし" lop=2', '    say ja "もし" lop=2\n                  ^^^'),
        ("\tpause\t5s", "     pause 5s\n           ^^"),
        ("say en", "    say en\n          ^"),
        (b"hangup\npause \xff", "    pause \ufffd\n          ^"),
        ('say en "\x1b[2J"', '    say en "\ufffd[2J"\n            ^'),
        (f'say en "{"x" * 200}" lop=1', f'    …{"x" * 93}" lop=1\n{" " * 100}^^^'),
    ],
)
def test_a_mistake_is_drawn_under_its_line(source: str | bytes, drawn: str) -> None:
    sentence, _, rest = read(source).drawn().partition("\n")
    assert ": " in sentence
    assert rest == drawn


def test_a_warning_says_that_it_is_one() -> None:
    assert read('Say en "Hello"').drawn().startswith("warning unknown-verb, line 1, column 1: ")


def test_a_place_behind_the_text_is_drawn_as_well() -> None:
    assert Problem("too-long", 9, 1, 1, "long").drawn([]) == "too-long, line 9, column 1: long\n\n    ^"
