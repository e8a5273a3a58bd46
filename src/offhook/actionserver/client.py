"""Action servers are asked here: the request of ACTIONS, its redirects, its second try, its limits.

Read `ActionServers.ask` first. What a server does never raises: it becomes a `Failure` with a
code and a sentence, and every HTTP exchange on the way a `Try` for the timeline.
"""

import asyncio
import secrets
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace

from aiohttp import ClientResponse, ClientSession
from multidict import CIMultiDict
from yarl import URL

from offhook import __version__
from offhook.actionserver.breaker import SERVER_ERROR, Breakers, is_up
from offhook.actionserver.errors import BadStatus, ConnectFailed, ConnectTimedOut, TimedOut, TooLong, TooManyRedirects
from offhook.actionserver.exchange import Exchange, host, location, refuse_encoded, skew
from offhook.actionserver.limits import Limits
from offhook.actionserver.responses import beginning, shown_headers
from offhook.actionserver.signature import HEADER, sign
from offhook.actionserver.statuses import advice, refusal
from offhook.actionserver.targets import is_address, lacking, origin, parsed, sendable, shown, with_parameters
from offhook.domain import overrides
from offhook.domain.questions import Answer, Failure, Question, Try
from offhook.domain.remarks import Remark
from offhook.errors import ActionServerError, InputError

USER_AGENT = f"Offhook/{__version__}"
OK = 200
RECONNECTIONS = 1
"""How often at least a server is tried again that took no connection: nobody has seen the request."""


