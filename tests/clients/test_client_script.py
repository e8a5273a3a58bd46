"""What a script is made of may hold anything: its text is read as it was meant, or it is not made."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unicodedata import category

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offhook import language
from offhook.language.languages import LANGUAGES
from offhook_client import BadScript, OffhookError, Playback, Say, Script
from offhook_client.languages import LANGUAGES as KNOWN

URL = "https://example.com/a.mp3"


def read(script: Script) -> tuple[language.Action, ...]:
    return read_text(script.text)


def read_text(text: str) -> tuple[language.Action, ...]:
    parsed = language.parse(text)
    assert parsed.problems == ()
    assert parsed.script is not None
    return parsed.script.actions


def test_a_script_is_written_line_by_line() -> None:
    script = (
        Script()
        .say("EN-gb", 'He said "hi" \\ back.\nBye', loop=2, voice="alice")
        .playback(URL, loop=3)
        .pause(2)
        .transfer("+81-3-1234-5678", "4930123456", ring=20, max=60, from_="caller", confirm=True)
        .voicemail(Say("ja", "もしもし"), max=120)
        .gather(Playback(URL), digits=1, timeout=8, finish="*", next="self")
    )
    assert (
        script.text
        == str(script)
        == "\n".join(
            [
                'say en-gb "He said \\"hi\\" \\\\ back.\\nBye" loop=2 voice=alice',
                f"playback {URL} loop=3",
                "pause 2",
                "transfer +81-3-1234-5678,4930123456 ring=20 max=60 from=caller confirm=1",
                'voicemail say ja "もしもし" max=120',
                f"gather playback {URL} digits=1 timeout=8 finish=* next=self",
            ]
        )
    )
    assert len(read(script)) == 6


@pytest.mark.parametrize(
    ("script", "text"),
    [
        (Script().reject(), "reject"),
        (Script().reject("declined"), "reject declined"),
        (Script().hangup(), "hangup"),
        (Script().redirect(URL), f"redirect {URL}"),
        (Script().voicemail(), "voicemail"),
        (Script().gather(), "gather"),
        (Script().voicemail(next=URL), f"voicemail next={URL}"),
        (Script().transfer("15550100", next="self"), "transfer 15550100 next=self"),
    ],
)
def test_the_shortest_lines_are_right(script: Script, text: str) -> None:
    assert script.text == text
    read(script)


@pytest.mark.parametrize(
    "url",
    [
        "http://[2001:db8::1]:8080/a",
        "HTTPS://a_b.example.:1",
        "https://例え.jp/日本?a=b&c='#x",
        "http://localhost?a",
        "http://192.0.2.1#a",
    ],
)
def test_unusual_urls_are_fine(url: str) -> None:
    assert read(Script().playback(url)) == (language.Playback(url),)


def test_a_script_never_changes() -> None:
    greeting = Script().say("en", "Hello")
    assert len(greeting.hangup().lines) == 2
    assert len(greeting.lines) == 1


BLANK = re.compile(r"[\s\x00-\x20\x7f-\xa0\u2028\u2029]")
SSML = re.compile(r"[\s\x00-\x20\x7f-\x9f]*<(speak|\?xml)", re.IGNORECASE)
TEXTS = st.one_of(
    st.text(max_size=200),
    st.text("\"\\\n\r\t =#'“”<>&;\x00\x07\x1b\x7f\x85\u2028\u202e\ud800\ufeffé👩‍👧n", max_size=60),
)


def meant(text: str) -> str:
    """What is heard: other line ends are newlines, control characters but tabs blanks, half a character is a sign."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\x85", "\n")
    kept = (sign if sign in "\t\n" or category(sign) != "Cc" else " " for sign in lines)
    return "".join("\ufffd" if category(sign) == "Cs" else sign for sign in kept)


VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "texts.json").read_text(encoding="utf-8"))


def test_every_vector_is_what_the_platform_reads() -> None:
    for vector in VECTORS:
        if "line" in vector:
            [said] = read_text(vector["line"])
            assert isinstance(said, language.Say)
            assert said.text == meant(vector["text"])
    assert sum("refused" in vector for vector in VECTORS) > 20


def test_every_vector_is_written_or_refused_as_in_every_language() -> None:
    for vector in VECTORS:
        if "line" in vector:
            assert Script().say("en", vector["text"]).text == vector["line"]
        else:
            with pytest.raises(BadScript):
                Script().say("en", vector["text"])


