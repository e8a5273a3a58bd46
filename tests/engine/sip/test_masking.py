import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from offhook.engine.sip.masking import MASK, PASSWORD, hidden_in, masked, may_hold_password

NUMBER = "819012345678"
PIECES = (
    b"sip:",
    b"SIPS:",
    b"siP",
    b"s",
    b":",
    b"@",
    b"@",
    b" ",
    b"\t",
    b"\r\n",
    b"<",
    b">",
    b'"',
    b";",
    b"_",
    b"\xe9",
    b"u" * 127,
)


def message(*lines: str, body: str = "") -> bytes:
    return "\r\n".join(["INVITE sip:1@192.0.2.1 SIP/2.0", *lines, "", body]).encode()


@pytest.mark.parametrize("name", ["Authorization", "Proxy-Authorization", "AUTHORIZATION"])
def test_a_digest_shows_who_but_not_the_proof(name: str) -> None:
    proof = 'Digest username="desk", realm="offhook", nonce="n1", uri="sip:1", response="0cafe", cnonce=abc, qop=auth'
    shown = masked(message(f"{name}: {proof}")).decode()
    assert 'username="desk", realm="offhook"' in shown
    for secret in ("0cafe", "abc", "n1"):
        assert secret not in shown


@pytest.mark.parametrize("credentials", ["Basic cGFzc3dvcmQ=", "Bearer token", "cGFzc3dvcmQ="])
def test_other_credentials_are_the_secret_itself(credentials: str) -> None:
    assert masked(message(f"Authorization: {credentials}")) == message("Authorization: (masked)")


def test_keys_of_srtp_are_hidden_and_the_suite_is_not() -> None:
    body = "v=0\r\na=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:c2VjcmV0|2^20|1:4 UNENCRYPTED_SRTCP\r\nk=clear:secret\r\n"
    shown = masked(message(body=body)).decode()
    assert "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:(masked)|2^20|1:4 UNENCRYPTED_SRTCP\r\n" in shown
    assert "secret" not in shown


def test_keys_are_found_however_they_are_written() -> None:
    assert b"c2VjcmV0" not in masked(message(body="A=CRYPTO:1 AES_CM_128_HMAC_SHA1_80 INLINE:c2VjcmV0\r\n"))


def test_every_key_of_a_suite_is_hidden() -> None:
    body = "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:c2VjcmV0|1:4;inline:b3RoZXI=|2:4\r\na=ice-pwd:secret\r\n"
    shown = masked(message(body=body))
    assert b"inline:(masked)|1:4;inline:(masked)|2:4\r\na=ice-pwd:(masked)\r\n" in shown


@pytest.mark.parametrize("fold", ["\r\n ", "\r\n\t", "\n "])
def test_a_header_that_goes_on_in_the_next_line_is_hidden_whole(fold: str) -> None:
    proof = f'Digest username="desk",{fold}response="0cafe",{fold}nc=1'
    assert b"0cafe" not in masked(message(f"Authorization:{fold}{proof}"))
    assert masked(message(f"Authorization:{fold}Basic{fold}c2VjcmV0", "Via: x")) == message(
        "Authorization: (masked)", "Via: x"
    )
    assert b"door" not in masked(message(f"Offhook-Inside:{fold}door-key"))
    shown = masked(message(f"P-Asserted-Identity:{fold}<sip:+{NUMBER}@x>", f"Privacy:{fold}id"))
    assert NUMBER.encode() not in shown


def test_what_a_peer_proves_back_is_hidden() -> None:
    shown = masked(message('Authentication-Info: qop=auth, rspauth="0cafe", cnonce="abc", nextnonce="n2"'))
    assert shown == message("Authentication-Info: qop=auth, rspauth=(masked), cnonce=(masked), nextnonce=(masked)")


def test_the_password_of_a_uri_is_hidden_and_a_port_is_not() -> None:
    plain = ("Contact: <sip:desk@192.0.2.1:5060;ob>", "Route: <sip:192.0.2.2:5060;lr>", "Call-ID: a:b@c")
    shown = masked(message("From: <sip:desk:secret@192.0.2.1:5060>;tag=1", *plain))
    assert shown == message("From: <sip:desk:(masked)@192.0.2.1:5060>;tag=1", *plain)


@given(st.one_of(st.lists(st.sampled_from(PIECES), max_size=12).map(b"".join), st.binary()))
@example(b"From: <Sip:desk:secret@x>")
@example(b"Sips:" + b"u" * 128 + b":" + b"p" * 128 + b"@")
def test_a_head_that_is_not_looked_through_for_passwords_has_none(head: bytes) -> None:
    assert may_hold_password(head) or PASSWORD.sub(rb"\1" + MASK + b"@", head) == head


def test_a_usual_head_is_not_looked_through_for_passwords() -> None:
    assert not may_hold_password(message("From: <sip:desk@192.0.2.1:5060>;tag=1", "Call-ID: a:b@c"))


def test_what_a_masked_proof_leaves_is_looked_through_for_passwords() -> None:
    shown = masked(message('Authorization: Digest uri="sip:a:,response="x y"secret@h"'))
    assert b"secret" not in shown


def test_secrets_are_hidden_where_no_empty_line_ends_the_head() -> None:
    shown = masked(b"INVITE sip:1@x SIP/2.0\nAuthorization: Basic c2VjcmV0\n\na=crypto:1 X inline:b3RoZXI=\n")
    assert b"c2VjcmV0" not in shown
    assert b"b3RoZXI=" not in shown


