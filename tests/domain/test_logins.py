import pytest

from offhook.domain.logins import Login, check_login
from offhook.errors import InputError


def test_a_login_is_a_user_with_a_password_that_is_not_shown() -> None:
    login = check_login("offhook", "a secret")
    assert login == Login("offhook", "a secret")
    assert "a secret" not in repr(login)
    assert check_login("", "") is None


@pytest.mark.parametrize(
    ("user", "password", "field"),
    [
        ("", "x", "user"),
        ("a\nb", "x", "user"),
        ("x" * 129, "x", "user"),
        ("a", "", "password"),
        ("a", "x\x00", "password"),
    ],
)
def test_half_a_login_or_one_that_no_header_can_carry_is_refused(user: str, password: str, field: str) -> None:
    with pytest.raises(InputError) as refused:
        check_login(user, password)
    assert refused.value.field == field
