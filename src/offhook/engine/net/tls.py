"""What we prove by TLS, and what we ask others to prove (RFC 5922, RFC 8446)."""

import ssl
from dataclasses import dataclass
from pathlib import Path

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
