from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from offhook.domain.breakers import Breaker, BreakerState
from offhook.service import breakers, nodes, signing
from offhook.storage import open_database
from terminal import Terminal

SECRET = "a-secret-of-sixteen"


@pytest.fixture(autouse=True)
def _shop(terminal: Terminal) -> None:
    assert terminal.type("accounts", "create", "Shop", "--credit", "100").status == 0


def database_url(folder: Path) -> str:
    return f"sqlite:///{folder}/offhook-data/offhook.db"


def test_a_secret_is_printed_once_and_the_old_one_stays_for_a_day(terminal: Terminal) -> None:
    assert terminal.type("accounts", "show", "Shop").out.splitlines() == [
        "account Shop",
        "  credit          100.00 available, 0.00 held",
        "  requests        unsigned",
    ]
    printed = terminal.type("accounts", "signing", "rotate", "Shop", "--secret", SECRET)
    assert printed.out == (
        "account Shop has a new secret; the new one alone signs\n"
        f"  secret  {SECRET}\n"
        "Keep the secret: it is not shown again.\n"
    )
    made = terminal.type("accounts", "signing", "rotate", "Shop", "--json").document
    assert made["previous_secret_until"] is not None
    assert len(made["secret"]) >= 32
    shown = terminal.type("accounts", "show", "Shop", "--json")
    assert made["secret"] not in shown.out
    assert SECRET not in shown.out
    assert shown.document["signing"]["signed"] is True
    assert (
        terminal.type("accounts", "signing", "rotate", "Shop", "--now", "--json").document["previous_secret_until"]
        is None
    )
    assert terminal.type("accounts", "signing", "stop", "Shop").out == "requests to account Shop are unsigned\n"


def test_a_secret_that_can_be_guessed_is_refused(terminal: Terminal) -> None:
    printed = terminal.type("accounts", "signing", "rotate", "Shop", "--secret", "short", "--json")
    assert (printed.status, printed.error["code"]) == (1, "bad-field")
    assert terminal.type("accounts", "signing", "rotate", "Nobody").status == 1


def test_origins_take_the_place_of_those_before(terminal: Terminal) -> None:
    terminal.type("accounts", "signing", "rotate", "Shop")
    words = ("accounts", "signing", "origins", "Shop")
    printed = terminal.type(*words, "--sign-origin", "https://A.example", "--sign-origin", "http://b.example:8000")
    assert printed.out == (
        "requests to account Shop are signed; besides its own URLs' origins at: "
        "https://a.example, http://b.example:8000\n"
    )
    assert terminal.type(*words, "--no-origins", "--json").document["sign_origins"] == []
    assert terminal.type(*words).status == 2
    assert terminal.type(*words, "--sign-origin", "https://a.example/path").status == 1


def test_servers_that_are_left_alone_are_shown(terminal: Terminal) -> None:
    now = datetime.now(UTC)
    database = open_database(database_url(terminal.folder))
    shop = database.read_now(partial(signing.account_id_of, name="Shop"))
    retry_at = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
    state = BreakerState("n1", shop, "https://a.example", Breaker.OPEN, retry_at, "timeout", "It was late.")
    database.write_now(partial(nodes.begin, node="n1", now=now + timedelta(seconds=1)))
    database.write_now(partial(breakers.keep, node="n1", states=[state], now=now))
    database.close()
    assert terminal.type("accounts", "show", "Shop").out.splitlines()[3:] == [
        "  left alone      https://a.example (open) until 2026-03-04 05:06:07 UTC, as n1 saw timeout: It was late."
    ]
    [shown] = terminal.type("accounts", "show", "Shop", "--json").document["breakers"]
    assert (shown["origin"], shown["state"], shown["code"]) == ("https://a.example", "open", "timeout")
