"""How long one try may take in all, for the client that waits. (asyncio has `asyncio.timeout` for the other one.)

httpx knows how long a silence may be, and a server that sends a byte now and then is never silent. So each
connection, when httpx tells of it, learns to read no longer than until the end of its thread's present try.
"""

import math
import threading
import time
from collections.abc import Mapping
from typing import Any

import httpx2

_MADE = (".connect_tcp.complete", ".start_tls.complete")


class Deadlines(threading.local):
    """When the present try of each thread ends."""

    _at = math.inf

    def begin(self, timeout_s: float) -> None:
        """Begin a try of this thread."""
        self._at = time.monotonic() + timeout_s

    def watch(self, event: str, told: Mapping[str, Any]) -> None:
        """Take part in a request, as its `trace` extension; what matters are new connections."""
        if not event.endswith(_MADE):
            return
        connection = told["return_value"]
        read = connection.read

        def read_in_time(most_bytes: int, timeout: float | None = None) -> bytes:
            left_s = self._at - time.monotonic()
            if left_s <= 0:
                raise httpx2.ReadTimeout("")
            data: bytes = read(most_bytes, left_s if timeout is None else min(timeout, left_s))
            return data

        connection.read = read_in_time
