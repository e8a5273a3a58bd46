"""The rules of a trunk on the command line: one row of `RULES` is one option, one line and one word."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Annotated

import typer

from offhook.cli.options import words_of
from offhook.domain.rules import NO_PREFIX, PLAIN, Dtmf, ForwardedBy, NumberFrom, RuleChanges, TrunkRules

NONE = "none"
"""Stands among national prefixes for numbers that come without one."""


@dataclass(frozen=True, slots=True)
class _Rule:
    """`option` and `kind` are what the command takes, `field` is the rule's name, `label` what a person reads."""

    option: str
    kind: object
    field: str
    label: str
    reads: Callable[[object], object] = lambda given: given


def _prefixes(given: object) -> tuple[str, ...]:
    return tuple(NO_PREFIX if word == NONE else word for word in words_of(given if isinstance(given, list) else ()))


def _digits(help_: str) -> object:
    return Annotated[str | None, typer.Option(metavar="DIGITS", help=help_)]


def _many_digits(help_: str) -> object:
    return Annotated[list[str] | None, typer.Option(metavar="DIGITS", help=f"{help_} May be repeated.")]


def _either(words: str, help_: str) -> object:
    return Annotated[bool | None, typer.Option(words, help=help_)]


RULES = (
    _Rule(
        "number_from",
        Annotated[NumberFrom | None, typer.Option(help="Where its calls name the number.")],
        "number_from",
        "number from",
    ),
    _Rule(
        "country_code",
        _digits("Where its national numbers are at home, as in 81; empty for none."),
        "country_code",
        "country code",
    ),
    _Rule(
        "national_prefix",
        _many_digits(f"What national numbers begin with, 0 unless told; `{NONE}` if nothing."),
        "national_prefixes",
        "national prefix",
        _prefixes,
    ),
    _Rule(
        "international_prefix",
        _many_digits("What numbers from abroad begin with, 00 unless told."),
        "international_prefixes",
        "international prefix",
        _prefixes,
    ),
    _Rule(
        "strip",
        Annotated[
            int | None,
            typer.Option(metavar="N", help="How many digits are taken from the front of a number without `+`."),
        ],
        "strip",
        "strip",
    ),
    _Rule(
        "prepend",
        _digits("What is then put before it, as in 81 or +81; empty for nothing."),
        "prepend",
        "prepend",
    ),
    _Rule(
        "trusted",
        _either(
            "--trusted/--untrusted",
            "Whether its P-Asserted-Identity and `verstat` are believed, and it may be told hidden numbers.",
        ),
        "is_trusted",
        "trusted",
    ),
    _Rule(
        "srtp",
        _either("--srtp/--plain", "Whether its calls must have SRTP, those to it too; else it is taken if offered."),
        "needs_srtp",
        "SRTP needed",
    ),
    _Rule(
        "dtmf",
        Annotated[Dtmf | None, typer.Option(help="How pressed keys travel; rfc4733 unless told.")],
        "dtmf",
        "keys by",
    ),
    _Rule(
        "forwarded_by",
        Annotated[
            ForwardedBy | None,
            typer.Option(
                help="How a transfer that shows its caller tells by way of which number; diversion unless told."
            ),
        ],
        "forwarded_by",
        "forwarded by",
    ),
    _Rule(
        "assert_number",
        _either(
            "--assert-number/--no-assert-number",
            "Whether transfers assert our own number (P-Asserted-Identity), whomever they show.",
        ),
        "asserts_number",
        "asserts our number",
    ),
    _Rule(
        "redirects",
        _either("--redirects/--no-redirects", "Whether its 3xx may lead a transfer elsewhere."),
        "follows_redirects",
        "redirects followed",
    ),
    _Rule(
        "refer",
        _either("--refer/--no-refer", "Whether a callee through it may have the caller led to another number (REFER)."),
        "takes_refer",
        "REFER taken",
    ),
    _Rule(
        "client_certificate",
        Annotated[
            str | None,
            typer.Option(
                metavar="NAME", help="Whom its certificate must name when it connects by TLS; empty for none."
            ),
        ],
        "client_name",
        "client certificate",
    ),
    _Rule(
        "check_every",
        Annotated[
            int | None,
            typer.Option(metavar="SECONDS", help="How often OPTIONS asks whether its gateway is up; 0 for never."),
        ],
        "check_every_s",
        "checked every",
    ),
)


def with_rules(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command an option for each rule; it gets what was said as `rules`."""
    signature = inspect.signature(command, eval_str=True)
    options = [
        inspect.Parameter(rule.option, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=rule.kind)
        for rule in RULES
    ]
    own = [
        parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY)
        for name, parameter in signature.parameters.items()
        if name != "rules"
    ]

    @wraps(command)
    def takes_rules(**given: object) -> None:
        said = {rule: given.pop(rule.option) for rule in RULES}
        changes = {rule.field: rule.reads(value) for rule, value in said.items() if value is not None}
        command(rules=RuleChanges(**changes), **given)  # type: ignore[arg-type]

    takes_rules.__signature__ = signature.replace(parameters=[*own, *options])  # type: ignore[attr-defined]
    takes_rules.__annotations__ = {parameter.name: parameter.annotation for parameter in [*own, *options]}
    return takes_rules


def rows(rules: TrunkRules) -> list[tuple[str, str]]:
    """Return every rule as a line of a table."""
    return [(rule.label, _word(getattr(rules, rule.field))) for rule in RULES]


def in_words(rules: TrunkRules) -> str:
    """Say the rules that differ from those of a trunk that was told none."""
    differing = [rule for rule in RULES if getattr(rules, rule.field) != getattr(PLAIN, rule.field)]
    return ", ".join(_phrase(rule.label, getattr(rules, rule.field)) for rule in differing)


def _phrase(label: str, value: object) -> str:
    if isinstance(value, bool):
        return label if value else f"not {label}"
    return f"{label} {_word(value)}"


def _word(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return " or ".join(prefix or NONE for prefix in value)
    return str(value)
