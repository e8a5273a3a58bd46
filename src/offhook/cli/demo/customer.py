"""The customer of the demo: talks to the HTTP API with what every Python has."""

import base64
import time
from decimal import Decimal
from http.client import HTTPConnection, HTTPException
from urllib.parse import urlencode, urlsplit

from offhook.cli.demo.documents import credits_of, read_document, read_list, text_of
from offhook.cli.documents import Document
from offhook.cli.errors import DemoFailed

REQUEST_S = 10.0
READY_S = 15.0
ENDED_S = 10.0
LOOK_S = 0.05
FORM = "application/x-www-form-urlencoded"
DINS = "/voice/dins/"
SUBSCRIPTIONS = "/voice/dins/subscriptions/"
CALLS = "/voice/calls/"
RECORDINGS = "/voice/recordings/"


class Customer:
    """An API user of the platform at the URL `http`. Every verb raises DemoFailed."""

    def __init__(self, http: str, sid: str, token: str) -> None:
        self._host = urlsplit(http).netloc
        self._credentials = base64.b64encode(f"{sid}:{token}".encode()).decode()

    def wait_until_ready(self) -> None:
        """Return as soon as the platform says that it takes calls."""
        deadline = time.monotonic() + READY_S
        while time.monotonic() < deadline:
            try:
                if self._exchange("GET", "/readyz", {})[0] == 200:
                    return
            except (OSError, HTTPException):
                # Not listening yet.
                pass
            time.sleep(LOOK_S)
        raise DemoFailed(f"the platform was not ready within {READY_S:g} s")

    def search(self, country: str) -> list[Document]:
        """Return the free numbers of a country."""
        return read_list(self._ask("GET", f"{DINS}?{urlencode({'country': country})}"))

    def subscribe(self, din_uid: str) -> Document:
        """Take a number."""
        return read_document(self._ask("POST", SUBSCRIPTIONS, din_uid=din_uid))

    def set_action_url(self, din_uid: str, url: str) -> Document:
        """Say who is asked about the number's calls."""
        return read_document(self._ask("POST", f"{SUBSCRIPTIONS}{din_uid}/", action_url=url))

    def unsubscribe(self, din_uid: str) -> Document:
        """Give a number back."""
        return read_document(self._ask("DELETE", f"{SUBSCRIPTIONS}{din_uid}/"))

    def call_of(self, caller: str) -> Document:
        """Return the one call of a caller when it has ended."""
        deadline = time.monotonic() + ENDED_S
        while time.monotonic() < deadline:
            calls = read_list(self._ask("GET", f"{CALLS}?{urlencode({'caller': caller})}"))
            if len(calls) == 1 and calls[0]["end_time"]:
                return calls[0]
            time.sleep(LOOK_S)
        raise DemoFailed(f"the call of {caller} is not in the log as one that has ended")

    def message_of(self, call: Document) -> bytes:
        """Return what was said in a call after the beep, as a WAV file, when it is whole."""
        call_id, deadline = text_of(call, "call_id"), time.monotonic() + ENDED_S
        while time.monotonic() < deadline:
            for recording in read_list(self._ask("GET", RECORDINGS)):
                if recording["call_id"] == call_id and recording["status"] == "stored":
                    return self._fetch("GET", f"{RECORDINGS}{text_of(recording, 'recording_uid')}/audio.wav/", {})[1]
            time.sleep(LOOK_S)
        raise DemoFailed(f"the call {call_id} has left no message")

    def timeline(self, call: Document) -> list[Document]:
        """Return what happened in a call."""
        return read_list(self._ask("GET", f"{CALLS}{text_of(call, 'call_id')}/timeline/"))

    def ledger(self) -> list[Document]:
        """Return what moved the account's credit, the oldest first."""
        return read_list(self._ask("GET", "/account/ledger/"))[::-1]

    def balance(self) -> Decimal:
        """Return the account's credit."""
        return credits_of(read_document(self._ask("GET", "/account/")), "balance")

    def _ask(self, method: str, path: str, **fields: str) -> str:
        try:
            status, body = self._exchange(method, path, fields)
        except (OSError, HTTPException) as error:
            raise DemoFailed(f"{method} {path} failed: {error}") from None
        if status not in (200, 201):
            raise DemoFailed(f"{method} {path} was answered with {status}: {body}")
        return body

    def _exchange(self, method: str, path: str, fields: dict[str, str]) -> tuple[int, str]:
        status, body = self._fetch(method, path, fields)
        return status, body.decode()

    def _fetch(self, method: str, path: str, fields: dict[str, str]) -> tuple[int, bytes]:
        connection = HTTPConnection(self._host, timeout=REQUEST_S)
        headers = {"Authorization": f"Basic {self._credentials}", "Content-Type": FORM}
        try:
            connection.request(method, path, urlencode(fields) or None, headers)
            response = connection.getresponse()
            return response.status, response.read()
        finally:
            connection.close()
