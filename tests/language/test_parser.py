"""Whole answers: many lines, warnings, limits, and texts that mean harm."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from answers import problem_of, script_of
from offhook.language import Code, Hangup, Parsed, Pause, Playback, Reject, Say, Script, Severity, draw, parse
from offhook.language.grammar import LONGEST_ANSWER_BYTES, MOST_ACTION_LINES

SNIPPETS = st.sampled_from(
    [
        "say",
        "Say",
        "en",
        "ja",
        '"',
        "\\",
        '\\"',
        " ",
        "\t",
        "\n",
        "\r",
        "loop",
        "=",
        "2",
        "playback",
        "https://e.com/a",
        "transfer",
        "+81-3-5550-0123",
        ",",
        "gather",
        "voicemail",
        "next=self",
        "reject",
        "#",
        "\u3000",
        "「",
        "é",
        "\ud800",
        "\x00",
    ]
)


def test_lines_become_actions_in_their_order() -> None:
    source = 'say en "Hello"\nplayback https://example.com/a.mp3\nhangup\n'
    assert script_of(source).actions == (Say("en", "Hello"), Playback("https://example.com/a.mp3"), Hangup())


def test_a_script_knows_where_its_actions_stand() -> None:
    script = script_of("# first\n\n  pause 1\n\thangup")
    assert (script.lines, script.columns) == ((3, 4), (3, 2))


def test_places_do_not_count_when_scripts_are_compared() -> None:
    assert script_of("\n\npause 1") == Script((Pause(1),))


@pytest.mark.parametrize(
    "source",
    [
        "\ufeffpause 1",
        b"\xef\xbb\xbfpause 1\r\n",
        "pause 1\r",
        "\r\n\r\npause 1  \t\r\n",
        "# comment\n   # another\npause 1\n#",
        "\tpause\t 1 ",
    ],
)
def test_bytes_that_editors_add_do_not_matter(source: str | bytes) -> None:
    assert script_of(source).actions == (Pause(1),)


def test_a_lone_carriage_return_ends_a_line() -> None:
    assert script_of("pause 1\rhangup").lines == (1, 2)


@pytest.mark.parametrize("source", ["", "\n\n", "# nothing\n", " \t ", "\ufeff", b""])
def test_an_answer_without_an_action_is_empty(source: str | bytes) -> None:
    problem = problem_of(source)
    assert (problem.code, problem.line, problem.column) == (Code.EMPTY_ANSWER, 1, 1)


def test_each_line_tells_its_first_mistake() -> None:
    parsed = parse('sya en "Hello"\npause 1\nplayback nowhere lop=2\n')
    assert [(problem.code, problem.line) for problem in parsed.problems] == [
        (Code.UNKNOWN_VERB, 1),
        (Code.BAD_URL, 3),
    ]
    assert parsed.script is None


def test_ten_lines_run_and_comments_do_not_count() -> None:
    assert len(script_of("# one\n\npause 1\n" * MOST_ACTION_LINES).actions) == MOST_ACTION_LINES


def test_the_eleventh_line_is_one_too_many_and_the_rest_is_not_read() -> None:
    problem = problem_of("pause 1\n" * MOST_ACTION_LINES + "  nonsense here \nnonsense\n")
    assert (problem.code, problem.line, problem.column, problem.length) == (Code.TOO_MANY_LINES, 11, 3, 13)
    assert "12 action lines" in problem.sentence


def test_what_follows_an_unclosed_quote_is_not_called_wrong() -> None:
    problem = problem_of('say en "Hello\nand welcome"\n')
    assert (problem.code, problem.line) == (Code.UNCLOSED_QUOTE, 1)


def test_capitals_are_read_and_warned_about() -> None:
    parsed = parse('Say en "Hello" LOOP=2\n')
    assert parsed.script == Script((Say("en", "Hello", 2),))
    assert [(problem.code, problem.column, problem.severity) for problem in parsed.problems] == [
        (Code.UNKNOWN_VERB, 1, Severity.WARNING),
        (Code.UNKNOWN_OPTION, 16, Severity.WARNING),
    ]


def test_an_error_keeps_the_warnings_of_other_lines() -> None:
    parsed = parse("PAUSE 1\npause")
    assert parsed.script is None
    assert [problem.severity for problem in parsed.problems] == [Severity.WARNING, Severity.ERROR]


def test_reject_stands_first() -> None:
    assert script_of("# closed\nreject").actions == (Reject(),)
    problem = problem_of("pause 1\n  reject")
    assert (problem.code, problem.line, problem.column, problem.length) == (Code.NOT_FIRST, 2, 3, 6)


def test_reject_is_not_first_behind_a_line_that_is_wrong() -> None:
    assert [problem.code for problem in parse("paus 1\nreject").problems] == [Code.UNKNOWN_VERB, Code.NOT_FIRST]


def test_a_line_behind_the_end_is_a_warning() -> None:
    parsed = parse("hangup\npause 1")
    assert parsed.script == Script((Hangup(), Pause(1)))
    assert [(problem.code, problem.severity) for problem in parsed.problems] == [
        (Code.UNREACHABLE_LINE, Severity.WARNING)
    ]


@pytest.mark.parametrize(
    ("source", "code", "column"),
    [
        ("redirect https://example.com/", Code.UNKNOWN_VERB, 1),
        ("gather", Code.UNKNOWN_VERB, 1),
        ("transfer 15550100 ring=20 next=self", Code.UNKNOWN_OPTION, 27),
        ("voicemail NEXT=https://example.com/", Code.UNKNOWN_OPTION, 11),
    ],
)
def test_a_text_for_when_no_server_answers_may_not_ask_one(source: str, code: Code, column: int) -> None:
    assert parse(source).script is not None
    problem = problem_of(source, platform_only=True)
    assert (problem.code, problem.column) == (code, column)


def test_a_text_for_when_no_server_answers_may_do_the_rest() -> None:
    source = 'playback https://example.com/a.mp3\ntransfer 15550100 ring=20\nvoicemail say en "Please speak" loop=2\n'
    assert parse(source, platform_only=True) == parse(source)
    assert parse(source).problems == ()


@pytest.mark.parametrize(
    "unit",
    [
        '"',
        '\\"',
        "\\",
        '"" ',
        "a=",
        "a=1 ",
        "say ",
        'say en "a" ',
        "=",
        ",",
        "http:",
        "a.",
        "%",
        "'",
        "\u3000",
        "\n",
        "#",
        "a\n",
        "transfer 1-",
        "-",
        "playback https://a.",
        "loop=1 ",
        "\u200b",
        "\ud800",
        "ｆ",
        "é",
    ],
)
@pytest.mark.parametrize("start", ["", "say en ", 'say en "', "transfer ", "playback ", "playback http://"])
def test_hostile_repetition_is_answered_and_drawn(start: str, unit: str) -> None:
    source = start + unit * (LONGEST_ANSWER_BYTES // len(unit.encode("utf-8", "replace")))
    parsed = parse(source[:LONGEST_ANSWER_BYTES])
    assert (parsed.script is None) or parsed.script.actions
    assert len(parsed.problems) <= MOST_ACTION_LINES + 1
    for problem in parsed.problems:
        assert len(draw(problem, source)) < 800


def understands(source: str | bytes) -> Parsed:
    parsed = parse(source)
    errors = [problem for problem in parsed.problems if problem.severity is Severity.ERROR]
    assert (parsed.script is None) == bool(errors)
    for problem in parsed.problems:
        assert min(problem.line, problem.column, problem.length) >= 1
        assert problem.sentence
        assert problem.hint
        drawing = draw(problem, source)
        assert drawing.count("\n") == 2
        drawing.encode()
    return parsed


@given(st.binary(max_size=200))
def test_any_bytes_are_understood_or_explained(source: bytes) -> None:
    understands(source)


@given(st.lists(SNIPPETS, max_size=30).map("".join))
def test_any_pieces_of_the_language_are_understood_or_explained(source: str) -> None:
    understands(source)


@given(st.text(max_size=100))
def test_a_text_and_its_bytes_mean_the_same(source: str) -> None:
    assert parse(source) == parse(source.encode())
