"""Bytes that are not lines of actions."""

import pytest

from answers import problem_of, script_of
from offhook.language import Code, Pause
from offhook.language.grammar import LONGEST_ANSWER_BYTES
from offhook.language.source import lines_of


@pytest.mark.parametrize(
    ("source", "what"),
    [
        ("<!DOCTYPE html><html>", "HTML"),
        ("<h1>Not Found</h1>", "HTML"),
        ("\ufeff<HTML>" + "x" * LONGEST_ANSWER_BYTES, "HTML"),
        ('<?xml version="1.0"?><Response/>', "XML"),
        ("<Response><Say>Hello</Say></Response>", "XML"),
    ],
)
def test_a_page_is_called_a_page(source: str, what: str) -> None:
    problem = problem_of(source)
    assert (problem.code, problem.line, problem.column) == (Code.LOOKS_LIKE_HTML, 1, 1)
    assert what in problem.sentence


def test_a_page_is_marked_where_it_begins() -> None:
    problem = problem_of("\r\n\n  <html>")
    assert (problem.line, problem.column) == (3, 3)


@pytest.mark.parametrize("source", ['{"action": "say"}', '\n ["say"]'])
def test_json_is_called_json(source: str) -> None:
    problem = problem_of(source)
    assert problem.code is Code.UNKNOWN_VERB
    assert "JSON" in problem.sentence


def test_an_answer_has_at_most_eight_kibibytes() -> None:
    line = b"pause 1\n"
    assert script_of(line + b"#" * (LONGEST_ANSWER_BYTES - len(line))).actions == (Pause(1),)
    problem = problem_of(line + "あ".encode() * LONGEST_ANSWER_BYTES)
    assert problem.code is Code.TOO_LONG
    assert (problem.line, problem.column) == (2, (LONGEST_ANSWER_BYTES - len(line)) // 3 + 1)
    assert "24,584 bytes" in problem.sentence


@pytest.mark.parametrize(
    ("source", "hint", "line", "column"),
    [
        ('pause 1\nsay ja "もしもし"'.encode("cp932"), "Shift_JIS", 2, 9),
        ('say fr "été à"'.encode("latin-1"), "encode the answer as UTF-8", 1, 9),
        ("pause 1".encode("utf-16"), "UTF-16", 1, 1),
        (b'say en "\xf0\x9f\x91"', "encode the answer as UTF-8", 1, 9),
        ('say en "\ud83d"', "encode the answer as UTF-8", 1, 9),
    ],
)
def test_another_encoding_is_marked_where_it_shows(source: str | bytes, hint: str, line: int, column: int) -> None:
    problem = problem_of(source)
    assert (problem.code, problem.line, problem.column) == (Code.NOT_UTF8, line, column)
    assert hint in problem.hint


HELLO = 'say ja "こんにちは、お電話ありがとうございます"'


@pytest.mark.parametrize(
    ("source", "hint"),
    [
        (HELLO.encode("cp932"), "it may be Shift_JIS"),
        (HELLO.encode("euc_jp"), "it may be EUC-JP"),
        ('say zh "你好，请稍等"'.encode("gb18030"), "UTF-8"),
        ('say ko "안녕하세요"'.encode("euc_kr"), "UTF-8"),
        ('say de "Grüß Gott, Sie sprechen mit Müller"'.encode("latin-1"), "it may be Latin-1 or Windows-1252"),
        (bytes(range(0xF5, 0x100)) * 3, "encode the answer as UTF-8"),
    ],
)
def test_an_encoding_is_guessed_by_what_people_write(source: bytes, hint: str) -> None:
    assert hint in problem_of(source).hint


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_without_its_mark_is_known_by_its_zeros(encoding: str) -> None:
    problem = problem_of('say en "Hello"'.encode(encoding))
    assert problem.code is Code.NOT_UTF8
    assert "it looks like UTF-16" in problem.hint


@pytest.mark.parametrize(
    ("source", "what", "hint"),
    [
        (b"\x1f\x8b\x08\0hangup", "compressed (gzip)", "compression"),
        (b"%PDF-1.7\n%\xe2\xe3", "a document (PDF)", "plain text"),
        (b"\x89PNG\r\n", "a picture (PNG)", "plain text"),
        (b"ID3\x04", "a sound (MP3)", "playback https://"),
        (b"RIFF\0\0\0\0WAVE", "a sound (WAV)", "playback https://"),
    ],
)
def test_a_file_is_told_as_what_it_is(source: bytes, what: str, hint: str) -> None:
    problem = problem_of(source)
    assert (problem.code, problem.sentence) == (Code.NOT_UTF8, f"the answer is {what}, not lines of actions")
    assert hint in problem.hint


def test_the_source_of_a_program_is_not_what_it_prints() -> None:
    problem = problem_of(b"<?php echo 'hangup'; ?>")
    assert problem.code is Code.LOOKS_LIKE_HTML
    assert "PHP" in problem.sentence


@pytest.mark.parametrize("character", ["\0", "\x07", "\x0b", "\x0c", "\x1b", "\x7f", "\x85", "\x9b"])
def test_a_control_character_is_refused_and_not_stripped(character: str) -> None:
    problem = problem_of(f'pause 1\nsay en "He{character}llo"')
    assert (problem.code, problem.line, problem.column) == (Code.NOT_UTF8, 2, 11)
    assert f"U+{ord(character):04X}" in problem.sentence


def test_any_source_has_lines_to_draw() -> None:
    assert lines_of("") == [""]
    assert lines_of("\ufeffa\r\nb\rc\nd\u2028e") == ["a", "b", "c", "d\u2028e"]
    assert lines_of(b"\xff\n\xfe") == ["\ufffd", "\ufffd"]
