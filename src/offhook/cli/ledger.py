"""`offhook ledger`: prove that the books are right."""

from typing import TYPE_CHECKING

import typer

from offhook.cli.options import Json, new_noun
from offhook.cli.output import amount, show
from offhook.cli.progress import progress

if TYPE_CHECKING:
    from offhook.domain.audit import Audit

app = new_noun("The books: every credit that ever moved.")


@app.command()
def verify(as_json: Json = False) -> None:
    """Prove every rule of the books from its rows, and print what breaks; the exit status is 1 then.

    It reads one moment of the database, and running calls do not wait for it.
    """
    from functools import partial

    from offhook.cli.office import open_office
    from offhook.domain.audit import Rule
    from offhook.service import audit

    with open_office() as database, progress(len(Rule)) as step:
        found = database.read_now(partial(audit.verify, begun=lambda rule: step(f"looking at {rule.value}")))
    show(_document(found), lambda: _told(found), as_json=as_json)
    if found.findings:
        raise typer.Exit(1)


def _document(found: "Audit") -> dict[str, object]:
    from dataclasses import asdict

    from offhook.domain.credits import to_credits

    totals = {name: value if name == "postings" else to_credits(value) for name, value in asdict(found.totals).items()}
    return {
        "clean": not found.findings,
        "accounts": found.accounts,
        "running_calls": found.running_calls,
        "totals": totals,
        "findings": [{"rule": finding.rule.value, "text": finding.text} for finding in found.findings],
    }


def _told(found: "Audit") -> str:
    totals = found.totals
    lines = [f"{finding.rule.value}: {finding.text}" for finding in found.findings]
    lines.append(
        f"{totals.postings:,} postings of {found.accounts:,} accounts, {found.running_calls:,} calls running:"
        f" {amount(-totals.cash)} paid in, {amount(totals.revenue)} earned, {amount(totals.adjustments)} adjusted,"
        f" {amount(totals.available)} available, {amount(totals.held)} held"
    )
    if found.findings:
        rules = "rule is" if len(found.findings) == 1 else "rules are"
        lines.append(f"the books are wrong: {len(found.findings)} {rules} broken, each on a line of its own above")
    else:
        lines.append("the books are right")
    return "\n".join(lines)
