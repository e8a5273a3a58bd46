"""The client for programs that wait for answers. What it can do stands in `verbs`."""

import time
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Self, TypeVar

import httpx2

from offhook_client.address import Address, credentials, timeout_of, usable_proxy
from offhook_client.answers import Answer, Page
from offhook_client.asks import Ask
from offhook_client.attempts import Attempts, Retries
from offhook_client.deadlines import Deadlines
from offhook_client.errors import NetworkError
from offhook_client.paging import Pages
from offhook_client.verbs import Verbs
from offhook_client.wire import HEADERS, Incoming, headers_of, network_error

T = TypeVar("T")


class Client(Verbs):
    """One API user of a platform. Threads may share it; close it, or use it in a `with`.

    `timeout_s` is for one try, from its connection to the last byte of its answer; a recording may take
    `asks.AUDIO_PATIENCE` times as long. `transport` is for tests and for special networks.
    """

    def __init__(
        self,
        base_url: str,
        sid: str,
        token: str,
        timeout_s: float = 30.0,
        *,
        retries: Retries | None = None,
        transport: httpx2.BaseTransport | None = None,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        self._address = Address(base_url)
        self._sid = sid
        self._retries = retries or Retries()
        self._sleep = sleep
        self._timeout_s = timeout_s
        self._deadlines = Deadlines()
        auth, timeout = credentials(sid, token), timeout_of(timeout_s)
        with usable_proxy():
            self._http = httpx2.Client(auth=auth, headers=HEADERS, timeout=timeout, transport=transport)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({str(self._address)!r}, {self._sid!r}, '***')"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close all connections."""
        self._http.close()

    def send(self, ask: Ask[T], /) -> T:
        """Send a request, again if that may help, and return what its answer means."""
        attempts = Attempts(self._retries)
        while True:
            outcome = self._try(ask)
            wait_s = attempts.wait_s(outcome)
            if wait_s is not None:
                self._sleep(wait_s)
            elif isinstance(outcome, NetworkError):
                raise outcome
            else:
                return ask.read(outcome)

    def walk(self, ask: Ask[Page[T]], /) -> Iterator[T]:
        """Iterate over a list; each page is fetched when its turn comes."""
        pages = Pages(ask)
        following: Ask[Page[T]] | None = ask
        while following is not None:
            page = self.send(following)
            yield from page.items
            following = pages.after(page)

    def _try(self, ask: Ask[T]) -> Answer | NetworkError:
        where = self._address.where(ask)
        self._deadlines.begin(self._timeout_s * ask.patience)
        try:
            with self._http.stream(
                ask.method,
                self._address.url_of(ask),
                content=ask.body,
                headers=headers_of(ask),
                extensions={"trace": self._deadlines.watch},
            ) as response:
                incoming = Incoming(where, response, ask.largest)
                for chunk in response.iter_bytes():
                    incoming.add(chunk)
        except httpx2.RequestError as error:
            return network_error(where, error)
        return incoming.answer(time.time())
