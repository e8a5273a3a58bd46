"""The account of a running platform, before some calls and after: it paid what they cost, and nothing stays held."""

import asyncio
from typing import Any

from running_platform import RunningPlatform
from stages import until_no_port_is_held

SETTLED_S = 15


class Books:
    """Opened before the calls of a test, once those of the test before are settled."""

    def __init__(self, platform: RunningPlatform) -> None:
        self._platform = platform
        self._before = self._settled()

    async def add_up(self, cost: float) -> None:
        """Wait until every port is free and every hold is settled, and check what was paid since."""
        await until_no_port_is_held(self._platform)
        after = await asyncio.to_thread(self._settled)
        assert after["balance"] == after["available"] == self._before["balance"] - cost

    def _settled(self) -> Any:
        def look() -> Any:
            account = self._platform.api("GET", "/account/")
            return account if account["held"] == 0 else None

        return self._platform.wait_until(look, within_s=SETTLED_S, what="settled books")
