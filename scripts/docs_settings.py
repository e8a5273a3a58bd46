"""The page of all settings, made from `offhook.config.Settings`."""

import inspect
from collections.abc import Mapping

from pydantic.fields import FieldInfo

from offhook.cli.serve import serve
from offhook.config import Settings
from offhook.config.blame import CONFIG_FILE, CONFIG_VARIABLE, PREFIX

COMPUTED = {
    "announcements": "our own sentences",
    "database": "`sqlite:///offhook-data/offhook.db`",
    "media_workers": "the number of cores",
}
"""Defaults that are worked out when the platform starts."""

PAGE = """\
# Configuration

<!-- Made by scripts/write_docs.py from the code: change offhook.config, not this page. -->

Offhook runs without any configuration. A setting is looked for in this order; the first place that has it wins:

1. the option of `offhook serve`, where there is one;
2. the environment variable;
3. `{file}` in the current folder, or the file that `{variable}` names;
4. the default.

A value that is not possible stops the start with a sentence that says where it was written and what is wrong. So
does a name in `{file}` that is no setting. Settings are read once: restart to change them. Trunks, numbers and
accounts are no settings: they live in the database, and a running platform sees their changes within 2 seconds.

| setting | what it is | default | environment | option |
|---|---|---|---|---|
{rows}

Commands such as `offhook accounts create` read the same settings, so that they find the same database: run them in the
same folder as the platform, or set the same variables.

## {file}

```toml
http = "0.0.0.0:8080"
sip = "192.0.2.10:5060"
rtp_ports = "20000-29999"
data_folder = "/var/lib/offhook"
allow_addresses = ["10.20.0.0/16"]
log_format = "json"

[announcements]
en = "Example Limited cannot take your call at the moment."
```
"""


def page() -> str:
    """Return the page as Markdown."""
    options = inspect.signature(serve).parameters
    rows = "\n".join(_row(name, field, options) for name, field in Settings.model_fields.items())
    return PAGE.format(file=CONFIG_FILE, variable=CONFIG_VARIABLE, rows=rows)


def _row(name: str, field: FieldInfo, options: Mapping[str, object]) -> str:
    option = f"`--{name.replace('_', '-')}`" if name in options else ""
    cells = (f"`{name}`", field.description or "", _default(name, field), f"`{PREFIX}{name.upper()}`", option)
    return f"| {' | '.join(cells)} |"


def _default(name: str, field: FieldInfo) -> str:
    if field.default_factory is not None:
        return COMPUTED[name]
    return "none" if field.default in ((), None) else f"`{field.default}`"
