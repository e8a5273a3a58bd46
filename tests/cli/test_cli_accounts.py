import pytest

from terminal import Terminal


def test_an_account_is_opened_with_credentials_that_are_printed_once(terminal: Terminal) -> None:
    made = terminal.type("accounts", "create", "Shop", "--credit", "1000.5", "--json").document
    assert (made["name"], made["balance"], made["held"], made["available"]) == ("Shop", 1000.5, 0.0, 1000.5)
    assert len(made["sid"]) >= 16
    assert len(made["token"]) >= 32
    listed = terminal.type("accounts", "list", "--json")
    assert made["token"] not in listed.out


def test_credentials_may_be_given(terminal: Terminal) -> None:
    printed = terminal.type("accounts", "create", "Shop", "--sid", "my-sid", "--token", "my-token")
    assert printed.status == 0
    assert printed.out == (
        "account Shop is open with 0.00 credits\n"
        "  SID    my-sid\n"
        "  token  my-token\n"
        "Keep the token: it is not shown again.\n"
    )


def test_a_sid_without_a_token_is_wrong_usage(terminal: Terminal) -> None:
    assert terminal.type("accounts", "create", "Shop", "--sid", "mine").status == 2
    assert terminal.type("accounts", "list", "--json").document == []


def test_a_name_is_taken_once(terminal: Terminal) -> None:
    terminal.type("accounts", "create", "Shop")
    printed = terminal.type("accounts", "create", "Shop", "--json")
    assert (printed.status, printed.error["code"]) == (1, "account-name-taken")


def test_a_top_up_counts_to_the_millionth(terminal: Terminal) -> None:
    terminal.type("accounts", "create", "Shop", "--credit", "900719925.740993")
    printed = terminal.type("accounts", "top-up", "Shop", "0.000001")
    assert printed.out == "account Shop has 900,719,925.740994 credits available\n"


def test_a_payment_with_a_reference_counts_once(terminal: Terminal) -> None:
    terminal.type("accounts", "create", "Shop")
    words = ("accounts", "top-up", "Shop", "10", "--reference", "invoice 7", "--json")
    assert [terminal.type(*words).document["balance"] for _ in range(2)] == [10.0, 10.0]


def test_an_amount_that_is_none_is_refused(terminal: Terminal) -> None:
    terminal.type("accounts", "create", "Shop")
    for amount in ("ten", "NaN", "0", "0.0000001"):
        assert terminal.type("accounts", "top-up", "Shop", amount).status == 1


def test_accounts_are_listed_as_a_table(terminal: Terminal) -> None:
    terminal.type("accounts", "create", "Shop [red]", "--credit", "1234567.25")
    lines = terminal.type("accounts", "list").out.splitlines()
    assert lines[0].split() == ["account", "balance", "held", "available", "verified", "trunk"]
    assert lines[2].split() == ["Shop", "[red]", "1,234,567.25", "0.00", "1,234,567.25"]


def test_an_account_opens_with_a_trunk_that_exists(terminal: Terminal) -> None:
    printed = terminal.type("accounts", "create", "Shop", "--trunk", "lab", "--json")
    assert (printed.status, printed.error["code"]) == (1, "trunk-not-found")
    assert terminal.type("accounts", "list", "--json").document == []
    terminal.type("trunks", "add", "lab", "--source", "127.0.0.1")
    assert terminal.type("accounts", "create", "Shop", "--trunk", "lab", "--json").document["trunk"] == "lab"
    assert terminal.type("accounts", "list").out.splitlines()[2].split()[-1] == "lab"


def test_an_accounts_trunk_is_changed_later(terminal: Terminal) -> None:
    terminal.type("trunks", "add", "lab", "--source", "127.0.0.1")
    terminal.type("accounts", "create", "Shop")
    printed = terminal.type("accounts", "route", "Shop", "--trunk", "lab")
    assert printed.out == "transfers of account Shop go out through the trunk lab first\n"
    assert terminal.type("accounts", "route", "Shop", "--no-trunk", "--json").document["trunk"] is None
    printed = terminal.type("accounts", "route", "Shop", "--trunk", "nowhere", "--json")
    assert (printed.status, printed.error["code"]) == (1, "trunk-not-found")
    assert terminal.type("accounts", "route", "Nobody", "--no-trunk").status == 1


