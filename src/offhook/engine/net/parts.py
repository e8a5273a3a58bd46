"""What every line needs, put together once by the switchboard."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from offhook.engine.call import Limits
from offhook.engine.net.endpoint import Endpoint
from offhook.engine.net.media_pool import MediaPool
from offhook.engine.net.ports import ActionServers, Desk, Sounds

if TYPE_CHECKING:
    from offhook.engine.net.line import Line


@dataclass(frozen=True, slots=True)
class Parts:
    """The rooms and machines that a call touches."""

    endpoint: Endpoint
    media: MediaPool
    desk: Desk
    servers: ActionServers
    sounds: Sounds
    limits: Limits
    on_over: "Callable[[Line], None]"
