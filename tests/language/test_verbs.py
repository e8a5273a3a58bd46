"""The first word of a line, and what was meant by it."""

import pytest

from answers import marked, problem_of
from offhook.language import Code, Verb
from offhook.language.grammar import OTHER_WORDS


@pytest.mark.parametrize(
    ("line", "hint"),
    [
        ("playbak https://example.com/a.mp3", 'did you mean "playback"?'),
        ("tranfser 15550100", 'did you mean "transfer"?'),
        ("say: en hello", 'did you mean "say"?'),
        ("Dial 15550100", 'did you mean "transfer"?'),
        ('"say en Hello"', "is it sent as JSON?"),
        ("https://example.com/a.mp3", "to play it, write: playback https://example.com/a.mp3"),
        ("loop=2", "there is playback, say, transfer"),
        ("x" * 5000, "there is playback, say, transfer"),
    ],
)
def test_an_unknown_verb_is_marked_with_a_guess(line: str, hint: str) -> None:
    problem = problem_of(line)
    assert (problem.code, problem.column) == (Code.UNKNOWN_VERB, 1)
    assert hint in problem.hint


@pytest.mark.parametrize("word", OTHER_WORDS)
def test_words_of_other_systems_are_translated(word: str) -> None:
    assert word not in set(Verb)
    assert problem_of(word).hint == f'did you mean "{OTHER_WORDS[word]}"?'


@pytest.mark.parametrize("line", ["stream wss://example.com/", "STREAM", "  stream a b c=d"])
def test_the_reserved_verb_is_not_available_yet(line: str) -> None:
    assert problem_of(line).code is Code.NOT_AVAILABLE_YET
    assert marked(line).lower() == "stream"
