"""Secrets that change without a gap, and origins in one form."""

from datetime import UTC, datetime, timedelta

import pytest

from offhook.domain.signing import BOTH_SIGN, MOST_ORIGINS, UNSIGNED, Signing, check_origins, rotate
from offhook.errors import InputError

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
FIRST, SECOND, THIRD = "first-secret-of-all", "second-secret-of-all", "third-secret-of-all"
SECOND_OF_TIME = timedelta(seconds=1)


def test_without_a_secret_nothing_is_signed() -> None:
    assert UNSIGNED.secrets(NOW) == ()
    assert UNSIGNED.both_until(NOW) is None


def test_a_first_secret_has_none_before_it() -> None:
    signing = rotate(Signing(origins=("https://a.example",)), FIRST, NOW)
    assert signing == Signing(FIRST, origins=("https://a.example",))
    assert signing.secrets(NOW) == (FIRST,)


def test_both_secrets_sign_for_a_day_the_new_one_first() -> None:
    signing = rotate(Signing(FIRST), SECOND, NOW)
    end = NOW + BOTH_SIGN
    assert signing.secrets(end - SECOND_OF_TIME) == (SECOND, FIRST)
    assert signing.both_until(end - SECOND_OF_TIME) == end
    assert signing.secrets(end) == (SECOND,)
    assert signing.both_until(end) is None


def test_there_are_never_three() -> None:
    signing = rotate(rotate(Signing(FIRST), SECOND, NOW), THIRD, NOW)
    assert signing.secrets(NOW) == (THIRD, SECOND)


def test_a_secret_that_is_known_to_others_is_dropped_at_once() -> None:
    signing = rotate(Signing(FIRST), SECOND, NOW, at_once=True)
    assert signing == Signing(SECOND)


@pytest.mark.parametrize("secret", ["", "short", "x" * 201, "sixteen letters\n", "geheimgeheimgeheimß", FIRST])
def test_what_is_no_new_secret_is_refused(secret: str) -> None:
    with pytest.raises(InputError) as refused:
        rotate(Signing(FIRST), secret, NOW)
    assert refused.value.field == "secret"


def test_a_secret_does_not_show_where_values_are_printed() -> None:
    assert FIRST not in repr(rotate(Signing(FIRST), SECOND, NOW))


def test_origins_are_kept_in_one_form_each_once() -> None:
    given = (
        "https://API.example.com/",
        "https://api.example.com:443",
        "http://[2001:DB8::1]:80",
        "http://a.example:443",
        "https://a.example:8443",
    )
    assert check_origins("f", given) == (
        "https://api.example.com",
        "http://[2001:db8::1]",
        "http://a.example:443",
        "https://a.example:8443",
    )
    assert check_origins("f", ()) == ()


@pytest.mark.parametrize(
    "origin",
    [
        "api.example.com",
        "ftp://a.example",
        "https://a.example/path",
        "https://a.example?x",
        "https://a.example#x",
        "https://user@a.example",
        "https://a.example:0",
        "https://a.example:99999",
        "https://",
        "https://[::1",
        "https://日本.example",
        "https://a b.example",
        "https://" + "a" * 300,
    ],
)
def test_what_is_no_origin_is_refused(origin: str) -> None:
    with pytest.raises(InputError) as refused:
        check_origins("sign_origins", [origin])
    assert refused.value.field == "sign_origins"


def test_there_are_not_too_many() -> None:
    origins = [f"https://{number}.example" for number in range(MOST_ORIGINS + 1)]
    assert len(check_origins("f", origins[:-1])) == MOST_ORIGINS
    with pytest.raises(InputError, match="at most 20 origins"):
        check_origins("f", origins)
