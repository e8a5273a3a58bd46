"""What OpenSSL finds wrong, told in words that somebody can act on."""

import ssl

import pytest

from offhook.actionserver.handshakes import trouble


def refused(code: int, message: str) -> ssl.SSLCertVerificationError:
    error = ssl.SSLCertVerificationError(1, "certificate verify failed")
    error.verify_code, error.verify_message = code, message
    return error


def broken(reason: str) -> ssl.SSLError:
    error = ssl.SSLError(1, f"[SSL: {reason}] some words (_ssl.c:1006)")
    error.reason = reason
    return error


@pytest.mark.parametrize(
    ("code", "said", "words", "cure"),
    [
        (9, "certificate is not yet valid", "its certificate is not valid yet", "clocks"),
        (18, "self-signed certificate", "its certificate is self-signed", "SSL_CERT_FILE"),
        (19, "self-signed certificate in certificate chain", "from an authority that is not trusted", "SSL_CERT_FILE"),
        (20, "unable to get local issuer certificate", "leads to no authority", "whole chain"),
        (21, "unable to verify the first certificate", "leads to no authority", "whole chain"),
        (
            62,
            "Hostname mismatch, certificate is not valid for 'x.example'.",
            "certificate is not valid for 'x.example'",
            "name",
        ),
        (64, "IP address mismatch, certificate is not valid for '192.0.2.1'", "IP address mismatch", "name"),
        (66, "EE certificate key too weak", "a key that is too short", "2048"),
        (67, "CA certificate key too weak", "authority's certificate", "2048"),
        (68, "CA signature digest algorithm too weak", "a hash that is too weak", "SHA-256"),
        (23, "certificate revoked", "certificate revoked", "valid"),
    ],
)
def test_a_certificate_that_is_not_trusted_is_told_with_its_own_cure(
    code: int, said: str, words: str, cure: str
) -> None:
    why, hint = trouble(refused(code, said))
    assert words in why
    assert cure in hint


@pytest.mark.parametrize(
    ("reason", "words", "cure"),
    [
        ("WRONG_VERSION_NUMBER", "does not speak TLS", "http://"),
        ("HTTP_REQUEST", "does not speak TLS", "http://"),
        ("TLSV1_ALERT_PROTOCOL_VERSION", "too old", "TLS 1.2"),
        ("UNSUPPORTED_PROTOCOL", "too old", "TLS 1.2"),
        ("SSLV3_ALERT_HANDSHAKE_FAILURE", "no cipher in common", "ciphers"),
        ("TLSV13_ALERT_CERTIFICATE_REQUIRED", "a certificate of ours", "signature"),
        ("TLSV1_UNRECOGNIZED_NAME", "no site of this name", "sites"),
        ("SOMETHING_NEW", "something new", "certificate"),
    ],
)
def test_a_handshake_that_fails_is_told_without_names_of_the_library(reason: str, words: str, cure: str) -> None:
    why, hint = trouble(broken(reason))
    assert words in why
    assert cure in hint
    assert "_ssl.c" not in why


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (ssl.SSLError("no more"), "no more"),
        (OSError(5, "Input/output error"), "Input/output"),
        (OSError(), "no reason"),
    ],
)
def test_what_names_no_reason_is_told_as_far_as_it_is_known(error: OSError, words: str) -> None:
    assert words in trouble(error)[0]
