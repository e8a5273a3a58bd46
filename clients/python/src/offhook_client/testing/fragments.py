"""What an action URL's fragment says about how it is asked: `#ct=500&rt=2000&rc=1`. It is never sent."""

import re
from dataclasses import dataclass

from offhook_client.errors import BadValue

_BOUNDS = {"ct": (50, 5000), "rt": (100, 8000), "rc": (0, 2)}
_NUMBER = re.compile("0|[1-9][0-9]{0,4}")


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds for the connection and the response, and how often a time-out or a 5xx is tried again."""

    connect_s: float = 2.0
    response_s: float = 5.0
    retries: int = 0


def patience_of(url: str) -> Patience:
    """Read a URL's fragment; raises BadValue."""
    fragment = url.partition("#")[2]
    found: dict[str, int] = {}
    for part in fragment.split("&") if fragment else ():
        name, _, value = part.partition("=")
        least, most = _BOUNDS.get(name, (0, -1))
        if name in found or not _NUMBER.fullmatch(value) or not least <= int(value) <= most:
            bounds = ", ".join(f"{key}={low} to {high}" for key, (low, high) in _BOUNDS.items())
            raise BadValue(f"{part!r} cannot stand behind the # of an action URL, but {bounds} can, each once.")
        found[name] = int(value)
    return Patience(found.get("ct", 2000) / 1000, found.get("rt", 5000) / 1000, found.get("rc", 0))
