"""What a file that is no sound is taken for, by its first bytes."""

import pytest

from offhook.audio.looks import complaint


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "the file is empty"),
        (b"\0\0\0\x18ftypM4A " + bytes(100), "the file is MP4 (M4A or video), which is not played"),
        (b"#!AMR\n" + bytes(100), "the file is AMR, which is not played"),
        (b"\xff\xf1P\x80" + bytes(100), "the file is AAC, which is not played"),
        (b"\x1f\x8b\x08" + bytes(100), "it is compressed (gzip)"),
        (b"PK\x03\x04" + bytes(100), "it is an archive"),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "it is a picture (PNG)"),
        (b"%PDF-1.7\n", "it is a document (PDF)"),
        (b"[playlist]\nFile1=http://x.example/\n", "it is a playlist"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:aa\n", "Git LFS"),
        (b' {"error": "expired"}', "it looks like JSON"),
        (b"\xef\xbb\xbf[1, 2]", "it looks like JSON"),
        (b'<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>', "it looks like XML"),
        (b"<Error><Code>NoSuchKey</Code></Error>", "it looks like XML"),
        (b"<!DOCTYPE html>", "it looks like a web page"),
        (b"Not logged in\r\n", "it is text"),
        ("ログインしてください。".encode() * 100, "it is text"),
        (b"ID3\x04" + bytes(100), "begins as a sound does"),
        (bytes(100), "no sound that is played (MP3, WAV, OGG, FLAC)"),
        (bytes(range(128, 256)) * 8, "no sound that is played (MP3, WAV, OGG, FLAC)"),
    ],
)
def test_a_file_is_told_by_how_it_begins(body: bytes, words: str) -> None:
    assert words in complaint(body)
