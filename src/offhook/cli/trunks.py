"""`offhook trunks`: the carriers' gateways that calls come from and transfers go out through."""

import sys
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from offhook.cli.options import Json, new_noun, words_of
from offhook.cli.output import show, table
from offhook.domain.rules import NO_PREFIX, NumberFrom, RuleChanges, TrunkRules

if TYPE_CHECKING:
    from offhook.domain.logins import Login
    from offhook.domain.subscriptions import Dialled

NONE = "none"
"""Stands among national prefixes for numbers that come without one."""

Place = Annotated[NumberFrom | None, typer.Option(help="Where its calls name the number.")]
CountryCode = Annotated[
    str | None, typer.Option(metavar="DIGITS", help="Where its national numbers are at home, as in 81; empty for none.")
]
NationalPrefix = Annotated[
    list[str] | None,
    typer.Option(
        metavar="DIGITS",
        help=f"What national numbers begin with, 0 unless told; `{NONE}` if nothing. May be repeated.",
    ),
]
InternationalPrefix = Annotated[
    list[str] | None,
    typer.Option(metavar="DIGITS", help="What numbers from abroad begin with, 00 unless told. May be repeated."),
]
Strip = Annotated[
    int | None, typer.Option(metavar="N", help="How many digits are taken from the front of a number without `+`.")
]
Prepend = Annotated[
    str | None, typer.Option(metavar="DIGITS", help="What is then put before it, as in 81 or +81; empty for nothing.")
]
Trusted = Annotated[
    bool | None,
    typer.Option("--trusted/--untrusted", help="Whether its P-Asserted-Identity and `verstat` are believed."),
]
User = Annotated[str | None, typer.Option(metavar="NAME", help="Who we are to its carrier, if that asks for a login.")]
PasswordFile = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="Where the user's password stands, in the first line; - is standard input."),
]
Srtp = Annotated[
    bool | None,
    typer.Option(
        "--srtp/--plain", help="Whether its calls must have SRTP, those to it too; else it is taken if offered."
    ),
]

app = new_noun("The carriers' gateways that calls come from and transfers go out through.")


