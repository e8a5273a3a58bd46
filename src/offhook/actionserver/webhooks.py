"""Webhooks: a customer's server is told something, through the same guard as when it is asked."""

import asyncio
from collections.abc import Mapping

from aiohttp import ClientSession
from multidict import CIMultiDict

from offhook.actionserver.client import USER_AGENT
from offhook.actionserver.errors import BadStatus, BadUrl, Gone
from offhook.actionserver.exchange import Exchange, host
from offhook.actionserver.limits import Limits
from offhook.actionserver.targets import origin, parsed, sendable

LIMITS = Limits(response_s=10.0, total_s=15.0, connections=512, connections_per_host=32)
"""Nobody waits on the line: a server that is told something may take its time, and a few connections are enough."""
GONE = 410
SHORT_BODY = 4096
"""An answer so long is read to its end, so that its connection can be used again."""


class Webhooks:
    """Posts JSON to customers' URLs, behind the session that `sessions.open_session` opens."""

    def __init__(self, session: ClientSession, limits: Limits = LIMITS) -> None:
        self._session = session
        self._limits = limits

    async def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> None:
        """Post JSON; any status of 200 to 299 means that it arrived, and redirects are not followed.

        Raises:
            Gone: The answer's status is 410: nothing more is wanted at this URL.
            ActionServerError: Anything else in the way, by its leaf.
        """
        target = parsed(sendable(url))
        sent = CIMultiDict({"User-Agent": USER_AGENT, "Content-Type": "application/json", **headers})
        until = asyncio.get_running_loop().time() + self._limits.total_s
        async with (
            Exchange(target, self._limits, until) as exchange,
            await exchange.post(self._session, sent, body) as response,
        ):
            if response.content_length is not None and response.content_length <= SHORT_BODY:
                await response.read()
            else:
                # What it says is of no use, and a connection with unread bytes is not used again.
                response.close()
            if response.status == GONE:
                raise Gone(
                    f"{host(target)} answered with status {GONE}: the webhook was switched off.",
                    hint="Set it again when the server is there again.",
                )
            if not 200 <= response.status < 300:
                raise BadStatus(
                    f"{host(target)} answered with status {response.status}.",
                    hint="A webhook answers 200 when it has taken the event.",
                )


def origin_of(url: str) -> str:
    """Return scheme, host and port of a webhook's URL; of one that cannot be asked, the URL itself."""
    try:
        return origin(parsed(sendable(url)))
    except BadUrl:
        return url
