"""The trunks that the engine knows: as they are in the database, and again whenever somebody changes them."""

import asyncio
from collections.abc import Sequence

import structlog

from offhook.domain.routes import Route
from offhook.domain.trunks import Trunk
from offhook.engine.net.switchboard import Switchboard
from offhook.engine.sip.digest import Hashed
from offhook.engine.sip.doorkeeper import Peer
from offhook.errors import OffhookError
from offhook.service import trunks
from offhook.service.ports import Database

POLL_S = 1.0
"""How often a node asks whether something that it keeps in memory has changed; at most 2 s are promised."""

log = structlog.get_logger("offhook.serve")


def let_in(switchboard: Switchboard, known: Sequence[Trunk]) -> None:
    """Let the engine know these trunks, and no others."""
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


async def follow(database: Database, switchboard: Switchboard) -> None:
    """Learn within two seconds what the command line or another node changed."""
    known = -1
    while True:
        try:
            version = await database.read(trunks.version)
            if version != known:
                let_in(switchboard, await database.read(trunks.list_trunks))
                known = version
        except OffhookError as error:
            log.warning("changes cannot be read now", code=error.code, text=error.sentence)
        await asyncio.sleep(POLL_S)
