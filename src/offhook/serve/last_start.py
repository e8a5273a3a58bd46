"""With which options a node was started, kept in its data folder for as long as it runs.

The doctor examines a node from another process, which sees the environment and `offhook.toml`, but no command line.
"""

import json
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from offhook.config import Settings
from offhook.errors import SetupError

FILE = "started-with.json"
KEPT = ("http", "sip", "rtp_ports", "allow_addresses")
"""Not the database: its URL may hold a password."""


def keep(folder: Path, options: Mapping[str, str | None]) -> None:
    """Note the options of a node that begins; one that cannot be noted is started all the same."""
    given = {name: options[name] for name in KEPT if options.get(name) is not None}
    with suppress(OSError):
        (folder / FILE).write_text(json.dumps(given), encoding="utf-8")


def forget(folder: Path) -> None:
    """Take the note away, because the node has ended."""
    with suppress(OSError):
        (folder / FILE).unlink()


def load(**options: object) -> Settings:
    """Return the settings as the node of this data folder was started; options that are given count more.

    Raises:
        SetupError: A setting is not possible.
    """
    settings = Settings.load(**options)
    kept = _kept(settings.data_folder)
    if not kept:
        return settings
    try:
        return Settings.load(**{**kept, **{name: value for name, value in options.items() if value is not None}})
    except SetupError:
        # Somebody wrote into the note: what is set is known all the same.
        return settings


def _kept(folder: Path) -> dict[str, str]:
    try:
        found = json.loads((folder / FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    if not isinstance(found, dict):
        return {}
    return {name: found[name] for name in KEPT if isinstance(found.get(name), str)}
