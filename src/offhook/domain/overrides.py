"""What the fragment of an action URL says about how it is asked: `#ct=500&rt=2000&rc=1`. It is never sent.

`ct` is how long we wait for a connection, `rt` for the response, both in milliseconds; `rc` how often a
time-out or a status of 500 and more is tried again.
"""

import re
from dataclasses import dataclass

from offhook.errors import InputError

CONNECT_MS = (50, 5000)
RESPONSE_MS = (100, 8000)
RETRIES = (0, 2)

_BOUNDS = {"ct": CONNECT_MS, "rt": RESPONSE_MS, "rc": RETRIES}
_NUMBER = re.compile("0|[1-9][0-9]{0,4}")


@dataclass(frozen=True, slots=True)
class Overrides:
    """What is set; None is the platform's own."""

    connect_s: float | None = None
    response_s: float | None = None
    retries: int | None = None


PLAIN = Overrides()


def overrides(url: str) -> Overrides:
    """Return what the URL's fragment sets; without one it is nothing.

    Raises:
        InputError: The fragment says something else, the same twice, or a number out of bounds (`fragment`).
    """
    _, _, fragment = url.partition("#")
    if not fragment:
        return PLAIN
    found: dict[str, int] = {}
    for part in fragment.split("&"):
        name, _, value = part.partition("=")
        if name not in _BOUNDS:
            raise InputError("fragment", f"behind # stand only ct, rt and rc, as in #ct=500&rt=2000&rc=1, not {part!r}")
        if name in found:
            raise InputError("fragment", f"{name} stands twice behind #")
        least, most = _BOUNDS[name]
        if not _NUMBER.fullmatch(value) or not least <= int(value) <= most:
            raise InputError("fragment", f"{name} is a whole number from {least} to {most}, not {value[:20]!r}")
        found[name] = int(value)
    return Overrides(
        connect_s=found["ct"] / 1000 if "ct" in found else None,
        response_s=found["rt"] / 1000 if "rt" in found else None,
        retries=found.get("rc"),
    )
