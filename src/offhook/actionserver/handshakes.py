"""What went wrong with TLS, in plain words, and what to do about it: pure.

OpenSSL tells it by numbers and by names of its own; both are stable, and its sentences are for its authors.
"""

from ssl import SSLCertVerificationError

_CHAIN = (
    "its certificate leads to no authority that is trusted here",
    (
        "Have the server send its whole chain, intermediate certificates too; a private authority must be trusted here:"
        " the environment variable SSL_CERT_FILE."
    ),
)
_SELF_SIGNED_HINT = (
    "Get a certificate of an authority that everybody trusts, or trust this one here: the environment variable"
    " SSL_CERT_FILE."
)
_OTHER_NAME_HINT = "Use the name that stands in the certificate, or get a certificate for this one."
_WEAK_HINT = "Get a certificate with an RSA key of 2048 bits or an elliptic curve, signed with SHA-256."
_BY_VERDICT = {
    9: (
        "its certificate is not valid yet",
        "Wait for the certificate's first day, or set both clocks by NTP: one of them may be wrong.",
    ),
    18: ("its certificate is self-signed", _SELF_SIGNED_HINT),
    19: ("its certificate comes from an authority that is not trusted here", _SELF_SIGNED_HINT),
    20: _CHAIN,
    21: _CHAIN,
    62: ("", _OTHER_NAME_HINT),
    64: ("", _OTHER_NAME_HINT),
    66: ("its certificate has a key that is too short", _WEAK_HINT),
    67: ("its authority's certificate has a key that is too short", _WEAK_HINT),
    68: ("its certificate is signed with a hash that is too weak", _WEAK_HINT),
}
"""By the X509_V_ERR of OpenSSL; where the words are missing, its own say more."""

_NO_TLS = (
    "it does not speak TLS at this port",
    "If the server has no https, write http:// in the URL; else name the port at which it speaks https.",
)
_TOO_OLD = ("it speaks only versions of TLS that are too old", "Switch TLS 1.2 or 1.3 on at the server.")
_NO_CIPHER = (
    "it and we have no cipher in common",
    "Allow the usual ciphers of TLS 1.2 and 1.3 at the server, and see that it has a certificate for this name.",
)
_OWN_CERTIFICATE = (
    "it wants a certificate of ours, and there is none",
    "Let our requests in without a client certificate, and check their signature instead.",
)
_UNKNOWN_NAME = ("it has no site of this name", "Add the name of the URL to the web server's sites and certificates.")
_BY_REASON = {
    "WRONG_VERSION_NUMBER": _NO_TLS,
    "HTTP_REQUEST": _NO_TLS,
    "PACKET_LENGTH_TOO_LONG": _NO_TLS,
    "RECORD_LAYER_FAILURE": _NO_TLS,
    "UNSUPPORTED_PROTOCOL": _TOO_OLD,
    "TLSV1_ALERT_PROTOCOL_VERSION": _TOO_OLD,
    "SSLV3_ALERT_HANDSHAKE_FAILURE": _NO_CIPHER,
    "TLSV1_ALERT_INSUFFICIENT_SECURITY": _NO_CIPHER,
    "TLSV13_ALERT_CERTIFICATE_REQUIRED": _OWN_CERTIFICATE,
    "TLSV1_UNRECOGNIZED_NAME": _UNKNOWN_NAME,
    "TLSV1_ALERT_UNRECOGNIZED_NAME": _UNKNOWN_NAME,
}
_HINT = "Check that its certificate is valid, names this host and comes with its chain."

BROKEN_OFF = (
    "it broke off the handshake",
    (
        "See the server's log: the port may speak no TLS (then write http:// in the URL), or only versions that are too"
        " old, or want a client certificate."
    ),
)
"""A connection that ended while TLS was being agreed on, without a word."""


def trouble(error: OSError) -> tuple[str, str]:
    """Return what is wrong with TLS, and what to do."""
    if isinstance(error, SSLCertVerificationError):
        words, hint = _BY_VERDICT.get(error.verify_code, ("", _HINT))
        return words or f"{error.verify_message}", hint
    reason = getattr(error, "reason", None) or ""
    words, hint = _BY_REASON.get(reason, ("", _HINT))
    return words or reason.replace("_", " ").lower() or error.strerror or str(error) or "no reason is given", hint