@app.command()
def add(
    name: Annotated[str, typer.Argument(metavar="NAME", help="What the trunk is called.")],
    source: Annotated[
        list[str] | None,
        typer.Option(metavar="CIDR", help="A network that its calls come from; may be repeated."),
    ] = None,
    send: Annotated[
        str | None,
        typer.Option(metavar="sip:HOST:PORT", help="Where transfers are sent; `;transport=tcp` or `tls` behind it."),
    ] = None,
    pass_caller: Annotated[
        bool, typer.Option("--pass-caller", help="Let transfers through it show the caller's number.")
    ] = False,
    number_from: Place = None,
    country_code: CountryCode = None,
    national_prefix: NationalPrefix = None,
    international_prefix: InternationalPrefix = None,
    strip: Strip = None,
    prepend: Prepend = None,
    trusted: Trusted = None,
    srtp: Srtp = None,
    user: User = None,
    password_file: PasswordFile = None,
    register: Annotated[
        bool, typer.Option("--register", help="Register there as --user, as a phone does, and take what it sends then.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Let a carrier's gateway in.

    Running nodes know it within 2 s.
    """
    from offhook.cli import documents
    from offhook.cli.office import open_office
    from offhook.service import trunks

    if not source and not register:
        raise typer.BadParameter("name where its calls come from with --source CIDR, or let it --register")
    rules = _changes(number_from, country_code, national_prefix, international_prefix, strip, prepend, trusted, srtp)
    adding = partial(
        trunks.add_trunk,
        name=name,
        sources=words_of(source or ()),
        send=send,
        pass_caller=pass_caller,
        rules=rules,
        login=_login(user, password_file),
        registers=register,
        now=datetime.now(UTC),
    )
    with open_office() as database:
        trunk = database.write_now(adding)
    show(
        documents.of_trunk(trunk),
        lambda: f"calls from {', '.join(trunk.sources) or trunk.send} come in through trunk {trunk.name}",
        as_json=as_json,
    )


@app.command("set")
def set_(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Whose calls are to be read otherwise.")],
    number_from: Place = None,
    country_code: CountryCode = None,
    national_prefix: NationalPrefix = None,
    international_prefix: InternationalPrefix = None,
    strip: Strip = None,
    prepend: Prepend = None,
    trusted: Trusted = None,
    srtp: Srtp = None,
    user: User = None,
    password_file: PasswordFile = None,
    as_json: Json = False,
) -> None:
    """Change how a trunk's calls are read, and who we are to it; what is not named stays as it is.

    Running nodes follow within 2 s. `offhook trunks try` shows what it means for a number.
    """
    from offhook.cli import documents
    from offhook.cli.office import open_office
    from offhook.service import trunks

    changes = _changes(number_from, country_code, national_prefix, international_prefix, strip, prepend, trusted, srtp)
    if changes == RuleChanges() and user is None:
        raise typer.BadParameter("name at least one rule, for example --country-code 81")
    with open_office() as database:
        if user is not None:
            database.write_now(partial(trunks.log_in, name=name, login=_login(user, password_file)))
        trunk = database.write_now(partial(trunks.change_rules, name=name, changes=changes))
    show(
        documents.of_trunk(trunk),
        lambda: f"trunk {trunk.name}: {_in_words(trunk.rules) or 'no rules of its own'}",
        as_json=as_json,
    )


@app.command("show")
def show_(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Which trunk.")],
    as_json: Json = False,
) -> None:
    """Show a trunk and all of its rules."""
    from offhook.cli import documents
    from offhook.cli.office import open_office
    from offhook.service import trunks

    with open_office() as database:
        trunk = database.read_now(partial(trunks.find_trunk, name=name))
    rules = trunk.rules
    show(
        documents.of_trunk(trunk),
        lambda: table(
            ("trunk", trunk.name),
            [
                ("sources", ", ".join(trunk.sources)),
                ("send", trunk.send or ""),
                ("caller", "passed" if trunk.pass_caller else ""),
                ("number from", rules.number_from.value),
                ("country code", rules.country_code),
                ("national prefix", ", ".join(prefix or NONE for prefix in rules.national_prefixes)),
                ("international prefix", ", ".join(rules.international_prefixes)),
                ("strip", str(rules.strip)),
                ("prepend", rules.prepend),
                ("trusted", "yes" if rules.is_trusted else "no"),
                ("registers", "yes" if trunk.registers else "no"),
                ("user", trunk.login.user if trunk.login else ""),
                ("audio", "SRTP" if rules.needs_srtp else "SRTP if offered"),
            ],
        ),
        as_json=as_json,
    )


@app.command("try")
def try_(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The trunk that the call would come through.")],
    number: Annotated[
        str, typer.Argument(metavar="NUMBER", help="What would be dialled: digits as a phone sends them, or a URI.")
    ],
    as_json: Json = False,
) -> None:
    """Tell which number a call would find, and the forms in which it is looked for; nobody is called."""
    from offhook.cli.office import open_office
    from offhook.engine.sip.identities import number_in
    from offhook.engine.sip.uri import parse_uri
    from offhook.service import trunks

    dialled = number_in(parse_uri(number)) if ":" in number else number
    with open_office() as database:
        trial = database.read_now(partial(trunks.try_number, name=name, dialled=dialled))
    forms, found = trial.reading.forms, trial.found
    tried = [f"{place}. {form}" for place, form in enumerate(forms, 1)] or [trial.reading.problem]
    document = {
        "trunk": name,
        "dialled": dialled,
        "forms": list(forms),
        "problem": trial.reading.problem or None,
        "din": found.number.din if found else None,
        "din_uid": found.number.din_uid if found else None,
        "subscribed": found is not None and found.subscription is not None,
    }
    show(document, lambda: "\n".join([*tried, _outcome(found)]), as_json=as_json)


@app.command("list")
def list_(as_json: Json = False) -> None:
    """List all trunks."""
    from offhook.cli import documents
    from offhook.cli.office import open_office
    from offhook.service import trunks

    with open_office() as database:
        found = database.read_now(trunks.list_trunks)
    show(
        [documents.of_trunk(trunk) for trunk in found],
        lambda: table(
            ("trunk", "sources", "send", "caller", "rules"),
            [
                (
                    trunk.name,
                    ", ".join(trunk.sources),
                    trunk.send or "",
                    "passed" if trunk.pass_caller else "",
                    _in_words(trunk.rules),
                )
                for trunk in found
            ],
        ),
        as_json=as_json,
    )


def _login(user: str | None, password_file: Path | None) -> "Login | None":
    """Read a login; an empty user takes it away."""
    from offhook.cli.files import STANDARD_OUTPUT
    from offhook.domain.logins import check_login

    if password_file is None:
        if user:
            raise typer.BadParameter("a user needs --password-file FILE, or - for standard input")
        return None
    if user is None:
        raise typer.BadParameter("a password belongs to a --user")
    try:
        text = sys.stdin.readline() if password_file == STANDARD_OUTPUT else password_file.read_text()
    except (OSError, UnicodeDecodeError) as error:
        raise typer.BadParameter(f"the password cannot be read: {error}") from None
    return check_login(user, text.split("\n", 1)[0].rstrip("\r"))


def _changes(
    number_from: NumberFrom | None,
    country_code: str | None,
    national_prefix: list[str] | None,
    international_prefix: list[str] | None,
    strip: int | None,
    prepend: str | None,
    trusted: bool | None,
    srtp: bool | None,
) -> RuleChanges:
    national = words_of(national_prefix or ())
    return RuleChanges(
        number_from=number_from,
        country_code=country_code,
        national_prefixes=tuple(NO_PREFIX if word == NONE else word for word in national) or None,
        international_prefixes=words_of(international_prefix or ()) or None,
        strip=strip,
        prepend=prepend,
        is_trusted=trusted,
        needs_srtp=srtp,
    )


def _in_words(rules: TrunkRules) -> str:
    """Say the rules that differ from those of a trunk that was told none."""
    plain = TrunkRules()
    words = []
    if rules.number_from is not plain.number_from:
        words.append(f"number from {rules.number_from}")
    if rules.country_code:
        words.append(f"country code {rules.country_code}")
    if rules.national_prefixes != plain.national_prefixes:
        words.append(f"national prefix {' or '.join(prefix or NONE for prefix in rules.national_prefixes)}")
    if rules.international_prefixes != plain.international_prefixes:
        words.append(f"international prefix {' or '.join(rules.international_prefixes)}")
    if rules.strip:
        words.append(f"strip {rules.strip}")
    if rules.prepend:
        words.append(f"prepend {rules.prepend}")
    if rules.is_trusted:
        words.append("trusted")
    if rules.needs_srtp:
        words.append("SRTP")
    return ", ".join(words)


def _outcome(found: "Dialled | None") -> str:
    if found is None:
        return "finds nothing: the call would be refused as unknown-number"
    if found.subscription is None:
        return f"finds {found.number.din}, which nobody subscribes: the call would be refused as not-subscribed"
    return f"finds {found.number.din} ({found.number.din_uid})"
