import pytest

from offhook.testkit import texts
from offhook.testkit.findings import Verdict
from offhook.testkit.replies import Hop, Reply


def reply(body: bytes | None, content_type: str = "text/plain", code: str = "") -> Reply:
    return Reply("event=incoming", (), 1.0, (Hop("http://a/", 200, {"content-type": content_type}),), body, code)


HELLO = reply(b'say en "Hello"')
SHIFT_JIS = reply('say ja "もしもし"'.encode("cp932"), "text/plain; charset=Shift_JIS")


def test_length_is_judged_by_the_longest() -> None:
    assert texts.size([HELLO]).sentence == "the longest answer has 14 bytes of 8,192"
    assert texts.size([HELLO, reply(b"#" * 7000 + b"\nhangup")]).verdict is Verdict.WARNING
    assert texts.size([reply(b"#" * 9000)]).verdict is Verdict.FAILED
    assert texts.size([reply(None, code="too-long")]).verdict is Verdict.FAILED
    assert texts.size([reply(None, code="timeout")]).verdict is Verdict.OK


def test_what_is_not_utf_8_is_shown_with_its_place() -> None:
    found = texts.utf_8([HELLO, SHIFT_JIS])
    assert found.verdict is Verdict.FAILED
    assert "it may be Shift_JIS" in found.details[0]
    assert texts.utf_8([HELLO]).verdict is Verdict.OK


def test_a_byte_order_mark_does_no_harm_and_a_byte_0_does() -> None:
    marked = reply(b"\xef\xbb\xbfhangup")
    assert texts.bom([HELLO]).sentence == "none"
    assert (texts.bom([marked]).verdict, texts.bom([marked]).sentence[:9]) == (Verdict.OK, "1 answers")
    assert texts.zero_byte([HELLO, reply(None)]).verdict is Verdict.OK
    assert texts.zero_byte([reply("hangup".encode("utf-16"))]).verdict is Verdict.FAILED


@pytest.mark.parametrize("content_type", ["text/plain", "text/html; charset=utf-8", 'text/plain;charset="US-ASCII"'])
def test_what_claims_nothing_else_is_utf_8(content_type: str) -> None:
    assert texts.charset([reply(b"hangup", content_type)]).verdict is Verdict.OK


def test_another_charset_is_told_with_what_it_means_so_far() -> None:
    ascii_only = texts.charset([reply(b"hangup", "text/plain; charset=Shift_JIS")])
    assert ascii_only.verdict is Verdict.WARNING
    assert "so far only ASCII" in ascii_only.sentence
    assert "other letters" in texts.charset([reply(b"hangup", "text/plain; charset=Shift_JIS"), SHIFT_JIS]).sentence
    assert texts.charset([Reply("a", (), 1.0)]).verdict is Verdict.OK


def test_mistakes_come_before_what_is_only_odd() -> None:
    odd, wrong = reply(b"Hangup"), reply(b"playbak x")
    assert texts.grammar([HELLO, reply(None)]).verdict is Verdict.OK
    assert texts.grammar([odd, HELLO]).verdict is Verdict.WARNING
    found = texts.grammar([odd, wrong, wrong])
    assert found.verdict is Verdict.FAILED
    assert [detail.splitlines()[1].strip() for detail in found.details] == ["playbak x", "Hangup"]
