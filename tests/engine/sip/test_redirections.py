"""Who sent a call on, as Diversion and History-Info tell it, and who wished not to be told."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offhook.engine.sip.message import Request
from offhook.engine.sip.parser import parse
from offhook.engine.sip.redirections import MOST_REDIRECTIONS, diverted_from, forwarded_from
from sip_peer import Fields, Peer

LAST = "<sip:+81300000002@gw.example>;reason=no-answer;privacy=off"
FIRST = '"Boss" <tel:+81300000001>;reason=unconditional'


def _invite(fields: Fields) -> Request:
    request = parse(Peer().request("INVITE", fields=fields))
    assert isinstance(request, Request)
    return request


@pytest.mark.parametrize("lines", [f"{LAST}, {FIRST}", [LAST, FIRST]])
def test_the_latest_diversion_stands_first(lines: str | list[str]) -> None:
    request = _invite({"Diversion": lines})
    assert forwarded_from(request) == "+81300000002"
    assert forwarded_from(request, passed=1) == "+81300000001"
    assert forwarded_from(request, passed=2) == ""


@pytest.mark.parametrize(
    "diversion",
    [
        "<sip:+81300000002@gw.example>;privacy=full",
        '<sip:+81300000002@gw.example>;privacy="URI"',
        "<sip:anonymous@anonymous.invalid>",
        "<sip:voicemail@gw.example>",
        "<oops",
    ],
)
def test_a_diversion_that_is_hidden_or_names_no_number_tells_nothing(diversion: str) -> None:
    history = "<sip:+81300000009@gw.example>;index=1, <sip:+81312345678@gw.example>;index=1.1;mp=1"
    assert forwarded_from(_invite({"Diversion": f"{diversion}, {FIRST}", "History-Info": history})) == ""


def test_a_hidden_name_does_not_hide_the_number() -> None:
    assert forwarded_from(_invite({"Diversion": "<sip:+8130@gw.example>;privacy=name"})) == "+8130"


@pytest.mark.parametrize("privacy", ["header", "history", "id;History"])
def test_privacy_for_the_whole_request_hides_whoever_sent_it_on(privacy: str) -> None:
    history = "<sip:+81300000009@gw.example>;index=1, <sip:+81312345678@gw.example>;index=1.1;mp=1"
    assert forwarded_from(_invite({"Privacy": privacy, "Diversion": LAST})) == ""
    assert forwarded_from(_invite({"Privacy": privacy, "History-Info": history})) == ""
    assert forwarded_from(_invite({"Privacy": "id", "History-Info": history})) == "+81300000009"


@pytest.mark.parametrize(
    ("history", "expected"),
    [
        # The last change of target tells from whom; a new contact of the same party (rc) is none.
        (
            (
                "<sip:+811@x.example>;index=1, <sip:+812@x.example>;index=1.1;mp=1, "
                "<sip:+813@x.example>;index=1.1.1;mp=1.1, <sip:ua@10.0.0.9>;index=1.1.1.1;rc=1.1.1"
            ),
            "+812",
        ),
        ("<sip:+811@x.example>;index=1, <sip:ua@10.0.0.9>;index=1.1;rc=1", ""),
        ("<sip:+811@x.example>;index=1, <sip:+811@x.example>;index=1.1;np=1", ""),
        ("<sip:+811@x.example>;index=1, <sip:+812@x.example>;index=1.1;mp=7", ""),
        ("<sip:+811@x.example>;index=1, <sip:+812@x.example>;index=1.1;mp", ""),
        # Without such words, whose target was left for a reason.
        ("<sip:+811@x.example?Reason=SIP%3Bcause%3D302>;index=1, <sip:+812@x.example>;index=1.1", "+811"),
        (
            (
                "<sip:+811@x.example?Privacy=none&Reason=SIP%3Bcause%3D486>;index=1, "
                "<sip:+812@x.example?reason=SIP%3Bcause%3D408>;index=1.1, <sip:+813@x.example?Reason=x>;index=1.2"
            ),
            "+812",
        ),
        ("<sip:+811@x.example?NoReason=x>;index=1, <sip:+812@x.example>;index=1.1", ""),
        ("<sip:+811@x.example>;index=1", ""),
        ("<oops, <sip:+811@x.example>;index=1, <tel:+812>;index=1.1;mp=1", ""),
        ("", ""),
        # Hidden inside.
        ("<sip:+811@x.example?Privacy=history>;index=1, <sip:+812@x.example>;index=1.1;mp=1", ""),
        ("<sip:+811@x.example?Reason=x&privacy=id%3Bheader>;index=1, <sip:+812@x.example>;index=1.1", ""),
        ("<sip:+811@x.example?Privacy=none>;index=1, <sip:+812@x.example>;index=1.1;mp=1", "+811"),
        ("<sip:anonymous@anonymous.invalid>;index=1, <sip:+812@x.example>;index=1.1;mp=1", ""),
    ],
)
def test_history_tells_from_whom_the_target_last_changed(history: str, expected: str) -> None:
    assert forwarded_from(_invite({"History-Info": history})) == expected


def test_a_long_history_is_read_from_its_end() -> None:
    entries = [f"<sip:+81{place}@x.example>;index={place + 1};mp={place}" for place in range(MOST_REDIRECTIONS * 2)]
    assert forwarded_from(_invite({"History-Info": entries[:32]})) == "+8130"
    assert forwarded_from(_invite({"History-Info": ", ".join(entries)})) == f"+81{MOST_REDIRECTIONS * 2 - 2}"


def test_who_was_not_forwarded_was_forwarded_by_nobody() -> None:
    assert forwarded_from(_invite({})) == ""
    assert diverted_from(_invite({})) is None


@given(st.text(st.characters(exclude_characters="\r\n\0"), max_size=60))
def test_nothing_that_a_peer_writes_does_harm(text: str) -> None:
    assert forwarded_from(Request("INVITE", "sip:a", {"Diversion": [text]}, b"", 1)).isprintable()
    assert forwarded_from(
        Request("INVITE", "sip:a", {"History-Info": [f"{text}?Reason=x, <tel:1>"]}, b"", 1)
    ).isprintable()
