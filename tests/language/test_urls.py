"""URLs that may stand in an action, and those that may not."""

import pytest

from answers import action_of, marked, problem_of
from offhook.language import Code, Playback
from offhook.language.grammar import LONGEST_URL


@pytest.mark.parametrize(
    "url",
    [
        "http://a",
        "HTTPS://Example.COM",
        "https://example.com.:8080/a/b.mp3?x=1&y=%20#ct=500",
        "https://localhost:1",
        "https://192.0.2.1/",
        "http://[2001:db8::1]:65535/",
        "https://my_host-1.example/",
        "https://例え.jp/こんにちは.mp3",
        "https://हिन्दी.example/",
        "https://example.com?a=https://b/@c",
        "https://example.com/{id}|'",
        "https://example.com/" + "a" * (LONGEST_URL - 20),
    ],
)
def test_a_url_is_kept_as_it_is_written(url: str) -> None:
    assert action_of(f"playback {url}") == Playback(url)


@pytest.mark.parametrize(
    ("url", "sentence", "hint"),
    [
        ("hello.mp3", "is not a URL", "write all of it"),
        ("menu.php", "is not a URL", "write all of it"),
        ("example.com", "lacks https://", 'did you mean "https://example.com"?'),
        ("https:\\\\example.com\\a.mp3", "two slashes", 'did you mean "https://example.com/a.mp3"?'),
        ("example.com:8080/a.mp3", "lacks https://", 'did you mean "https://example.com:8080/a.mp3"?'),
        ("//example.com/a.mp3", "lacks https://", 'did you mean "https://example.com/a.mp3"?'),
        ("/a.mp3", "is not a URL", "write all of it"),
        ("self", "is not a URL", "write all of it"),
        ("ftp://example.com/a.mp3", '"ftp" is not a way', "https://"),
        ("file:///etc/passwd", '"file" is not a way', "https://"),
        ("data:audio/mp3,x", '"data" is not a way', "https://"),
        ("https:/example.com/a", "two slashes", 'did you mean "https://example.com/a"?'),
        ("https:example.com/a", "two slashes", 'did you mean "https://example.com/a"?'),
        ("https:///example.com/a", "two slashes", 'did you mean "https://example.com/a"?'),
        ("https://", "names no host", "https://example.com"),
        ("https://:80/", "names no host", "https://example.com"),
        ("https://a@example.com/", "user name or password", "before the @"),
        ("https://a:b@example.com/", "user name or password", "before the @"),
        ("https://example.com:/", "is not a host and port", "example.com:8080"),
        ("https://example.com:x/", "is not a host and port", "example.com:8080"),
        ("https://2001:db8::1/", "is not a host and port", "example.com:8080"),
        ("https://[::1/", "is not a host and port", "example.com:8080"),
        ("https://example.com:0/", "no port 0", "1 to 65535"),
        ("https://example.com:65536/", "no port 65536", "1 to 65535"),
        ("https://[::1::2]/", "is not the name of a host", "example.com"),
        ("https://a..b/", "is not the name of a host", "example.com"),
        ("https://.a/", "is not the name of a host", "example.com"),
        ("https://a%20b/", "is not the name of a host", "example.com"),
        ("https://example.com／path.example/", "is not the name of a host", "example.com"),
        ("https://" + "a" * 254, "is not the name of a host", "example.com"),
        ("https://example.com/<b>", "cannot hold <", "percent-encode"),
        ("https://example.com\\@other.example/", "cannot hold \\", "percent-encode"),
        ("https://example.com/" + "a" * (LONGEST_URL - 19), "2,001 characters", "shorter"),
    ],
)
def test_another_url_is_refused_with_what_to_do(url: str, sentence: str, hint: str) -> None:
    problem = problem_of(f"playback {url}")
    assert problem.code is Code.BAD_URL
    assert marked(f"playback {url}") == url
    assert sentence in problem.sentence
    assert hint in problem.hint


@pytest.mark.parametrize("blank", [" ", "\t", "\u00a0", "\u3000", "\u200b"])
def test_a_blank_in_a_quoted_url_is_refused(blank: str) -> None:
    problem = problem_of(f'playback "https://example.com/a{blank}b"')
    assert problem.code is Code.BAD_URL
    assert problem.hint == "write %20 for a blank"
