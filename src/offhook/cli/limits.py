"""The options and the words of limits, which accounts and numbers share."""

from typing import TYPE_CHECKING, Annotated

import typer

from offhook.cli.output import amount, show

if TYPE_CHECKING:
    from offhook.domain.limits import Limit

CallsAtOnce = Annotated[int | None, typer.Option("--calls", metavar="N", help="Calls at once.")]
CallsPerMinute = Annotated[int | None, typer.Option("--per-minute", metavar="N", help="Calls that begin in a minute.")]
SpendPerDay = Annotated[
    str | None, typer.Option("--per-day", metavar="AMOUNT", help="Credits that calls may cost a day (UTC).")
]


def credits_or_none(written: str | None) -> int | None:
    """Read an amount that may be left out, as micro-credits. Raises InputError."""
    from offhook.domain.credits import from_credits

    return None if written is None else from_credits(written)


def show_limit(whose: str, limit: "Limit", *, as_json: bool) -> None:
    """Print what is allowed from now on."""
    from offhook.domain.credits import to_credits

    spend = limit.spend_per_day
    words = [
        f"{limit.calls_at_once} calls at once" if limit.calls_at_once is not None else "",
        f"{limit.calls_per_minute} calls a minute" if limit.calls_per_minute is not None else "",
        f"{amount(spend)} credits a day" if spend is not None else "",
    ]
    said = ", ".join(word for word in words if word) or "no limit of its own"
    show(
        {
            "calls_at_once": limit.calls_at_once,
            "calls_per_minute": limit.calls_per_minute,
            "spend_per_day": None if spend is None else to_credits(spend),
        },
        lambda: f"{whose}: {said}",
        as_json=as_json,
    )
