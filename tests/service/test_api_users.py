from datetime import datetime, timedelta

import pytest

from house import NOW, House
from offhook.domain.accounts import ApiUser
from offhook.domain.errors import AccountNotFound, ApiUserNotFound, NicknameTaken, SidTaken
from offhook.errors import InputError
from offhook.service import api_users

DAY = timedelta(hours=24)
HOME = "192.0.2.7"


def add(
    house: House,
    nickname: str = "Till",
    *,
    sid: str = "till",
    token: str = "t",
    account: str = "Shop",
    networks: tuple[str, ...] = (),
) -> ApiUser:
    return house.write(
        lambda work: api_users.add_user(
            work, account=account, nickname=nickname, sid=sid, token=token, now=NOW, networks=networks
        )
    )


def rotate(house: House, token: str, at: datetime = NOW, *, at_once: bool = False) -> ApiUser:
    return house.write(lambda work: api_users.rotate(work, sid="till", token=token, now=at, at_once=at_once))


def knock(house: House, sid: str, token: str, *, address: str = HOME, at: datetime = NOW) -> ApiUser | None:
    return house.read(lambda work: api_users.authenticate(work, sid=sid, token=token, address=address, now=at))


def listed(house: House, account: str = "Shop") -> list[ApiUser]:
    return house.read(lambda work: api_users.list_users(work, account))


def test_only_the_right_credentials_name_a_user(house: House) -> None:
    user = knock(house, "sid-Shop", "token")
    assert user is not None
    assert (user.account_id, user.nickname) == (house.shop.id, "Shop")
    assert knock(house, "sid-Shop", "other") is None
    assert knock(house, "nobody", "token") is None


def test_the_users_of_an_account_are_listed_the_first_one_first(house: House) -> None:
    till = add(house, " Till ", networks=("192.0.2.0/24", "192.0.2.0/24"))
    assert (till.nickname, till.enabled, till.networks) == ("Till", True, ("192.0.2.0/24",))
    house.open_account("Other")
    assert [user.nickname for user in listed(house)] == ["Shop", "Till"]
    assert listed(house)[1] == till == knock(house, "till", "t")
    assert [user.nickname for user in listed(house, " Other ")] == ["Other"]


def test_a_user_belongs_to_an_account_that_exists(house: House) -> None:
    with pytest.raises(AccountNotFound):
        add(house, account="Nobody")
    with pytest.raises(AccountNotFound):
        listed(house, "Nobody")


def test_a_sid_is_taken_once_in_all_accounts_and_a_nickname_once_in_its_own(house: House) -> None:
    house.open_account("Other")
    add(house)
    with pytest.raises(SidTaken):
        add(house, "Till 2")
    with pytest.raises(SidTaken):
        add(house, account="Other")
    with pytest.raises(NicknameTaken):
        add(house, " Till", sid="till-2")
    assert add(house, account="Other", sid="till-2").nickname == "Till"
    assert [user.sid for user in listed(house)] == ["sid-Shop", "till"]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"nickname": ""}, "nickname"),
        ({"sid": "a:b"}, "sid"),
        ({"token": ""}, "token"),
        ({"networks": ("192.0.2.7/24",)}, "networks"),
    ],
)
def test_a_user_that_cannot_be_is_refused_by_the_name_of_the_field(
    house: House, wrong: dict[str, str | tuple[str, ...]], field: str
) -> None:
    with pytest.raises(InputError) as refused:
        add(house, **wrong)  # type: ignore[arg-type]  # each row fits its name
    assert refused.value.field == field
    assert len(listed(house)) == 1


def test_a_disabled_user_is_out_until_it_is_enabled_again(house: House) -> None:
    add(house)
    assert not house.write(lambda work: api_users.disable(work, "till")).enabled
    assert knock(house, "till", "t") is None
    assert knock(house, "sid-Shop", "token") is not None
    assert house.write(lambda work: api_users.enable(work, "till")).enabled
    assert knock(house, "till", "t") is not None


