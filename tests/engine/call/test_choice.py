"""What is done with a text, and why some are not done."""

import pytest

from offhook.engine.call.choice import Chosen, Unusable, choose
from offhook.language import Pause, Say


def test_a_script_that_can_be_done_is_chosen() -> None:
    chosen = choose(b'say en "Hi"\npause 2\n')
    assert isinstance(chosen, Chosen)
    assert chosen.script.actions == (Say("en", "Hi"), Pause(2))
    assert chosen.warnings == ()


def test_warnings_come_along_with_a_script() -> None:
    chosen = choose(b'say en "Hi"\nhangup\nsay en "never"\n')
    assert isinstance(chosen, Chosen)
    assert len(chosen.warnings) == 1


def test_a_mistake_is_told_with_its_place_and_drawn() -> None:
    wrong = choose(b'say en "Hi"\n playbak https://a.example/x.mp3')
    assert isinstance(wrong, Unusable)
    assert (wrong.code, wrong.data["line"], wrong.data["column"]) == ("unknown-verb", 2, 2)
    assert wrong.text.startswith("line 2: ")
    assert "^^^^^^^" in str(wrong.data["drawn"])


def test_what_is_reserved_for_later_is_refused() -> None:
    wrong = choose(b"stream wss://a.example/")
    assert isinstance(wrong, Unusable)
    assert wrong.code == "not-available-yet"


def test_a_transfer_to_one_number_can_be_done() -> None:
    assert isinstance(choose(b"transfer +81-3-1234-5678 ring=20 max=600 from=caller"), Chosen)


@pytest.mark.parametrize(
    ("text", "code"), [(b"", "empty-answer"), (b"<html>", "looks-like-html"), (b'say en "\xff"', "not-utf8")]
)
def test_what_is_no_action_text_at_all_is_refused(text: bytes, code: str) -> None:
    wrong = choose(text)
    assert isinstance(wrong, Unusable)
    assert wrong.code == code


@pytest.mark.parametrize(
    "line",
    [
        "playback https://user:hunter2@shop.example/a.mp3",
        "playback <https://user:hunter2@shop.example/a.mp3>",
        "transfer https://user:hunter2@shop.example/a.mp3",
        '{"url": "https://user:hunter2@shop.example/a.mp3"}',
    ],
)
def test_a_password_in_a_url_is_kept_nowhere(line: str) -> None:
    wrong = choose(line.encode())
    assert isinstance(wrong, Unusable)
    assert "hunter2" not in f"{wrong.text} {wrong.data}"
    assert "shop.example" in str(wrong.data["drawn"])


@pytest.mark.parametrize("login", [b"a\x07b", b"a\xffb", b"a\\qb", "a\u200bb".encode()])
def test_a_login_that_is_itself_the_mistake_is_told_all_the_same(login: bytes) -> None:
    assert isinstance(choose(b'say en "http://' + login + b'@x.example"\nplaybak'), Unusable)
    assert isinstance(choose(b"playback http://" + login + b"@x.example"), Unusable)
