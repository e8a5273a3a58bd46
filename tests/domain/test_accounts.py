from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from offhook.domain.accounts import (
    ApiUser,
    both_good_until,
    check_credentials,
    check_name,
    check_nickname,
    hash_token,
    is_token_of,
    may_come_from,
    rotate,
    stranger,
)
from offhook.errors import InputError

NOW = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
DAY = timedelta(hours=24)
USER = ApiUser(1, 1, "sid", "Shop", enabled=True, token_hash=hash_token("sid", "secret"))


def good_tokens(user: ApiUser, now: datetime) -> list[str]:
    return [token for token in ("secret", "second", "third") if is_token_of(user, token, now)]


def test_a_token_is_known_again_by_its_hash_alone() -> None:
    assert is_token_of(USER, "secret", NOW)
    assert not is_token_of(USER, "Secret", NOW)
    assert "secret" not in repr(USER)
    assert USER.token_hash not in repr(rotate(USER, "second", NOW))


def test_after_a_rotation_both_tokens_are_good_for_a_day() -> None:
    user = rotate(USER, "second", NOW)
    assert good_tokens(user, NOW) == ["secret", "second"]
    last = NOW + DAY - timedelta(microseconds=1)
    assert (good_tokens(user, last), both_good_until(user, last)) == (["secret", "second"], NOW + DAY)
    assert (good_tokens(user, NOW + DAY), both_good_until(user, NOW + DAY)) == (["second"], None)


def test_a_second_rotation_within_the_day_replaces_the_older_token() -> None:
    user = rotate(rotate(USER, "second", NOW), "third", NOW + DAY / 2)
    assert good_tokens(user, NOW + DAY / 2) == ["second", "third"]
    assert good_tokens(user, NOW + DAY) == ["second", "third"]
    assert good_tokens(user, NOW + DAY * 1.5) == ["third"]


def test_a_rotation_at_once_leaves_the_new_token_alone() -> None:
    user = rotate(rotate(USER, "second", NOW), "third", NOW, at_once=True)
    assert good_tokens(user, NOW) == ["third"]
    assert both_good_until(user, NOW) is None


def test_a_rotation_may_be_taken_back() -> None:
    user = rotate(rotate(USER, "second", NOW), "secret", NOW)
    assert good_tokens(user, NOW) == ["secret", "second"]


def test_the_present_token_is_no_new_one() -> None:
    with pytest.raises(InputError) as refused:
        rotate(USER, "secret", NOW, at_once=True)
    assert refused.value.field == "token"


def test_a_token_without_an_end_is_not_good_beside_another() -> None:
    user = replace(USER, previous_token_hash=hash_token("sid", "second"))
    assert good_tokens(user, NOW) == ["secret"]


def test_a_stranger_has_no_token_and_is_not_let_in() -> None:
    judged = stranger("sid")
    assert not judged.enabled
    assert good_tokens(judged, NOW) == []


def test_a_user_may_come_from_anywhere_unless_networks_are_named() -> None:
    assert may_come_from(USER, "192.0.2.7")
    assert may_come_from(USER, "")
    bound = replace(USER, networks=("192.0.2.0/24", "2001:db8::/32"))
    assert may_come_from(bound, "::ffff:192.0.2.7")
    assert may_come_from(bound, "2001:db8::7")
    assert not may_come_from(bound, "198.51.100.7")
    assert not may_come_from(bound, "")


def test_the_same_token_of_two_users_is_stored_differently() -> None:
    assert hash_token("one", "secret") != hash_token("two", "secret")


def test_a_name_loses_the_blanks_around_it() -> None:
    assert check_name("  Café 日本 ") == "Café 日本"


@pytest.mark.parametrize("name", ["", "   ", "a" * 101, "two\nlines", "\ud800"])
def test_a_name_that_cannot_be_shown_is_refused(name: str) -> None:
    with pytest.raises(InputError) as refused:
        check_name(name)
    assert refused.value.field == "name"


def test_a_nickname_is_held_to_what_a_name_is() -> None:
    assert check_nickname(" Till 2 ") == "Till 2"
    with pytest.raises(InputError) as refused:
        check_nickname(" ")
    assert refused.value.field == "nickname"


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
