"""The command line shows what customers were told, and sends it again."""

from datetime import UTC, datetime
from functools import partial

from offhook.domain.notices import NoticeKind
from offhook.service import notices
from offhook.storage import open_database
from terminal import Terminal

HOOK = "https://shop.example/events"


def told(terminal: Terminal) -> None:
    """Tell the account `Shop` of something."""
    database = open_database(f"sqlite:///{terminal.folder}/offhook-data/offhook.db")
    account = database.read_now(lambda work: work.accounts.by_name("Shop"))
    assert account is not None
    tell = partial(
        notices.tell,
        account_id=account.id,
        kind=NoticeKind.NUMBER_RELEASED,
        fact="number:1",
        subject="A number",
        text="It was given up.",
        data={},
        now=datetime.now(UTC),
    )
    database.write_now(tell)
    database.close()


def test_events_are_listed_until_they_are_given_up_and_sent_again(terminal: Terminal) -> None:
    terminal.type("accounts", "create", "Shop")
    terminal.type("accounts", "contact", "Shop", "--webhook", HOOK)
    told(terminal)
    (event,) = terminal.type("webhooks", "list", "Shop", "--undelivered", "--json").document
    assert (event["event"], event["account"], event["url"], event["attempts"], event["error"]) == (
        "subscription.released",
        "Shop",
        HOOK,
        0,
        None,
    )
    terminal.type("accounts", "contact", "Shop")
    printed = terminal.type("webhooks", "list").out
    assert event["id"] in printed
    assert "given up: the account has no webhook any more" in printed
    assert "has no webhook" in terminal.type("webhooks", "retry", "Shop").err
    terminal.type("accounts", "contact", "Shop", "--webhook", HOOK)
    assert terminal.type("webhooks", "retry", "Shop").out == "1 event is due now\n"
    (again,) = terminal.type("webhooks", "list", "--json").document
    assert again["id"] == event["id"]
    assert again["next_at"] is not None


def test_who_gets_events_without_a_secret_is_told_how_to_have_them_signed(terminal: Terminal) -> None:
    terminal.type("accounts", "create", "Shop")
    contact = ("accounts", "contact", "Shop")
    assert "signing" not in terminal.type(*contact).out
    assert "unsigned until `offhook accounts signing rotate Shop`" in terminal.type(*contact, "--webhook", HOOK).out
    terminal.type("accounts", "signing", "rotate", "Shop")
    assert "unsigned" not in terminal.type(*contact, "--webhook", HOOK).out
