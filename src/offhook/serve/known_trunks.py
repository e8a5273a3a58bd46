"""The trunks that the engine knows: as they are in the database, and again whenever somebody changes them."""

import asyncio
from collections.abc import Sequence

from offhook.domain.routes import Route
from offhook.domain.trunks import Trunk
from offhook.engine.net.switchboard import Switchboard
from offhook.engine.sip.digest import Hashed
from offhook.engine.sip.doorkeeper import Peer
from offhook.serve.rounds import repeat
from offhook.service import trunks
from offhook.service.ports import Database

POLL_S = 1.0
"""How often a node asks whether something that it keeps in memory has changed; at most 2 s are promised."""
CANNOT = "changes cannot be read now"


class KnownTrunks:
    """Lets the engine know the trunks, and again when they are others."""

    def __init__(self, database: Database, switchboard: Switchboard) -> None:
        self._database = database
        self._switchboard = switchboard
        self._version = -1
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to follow what the command line or another node changes."""
        self._task = asyncio.create_task(repeat(self.look, POLL_S, or_else=CANNOT))

    def stop(self) -> None:
        """End."""
        if self._task is not None:
            self._task.cancel()

    async def look(self) -> None:
        """Let in what has changed since the last look. Raises DatabaseAway."""
        version = await self._database.read(trunks.version)
        if version != self._version:
            _let_in(self._switchboard, await self._database.read(trunks.list_trunks))
            self._version = version


def _let_in(switchboard: Switchboard, known: Sequence[Trunk]) -> None:
    # Who registers does not do it again for other rules.
    homes = [Route(trunk.name, trunk.send, trunk.pass_caller, login=trunk.login) for trunk in known if trunk.registers]
    ways = [Route(trunk.name, trunk.send, trunk.pass_caller, trunk.rules, trunk.login) for trunk in known if trunk.send]
    switchboard.use_trunks(
        [(trunk.name, trunk.sources) for trunk in known],
        {trunk.name: trunk.rules for trunk in known},
        registered=homes,
        checked=[way for way in ways if way.rules.check_every_s],
        peers=[
            Peer(
                trunk.name, trunk.peer.user, Hashed(trunk.peer.sha_256, trunk.peer.md5), has_sources=bool(trunk.sources)
            )
            for trunk in known
            if trunk.peer
        ],
    )