@given(TEXTS, st.sampled_from(sorted(LANGUAGES)))
def test_any_text_is_read_as_it_was_meant_or_refused(text: str, tag: str) -> None:
    try:
        script = Script().say(tag, text).voicemail(Say(tag, text)).gather(Say(tag, text))
    except BadScript:
        assert not BLANK.sub("", text) or SSML.match(text)
        refused = meant(text).replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
        assert language.parse(f'say {tag} "{refused}"').problems
        return
    said, voicemail, gather = read(script)
    assert isinstance(said, language.Say)
    assert isinstance(voicemail, language.Voicemail)
    assert isinstance(gather, language.Gather)
    assert said == voicemail.greeting == gather.prompt
    assert said.text == meant(text)


@given(st.one_of(st.text(), st.text('https:/?#@[]\\.example1 日\u3000\u200b"<>')), st.sampled_from(["", "https://"]))
def test_any_url_is_read_as_it_was_meant_or_refused(rest: str, scheme: str) -> None:
    url = scheme + rest
    right = language.parse(f"playback {url}".encode("utf-8", "surrogatepass"))
    try:
        script = Script().playback(url).voicemail(next=url)
    except BadScript:
        assert right.problems or not url or url.strip() != url
        return
    assert read(script) == (language.Playback(url), language.Voicemail(next=url))


@given(st.lists(st.one_of(st.text(max_size=20), st.from_regex(r"\A\+?[0-9-]{1,18}\Z")), max_size=12))
def test_numbers_are_those_that_the_language_knows(numbers: list[str]) -> None:
    written = language.parse(f"transfer {','.join(numbers)}".encode("utf-8", "surrogatepass"))
    try:
        script = Script().transfer(*numbers)
    except BadScript:
        assert written.problems or any("," in number for number in numbers)
        return
    assert read(script) == written.script.actions if written.script else None


WRONG: list[Callable[[Script], Any]] = [
    lambda script: script.say("en", ""),
    lambda script: script.say("en", " \x00\t"),
    lambda script: script.say("en", "x" * 2001),
    lambda script: script.say("en", "<speak>Hello</speak>"),
    lambda script: script.say("jp", "Hello"),
    lambda script: script.say("en\nhangup", "Hello"),
    lambda script: script.say("en", "Hello", loop=0),
    lambda script: script.say("en", "Hello", loop=True),
    lambda script: script.say("en", "Hello", voice="a b"),
    lambda script: script.playback("example.com/a.mp3"),
    lambda script: script.playback("https://shop:secret@example.com/"),
    lambda script: script.playback("https://example.com/a b"),
    lambda script: script.playback("https://example.com/\nhangup"),
    lambda script: script.playback("https://example.com/" + "a" * 2000),
    lambda script: script.playback("https://example.com:70000/"),
    lambda script: script.playback("https://[::g]/"),
    lambda script: script.playback("https://[1:2]/"),
    lambda script: script.transfer(),
    lambda script: script.transfer(*["15550100"] * 11),
    lambda script: script.transfer("03-5550-0123"),
    lambda script: script.transfer("+81 3 5550 0123"),
    lambda script: script.transfer("15550100", ring=4),
    lambda script: script.transfer("15550100", from_="me"),  # type: ignore[arg-type] # that is the mistake
    lambda script: script.gather(finish="##"),
    lambda script: script.gather(next="other"),
    lambda script: script.pause(61),
    lambda script: script.redirect("self"),
]


@pytest.mark.parametrize("add", WRONG)
def test_what_the_language_cannot_say_is_not_made(add: Callable[[Script], Any]) -> None:
    with pytest.raises(BadScript) as caught:
        add(Script())
    assert isinstance(caught.value, OffhookError)
    assert isinstance(caught.value, ValueError)


def test_ten_lines_run_and_eleven_do_not() -> None:
    script = Script()
    for _ in range(10):
        script = script.pause(1)
    assert len(read(script)) == 10
    with pytest.raises(BadScript, match="More than 10 lines"):
        script.pause(1)


def test_eight_kibibytes_are_read_and_no_more() -> None:
    script = Script().say("ja", "あ" * 2000)
    with pytest.raises(BadScript, match="8,192"):
        script.say("ja", "あ" * 1000)
    assert len(read(script.say("ja", "あ" * 600))) == 2


def test_nothing_stands_where_no_call_gets_to() -> None:
    ends = [
        Script().hangup(),
        Script().reject(),
        Script().redirect(URL),
        Script().gather(),
        Script().voicemail(next="self"),
        Script().transfer("15550100", next="self"),
    ]
    for script in ends:
        with pytest.raises(BadScript, match="No call gets"):
            script.say("en", "Hello")
    with pytest.raises(BadScript, match="first line"):
        Script().say("en", "Hello").reject()


def test_an_empty_script_has_no_text() -> None:
    with pytest.raises(BadScript, match="no action"):
        _ = Script().text


def test_the_languages_are_those_of_the_platform() -> None:
    assert set(LANGUAGES) == KNOWN
