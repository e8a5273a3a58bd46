"""Who sent a call on, as Diversion and History-Info tell it, and who wished not to be told."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offhook.engine.sip.message import Request, Response
from offhook.engine.sip.parser import parse
from offhook.engine.sip.redirections import (
    LONGEST_PASSED_ON,
    MOST_CONTACTS,
    MOST_PASSED_ON,
    MOST_REDIRECTIONS,
    diversions_of,
    diverted_from,
    elsewhere_of,
    forwarded_from,
    history_of,
)
from sip_peer import Fields, Peer, response

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


def test_diversions_are_passed_on_without_names_and_unknown_parameters() -> None:
    request = _invite({"Diversion": f'{LAST};color=red, {FIRST};counter="2"'})
    last = "<sip:+81300000002@gw.example>;reason=no-answer;privacy=off"
    assert diversions_of(request) == (last, "<tel:+81300000001>;reason=unconditional;counter=2")
    assert diversions_of(request, passed=1) == ("<tel:+81300000001>;reason=unconditional;counter=2",)


def test_who_diverted_and_wishes_not_to_be_told_stays_as_nobody() -> None:
    request = _invite({"Diversion": f"<sip:+81300000002@gw.example>;reason=away;privacy=full, <oops, {FIRST}"})
    assert diversions_of(request)[0] == "<sip:anonymous@anonymous.invalid>;reason=away;privacy=full"
    assert diversions_of(_invite({"Diversion": LAST, "Privacy": "history"})) == ()


def test_what_is_passed_on_has_an_end() -> None:
    many = ", ".join(f"<sip:+8130000{number:04}@gw.example>" for number in range(MOST_PASSED_ON + 5))
    assert len(diversions_of(_invite({"Diversion": many}))) == MOST_PASSED_ON
    long = f"<sip:+81300000002@{'a' * 50}.{'b' * 60}.{'c' * 60}.{'d' * 60}.example.com>;reason=unconditional"
    assert len(long) > LONGEST_PASSED_ON
    assert diversions_of(_invite({"Diversion": [long, LAST]})) == diversions_of(_invite({"Diversion": LAST}))
    assert diversions_of(_invite({"Diversion": "<sip:+8130é@gw.example>"})) == ()
    assert history_of(_invite({"History-Info": f"{long};index=1"})) == ()


ENTRIES = (
    "<sip:+81300000001@gw.example?Reason=SIP%3Bcause%3D302>;index=1",
    "<sip:+81312345678@gw.example;cause=302>;index=1.1;mp=1",
)


def test_history_is_passed_on_with_the_places_of_its_entries() -> None:
    assert history_of(_invite({"History-Info": ", ".join(ENTRIES)})) == ENTRIES
    assert history_of(_invite({"History-Info": ", ".join(ENTRIES), "Privacy": "header"})) == ()
    many = [f"<sip:+8130000{number:04}@gw.example>;index=1{'.1' * (number % 8)}" for number in range(20)]
    assert history_of(_invite({"History-Info": many})) == tuple(many[-MOST_PASSED_ON:])
    hidden = "<sip:+81300000001@gw.example?Privacy=history>;index=1"
    assert history_of(_invite({"History-Info": hidden})) == ("<sip:anonymous@anonymous.invalid>;index=1",)


@pytest.mark.parametrize("index", ["", ";index=", ";index=one", ";index=1..1", f";index=1{'.1' * 8}"])
def test_a_history_without_order_is_not_passed_on(index: str) -> None:
    assert history_of(_invite({"History-Info": [ENTRIES[0], f"<sip:+81312345678@gw.example>{index}"]})) == ()


def _answer(status: int, contact: str) -> Response:
    found = parse(response(_invite({}), status, fields={"Contact": contact}))
    assert isinstance(found, Response)
    return found


def test_a_redirection_names_numbers_by_preference_and_no_hosts() -> None:
    contacts = (
        '<sip:+813@a.example>;q=0.5, "B" <tel:+81-4>, <sip:05;phone-context=+81@c.example>;q=0.9, <sip:+816@d>;q=often,'
        " <sip:bob@e.example>, <mailto:x@y.example>, <sip:+813@f.example>;q=0.1"
    )
    assert elsewhere_of(_answer(302, contacts)) == ("+81-4", "05;phone-context=+81", "+813", "+816")
    many = ", ".join(f"<sip:+813{number}@a.example>" for number in range(9))
    assert elsewhere_of(_answer(300, many)) == tuple(f"+813{number}" for number in range(MOST_CONTACTS))


@pytest.mark.parametrize("status", [305, 380, 486])
def test_only_other_numbers_of_the_callee_are_elsewhere(status: int) -> None:
    assert elsewhere_of(_answer(status, "<sip:+813@a.example>")) == ()