def test_a_route_names_a_trunk_or_says_that_there_is_none(terminal: Terminal) -> None:
    assert terminal.type("accounts", "route", "Shop").status == 2
    assert terminal.type("accounts", "route", "Shop", "--trunk", "lab", "--no-trunk").status == 2


def test_an_account_is_put_right_with_a_reason_and_a_name(terminal: Terminal) -> None:
    terminal.type("accounts", "create", "Shop", "--credit", "100")
    words = ("--reason", "charged twice", "--by", "Ann")
    assert terminal.type("accounts", "adjust", "Shop", "--add", "5", *words, "--json").document["available"] == 105.0
    taken = terminal.type("accounts", "adjust", "Shop", "--take", "7.5", *words)
    assert taken.out == "account Shop has 97.50 credits available\n"
    document = terminal.type("ledger", "verify", "--json").document
    assert document["totals"]["adjustments"] == 2.5


def test_a_correction_with_a_reference_is_made_once(terminal: Terminal) -> None:
    terminal.type("accounts", "create", "Shop", "--credit", "100")
    for _ in range(2):
        words = ("--add", "5", "--reason", "a gift", "--reference", "gift-1", "--json")
        assert terminal.type("accounts", "adjust", "Shop", *words).document["available"] == 105.0


@pytest.mark.parametrize("words", [(), ("--add", "1", "--take", "1")])
def test_an_adjustment_gives_or_takes(terminal: Terminal, words: tuple[str, ...]) -> None:
    terminal.type("accounts", "create", "Shop")
    assert terminal.type("accounts", "adjust", "Shop", "--reason", "x", *words).status == 2


def test_nobody_is_taken_more_than_there_is(terminal: Terminal) -> None:
    terminal.type("accounts", "create", "Shop", "--credit", "1")
    printed = terminal.type("accounts", "adjust", "Shop", "--take", "2", "--reason", "x", "--json")
    assert (printed.status, printed.error["code"]) == (1, "not-enough-credit")


def test_the_countries_of_an_account_are_set(terminal: Terminal) -> None:
    terminal.type("accounts", "create", "Shop")
    home = terminal.type("accounts", "destinations", "Shop", "--country", "JP")
    assert home.out == "transfers of account Shop may reach: JP\n"
    words = ("--country", "JP", "--allow", "US", "--allow", "CA", "--json")
    document = terminal.type("accounts", "destinations", "Shop", *words).document
    assert (document["country"], document["destinations"]) == ("JP", ["US", "CA"])
    anywhere = terminal.type("accounts", "destinations", "Shop")
    assert anywhere.out.endswith("the country of the number that was called\n")
    assert terminal.type("accounts", "destinations", "Shop", "--allow", "Japan").status == 1


def test_an_account_is_limited(terminal: Terminal) -> None:
    terminal.type("accounts", "create", "Shop")
    printed = terminal.type("accounts", "limit", "Shop", "--calls", "3", "--per-minute", "10", "--per-day", "5.5")
    assert printed.out == "account Shop: 3 calls at once, 10 calls a minute, 5.50 credits a day\n"
    document = terminal.type("accounts", "limit", "Shop", "--json").document
    assert document == {"calls_at_once": None, "calls_per_minute": None, "spend_per_day": None}


def test_an_account_is_told_where_it_wants(terminal: Terminal) -> None:
    terminal.type("accounts", "create", "Shop")
    words = ("--email", "shop@example.com", "--webhook", "https://shop.example/")
    printed = terminal.type("accounts", "contact", "Shop", *words)
    assert printed.out.startswith("account Shop is told by shop@example.com and https://shop.example/")
    assert terminal.type("accounts", "contact", "Shop", "--json").document == {"email": None, "webhook_url": None}
    assert terminal.type("accounts", "contact", "Shop", "--email", "nobody").status == 1
    assert terminal.type("accounts", "notices", "Shop", "--json").document == []


def test_an_account_is_verified_and_no_longer(terminal: Terminal) -> None:
    terminal.type("accounts", "create", "Shop")
    assert terminal.type("accounts", "verify", "Shop").out == "account Shop is verified\n"
    assert terminal.type("accounts", "list").out.splitlines()[2].split()[-1] == "yes"
    assert terminal.type("accounts", "verify", "Shop", "--no").out == "account Shop is not verified\n"
    assert terminal.type("accounts", "verify", "Shop", "--json").document["verified"] is True
    assert terminal.type("accounts", "verify", "Nobody", "--json").error["code"] == "account-not-found"