def test_what_proves_that_a_call_is_our_own_is_hidden() -> None:
    assert b"door" not in masked(message("Offhook-Inside: door-key"))


@pytest.mark.parametrize("field", ["P-Asserted-Identity", "Remote-Party-ID", "p-preferred-identity"])
@pytest.mark.parametrize("privacy", ["id", "header;id", "user;critical"])
def test_the_identity_of_a_caller_who_hides_is_hidden(field: str, privacy: str) -> None:
    shown = masked(message(f"{field}: <sip:+{NUMBER}@carrier.example>", f"Privacy: {privacy}"))
    assert NUMBER.encode() not in shown


def test_an_identity_that_nobody_hides_is_shown() -> None:
    plain = message(f"P-Asserted-Identity: <sip:+{NUMBER}@carrier.example>", "Privacy: none")
    assert masked(plain) == plain


def test_a_withheld_number_is_shown_nowhere() -> None:
    shown = masked(message(f"Diversion: <sip:{NUMBER}@x>", body=f"o={NUMBER}"), hidden_in(b"", NUMBER))
    assert NUMBER.encode() not in shown


@pytest.mark.parametrize(
    "naming",
    [
        f"From: <sip:+{NUMBER}@x>;tag=1",
        f"f: <sip:{NUMBER};phone-context=x@x>;tag=1",
        "Contact: <tel:+81-90-1234-5678>",
        "P-Preferred-Identity:\r\n <sip:09012345678@x>",
    ],
)
@pytest.mark.parametrize("written", [NUMBER, f"+{NUMBER}", "09012345678", "+81-90-1234-5678", "0081(90)12345678"])
def test_the_number_of_a_caller_who_hides_is_known_in_any_form(naming: str, written: str) -> None:
    hidden = hidden_in(message(naming, "Privacy: id"))
    shown = masked(message(f"To: <sip:{written}@y>;tag=1", "Via: SIP/2.0/UDP 192.0.2.1:5060"), hidden)
    assert shown == message("To: <sip:(masked)@y>;tag=1", "Via: SIP/2.0/UDP 192.0.2.1:5060")


def test_a_short_number_is_hidden_where_it_stands_alone() -> None:
    hidden = hidden_in(message("From: <sip:100@x>;tag=1"))
    assert masked(message("To: <sip:100@x>;tag=2100", "Via: x"), hidden) == message(
        "To: <sip:(masked)@x>;tag=2100", "Via: x"
    )


@pytest.mark.parametrize("contact", ["sip:192.0.2.77:5060", "sip:192.0.2.77;transport=udp", "sip:x@192.0.2.77"])
def test_an_address_is_no_number(contact: str) -> None:
    plain = message("Via: SIP/2.0/UDP 192.0.2.77:5060", f"Contact: <{contact}>")
    assert masked(plain, hidden_in(plain)) == plain


@pytest.mark.parametrize("name", ["From", "f", "TO", "t", "Contact", "m "])
@pytest.mark.parametrize(
    "written",
    [
        '"Alice" <',
        "Alice <",
        "Alice B. <",
        '"A \\"b\\" <c>" <',
        '\r\n "Alice" <',
        '"Alice"\r\n <',
        "Alice\r\n B. <",
        "Alice<",
        '""\r\n\t<',
    ],
)
def test_a_caller_who_hides_has_no_name(name: str, written: str) -> None:
    line = f"{name}: {written}sip:anonymous@anonymous.invalid>;tag=1"
    shown = masked(message(line, "Privacy: user"))
    assert b"lice" not in shown
    assert b"c>" not in shown
    assert b"<sip:anonymous@anonymous.invalid>;tag=1\r\n" in shown


@pytest.mark.parametrize(
    "line",
    [
        "From: Anonymous <sip:anonymous@anonymous.invalid>;tag=1",
        'From: "anonymous"<sip:anonymous@anonymous.invalid>;tag=1',
        "From: sip:anonymous@anonymous.invalid;tag=1",
        "Contact: <sip:192.0.2.1:5060;transport=udp>;+sip.instance=1",
        "Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK-Alice",
    ],
)
def test_what_names_nobody_is_shown(line: str) -> None:
    assert masked(message(line, "Privacy: id")) == message(line, "Privacy: id")


@pytest.mark.parametrize("name", ["Subject", "s", "Organization", "Call-Info", "Reply-To"])
def test_what_a_caller_who_hides_writes_of_itself_is_hidden(name: str) -> None:
    assert masked(message(f"{name}: Alice\r\n <sip:alice@x>", "Privacy: id")) == message(
        f"{name}: (masked)", "Privacy: id"
    )


def test_who_hides_without_a_number_changes_nothing_but_signatures() -> None:
    hidden = hidden_in(message("From: <sip:anonymous@anonymous.invalid>;tag=1"))
    plain = ("From: <sip:anonymous@anonymous.invalid>;tag=1", "Via: SIP/2.0/UDP 192.0.2.1:5060")
    assert masked(message(*plain, "y: eyJ.x.y;info=<https://x>"), hidden) == message(*plain, "y: (masked)")


def test_any_bytes_are_taken_and_what_is_no_secret_stays() -> None:
    odd = b"\xff\xfe INVITE \r\n\r\n\x00a=cryptic"
    assert masked(odd) == odd
    assert masked(b"") == b""
