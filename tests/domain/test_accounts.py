import pytest

from offhook.domain.accounts import ApiUser, check_credentials, check_name, hash_token, is_token_of
from offhook.errors import InputError


def test_a_token_is_known_again_by_its_hash_alone() -> None:
    user = ApiUser(1, 1, "sid", "Shop", enabled=True, token_hash=hash_token("sid", "secret"))
    assert is_token_of(user, "secret")
    assert not is_token_of(user, "Secret")
    assert "secret" not in repr(user)


def test_the_same_token_of_two_users_is_stored_differently() -> None:
    assert hash_token("one", "secret") != hash_token("two", "secret")


def test_a_name_loses_the_blanks_around_it() -> None:
    assert check_name("  Café 日本 ") == "Café 日本"


@pytest.mark.parametrize("name", ["", "   ", "a" * 101, "two\nlines", "\ud800"])
def test_a_name_that_cannot_be_shown_is_refused(name: str) -> None:
    with pytest.raises(InputError) as refused:
        check_name(name)
    assert refused.value.field == "name"


@pytest.mark.parametrize(
    ("sid", "token", "field"),
    [
        ("", "t", "sid"),
        ("a:b", "t", "sid"),
        ("a b", "t", "sid"),
        ("é", "t", "sid"),
        ("s" * 65, "t", "sid"),
        ("s", "", "token"),
        ("s", "t\n", "token"),
        ("s", "t" * 201, "token"),
    ],
)
def test_credentials_that_cannot_travel_in_http_basic_are_refused(sid: str, token: str, field: str) -> None:
    with pytest.raises(InputError) as refused:
        check_credentials(sid, token)
    assert refused.value.field == field


def test_credentials_of_graphic_ascii_are_accepted() -> None:
    check_credentials("SID-1", "p4ss:word!")
