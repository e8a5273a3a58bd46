"""What every line needs, put together once by the switchboard."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from offhook.engine.call import Limits
from offhook.engine.net.destinations import Destinations
from offhook.engine.net.endpoint import Endpoint
from offhook.engine.net.loops import Loops
from offhook.engine.net.media_pool import MediaPool
from offhook.engine.net.ports import ActionServers, Desk, Observer, Sounds
from offhook.engine.sip.outputs import Output

if TYPE_CHECKING:
    from offhook.engine.net.line import Line


class Owner(Protocol):
    """Whose leg it is, and who hears what SIP tells of it."""

    def hear(self, output: Output) -> None: ...


@dataclass(frozen=True, slots=True)
class Parts:
    """The rooms and machines that a call touches. `legs` are the living SIP legs by name."""

    endpoint: Endpoint
    media: MediaPool
    desk: Desk
    servers: ActionServers
    sounds: Sounds
    observer: Observer
    limits: Limits
    destinations: Destinations
    legs: dict[str, Owner]
    loops: Loops
    session_id: Callable[[], int]
    on_over: "Callable[[Line], None]"
