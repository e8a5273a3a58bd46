"""What an INVITE of ours tells of who calls, and what it never tells."""

from dataclasses import replace

import pytest

from call_machine import ARRIVAL, FREE, FRIEND
from offhook.domain.calls import Arrival, Caller
from offhook.domain.routes import Route
from offhook.domain.rules import PLAIN, ForwardedBy, TrunkRules
from offhook.engine.call.effects import Dial
from offhook.engine.net.destinations import Way
from offhook.engine.net.presentation import fields_of
from offhook.engine.sip.outputs import Destination

WAY = Way(Destination("192.0.2.1", 5060), "192.0.2.9")
OURS = f"<sip:+{FREE.recipient}@192.0.2.9>"
CALLEE = f"<sip:+{FRIEND}@192.0.2.1:5060;cause=302>"
CALLER = ARRIVAL.caller.number
SIGNED = replace(ARRIVAL, signatures=("eyJ.e30.sig;info=<https://cert.example/a>",))
HIDDEN = replace(ARRIVAL, caller=Caller("", "", anonymous=True), withheld="81900000009")
HISTORY = TrunkRules(forwarded_by=ForwardedBy.HISTORY_INFO)


def fields(rules: TrunkRules, arrival: Arrival = ARRIVAL, *, by: str = FREE.recipient) -> list[tuple[str, str]]:
    """Return the headers of a call whose caller is shown or, without `by`, whose callee sees our number."""
    route = Route("carrier", "sip:192.0.2.1:5060", passes_caller=True, rules=rules)
    shown = arrival.caller.number if by else FREE.recipient
    return list(fields_of(Dial(1, FRIEND, route, shown, by), arrival, WAY))


def test_a_caller_who_is_shown_comes_by_way_of_our_number() -> None:
    assert fields(PLAIN) == [("Diversion", f"{OURS};reason=unconditional;counter=1")]
    told = [("History-Info", f"{OURS};index=1"), ("History-Info", f"{CALLEE};index=1.1;mp=1")]
    assert fields(HISTORY) == told
    assert fields(TrunkRules(forwarded_by=ForwardedBy.NOTHING)) == []


@pytest.mark.parametrize("forwarded_by", ForwardedBy)
def test_where_our_number_is_shown_nothing_tells_of_the_caller(forwarded_by: ForwardedBy) -> None:
    rules = TrunkRules(forwarded_by=forwarded_by, is_trusted=True)
    assert fields(rules, replace(SIGNED, diversions=("<tel:+8130>",), history=("<tel:+8130>;index=1",)), by="") == []
    assert fields(rules, HIDDEN, by="") == []


def test_our_own_number_is_asserted_whomever_from_shows() -> None:
    rules = TrunkRules(forwarded_by=ForwardedBy.NOTHING, asserts_number=True)
    assert fields(rules) == fields(rules, by="") == [("P-Asserted-Identity", OURS)]
    hidden = [("Privacy", "id"), ("P-Asserted-Identity", OURS)]
    assert fields(rules, HIDDEN) == fields(replace(rules, is_trusted=True), HIDDEN) == hidden


def test_a_hidden_number_goes_to_trusted_trunks_alone_and_asks_for_privacy() -> None:
    assert fields(PLAIN, HIDDEN) == [("Privacy", "id"), ("Diversion", f"{OURS};reason=unconditional;counter=1")]
    trusted = fields(TrunkRules(is_trusted=True, forwarded_by=ForwardedBy.NOTHING), HIDDEN)
    assert trusted == [("Privacy", "id"), ("P-Asserted-Identity", "<sip:+81900000009@192.0.2.9>")]


def test_a_signature_goes_with_the_number_that_it_signs() -> None:
    assert ("Identity", SIGNED.signatures[0]) in fields(PLAIN, SIGNED)
    assert "Identity" not in dict(fields(PLAIN, SIGNED, by=""))
    # Of a hidden caller none is kept at all; should one be, it stays here.
    assert "Identity" not in dict(fields(PLAIN, replace(HIDDEN, signatures=SIGNED.signatures)))


def test_earlier_diversions_stand_behind_ours() -> None:
    before = ("<sip:+81300000002@gw.example>;reason=no-answer", "<tel:+81300000001>")
    values = [value for _, value in fields(PLAIN, replace(ARRIVAL, diversions=before))]
    assert values == [f"{OURS};reason=unconditional;counter=1", *before]


def test_earlier_history_goes_on_where_it_ended() -> None:
    before = ("<sip:+81300000001@gw.example>;index=1", "<sip:+81300000002@gw.example>;index=1.1;mp=1")
    values = [value for _, value in fields(HISTORY, replace(ARRIVAL, history=before))]
    assert values == [*before, f"{OURS};index=1.1.1", f"{CALLEE};index=1.1.1.1;mp=1.1.1"]
    # Its last entry is the target of the call; mostly that is our number already.
    ours = ("<sip:+81300000001@gw.example>;index=1", f"<sip:+{FREE.recipient}@gw.example>;index=1.1;mp=1")
    values = [value for _, value in fields(HISTORY, replace(ARRIVAL, history=ours))]
    assert values == [*ours, f"{CALLEE};index=1.1.1;mp=1.1"]
