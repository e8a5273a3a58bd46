import sqlite3

from terminal import Terminal


def test_the_books_of_a_new_database_are_right(terminal: Terminal) -> None:
    terminal.type("accounts", "create", "Shop", "--credit", "100")
    printed = terminal.type("ledger", "verify")
    assert printed.status == 0
    assert printed.out.splitlines() == [
        (
            "1 postings of 1 accounts, 0 calls running: 100.00 paid in, 0.00 earned, 0.00 adjusted,"
            " 100.00 available, 0.00 held"
        ),
        "the books are right",
    ]


def test_what_breaks_is_printed_and_is_a_failure(terminal: Terminal) -> None:
    terminal.type("accounts", "create", "Shop", "--credit", "100")
    with sqlite3.connect(terminal.folder / "offhook-data" / "offhook.db") as other:
        other.execute("UPDATE balances SET available = 1")
    other.close()
    printed = terminal.type("ledger", "verify")
    assert printed.status == 1
    first, *_, last = printed.out.splitlines()
    assert first.startswith("balances: account 1 has 0.000001 credits")
    assert last == "the books are wrong: 2 rules are broken, each on a line of its own above"
    document = terminal.type("ledger", "verify", "--json").document
    assert document["clean"] is False
    assert [finding["rule"] for finding in document["findings"]] == ["balances", "sum"]
    assert document["totals"]["cash"] == -100.0
