"""Quotes, escapes and blanks: right ones, and those that habit puts in their place."""

import pytest

from answers import action_of, marked, problem_of
from offhook.language import Code, Say
from offhook.language.tokens import in_quotes, odd_blank


@pytest.mark.parametrize(
    ("written", "text"),
    [
        (r'"a \"b\" c"', 'a "b" c'),
        (r'"a\\"', "a\\"),
        (r'"a\\n"', r"a\n"),
        (r'"a\nb"', "a\nb"),
        ('"a\tb　c"', "a\tb　c"),
        ('"it\'s ‘so’"', "it's ‘so’"),
        ('"#no comment"', "#no comment"),
        ('"loop=2"', "loop=2"),
        ("👩\u200d👧", "👩\u200d👧"),
        ("「もしもし」", "「もしもし」"),
    ],
)
def test_a_text_is_read_with_its_escapes(written: str, text: str) -> None:
    assert action_of(f"say ja {written}") == Say("ja", text)


@pytest.mark.parametrize("text", ["", '"', "\\", "\n", 'a\\"\n\\n', "\\\\"])
def test_a_text_in_quotes_is_read_back(text: str) -> None:
    assert action_of(f"say en {in_quotes(text + '.')}") == Say("en", text + ".")


@pytest.mark.parametrize(
    ("written", "mark", "hint"),
    [
        (r'"a\tb"', r"\t", "there are"),
        (r'"a\\\xb"', r"\x", "there are"),
        ('"a"b', "b", "a quote inside a text"),
        ('"a""b"', '"', "a quote inside a text"),
        ('it"s', '"', "put a blank before the quote"),
        ("'Hello there'", "'Hello there'", 'use plain double quotes: "Hello there"'),
        ("“Hello” loop=2", "“Hello”", 'use plain double quotes: "Hello"'),
        ("„Hallo“", "„Hallo“", 'use plain double quotes: "Hallo"'),
        ("'tis so  ", "'tis so", 'use plain double quotes: "tis so"'),
        ("＂もしもし＂", "＂もしもし＂", 'use plain double quotes: "もしもし"'),
        ("&quot;Hello&quot;", "&quot;", "not escaped for HTML"),
        ("&#39;Hello&#39;", "&#39;", "not escaped for HTML"),
        ("a\u3000b", "\u3000", "type a plain blank"),
        ("a\u00a0b", "\u00a0", "type a plain blank"),
        ("a\u200bb", "\u200b", "type a plain blank"),
    ],
)
def test_quotes_and_blanks_that_are_not_plain_are_marked(written: str, mark: str, hint: str) -> None:
    problem = problem_of(f"say en {written}")
    assert problem.code is Code.UNQUOTED_TEXT
    assert marked(f"say en {written}") == mark
    assert hint in problem.hint


def test_a_blank_of_another_kind_is_called_by_its_name() -> None:
    assert "U+3000 (ideographic space)" in problem_of("say　en Hello").sentence


@pytest.mark.parametrize(
    ("written", "hint"),
    [
        ('"Hello', 'close it with " on the same line'),
        ('"', 'close it with " on the same line'),
        ('"Hello   ', 'close it with " on the same line'),
        (r'"Hello\"', "the last quote is escaped"),
        ('"Hello”', "” closes nothing"),
        ("\"Hello'", "' closes nothing"),
        ('"Hello\\', 'close it with " on the same line'),
    ],
)
def test_an_unclosed_quote_is_marked_to_the_end_of_the_line(written: str, hint: str) -> None:
    problem = problem_of(f"say en {written}")
    assert problem.code is Code.UNCLOSED_QUOTE
    assert marked(f"say en {written}") == written.rstrip()
    assert hint in problem.hint


def test_a_value_may_stand_in_quotes() -> None:
    assert action_of('say en "Hello" loop="2"') == Say("en", "Hello", 2)


@pytest.mark.parametrize(
    ("text", "where"), [("plain text", None), ("é👩\u200d👧", None), ("a\u2003", 1), ("\ufeff", 0), ("é\u2028", 1)]
)
def test_an_odd_blank_is_found(text: str, where: int | None) -> None:
    assert odd_blank(text) == where
