"""What a voice is given to say."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offhook.audio import text


def test_sentences_are_said_one_by_one() -> None:
    said = "Thank you for calling. Press one! Or press two? Goodbye."
    assert text.sentences(said) == ["Thank you for calling.", "Press one!", "Or press two?", "Goodbye."]


def test_a_quoted_sentence_ends_after_its_quote() -> None:
    assert text.sentences('She said "stop it!" Then she left.') == ['She said "stop it!', "Then she left."]


def test_an_abbreviation_ends_no_sentence() -> None:
    assert text.sentences("Ask for Dr. Smith in room No. 5.") == ["Ask for Dr. Smith in room No. 5."]


@pytest.mark.parametrize(
    ("said", "pieces"),
    [
        ("I am J. R. Smith. Call me at 5 p.m. today.", ["I am J. R. Smith.", "Call me at 5 p.m. today."]),
        ("OK. Go on.", ["OK.", "Go on."]),
        ("It costs 3.50 a day. Thanks.", ["It costs 3.50 a day.", "Thanks."]),
        ("Call Mr. Jones, etc. and so on. Bye.", ["Call Mr. Jones, etc. and so on.", "Bye."]),
        ("Am 3. Oktober ist z. B. Feiertag. Danke.", ["Am 3. Oktober ist z. B. Feiertag.", "Danke."]),
        ("¿Qué tal? La Sra. Pérez vuelve. Adiós.", ["¿Qué tal?", "La Sra. Pérez vuelve.", "Adiós."]),
        ("M. Dupont est là. Merci.", ["M. Dupont est là.", "Merci."]),
        ("Il sig. Rossi torna. Ciao.", ["Il sig. Rossi torna.", "Ciao."]),
    ],
)
def test_only_the_end_of_a_sentence_is_one(said: str, pieces: list[str]) -> None:
    assert text.sentences(said) == pieces


def test_a_line_end_ends_a_sentence() -> None:
    assert text.sentences("one\ntwo\n\n three ") == ["one", "two", "three"]


@pytest.mark.parametrize("tag", ["<genfile file='x'>", "<break time='3s'/>", "[x](/y/)", "{a|b}"])
def test_no_bracket_reaches_a_voice(tag: str) -> None:
    assert not set("".join(text.sentences(f"hello {tag} you"))) & set("<>[]{}|")


def test_control_characters_and_lone_surrogates_are_blanks() -> None:
    assert text.cleaned("a\x00b\x1bc\u200bd\t e") == "a b c d e"
    assert text.cleaned("a\ud800b") == "a?b"


def test_stops_in_a_row_are_one() -> None:
    assert text.cleaned("wait ... what?!?! ok.") == "wait . what? ok."


def test_ten_digits_are_read_one_by_one_and_nine_as_a_number() -> None:
    assert text.sentences("call 0312345678") == ["call 0 3 1 2 3 4 5 6 7 8"]
    assert text.sentences("pay 123456789") == ["pay 123456789"]


def test_numerals_of_any_script_are_read_as_digits() -> None:
    assert text.sentences("٣ and ② and ½ and Ⅳ") == ["3 and 2 and 1/2 and IV"]
    assert text.sentences("a ༳ b") == ["a b"]


def test_a_word_that_would_hang_a_voice_is_cut() -> None:
    assert text.sentences("é" * 70) == [f"{'é' * 30} {'é' * 30} {'é' * 10}"]


def test_a_long_sentence_is_cut_at_a_comma_if_it_has_one() -> None:
    said = ", ".join(["one two three four five six seven eight nine ten"] * 6)
    pieces = text.sentences(said)
    assert [len(piece.split()) for piece in pieces] == [40, 20]
    assert pieces[0].endswith("ten,")


def test_a_long_sentence_without_a_comma_is_cut_between_words() -> None:
    assert [len(piece.split()) for piece in text.sentences("word " * 100)] == [40, 40, 20]


@pytest.mark.parametrize("said", ["", "  \n ", "😀🎉", "...", "—", "\x00\x01"])
def test_what_cannot_be_read_is_no_sentence(said: str) -> None:
    assert text.sentences(said) == []
    assert text.japanese_sentences(said) == []


def test_japanese_is_cut_at_its_own_stops() -> None:
    said = "お電話ありがとうございます。本日の営業は終了しました。\n失礼します"
    assert text.japanese_sentences(said) == ["お電話ありがとうございます。", "本日の営業は終了しました。", "失礼します"]


def test_a_japanese_stop_in_a_quotation_or_a_number_ends_nothing() -> None:
    said = "「はい。」と言った。え？！本当。3.5倍です。"
    assert text.japanese_sentences(said) == ["「はい。」と言った。", "え？！", "本当。", "3.5倍です。"]


def test_long_japanese_is_cut_at_a_comma_or_else_anywhere() -> None:
    assert text.japanese_sentences("あ" * 40 + "、" + "い" * 40) == ["あ" * 40 + "、", "い" * 40]
    assert [len(piece) for piece in text.japanese_sentences("東京都" * 50)] == [60, 60, 30]


@given(st.text(max_size=300))
def test_whatever_is_said_stays_within_what_voices_bear(said: str) -> None:
    for piece in text.sentences(said):
        words = piece.split()
        assert len(words) <= text.MOST_WORDS
        assert all(len(word) <= text.MOST_WORD_CHARS for word in words)
    assert all(len(piece) <= text.MOST_KANA for piece in text.japanese_sentences(said))
