"""What a registrar remembers: who, where, until when, and in which order it was told."""

import pytest

from offhook.engine.sip.bindings import LONGEST_S, MOST_CONTACTS, Bindings
from offhook.engine.sip.errors import MalformedMessage
from offhook.engine.sip.message import Request
from offhook.engine.sip.outputs import Destination

HERE, THERE = Destination("10.0.0.1", 5060), Destination("10.0.0.2", 5060)
ONE, TWO = "sip:anna@10.0.0.1:5062", "sip:anna@10.0.0.2"


def register(*contacts: str, cseq: int = 1, call_id: str = "a", expires: str | None = None) -> Request:
    headers = {"Call-ID": [call_id], "Contact": list(contacts)}
    if expires is not None:
        headers["Expires"] = [expires]
    return Request("REGISTER", "sip:x", headers, b"", cseq)


def uris(bindings: Bindings, now: float = 0.0) -> list[str]:
    return [binding.uri for binding in bindings.contacts("anna", now)]


def test_contacts_are_told_with_the_time_that_is_left_and_the_latest_is_called_first() -> None:
    bindings = Bindings()
    assert bindings.register("anna", register(f"<{ONE}>;expires=600"), HERE, 0.0)[0] == 200
    status, fields = bindings.register("anna", register(f"<{TWO}>", call_id="b", expires="120"), THERE, 100.0)
    assert (status, [value for _, value in fields]) == (200, [f"<{ONE}>;expires=500", f"<{TWO}>;expires=120"])
    assert uris(bindings, 100.0) == [TWO, ONE]
    assert uris(bindings, 220.0) == [ONE]
    assert bindings.owner(HERE, 100.0) == bindings.owner(THERE, 100.0) == "anna"
    assert bindings.owner(THERE, 220.0) is None


def test_a_register_without_contacts_only_asks() -> None:
    bindings = Bindings()
    assert bindings.register("anna", register(), HERE, 0.0) == (200, ())
    bindings.register("anna", register(f"<{ONE}>"), HERE, 0.0)
    assert bindings.register("anna", register(cseq=2), HERE, 0.0)[1] == (("Contact", f"<{ONE}>;expires=3600"),)


@pytest.mark.parametrize("said", [None, "99999", "soon", ""])
def test_nobody_is_known_for_longer_than_an_hour_whatever_is_said(said: str | None) -> None:
    bindings = Bindings()
    bindings.register("anna", register(f"<{ONE}>", expires=said), HERE, 0.0)
    assert bindings.contacts("anna", 0.0)[0].until == LONGEST_S


def test_too_short_a_time_changes_nothing_and_zero_removes() -> None:
    bindings = Bindings()
    bindings.register("anna", register(f"<{ONE}>", f"<{TWO}>"), HERE, 0.0)
    assert bindings.register("anna", register(f"<{ONE}>;expires=59", cseq=2), HERE, 0.0) == (
        423,
        (("Min-Expires", "60"),),
    )
    assert uris(bindings) == [TWO, ONE]
    assert bindings.register("anna", register(f"<{ONE}>;expires=0", cseq=2), HERE, 0.0)[0] == 200
    assert uris(bindings) == [TWO]
    assert bindings.register("anna", register("*", cseq=3, expires="0"), HERE, 0.0) == (200, ())
    assert uris(bindings) == []


@pytest.mark.parametrize(
    "wrong",
    [
        register("*", expires="60", cseq=9),
        register("*", f"<{ONE}>", expires="0", cseq=9),
        register("*", expires="0"),
        register(f"<{ONE}>"),
        register("<", cseq=9),
    ],
)
def test_what_is_wrong_or_overtaken_changes_nothing(wrong: Request) -> None:
    bindings = Bindings()
    bindings.register("anna", register(f"<{ONE}>"), HERE, 0.0)
    with pytest.raises(MalformedMessage):
        bindings.register("anna", wrong, THERE, 1.0)
    assert bindings.contacts("anna", 1.0)[0].source == HERE


def test_a_phone_that_makes_up_a_contact_at_each_start_fills_nothing() -> None:
    bindings = Bindings()
    for number in range(MOST_CONTACTS + 2):
        bindings.register("anna", register(f"<sip:{number}@x>", call_id=str(number)), HERE, 0.0)
    assert uris(bindings) == [f"sip:{number}@x" for number in reversed(range(2, MOST_CONTACTS + 2))]


def test_whoever_is_no_user_any_more_is_forgotten() -> None:
    bindings = Bindings()
    for user in ("anna", "berta"):
        bindings.register(user, register(f"<{ONE}>"), HERE, 0.0)
    bindings.keep_only(["berta"])
    assert uris(bindings) == []
    assert bindings.contacts("berta", 0.0)