class ActionServers:
    """All the action servers there are, behind one session (see `sessions.open_session`).

    `token` makes that many random bytes, in hex, for `traceparent`; `wall` tells Unix time for signatures.
    """

    def __init__(
        self,
        session: ClientSession,
        limits: Limits,
        *,
        breakers: Breakers | None = None,
        token: Callable[[int], str] = secrets.token_hex,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self._session = session
        self._limits = limits
        self._breakers = Breakers() if breakers is None else breakers
        self._token = token
        self._wall = wall

    async def ask(self, question: Question, *, signed_origins: Collection[str] = ()) -> Answer | Failure:
        """Ask, follow redirects, try again what may be tried again, and tell how it went.

        Requests to the origins of the question's homes are signed with its secrets; to another
        origin only if it is among `signed_origins` (`https://host`, with the port if it is unusual).
        """
        chase = _Chase(
            question=question,
            until=asyncio.get_running_loop().time() + self._limits.total_s,
            trace_id=self._token(16),
            signed={known.lower() for known in signed_origins},
            limits=self._limits,
        )
        chase.heed_fragment()
        try:
            body = await self._follow(chase)
        except ActionServerError as error:
            return Failure(error.code, _told(error), tuple(chase.tries))
        return Answer(body, tuple(chase.tries))

    async def _follow(self, chase: "_Chase") -> bytes:
        url = sendable(chase.question.url)
        chase.signed |= {origin(parsed(sendable(home))) for home in chase.question.homes or (url,)}
        for _ in range(1 + self._limits.redirects):
            came = await self._reach(chase, url)
            if isinstance(came, bytes):
                return came
            url = came
        raise TooManyRedirects(
            f"{host(parsed(url))} is where redirect number {self._limits.redirects + 1} leads; that is one too many.",
            hint="Set the action URL to where the redirects end, or check that they do not go in a circle.",
        )

    async def _reach(self, chase: "_Chase", url: str) -> bytes | str:
        """Ask one URL if its origin's breaker lets us, and tell the breaker what came of it."""
        clock = asyncio.get_running_loop().time
        passed = self._breakers.enter(chase.question.account_id, origin(parsed(url)), clock())
        failure: ActionServerError | None = None
        was_up: bool | None = None
        try:
            came = await self._persist(chase, url)
            was_up = True
        except ActionServerError as error:
            failure, was_up = error, is_up(error, chase.tries[-1].status)
            raise
        finally:
            if failure is not None and was_up is False:
                self._breakers.failed(passed, failure, clock())
            elif was_up:
                self._breakers.succeeded(passed, clock())
            else:
                # We must not ask there, or the caller is gone.
                self._breakers.gave_up(passed, clock())
        return came

    async def _persist(self, chase: "_Chase", url: str) -> bytes | str:
        """Ask one URL, and again for as long as that may help and the time of the whole question allows it."""
        while True:
            try:
                return await self._exchange(chase, url)
            except ActionServerError as error:
                if not chase.may_try_again(error) or asyncio.get_running_loop().time() >= chase.until:
                    raise
            chase.attempt += 1

    async def _exchange(self, chase: "_Chase", url: str) -> bytes | str:
        """Make one HTTP exchange: return the body, or the URL that the response sends us on to."""
        parameters = chase.parameters()
        target = parsed(with_parameters(url, lacking(url, parameters)))
        headers = self._headers(chase, target, parameters)
        started = time.monotonic()
        status = failure = skew_s = None
        told: tuple[tuple[str, str], ...] = ()
        body = ""
        exchange = Exchange(target, chase.limits, chase.until)
        try:
            async with exchange, await exchange.get(self._session, headers) as response:
                status, told = response.status, shown_headers(response)
                skew_s = skew(response.headers.get("Date", ""), self._wall())
                onward = location(response)
                if onward is None and status != OK:
                    body = beginning(response)
                came = onward or await self._body(response)
        except ActionServerError as error:
            failure = error
            raise
        finally:
            chase.tries.append(
                Try(
                    url=shown(target),
                    attempt=chase.attempt,
                    status=status,
                    elapsed_ms=round((time.monotonic() - started) * 1000, 1),
                    code=failure.code if failure else None,
                    text=_told(failure) if failure else "",
                    warning="" if chase.tries else chase.warning,
                    times=exchange.steps.times(has_name=not is_address(target.host or "")),
                    headers=told,
                    body=body,
                    is_signed=HEADER in headers,
                    skew_s=skew_s,
                    was_sent=bool(exchange.steps.sent_at),
                )
            )
        return came

    async def _body(self, response: ClientResponse) -> bytes:
        if response.status != OK:
            raise BadStatus(
                f"{host(response.url)} {refusal(response.status)}.",
                hint=advice(
                    response.status,
                    is_signed=HEADER in response.request_info.headers,
                    wants_login="WWW-Authenticate" in response.headers,
                ),
            )
        refuse_encoded(response)
        limit = self._limits.body_bytes
        body = await response.content.readany()
        while not response.content.at_eof() and len(body) <= limit:
            body += await response.content.readany()
        if len(body) > limit:
            raise TooLong(
                f"{host(response.url)} answered with more than {limit} bytes.",
                hint="An answer is a few lines of text; check that the URL leads to the action server.",
            )
        return body

    def _headers(self, chase: "_Chase", target: URL, parameters: tuple[tuple[str, str], ...]) -> CIMultiDict[str]:
        headers = CIMultiDict(
            {
                "User-Agent": USER_AGENT,
                "Accept": "text/plain",
                "Accept-Encoding": "identity",
                # W3C Trace Context, section 3.2: one trace for the question, one parent for each exchange.
                "traceparent": f"00-{chase.trace_id}-{self._token(8)}-01",
            }
        )
        if chase.question.secrets and origin(target) in chase.signed:
            # Our own values are signed, whatever a Location made of them: we sign nothing that others wrote.
            headers[HEADER] = sign(parameters, chase.question.secrets, int(self._wall()))
        return headers


@dataclass(slots=True)
class _Chase:
    """One question on its way: what it may still use and what it has met so far."""

    question: Question
    until: float
    trace_id: str
    signed: set[str]
    limits: Limits
    retries: int = 0
    warning: str = ""
    attempt: int = 1
    tries: list[Try] = field(default_factory=list)

    def heed_fragment(self) -> None:
        """Take limits and retries from the URL's fragment; one that cannot be read is told of and overlooked."""
        try:
            wanted = overrides.overrides(self.question.url)
        except InputError as error:
            self.warning = f"{Remark.BAD_FRAGMENT}: {error.sentence}"
            return
        self.retries = wanted.retries or 0
        self.limits = replace(
            self.limits,
            connect_s=wanted.connect_s or self.limits.connect_s,
            response_s=wanted.response_s or self.limits.response_s,
        )

    def may_try_again(self, error: ActionServerError) -> bool:
        """Tell whether a failure is worth another try, however much time is left."""
        match error:
            case ConnectFailed() | ConnectTimedOut():
                allowed = max(self.retries, RECONNECTIONS)
            case TimedOut():
                allowed = self.retries
            case BadStatus() if (self.tries[-1].status or 0) >= SERVER_ERROR:
                allowed = self.retries
            case _:
                return False
        return self.attempt <= allowed

    def parameters(self) -> tuple[tuple[str, str], ...]:
        if self.attempt == 1:
            return self.question.parameters
        return (*self.question.parameters, ("attempt", str(self.attempt)))


def _told(error: ActionServerError) -> str:
    return f"{error.sentence} {error.hint}".strip()
