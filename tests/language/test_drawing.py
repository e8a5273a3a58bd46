"""Carets stand under what they mean, in any script and on any terminal."""

from answers import drawn
from offhook.language import Code, Problem, draw


def problem(line: int, column: int, length: int) -> Problem:
    return Problem(Code.BAD_URL, line, column, length, "it is wrong", "do it right")


def test_a_problem_is_drawn_as_the_language_says() -> None:
    assert drawn("playbak https://example.com/hello.mp3") == (
        'unknown-verb, line 1, column 1: there is no action "playbak"\n'
        "    playbak https://example.com/hello.mp3\n"
        '    ^^^^^^^ did you mean "playback"?'
    )


def test_wide_characters_take_two_columns() -> None:
    assert drawn('say ja "もしもし" lop=2').splitlines()[1:] == [
        '    say ja "もしもし" lop=2',
        "    " + " " * 18 + '^^^ did you mean "loop"?',
    ]


def test_wide_characters_are_marked_in_all_their_width() -> None:
    assert draw(problem(1, 3, 2), "a もし b").splitlines()[2] == "      ^^^^ do it right"


def test_combining_characters_take_none() -> None:
    assert draw(problem(1, 4, 1), "e\u0301 x").splitlines()[2] == "      ^ do it right"


def test_a_caret_stands_even_under_what_has_no_width() -> None:
    assert draw(problem(1, 2, 1), "a\u200bb").splitlines()[2] == "     ^ do it right"


def test_a_tab_is_drawn_as_a_blank() -> None:
    assert draw(problem(1, 3, 1), "\ta\tb")[-30:].splitlines()[-2:] == ["     a b", "      ^ do it right"]


def test_nothing_in_a_drawn_line_acts_on_the_terminal() -> None:
    drawing = draw(problem(1, 1, 1), "\x1b[31m\u202e\u2028\ud800")
    assert drawing.splitlines()[1].startswith("    \ufffd[31m\ufffd\ufffd\ufffd")
    assert drawn("\x1b[31m").count("\x1b") == 0


def test_a_long_line_is_drawn_around_its_problem() -> None:
    line = "a" * 300 + "XY" + "b" * 300
    heading, shown, carets = draw(problem(1, 301, 2), line).splitlines()
    assert heading == "bad-url, line 1, column 301: it is wrong"
    assert shown == "    …" + "a" * 40 + "XY" + "b" * 58 + "…"
    assert carets == " " * 45 + "^^ do it right"


def test_the_end_of_a_long_line_is_drawn_without_dots_behind_it() -> None:
    _, shown, carets = draw(problem(1, 301, 1), "a" * 300).splitlines()
    assert shown == "    …" + "a" * 100
    assert carets == " " * 105 + "^ do it right"


def test_carets_end_where_the_drawn_line_ends() -> None:
    _, shown, carets = draw(problem(1, 11, 5000), "a" * 5000).splitlines()
    assert shown == "    " + "a" * 100 + "…"
    assert carets == " " * 14 + "^" * 90 + " do it right"


def test_a_line_that_is_not_there_is_drawn_empty() -> None:
    assert draw(problem(9, 1, 1), "a").splitlines()[1:] == ["", "    ^ do it right"]


def test_bytes_in_another_encoding_are_drawn_too() -> None:
    assert draw(problem(1, 2, 1), b"a\xffb").splitlines()[1] == "    a\ufffdb"


def test_long_words_are_cut_in_sentences() -> None:
    assert len(drawn("x" * 5000).splitlines()[0]) < 140
