"""Text of unknown origin, as others may see it."""

import pytest

from offhook.language import without_logins


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("playback https://user:pass@x.example/a.mp3", "playback https://*********@x.example/a.mp3"),
        ("http://token@x.example/ and http://a@b/", "http://*****@x.example/ and http://*@b/"),
        ("https://x.example/?mail=a@b.example", "https://x.example/?mail=a@b.example"),
        ("https://x.example/a@b", "https://x.example/a@b"),
        ("mail me: a@b.example", "mail me: a@b.example"),
        ("", ""),
    ],
)
def test_user_and_password_are_hidden_and_no_column_moves(text: str, shown: str) -> None:
    assert without_logins(text) == shown
    assert len(shown) == len(text)
