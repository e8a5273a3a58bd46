"""Languages, texts, whole numbers, words of a list, flags, keys and voices."""

import pytest

from answers import action_of, marked, problem_of
from offhook.language import Code, Pause, Say
from offhook.language.grammar import LONGEST_TEXT


def test_a_text_has_at_most_two_thousand_characters() -> None:
    longest = "あ" * LONGEST_TEXT
    assert action_of(f'say ja "{longest}"') == Say("ja", longest)
    problem = problem_of(f'say ja "{longest}あ"')
    assert problem.code is Code.TEXT_TOO_LONG
    assert "2,001 characters" in problem.sentence


def test_a_text_is_measured_as_it_is_read_and_not_as_it_is_written() -> None:
    assert action_of('say en "' + '\\"' * LONGEST_TEXT + '"') == Say("en", '"' * LONGEST_TEXT)


@pytest.mark.parametrize("text", ['""', '"   "', '"\\n"', '"　"'])
def test_an_empty_text_is_missing(text: str) -> None:
    assert problem_of(f"say en {text}").code is Code.MISSING_ARGUMENT
    assert marked(f"say en {text}") == text


@pytest.mark.parametrize(
    "text", ["<speak>Hello</speak>", " <SPEAK version='1.0'>Hello</SPEAK>", "<?xml version='1.0'?><speak/>", "<speak/>"]
)
def test_ssml_is_not_accepted(text: str) -> None:
    for line in (f'say en "{text}"', f'gather say en "{text}"'):
        problem = problem_of(line)
        assert problem.code is Code.SSML_NOT_ACCEPTED
        assert "plain text" in problem.hint
        assert marked(line) == f'"{text}"'


@pytest.mark.parametrize("text", ["2 < 3", "<speaker> on", "Hello <speak>", "<break/> you", "speak up"])
def test_other_texts_may_have_angle_brackets(text: str) -> None:
    assert action_of(f'say en "{text}"') == Say("en", text)


@pytest.mark.parametrize(("written", "seconds"), [("1", 1), ("60", 60), ("007", 7), ('"5"', 5)])
def test_a_whole_number_is_read(written: str, seconds: int) -> None:
    assert action_of(f"pause {written}") == Pause(seconds)


@pytest.mark.parametrize(
    ("written", "hint"),
    [
        ("0", 'did you mean "1"?'),
        ("61", 'did you mean "60"?'),
        ("5s", 'did you mean "5"?'),
        ("2.5", 'did you mean "2"?'),
        ("５", 'did you mean "5"?'),
        ("-1", "write digits only, such as 1"),
        ("²", 'did you mean "2"?'),
        ("9" * 5000, 'did you mean "60"?'),
        ("five", "write digits only, such as 1"),
    ],
)
def test_another_number_is_refused_with_the_nearest_right_one(written: str, hint: str) -> None:
    problem = problem_of(f"pause {written}")
    assert (problem.code, problem.column, problem.length) == (Code.BAD_OPTION, 7, len(written))
    assert problem.hint == hint


@pytest.mark.parametrize(
    ("line", "hint"),
    [
        ("reject BUSY", 'did you mean "busy"?'),
        ("reject 486", "write busy or declined or unavailable"),
        ("transfer 15550100 from=callr", 'did you mean "caller"?'),
    ],
)
def test_a_word_that_is_not_in_the_list_is_refused_with_a_guess(line: str, hint: str) -> None:
    problem = problem_of(line)
    assert problem.code is Code.BAD_OPTION
    assert problem.hint == hint


@pytest.mark.parametrize("key", ["", "##", "a", "０"])
def test_finish_is_one_key_of_a_telephone(key: str) -> None:
    assert problem_of(f"gather finish={key}").code is Code.BAD_OPTION


@pytest.mark.parametrize("voice", ["-anna", "a" * 65, "ann/a", '"a b"', "ハナ"])
def test_a_voice_has_a_simple_name(voice: str) -> None:
    assert problem_of(f'say en "Hello" voice={voice}').code is Code.BAD_OPTION
