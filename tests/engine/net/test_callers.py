"""Who calls and what was dialled, in all the ways in which trunks write it."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from offhook.domain.calls import Caller, Reason
from offhook.domain.rules import PLAIN, NumberFrom, TrunkRules
from offhook.engine.net.callers import Dialled, arrival, caller, dialled
from offhook.engine.sip.message import Request
from offhook.engine.sip.parser import parse
from sip_peer import Fields, Peer


def _invite(uri: str = "sip:+81312345678@10.0.0.9", **fields: str) -> Request:
    named: Fields = {name.replace("_", "-"): value for name, value in fields.items()}
    request = parse(Peer().request("INVITE", uri=uri, fields=named))
    assert isinstance(request, Request)
    return request


TRUSTED = TrunkRules(is_trusted=True)
NOW = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("uri", "to", "expected"),
    [
        ("sip:+81312345678@10.0.0.9", "<sip:+81312345678@10.0.0.9>", ("+81312345678",)),
        ("sip:0312345678@10.0.0.9", "<sip:+81312345678@carrier.example>", ("0312345678",)),
        ("sip:10.0.0.9", "<sip:+81312345678@10.0.0.9>", ("+81312345678",)),
        ("sip:10.0.0.9", "<sip:10.0.0.9>", ()),
        ("tel:+81-3-1234-5678", "<tel:+81312345678>", ("+81-3-1234-5678",)),
        ("sip:+81312345678;npdi;rn=1@10.0.0.9;user=phone", "<sip:x@y>", ("+81312345678",)),
        ("sip:%2B81312345678@10.0.0.9", "<sip:%2B81312345678@10.0.0.9>", ("+81312345678",)),
    ],
)
def test_the_number_stands_in_the_request_uri_or_else_in_to(uri: str, to: str, expected: tuple[str, ...]) -> None:
    assert dialled(_invite(uri, To=to)).places == expected


@pytest.mark.parametrize(
    ("from_", "expected"),
    [
        ("<sip:+81900000001@10.0.0.1>;tag=1", ("+81900000001", "", False)),
        ('"Zoë Müller" <sip:+81900000001@10.0.0.1>;tag=1', ("+81900000001", "Zoë Müller", False)),
        ("山田 <sip:+81900000001@10.0.0.1>;tag=1", ("+81900000001", "山田", False)),
        ("sip:100@10.0.0.1;tag=1", ("100", "", False)),
        ("<tel:+81-90-0000-0001>;tag=1", ("+81-90-0000-0001", "", False)),
        ("<sip:10.0.0.1>;tag=1", ("", "", False)),
        ("<sip:+81900000001:secret@10.0.0.1>;tag=1", ("+81900000001", "", False)),
    ],
)
def test_a_caller_has_a_number_and_perhaps_a_name(from_: str, expected: tuple[str, str, bool]) -> None:
    shown = caller(_invite(From=from_))
    assert (shown.number, shown.name, shown.is_anonymous) == expected


@pytest.mark.parametrize(
    "fields",
    [
        {"From": '"Anonymous" <sip:anonymous@anonymous.invalid>;tag=1'},
        {"From": "<sip:+81900000001@ANONYMOUS.invalid>;tag=1"},
        {"From": "<sip:Anonymous@10.0.0.1>;tag=1"},
        {"From": "<sip:+81900000001@10.0.0.1>;tag=1", "Privacy": "id"},
        {"From": "<sip:+81900000001@10.0.0.1>;tag=1", "Privacy": "header;ID;critical"},
        {"From": "<sip:+81900000001@10.0.0.1>;tag=1", "Privacy": " user "},
    ],
)
def test_who_withholds_the_number_is_nobody(fields: dict[str, str]) -> None:
    for is_trusted in (False, True):
        shown = caller(_invite(**fields, P_Asserted_Identity="<tel:+81900000002>"), is_trusted=is_trusted)
        assert (shown.number, shown.name, shown.is_anonymous) == ("", "", True)


@pytest.mark.parametrize("privacy", ["none", "session", "critical", ""])
def test_other_wishes_for_privacy_withhold_nothing(privacy: str) -> None:
    shown = caller(_invite(From="<sip:+81900000001@10.0.0.1>;tag=1", Privacy=privacy))
    assert (shown.number, shown.is_anonymous) == ("+81900000001", False)


@pytest.mark.parametrize("name", ["\udcff\udcfe", "\x07bell", "\x1b[31m", "a\u202eb", "\x7f"])
def test_bytes_that_are_no_text_do_not_travel_on_in_a_name(name: str) -> None:
    shown = caller(_invite(From=f'"{name}" <sip:1@10.0.0.1>;tag=1')).name
    assert shown.isprintable()
    shown.encode()


DIVERSION = "<sip:0312345678@gw.example>;reason=unconditional, <tel:+81399999999>;reason=user-busy"


@pytest.mark.parametrize(
    ("number_from", "expected"),
    [
        (NumberFrom.REQUEST_URI, Dialled(("trunk1",), "Request-URI")),
        (NumberFrom.TO, Dialled(("+81312345678",), "To")),
        (NumberFrom.P_CALLED_PARTY_ID, Dialled(("0312345678;phone-context=+81",), "P-Called-Party-ID")),
        (NumberFrom.DIVERSION, Dialled(("0312345678",), "Diversion")),
    ],
)
def test_the_number_stands_where_the_rules_say(number_from: NumberFrom, expected: Dialled) -> None:
    request = _invite(
        "sip:trunk1@10.0.0.9",
        To="<sip:+81312345678@carrier.example>",
        P_Called_Party_ID="<sip:0312345678;phone-context=+81@ims.example;user=phone>",
        Diversion=DIVERSION,
    )
    assert dialled(request, number_from) == expected


def test_a_comma_in_an_address_that_is_no_list_belongs_to_it() -> None:
    request = _invite("sip:trunk1@10.0.0.9", P_Called_Party_ID="Doe, John <sip:+81312345678@ims.example>")
    assert dialled(request, NumberFrom.P_CALLED_PARTY_ID) == Dialled(("+81312345678",), "P-Called-Party-ID")


@pytest.mark.parametrize("value", ["", "<oops", "<sip:gw.example>", "<sip:alice@gw.example>", "<mailto:a@b.example>"])
@pytest.mark.parametrize("number_from", [NumberFrom.P_CALLED_PARTY_ID, NumberFrom.DIVERSION])
def test_where_that_header_names_no_number_the_request_uri_is_read_and_it_is_told(
    number_from: NumberFrom, value: str
) -> None:
    header = {"p-called-party-id": "P-Called-Party-ID", "diversion": "Diversion"}[number_from]
    request = _invite(To="<sip:+81399999999@x>", **({header.replace("-", "_"): value} if value else {}))
    assert dialled(request, number_from) == Dialled(("+81312345678",), "Request-URI", header)
    nameless = _invite("sip:10.0.0.9", To="<sip:+81399999999@x>")
    assert dialled(nameless, number_from) == Dialled(("+81399999999",), "To", header)


def test_a_to_without_a_number_falls_back_too() -> None:
    assert dialled(_invite(To="<sip:gw@x>"), NumberFrom.TO) == Dialled(("+81312345678",), "Request-URI", "To")
    nobody = _invite("sip:gw@10.0.0.9", To="<sip:gw@x>")
    assert dialled(nobody, NumberFrom.TO) == Dialled(("gw",), "Request-URI", "To")
    assert dialled(nobody) == Dialled(("gw",), "Request-URI")


ASSERTED = '"Anna" <sip:anna@carrier.example>, <tel:+81900000002;verstat=TN-Validation-Passed>'
FROM = '"Bank" <sip:+81900000001@10.0.0.1>;tag=1'


def test_only_a_trusted_trunk_asserts_who_calls() -> None:
    request = _invite(From=FROM, P_Asserted_Identity=ASSERTED)
    believed, doubted = caller(request, is_trusted=True), caller(request)
    assert (believed.number, believed.header, believed.verstat) == (
        "+81900000002",
        "P-Asserted-Identity",
        "TN-Validation-Passed",
    )
    assert (doubted.number, doubted.header, doubted.verstat) == ("+81900000001", "From", "")
    assert (believed.name, doubted.name) == ("Bank", "Bank")


def test_what_a_trusted_trunk_asserts_without_a_number_leaves_from() -> None:
    for value in ("<sip:anna@carrier.example>", "<oops", ""):
        shown = caller(_invite(From=FROM, P_Asserted_Identity=value), is_trusted=True)
        assert (shown.number, shown.header) == ("+81900000001", "From")


def test_the_name_of_the_asserted_number_goes_before_that_of_from() -> None:
    request = _invite(From=FROM, P_Asserted_Identity='"Shop" <sip:+81900000002@carrier.example>')
    assert caller(request, is_trusted=True).name == "Shop"


def test_an_asserted_nobody_is_nobody() -> None:
    nobody = "<sip:anonymous@anonymous.invalid>"
    assert caller(_invite(From=FROM, P_Asserted_Identity=nobody), is_trusted=True).is_anonymous
    # But whom nobody believes cannot hide another one that way: that is what Privacy is for.
    assert not caller(_invite(From=FROM, P_Asserted_Identity=nobody)).is_anonymous


def test_remote_party_id_is_not_read() -> None:
    shown = caller(_invite(From=FROM, Remote_Party_ID="<sip:+81900000009@x.example>;privacy=full"), is_trusted=True)
    assert (shown.number, shown.is_anonymous) == ("+81900000001", False)


@pytest.mark.parametrize(
    ("from_number", "asserted", "verstat"),
    [
        ("+81900000001", "<tel:+81-900-000-001>", "TN-Validation-Failed"),
        ("+81900000001", "<tel:+81900000002>", ""),
        ("+81900000001", "", "TN-Validation-Failed"),
    ],
)
def test_a_result_of_validation_is_about_the_number_that_is_shown(
    from_number: str, asserted: str, verstat: str
) -> None:
    from_ = f"<sip:{from_number};verstat=TN-Validation-Failed@10.0.0.1>;tag=1"
    assert caller(_invite(From=from_, P_Asserted_Identity=asserted), is_trusted=True).verstat == verstat
    assert caller(_invite(From=from_, P_Asserted_Identity=asserted)).verstat == ""


def test_an_invite_is_told_without_sip() -> None:
    rules = TrunkRules(NumberFrom.DIVERSION, country_code="81", is_trusted=True)
    signature = "eyJ.e30.sig;info=<https://cert.example/a>"
    request = _invite(From=FROM, P_Asserted_Identity=ASSERTED, Diversion=DIVERSION, Identity=signature)
    told = arrival(
        request, rules, call_id="c-1", at=NOW, trunk="carrier", source="10.0.0.1:5060", refusal=Reason.OVERLOAD
    )
    assert (told.call_id, told.at, told.trunk, told.source) == ("c-1", NOW, "carrier", "10.0.0.1:5060")
    assert (told.refusal, told.rules) == (Reason.OVERLOAD, rules)
    assert (told.dialled, told.dialled_in, told.passed_over) == (("0312345678",), "Diversion", "")
    assert told.caller == Caller("81900000002", "+81900000002", "Bank")
    assert (told.caller_in, told.verstat) == ("P-Asserted-Identity", "TN-Validation-Passed")
    # The first Diversion is the number that was called; the one behind it forwarded the call there.
    assert told.forwarded_from == "81399999999"
    assert told.signatures == (signature,)


def test_a_forwarding_number_is_digits_or_as_it_was_written() -> None:
    for written, expected in (("sip:0312345678@x", "0312345678"), ("sip:line-7a@x", "line-7a")):
        request = _invite(Diversion=f"<{written}>")
        told = arrival(request, PLAIN, call_id="c-1", at=NOW, trunk="carrier", source="10.0.0.1:5060")
        assert told.forwarded_from == expected


def test_of_a_hidden_caller_no_signature_tells_the_number() -> None:
    request = _invite(From=FROM, Privacy="id", Identity="eyJ.e30.sig", P_Asserted_Identity=ASSERTED)
    told = arrival(request, TrunkRules(is_trusted=True), call_id="c-1", at=NOW, trunk="carrier", source="10.0.0.1:5060")
    assert told.caller == Caller("", "", anonymous=True)
    assert told.signatures == ()
    assert told.verstat == "TN-Validation-Passed"


def test_of_a_hidden_caller_only_a_trusted_trunks_word_is_kept_for_trusted_trunks() -> None:
    request = _invite(From=FROM, Privacy="id", P_Asserted_Identity=ASSERTED)
    trusted = arrival(request, TRUSTED, call_id="c-1", at=NOW, trunk="carrier", source="10.0.0.1:5060")
    assert trusted.withheld == "81900000002"
    assert "81900000002" not in repr(trusted)
    doubted = arrival(request, PLAIN, call_id="c-1", at=NOW, trunk="carrier", source="10.0.0.1:5060")
    bare = arrival(
        _invite(From=FROM, Privacy="id"), TRUSTED, call_id="c-1", at=NOW, trunk="carrier", source="10.0.0.1:5060"
    )
    assert (doubted.withheld, bare.withheld) == ("", "")


def test_by_which_way_a_call_came_is_kept_from_a_trusted_trunk_unless_its_caller_hid() -> None:
    told = {"Diversion": DIVERSION, "History_Info": "<sip:+81300000001@gw.example>;index=1"}
    found = [
        arrival(_invite(From=FROM, **told, **hiding), rules, call_id="c-1", at=NOW, trunk="carrier", source="x")
        for rules, hiding in ((TRUSTED, {}), (PLAIN, {}), (TRUSTED, {"Privacy": "id"}))
    ]
    assert [len(one.diversions) for one in found] == [2, 0, 0]
    assert [one.history for one in found] == [("<sip:+81300000001@gw.example>;index=1",), (), ()]
    rules = replace(TRUSTED, number_from=NumberFrom.DIVERSION)
    # There the first Diversion is the number that was called, and ours will stand in its place.
    (other,) = arrival(_invite(**told), rules, call_id="c-1", at=NOW, trunk="carrier", source="x").diversions
    assert other == "<tel:+81399999999>;reason=user-busy"


@pytest.mark.parametrize(("said", "left"), [("70", 69), ("255", 69), ("3", 2), ("0", -1), (None, 69)])
def test_a_call_that_follows_has_one_hop_less(said: str | None, left: int) -> None:
    fields: Fields = {"Max-Forwards": said, "Offhook-Hops": "2"}
    request = parse(Peer().request("INVITE", fields=fields))
    assert isinstance(request, Request)
    told = arrival(request, PLAIN, call_id="c-1", at=NOW, trunk="carrier", source="10.0.0.1:5060")
    assert (told.hops_left, told.transfers) == (left, 2)


@pytest.mark.parametrize(
    ("number_from", "fields", "elsewhere"),
    [
        (NumberFrom.REQUEST_URI, {}, ()),
        (
            NumberFrom.REQUEST_URI,
            {"To": "<sip:0312345678@10.0.0.9>", "P_Called_Party_ID": "<tel:+8150>", "Diversion": "<sip:x@y>"},
            ((NumberFrom.TO, "0312345678"), (NumberFrom.P_CALLED_PARTY_ID, "+8150")),
        ),
        (
            NumberFrom.DIVERSION,
            {"Diversion": "<sip:555@10.0.0.9>", "To": "<sip:x@y>"},
            ((NumberFrom.REQUEST_URI, "+81312345678"),),
        ),
    ],
)
def test_numbers_in_the_places_that_are_not_read_are_kept(
    number_from: NumberFrom, fields: dict[str, str], elsewhere: tuple[tuple[NumberFrom, str], ...]
) -> None:
    rules = replace(PLAIN, number_from=number_from)
    told = arrival(_invite(**fields), rules, call_id="c", at=NOW, trunk="carrier", source="10.0.0.1:5060")
    assert told.elsewhere == elsewhere
