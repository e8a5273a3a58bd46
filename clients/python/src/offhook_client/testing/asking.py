"""One question as the platform asks it: its redirects, its further tries, and what its failure is called.

Only origins that a test names are asked, so that nothing leaves it by mistake.
"""

import re
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urljoin

import httpx2

from offhook_client.errors import BadValue, HostNotFound, TlsFailed
from offhook_client.script import LONGEST_TEXT_BYTES
from offhook_client.testing.failures import CallFailed, Failure
from offhook_client.testing.fragments import Patience, patience_of
from offhook_client.testing.requests import Pairs, Request, addressed, is_askable, origin, request, sign
from offhook_client.testing.responses import Response
from offhook_client.testing.servers import NoResponse, Server
from offhook_client.testing.settings import Setting
from offhook_client.wire import network_error

__tracebackhide__ = True

MOST_REDIRECTS = 3
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_SERVER_ERROR = 500
_BROKEN_OFF = re.compile("without sending (a response|complete message)")
RECONNECTIONS = 1
"""How often at least a server is tried again that took no connection."""


class Asking:
    """Asks the servers of one call; `requests` is every exchange so far."""

    def __init__(self, setting: Setting, servers: Mapping[str, Server]) -> None:
        self.requests: list[Request] = []
        self._setting = setting
        self._servers = servers
        self._signed = {origin(home) for home in setting.homes}

    def ask(self, url: str, event: str, result: Pairs) -> bytes | Failure:
        """Return the text that a URL answers, or why there is none."""
        if not is_askable(url):
            return Failure("bad-url", f"{url} has a host that no name can be")
        question = _Question(event, self._setting.parameters(event, result), _patience(url))
        for _ in range(1 + MOST_REDIRECTS):
            came = self._persist(question, url)
            if isinstance(came, Failure):
                return came
            leads_to = came.headers.get("Location") if came.status in _REDIRECTS else None
            if not leads_to:
                return _text(came)
            try:
                url = urljoin(self.requests[-1].url, leads_to.strip())
            except ValueError:
                url = ""
            if not is_askable(url):
                return Failure("http-status", f"the answer leads to {leads_to!r}, where nothing can be asked")
        return Failure("too-many-redirects", f"redirect number {MOST_REDIRECTS + 1} leads to {url}")

    def _persist(self, question: "_Question", url: str) -> Response | Failure:
        while True:
            came = self._exchange(question, url)
            if not question.may_be_tried_again(came):
                return came
            question.attempt += 1

    def _exchange(self, question: "_Question", url: str) -> Response | Failure:
        parameters = question.parameters
        if question.attempt > 1:
            parameters = [*parameters, ("attempt", str(question.attempt))]
        where = addressed(url, parameters)
        server = self._servers.get(origin(where))
        if server is None:
            raise CallFailed(
                f"The call is led to {where}, and nothing is set up to answer for {origin(where)}. Tell the call"
                f' who does: others={{"{origin(where)}": app}}, or None in place of the app for the network.'
            )
        signature = None
        if self._setting.secrets and origin(where) in self._signed:
            signature = sign(parameters, self._setting.secrets, int(time.time()))
        sent = request(where, question.trace_id, secrets.token_hex(8), signature)
        patience = question.patience
        sent.extensions["timeout"] = {
            "connect": patience.connect_s,
            "pool": patience.connect_s,
            "write": patience.response_s,
            "read": patience.response_s,
        }
        self.requests.append(Request(where, question.event, dict(parameters), dict(sent.headers)))
        try:
            return server.send(sent, raises=self._setting.raises)
        except NoResponse as none:
            return _failure(where, none)


@dataclass(slots=True)
class _Question:
    event: str
    parameters: Pairs
    patience: Patience
    trace_id: str = field(default_factory=lambda: secrets.token_hex(16))
    attempt: int = 1

    def may_be_tried_again(self, came: Response | Failure) -> bool:
        match came:
            case Failure(is_unseen=True):
                allowed = max(self.patience.retries, RECONNECTIONS)
            case Failure(code="timeout"):
                allowed = self.patience.retries
            case Response(status) if status >= _SERVER_ERROR:
                allowed = self.patience.retries
            case _:
                return False
        return self.attempt <= allowed


def _patience(url: str) -> Patience:
    try:
        return patience_of(url)
    except BadValue:
        # Whoever sets an action URL is told; in a `redirect` or `next` it counts for nothing.
        return Patience()


def _text(response: Response) -> bytes | Failure:
    if response.status != 200:
        sentence = f"the answer has status {response.status}, and only one with 200 is read"
        return Failure("http-status", f"{sentence}{f':{chr(10)}{response.shown}' if response.shown else ''}")
    encoding = response.headers.get("Content-Encoding", "identity")
    if encoding.lower() != "identity":
        return Failure("http-status", f"the answer is in the encoding {encoding!r}, though none was asked for")
    if len(response.body) > LONGEST_TEXT_BYTES:
        return Failure("too-long", f"the answer has more than {LONGEST_TEXT_BYTES:,} bytes")
    return response.body


def _failure(where: str, none: NoResponse) -> Failure:
    error = none.cause
    match error:
        case httpx2.ConnectTimeout() | httpx2.PoolTimeout():
            return Failure("timeout", f"{where} took no connection in time", is_unseen=True)
        case httpx2.TimeoutException():
            return Failure("timeout", f"{where} did not answer in time")
        case httpx2.RemoteProtocolError() if not _BROKEN_OFF.search(str(error)):
            return Failure("http-status", f"{where} answered something that is not HTTP: {error}")
    match network_error(where, error):
        case HostNotFound():
            return Failure("dns-failed", f"{where} has a host that was not found")
        case TlsFailed():
            return Failure("tls-failed", f"TLS with {where} failed: {error}")
    return Failure("connect-failed", f"{where} gave no whole answer: {error}", is_unseen=not none.has_begun)
