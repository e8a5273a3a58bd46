"""Webhooks: a customer's server is told something, through the same guard as when it is asked."""

import asyncio
import json
from collections.abc import Mapping

from aiohttp import ClientSession
from multidict import CIMultiDict

from offhook.actionserver.client import USER_AGENT
from offhook.actionserver.errors import BadStatus
from offhook.actionserver.exchange import Exchange, host
from offhook.actionserver.limits import Limits
from offhook.actionserver.targets import parsed, sendable


class Webhooks:
    """Posts JSON to customers' URLs, behind the session that `sessions.open_session` opens."""

    def __init__(self, session: ClientSession, limits: Limits) -> None:
        self._session = session
        self._limits = limits

    async def post(self, url: str, document: Mapping[str, object]) -> None:
        """Post a document; any status of 200 to 299 means that it arrived, and redirects are not followed.

        The answer's body is not read. Raises a leaf of ActionServerError.
        """
        target = parsed(sendable(url))
        headers = CIMultiDict({"User-Agent": USER_AGENT, "Content-Type": "application/json"})
        body = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
        until = asyncio.get_running_loop().time() + self._limits.total_s
        async with (
            Exchange(target, self._limits, until) as exchange,
            await exchange.post(self._session, headers, body) as response,
        ):
            if not 200 <= response.status < 300:
                raise BadStatus(
                    f"{host(target)} answered with status {response.status}.",
                    hint="A webhook answers 200 when it has taken the notice.",
                )
            # What else it says is of no use, and a connection with unread bytes is not used again.
            response.close()
