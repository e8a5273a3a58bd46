"""One connection by TLS in memory, both of its ends: what is sealed here is opened there, without a socket."""

import ssl
import tempfile
from contextlib import suppress
from pathlib import Path

from certificates import tls_files

NAME = "bench.example"
READ_BYTES = 65_536


class TlsLine:
    """A connection whose handshake is done, with the contexts that the engine makes."""

    def __init__(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            files = tls_files(Path(folder), NAME)
            serving, calling = files.serving(), files.calling()
        assert serving is not None, "it has a certificate"
        there, back = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._caller = calling.wrap_bio(back, there, server_hostname=NAME)
        self._server = serving.wrap_bio(there, back, server_side=True)
        # Two round trips do for TLS 1.3, whichever way the tickets come.
        for end in (self._caller, self._server) * 2:
            with suppress(ssl.SSLWantReadError):
                end.do_handshake()

    def carry(self, message: bytes) -> bytes:
        """Seal a message at one end and open it at the other."""
        self._caller.write(message)
        return self._server.read(READ_BYTES)
