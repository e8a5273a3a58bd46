"""Language tags, and what is written in their place."""

import pytest

from answers import action_of, marked, problem_of
from offhook.language import Code, Say
from offhook.language.languages import LANGUAGES, tag_meant_by, tag_of


def test_the_table_is_whole() -> None:
    assert len(LANGUAGES) == 186
    assert all(name[0].isupper() and code.islower() and len(code) in {2, 3} for code, name in LANGUAGES.items())


@pytest.mark.parametrize("tag", ["en", "ja", "en-gb", "EN-GB", "zh-cn", "zh-Hant-TW", "es-419", "sr-latn", "yue"])
def test_a_tag_is_known_in_any_case(tag: str) -> None:
    assert tag_of(tag) == tag.lower()
    assert action_of(f"say {tag} x") == Say(tag.lower(), "x")


@pytest.mark.parametrize(
    "word", ["", "e", "xx", "xx-gb", "en-", "en-gbr", "en_GB", "english", "en-gb-x", "ｅｎ", "ja\n"]
)
def test_other_words_are_no_tags(word: str) -> None:
    assert tag_of(word) is None


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("jp", "ja"),
        ("JPN", "ja"),
        ("us", "en-us"),
        ("en_GB", "en-gb"),
        ("zh_Hant_TW", "zh-hant-tw"),
        ("English", "en"),
        ("japanees", "ja"),
        ("en-gbr", "en"),
        ("en-uk-x", "en"),
        ("xx", None),
        ("klingon", None),
        ("x" * 5000, None),
    ],
)
def test_what_was_meant_is_guessed(word: str, meant: str | None) -> None:
    assert tag_meant_by(word) == meant


def test_an_unknown_language_is_marked_with_a_guess() -> None:
    assert marked('say jp "もしもし"') == "jp"
    assert problem_of('say jp "もしもし"').hint == 'did you mean "ja"?'
    problem = problem_of('say xx "Hello"')
    assert problem.code is Code.UNKNOWN_LANGUAGE
    assert problem.hint == "write a code such as en, ja or en-gb before the text"