def test_a_rotated_token_stays_good_for_a_day(house: House) -> None:
    add(house)
    user = rotate(house, "u")
    assert user == listed(house)[1]
    assert user.previous_until == NOW + DAY
    assert [knock(house, "till", token) is not None for token in ("t", "u")] == [True, True]
    assert [knock(house, "till", token, at=NOW + DAY) is not None for token in ("t", "u")] == [False, True]


def test_a_second_rotation_within_the_day_drops_the_older_token(house: House) -> None:
    add(house)
    rotate(house, "u")
    rotate(house, "v", NOW + DAY / 2)
    good = [knock(house, "till", token, at=NOW + DAY / 2) is not None for token in ("t", "u", "v")]
    assert good == [False, True, True]


def test_a_rotation_at_once_drops_every_other_token(house: House) -> None:
    add(house)
    rotate(house, "u")
    rotate(house, "v", at_once=True)
    assert [knock(house, "till", token) is not None for token in ("t", "u", "v")] == [False, False, True]


def test_a_token_that_cannot_travel_or_is_the_present_one_is_no_new_one(house: House) -> None:
    add(house)
    for token in ("", "t"):
        with pytest.raises(InputError) as refused:
            rotate(house, token)
        assert refused.value.field == "token"
    assert listed(house)[1].previous_until is None


def test_a_user_is_let_in_from_its_networks_alone(house: House) -> None:
    add(house, networks=("192.0.2.0/24", "2001:db8::/32"))
    for address in (HOME, f"::ffff:{HOME}", "2001:db8::7"):
        assert knock(house, "till", "t", address=address) is not None
    for address in ("198.51.100.1", "2001:db9::7", ""):
        assert knock(house, "till", "t", address=address) is None


def test_the_networks_of_a_user_are_replaced_and_taken_away(house: House) -> None:
    add(house, networks=("192.0.2.0/24",))

    def restrict(*networks: str) -> ApiUser:
        return house.write(lambda work: api_users.restrict(work, sid="till", networks=networks))

    assert restrict("198.51.100.1").networks == ("198.51.100.1/32",)
    assert knock(house, "till", "t") is None
    with pytest.raises(InputError) as refused:
        restrict("office.example")
    assert refused.value.field == "networks"
    assert restrict().networks == ()
    assert knock(house, "till", "t", address="") is not None


def test_a_user_is_renamed_to_what_no_other_of_its_account_is_called(house: House) -> None:
    add(house)

    def rename(nickname: str) -> str:
        return house.write(lambda work: api_users.rename(work, sid="till", nickname=nickname)).nickname

    assert rename("Till 1 ") == "Till 1"
    assert rename("Till 1") == "Till 1"
    with pytest.raises(NicknameTaken):
        rename("Shop")
    with pytest.raises(InputError):
        rename("")
    assert [user.nickname for user in listed(house)] == ["Shop", "Till 1"]


def test_a_user_that_is_not_there_is_not_found(house: House) -> None:
    with pytest.raises(ApiUserNotFound):
        house.write(lambda work: api_users.enable(work, "nobody"))
    with pytest.raises(ApiUserNotFound):
        house.write(lambda work: api_users.rotate(work, sid="nobody", token="t", now=NOW))
    with pytest.raises(ApiUserNotFound):
        house.write(lambda work: api_users.rename(work, sid="nobody", nickname="Till"))


def test_what_is_changed_by_one_verb_leaves_the_rest_alone(house: House) -> None:
    before = add(house, networks=("192.0.2.0/24",))
    rotate(house, "u")
    house.write(lambda work: api_users.rename(work, sid="till", nickname="Till 1"))
    house.write(lambda work: api_users.disable(work, "till"))
    (after,) = [user for user in listed(house) if user.sid == "till"]
    assert (after.nickname, after.enabled, after.networks) == ("Till 1", False, before.networks)
    assert (after.previous_token_hash, after.previous_until) == (before.token_hash, NOW + DAY)
