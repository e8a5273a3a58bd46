import json
import re
from pathlib import Path

import pytest

from terminal import Terminal


@pytest.fixture
def shop(terminal: Terminal) -> Terminal:
    """Open an account with its first user."""
    assert terminal.type("accounts", "create", "Shop", "--sid", "shop", "--token", "shop-token").status == 0
    return terminal


def add_till(terminal: Terminal, *words: str) -> None:
    assert (
        terminal.type("accounts", "users", "add", "Shop", "Till", "--sid", "till", "--token", "t", *words).status == 0
    )


def listed(terminal: Terminal) -> "list[dict[str, object]]":
    found: list[dict[str, object]] = terminal.type("accounts", "users", "list", "Shop", "--json").document
    return found


def test_a_users_token_is_printed_once_and_kept_nowhere(shop: Terminal, tmp_path: Path) -> None:
    made = shop.type("accounts", "users", "add", "Shop", "Till", "--json")
    user = made.document
    assert (user["nickname"], user["enabled"], user["networks"]) == ("Till", True, None)
    assert len(user["sid"]) >= 16
    assert len(user["token"]) >= 32
    assert made.err == ""
    again = shop.type("accounts", "users", "list", "Shop", "--json")
    assert user["sid"] in again.out
    assert user["token"] not in again.out
    assert not [file for file in tmp_path.rglob("*") if file.is_file() and user["token"].encode() in file.read_bytes()]


def test_credentials_and_networks_may_be_given(shop: Terminal) -> None:
    words = ("--sid", "till", "--token", "t", "--from", "192.0.2.0/24", "--from", "198.51.100.7, 2001:db8::/32")
    printed = shop.type("accounts", "users", "add", "Shop", "Till", *words)
    assert printed.out == (
        "API user Till may come from 192.0.2.0/24, 198.51.100.7/32, 2001:db8::/32\n"
        "  SID    till\n"
        "  token  t\n"
        "Keep the token: it is not shown again.\n"
    )
    assert listed(shop)[1] == {
        "sid": "till",
        "nickname": "Till",
        "enabled": True,
        "networks": ["192.0.2.0/24", "198.51.100.7/32", "2001:db8::/32"],
        "previous_token_until": None,
    }


def test_a_sid_without_a_token_is_wrong_usage(shop: Terminal) -> None:
    assert shop.type("accounts", "users", "add", "Shop", "Till", "--sid", "till").status == 2
    assert shop.type("accounts", "users", "add", "Shop", "Till", "--token", "t").status == 2
    assert len(listed(shop)) == 1


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("add", "Nobody", "Till"), "account-not-found"),
        (("add", "Shop", "Shop"), "nickname-taken"),
        (("add", "Shop", "Till", "--sid", "shop", "--token", "t"), "sid-taken"),
        (("add", "Shop", "Till", "--from", "192.0.2.7/24"), "bad-field"),
        (("list", "Nobody"), "account-not-found"),
        (("disable", "nobody"), "api-user-not-found"),
        (("enable", "nobody"), "api-user-not-found"),
        (("rotate", "nobody"), "api-user-not-found"),
        (("rotate", "shop", "--token", "shop-token"), "bad-field"),
        (("rotate", "shop", "--token", ""), "bad-field"),
        (("restrict", "nobody", "--anywhere"), "api-user-not-found"),
        (("rename", "nobody", "Till"), "api-user-not-found"),
    ],
)
def test_what_cannot_be_done_says_why_and_changes_nothing(shop: Terminal, words: tuple[str, ...], code: str) -> None:
    before = listed(shop)
    printed = shop.type("accounts", "users", *words, "--json")
    assert (printed.status, printed.out, printed.error["code"]) == (1, "", code)
    assert listed(shop) == before


def test_users_are_listed_as_a_table(shop: Terminal) -> None:
    add_till(shop, "--from", "192.0.2.7")
    shop.type("accounts", "users", "disable", "shop")
    lines = shop.type("accounts", "users", "list", "Shop").out.splitlines()
    assert re.split(r"  +", lines[0]) == ["user", "SID", "state", "from", "old token until"]
    assert [line.split() for line in lines[2:]] == [
        ["Shop", "shop", "disabled", "anywhere"],
        ["Till", "till", "enabled", "192.0.2.7/32"],
    ]


def test_a_user_is_disabled_and_enabled_again(shop: Terminal) -> None:
    assert shop.type("accounts", "users", "disable", "shop").out == "API user Shop is disabled\n"
    assert listed(shop)[0]["enabled"] is False
    assert shop.type("accounts", "users", "enable", "shop", "--json").document["enabled"] is True
    assert shop.type("accounts", "users", "enable", "shop").out == "API user Shop is enabled\n"


def test_a_rotation_prints_the_new_token_and_says_how_long_the_old_one_is_good(shop: Terminal) -> None:
    printed = shop.type("accounts", "users", "rotate", "shop", "--token", "new-token")
    first, *rest = printed.out.splitlines()
    assert re.fullmatch(r"API user Shop has a new token; the old one is good until [0-9: -]{19} UTC", first)
    assert rest == ["  token  new-token", "Keep the token: it is not shown again."]
    until = listed(shop)[0]["previous_token_until"]
    assert first.split(" until ")[1].replace(" UTC", "Z").replace(" ", "T") == until
    assert shop.type("accounts", "users", "list", "Shop").out.splitlines()[2].split()[-2:] == str(until)[:-1].split("T")


def test_a_rotation_at_once_ends_the_old_token(shop: Terminal) -> None:
    made = shop.type("accounts", "users", "rotate", "shop", "--now", "--json").document
    assert len(made["token"]) >= 32
    assert made["previous_token_until"] is None
    printed = shop.type("accounts", "users", "rotate", "shop", "--token", "new", "--now")
    assert printed.out.startswith("API user Shop has a new token; the old one is good no more\n")


def test_a_user_is_restricted_to_networks_and_let_in_from_anywhere_again(shop: Terminal) -> None:
    printed = shop.type("accounts", "users", "restrict", "shop", "--from", "192.0.2.0/24,2001:db8::7")
    assert printed.out == "API user Shop may come from 192.0.2.0/24, 2001:db8::7/128\n"
    assert shop.type("accounts", "users", "restrict", "shop", "--from", "10.0.0.0/8", "--json").document[
        "networks"
    ] == ["10.0.0.0/8"]
    assert shop.type("accounts", "users", "restrict", "shop", "--anywhere").out == (
        "API user Shop may come from anywhere\n"
    )


def test_nobody_is_let_in_from_anywhere_by_mistake(shop: Terminal) -> None:
    add_till(shop, "--from", "192.0.2.7")
    for words in ((), ("--from", ""), ("--from", " , "), ("--from", "192.0.2.7", "--anywhere")):
        assert shop.type("accounts", "users", "restrict", "till", *words).status == 2
    assert shop.type("accounts", "users", "add", "Shop", "Door", "--from", "").status == 2
    assert [user["networks"] for user in listed(shop)] == [None, ["192.0.2.7/32"]]


def test_a_user_is_renamed(shop: Terminal) -> None:
    assert shop.type("accounts", "users", "rename", "shop", "Counter").out == "API user shop is called Counter\n"
    assert shop.type("accounts", "users", "rename", "shop", "Shop", "--json").document["nickname"] == "Shop"


@pytest.mark.parametrize("place", range(4))
def test_json_may_stand_before_or_after_every_word(shop: Terminal, place: int) -> None:
    words = ["accounts", "users", "list"]
    words.insert(place, "--json")
    assert json.loads(shop.type(*words, "Shop").out)[0]["sid"] == "shop"
