"""Certificates of an authority that only the tests trust."""

import ssl
from datetime import datetime, timedelta
from pathlib import Path

import trustme

from offhook.engine.net.tls import TlsFiles

AUTHORITY = trustme.CA()
VALID = timedelta(days=90)


def tls_files(folder: Path, *names: str, authority: trustme.CA = AUTHORITY) -> TlsFiles:
    """Write a certificate for these names and its key into one file each, and the authority that all trust."""
    folder.mkdir(parents=True, exist_ok=True)
    issued = authority.issue_cert(*names)
    paths = [folder / name for name in ("certificate.pem", "key.pem", "authorities.pem")]
    issued.cert_chain_pems[0].write_to_path(paths[0])
    issued.private_key_pem.write_to_path(paths[1])
    AUTHORITY.cert_pem.write_to_path(paths[2])
    return TlsFiles(*paths)


def web_server(name: str, *, expired_at: datetime | None = None) -> ssl.SSLContext:
    """Return what a web server of this name (or IP address) needs to be trusted, or was trusted with until then."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    began_at = None if expired_at is None else expired_at - VALID
    AUTHORITY.issue_cert(name, not_before=began_at, not_after=expired_at).configure_cert(context)
    return context
