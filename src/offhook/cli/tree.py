"""Which commands there are: each is imported when it is named.

For the help of all of them their first lines are enough. They stand here once more, and a test holds them against the
commands' own.
"""

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

import typer
from typer.core import TyperCommand, TyperGroup

from offhook.cli.options import new_app

if TYPE_CHECKING:
    # typer gives no other name to them.
    from typer._click.core import Command, Context
    from typer._click.formatting import HelpFormatter

COMMANDS = {
    "serve": "Run the platform until SIGTERM or Ctrl-C.",
    "doctor": "Say what is the matter with a number and with this machine, and what to do about it.",
    "dial": "Call a number and save what is heard.",
    "phone": "Take every call, and tell what happens to it.",
    "demo": "Hear it work: real calls on loopback.",
    "conformance": "Check all that an action server does, with cures.",
    "replay": "Show what new code changes for an old call.",
    "explain": "Explain a code: what happened, likely causes, what to do.",
    "accounts": "Customers: their credit, their API users and their trunks.",
    "numbers": "The pool of dial-in numbers.",
    "trunks": "The carriers' gateways that calls come from and transfers go out through.",
    "tariffs": "What transfers cost: rates by the digits that a number begins with.",
    "calls": "The log of calls.",
    "recordings": "What callers said.",
    "ledger": "The books: every credit that ever moved.",
    "webhooks": "Webhooks: events that customers' servers are told.",
    "actions": "The language of action servers.",
    "database": "The database: SQLite, or PostgreSQL when that is outgrown.",
}
"""First lines by name. A module of this package has the name: it has an `app` of verbs, or the one command itself."""


class Tree(TyperGroup):
    """The outermost group."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        self.commands = {name: TyperCommand(name=name, help=line) for name, line in COMMANDS.items()}

    def get_command(self, ctx: "Context", cmd_name: str) -> "Command | None":  # noqa: ARG002 (typer gives it)
        """Return a command, None if there is none of the name."""
        return imported(cmd_name) if cmd_name in self.commands else None

    def format_commands(self, ctx: "Context", formatter: "HelpFormatter") -> None:
        """Write names and first lines."""
        TyperGroup(name=self.name, commands=[*self.commands.values()]).format_commands(ctx, formatter)


@cache
def imported(name: str) -> "Command":
    """Return a command with its options, or a noun with its verbs."""
    module = import_module(f"offhook.cli.{name}")
    joined = new_app("")
    if hasattr(module, "app"):
        joined.add_typer(module.app, name=name)
    else:
        joined.command(name)(getattr(module, name))
    return typer.main.get_group(joined).commands[name]
