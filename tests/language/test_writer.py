"""What is written is read back the same, whatever a script holds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from answers import script_of
from offhook.language import (
    SELF,
    Action,
    CallerId,
    Gather,
    Hangup,
    Pause,
    Playback,
    Redirect,
    Reject,
    RejectKind,
    Say,
    Script,
    Severity,
    Transfer,
    Voicemail,
    parse,
    write,
)
from offhook.language.grammar import KEYS, LONGEST_ANSWER_BYTES, MOST_ACTION_LINES
from offhook.language.languages import LANGUAGES

LOOPS = st.integers(1, 100)
LENGTHS = st.none() | st.integers(1, 14_400)
TEXTS = st.one_of(
    st.text(st.characters(exclude_categories=["Cs", "Cc"], include_characters="\n\t"), min_size=1, max_size=60),
    st.text("\"\\\n\t =#'“”こんにちは👩‍👧é\u3000\u2028\u202e", min_size=1, max_size=60),
).filter(str.strip)
HOSTS = st.sampled_from(["example.com", "localhost:8080", "192.0.2.1", "[2001:db8::1]:443", "例え.jp", "a_b.example."])
PATHS = st.lists(
    st.sampled_from(["/", "a", "?a=b", "&", "%20", "#x", "'", "日本", "=", "~*", ",", ":", "@", "{}"])
).map("".join)
URLS = st.builds("{}://{}/{}".format, st.sampled_from(["http", "https", "HTTPS"]), HOSTS, PATHS)
NEXTS = st.none() | st.just(SELF) | URLS
LANGUAGE_TAGS = st.builds(
    str.__add__, st.sampled_from(sorted(LANGUAGES)), st.sampled_from(["", "-gb", "-419", "-hant", "-hant-tw"])
)
SAYS = st.builds(Say, LANGUAGE_TAGS, TEXTS, LOOPS, st.none() | st.from_regex(r"\A[A-Za-z0-9][A-Za-z0-9._-]{0,63}\Z"))
PLAYBACKS = st.builds(Playback, URLS, LOOPS)
NUMBERS = st.lists(st.from_regex(r"\A[1-9][0-9]{6,14}\Z"), min_size=1, max_size=10).map(tuple)
TRANSFERS = st.builds(Transfer, NUMBERS, st.integers(5, 120), LENGTHS, st.sampled_from(CallerId), st.booleans(), NEXTS)
VOICEMAILS = st.builds(Voicemail, st.none() | SAYS | PLAYBACKS, LENGTHS, NEXTS)
GATHERS = st.builds(
    Gather, st.none() | SAYS | PLAYBACKS, st.integers(1, 20), st.integers(1, 60), st.sampled_from(KEYS), NEXTS
)
LATER: st.SearchStrategy[Action] = st.one_of(
    PLAYBACKS, SAYS, TRANSFERS, VOICEMAILS, GATHERS, st.builds(Pause, st.integers(1, 60)), st.builds(Redirect, URLS)
) | st.just(Hangup())
FIRST: st.SearchStrategy[Action] = LATER | st.builds(Reject, st.sampled_from(RejectKind))
SCRIPTS = st.builds(
    lambda first, later: Script((first, *later)), FIRST, st.lists(LATER, max_size=MOST_ACTION_LINES - 1)
).filter(lambda script: len(write(script).encode()) <= LONGEST_ANSWER_BYTES)


@given(SCRIPTS)
def test_what_is_written_is_read_back_the_same(script: Script) -> None:
    parsed = parse(write(script))
    assert parsed.script == script
    assert all(problem.severity is Severity.WARNING for problem in parsed.problems)


@given(SCRIPTS)
def test_what_was_read_is_written_the_same(script: Script) -> None:
    text = write(script)
    again = parse(text.encode()).script
    assert again is not None
    assert write(again) == text


@pytest.mark.parametrize(
    "line",
    [
        "playback https://example.com/a.mp3",
        "playback https://example.com/a.mp3 loop=2",
        r'say en "Say \"hi\" and C:\\dir.\nBye"',
        'say ja "もしもし" loop=100 voice=hana.2',
        "transfer 15550100",
        "transfer 15550100,15550101 ring=5 max=60 from=caller confirm=1 next=self",
        "voicemail",
        'voicemail say en "Please speak" loop=2 voice=anna max=60 next=https://example.com/?a=b',
        "voicemail playback https://example.com/a.mp3 loop=2",
        "gather",
        'gather say en "Your code?" digits=4 timeout=60 finish=* next=self',
        "pause 60",
        "redirect https://example.com/",
        "reject busy",
        "reject declined",
        "reject unavailable",
        "hangup",
    ],
)
def test_a_canonical_line_stays_as_it_is(line: str) -> None:
    assert write(script_of(line)) == f"{line}\n"


@pytest.mark.parametrize(
    ("written", "canonical"),
    [
        ("reject", "reject busy"),
        ("transfer +81-3-5550-0123 from=recipient confirm=0 ring=030", "transfer 81355500123"),
        ('say loop=1 EN-GB Hello voice="anna"', 'say en-gb "Hello" voice=anna'),
        ('gather timeout=5 playback "https://example.com/" finish=# digits=20', "gather playback https://example.com/"),
    ],
)
def test_other_ways_to_write_it_become_canonical(written: str, canonical: str) -> None:
    assert write(script_of(written)) == f"{canonical}\n"
