"""URLs: kept byte for byte where they can be, made sendable where they cannot, refused where they lead nowhere."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from yarl import URL

from offhook.actionserver.errors import BadUrl
from offhook.actionserver.targets import lacking, origin, parsed, redirected, sendable, shown, with_parameters


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com",
        "http://example.com/a?x=%7e&y=a+b&z=%2f;k='",
        "https://user:p%40ss@example.com:8443/?a=1&a=2&&b",
    ],
)
def test_a_sendable_url_is_sent_as_it_was_written(url: str) -> None:
    assert sendable(url) == url
    assert str(parsed(url)) == url


@pytest.mark.parametrize(
    ("url", "sent"),
    [
        (" http://example.com/a#b?c ", "http://example.com/a"),
        ("http://example.com/a b?c\r\nX-Evil: 1", "http://example.com/a%20b?c%0D%0AX-Evil:%201"),
        (
            "http://日本語.jp/パス?q=電話&t=%7e",
            "http://xn--wgv71a119e.jp/%E3%83%91%E3%82%B9?q=%E9%9B%BB%E8%A9%B1&t=%7e",
        ),
        ("http://example.com/\udce9", "http://example.com/%E9"),
        ("/ü", "/%C3%BC"),
    ],
)
def test_what_cannot_stand_in_a_request_line_is_encoded(url: str, sent: str) -> None:
    assert sendable(url) == sent


@given(st.text())
def test_a_url_is_sendable_or_refused(text: str) -> None:
    for url in (text, f"http://{text}", f"http://example.com/{text}"):
        try:
            sent = str(parsed(sendable(url)))
        except BadUrl:
            continue
        assert all("!" <= letter <= "~" for letter in sent)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "/",
        "example.com",
        "ftp://example.com/",
        "file:///etc/passwd",
        "http:///x",
        "http://",
        "//example.com/",
        "http://example.com:99999/",
        "http://example.com:x/",
        "http://[::1",
        "gopher://example.com",
    ],
)
def test_what_cannot_be_asked_is_a_bad_url(url: str) -> None:
    with pytest.raises(BadUrl, match="cannot be asked"):
        parsed(url)


def test_a_host_that_cannot_be_ascii_is_a_bad_url() -> None:
    with pytest.raises(BadUrl):
        sendable("http://日本\\.jp/")


@pytest.mark.parametrize(
    ("url", "result"),
    [
        ("http://e.x", "http://e.x?a=1&b=%2A~%20%E5%B1%B1"),
        ("http://e.x/?", "http://e.x/?a=1&b=%2A~%20%E5%B1%B1"),
        ("http://e.x/?k=%7E+", "http://e.x/?k=%7E+&a=1&b=%2A~%20%E5%B1%B1"),
        ("http://e.x/?k&", "http://e.x/?k&a=1&b=%2A~%20%E5%B1%B1"),
    ],
)
def test_parameters_follow_the_urls_own_query(url: str, result: str) -> None:
    assert with_parameters(url, [("a", "1"), ("b", "*~ 山")]) == result


def test_no_parameters_change_nothing() -> None:
    assert with_parameters("http://e.x/?", []) == "http://e.x/?"


def test_only_parameters_that_are_not_there_are_lacking() -> None:
    parameters = [("caller", "1"), ("event", "2"), ("call_id", "3")]
    assert lacking("http://e.x/?caller=9&cal%6C_id&xevent=1", parameters) == [("event", "2")]
    assert lacking("http://e.x/caller=9", parameters) == parameters


@pytest.mark.parametrize(
    ("location", "result"),
    [
        ("https://other.example/x?y=%7e", "https://other.example/x?y=%7e"),
        ("/next?a=b", "http://e.x:8000/next?a=b"),
        ("next#part", "http://e.x:8000/dir/next"),
        ("?a", "http://e.x:8000/dir/page?a"),
        ("//other.example/", "http://other.example/"),
        ("/caf\udcc3\udca9", "http://e.x:8000/caf%C3%A9"),
    ],
)
def test_a_location_may_be_relative(location: str, result: str) -> None:
    assert redirected(URL("http://e.x:8000/dir/page?q", encoded=True), location) == result


@pytest.mark.parametrize("location", ["ftp://e.x/", "file:///etc/passwd", "javascript:alert(1)", "http://[::1"])
def test_a_location_that_cannot_be_asked_is_a_bad_url(location: str) -> None:
    with pytest.raises(BadUrl):
        redirected(URL("http://e.x/"), location)


def test_origins_are_compared_without_regard_to_case_or_usual_port() -> None:
    assert origin(URL("HTTP://user@E.x:80/a", encoded=True)) == origin(URL("http://e.X/b")) == "http://e.x"
    assert len({origin(URL(url)) for url in ("http://e.x", "https://e.x", "http://e.x:81", "http://f.x")}) == 4


def test_a_timeline_does_not_show_passwords() -> None:
    assert shown(URL("http://user:secret@e.x/a?b=%7e", encoded=True)) == "http://e.x/a?b=%7e"
    assert shown(URL("http://e.x/a?b=%7e", encoded=True)) == "http://e.x/a?b=%7e"
