"""What we prove by TLS, and what we ask others to prove (RFC 5922, RFC 8446)."""

import ssl
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from offhook.engine.sip.errors import MalformedMessage
from offhook.engine.sip.uri import parse_uri
from offhook.errors import SetupError


@dataclass(frozen=True, slots=True)
class TlsFiles:
    """PEM files: our certificate with its chain, its key, and the authorities we trust (None: the system's)."""

    certificate: Path | None = None
    key: Path | None = None
    authorities: Path | None = None

    def serving(self) -> ssl.SSLContext | None:
        """Return what we answer with, None without a certificate. Raises `SetupError`.

        A peer may show a certificate of its own; it must be good then.
        """
        if self.certificate is None:
            return None
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        self._show_ours(context)
        if self.authorities is not None:
            self._trust(context)
            context.verify_mode = ssl.CERT_OPTIONAL
        return context

    def ask(self, context: ssl.SSLContext) -> None:
        """Ask whoever connects from now on for a certificate; who shows none still comes in. Raises `SetupError`."""
        if self.authorities is None:
            context.load_default_certs(ssl.Purpose.CLIENT_AUTH)
            context.verify_mode = ssl.CERT_OPTIONAL

    def calling(self) -> ssl.SSLContext:
        """Return what we call with: the peer must prove its name, and sees our certificate if it asks.

        Raises `SetupError`.
        """
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        if self.authorities is not None:
            self._trust(context)
        else:
            context.load_default_certs()
        if self.certificate is not None:
            self._show_ours(context)
        return context

    def _show_ours(self, context: ssl.SSLContext) -> None:
        assert self.certificate is not None, "the caller has looked"
        try:
            context.load_cert_chain(self.certificate, self.key)
        except (OSError, ssl.SSLError) as error:
            raise SetupError(
                f"the TLS certificate {self.certificate} cannot be used: {error}",
                hint="tls_certificate and tls_key name PEM files that belong together",
            ) from error

    def _trust(self, context: ssl.SSLContext) -> None:
        try:
            context.load_verify_locations(self.authorities)
        except (OSError, ssl.SSLError) as error:
            raise SetupError(
                f"the TLS authorities {self.authorities} cannot be used: {error}",
                hint="tls_authorities names a PEM file of certificates",
            ) from error


def cause_of(error: OSError | ssl.SSLError | TimeoutError) -> str:
    """Return in words why no connection was made; what OpenSSL says besides is for its own developers."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not believed: {error.verify_message.rstrip('.')}"
    if isinstance(error, ssl.SSLError):
        return f"it does not speak TLS as we do: {(error.reason or str(error)).replace('_', ' ').lower()}"
    if isinstance(error, TimeoutError):
        return "nobody answered"
    return error.strerror or str(error) or "it was closed at once"


def names_in(certificate: Mapping[str, object] | None) -> frozenset[str]:
    """Return whom a verified certificate, as `ssl` tells of it, names: hosts and addresses in lower case.

    Only `subjectAltName` counts, and a SIP URI in it only if it names a host and no user (RFC 5922 section 7.1).
    """
    said = (certificate or {}).get("subjectAltName", ())
    assert isinstance(said, Iterable), "a tuple of pairs"
    return frozenset(name.lower() for kind, value in said if (name := _name(kind, value)))


def _name(kind: str, value: str) -> str:
    if kind in ("DNS", "IP Address"):
        return value
    if kind == "URI":
        try:
            uri = parse_uri(value)
        except MalformedMessage:
            # Of another scheme: it says nothing about SIP.
            return ""
        return uri.host if uri.scheme == "sip" and not uri.user else ""
    return ""
