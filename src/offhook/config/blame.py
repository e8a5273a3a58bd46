"""Where a value in force was written, so that a bad one can be found."""

import difflib
import os
import re
from collections.abc import Mapping
from pathlib import Path

from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from offhook.errors import SetupError

PREFIX = "OFFHOOK_"
CONFIG_VARIABLE = "OFFHOOK_CONFIG"
CONFIG_FILE = "offhook.toml"


def config_path() -> Path:
    """Return the file of settings, which need not be there unless it was named; raises SetupError."""
    named = os.environ.get(CONFIG_VARIABLE)
    if not named:
        return Path(CONFIG_FILE)
    try:
        is_file = Path(named).is_file()
    except OSError as error:
        raise SetupError(f"{CONFIG_VARIABLE} names {named}, which cannot be read: {error}") from None
    if not is_file:
        raise SetupError(f"{CONFIG_VARIABLE} names {named}, which is not a file")
    return Path(named)


def explain(
    error: ErrorDetails, fields: Mapping[str, FieldInfo], given: Mapping[str, object], path: Path
) -> SetupError:
    """Say of a value that cannot be: where it was written, why, and what the setting is for."""
    name = str(error["loc"][0])
    origin = _origin(name, given, path)
    if error["type"] == "extra_forbidden":
        near = difflib.get_close_matches(name.replace("-", "_"), fields, n=1)
        hint = f"did you mean {near[0]}?" if near else f"the settings are {', '.join(fields)}"
        return SetupError(f"{origin}: there is no setting {name!r}", hint=hint)
    reason = error.get("ctx", {}).get("error", error["msg"])
    # These URLs may hold a password, which must not land in a log.
    shown = "" if name in ("database", "smtp") else f" {str(error['input'])[:80]!r}"
    return SetupError(f"{origin}:{shown} is not possible: {reason}", hint=fields[name].description or "")


def _origin(name: str, given: Mapping[str, object], path: Path) -> str:
    """Say where the value in force was written."""
    if name in given:
        return f"--{name.replace('_', '-')}"
    variables = {variable.upper() for variable, value in os.environ.items() if value}
    if PREFIX + name.upper() in variables:
        return PREFIX + name.upper()
    place = re.compile(rf"\s*(?:\[\s*)?[\"']?{re.escape(name)}[\"']?\s*(?:[.=]|\])")
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if place.match(line):
            return f"{path} line {number}"
    return str(path)
