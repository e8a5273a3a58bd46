"""What an account signs with, over real databases, and that its calls carry it."""

from functools import partial

import pytest

from house import NOW, House
from offhook.domain.calls import Admission
from offhook.domain.errors import AccountNotFound
from offhook.domain.signing import BOTH_SIGN, UNSIGNED, Signing
from offhook.errors import InputError
from offhook.service import signing

OLD, NEW = "the-old-secret-of-shop", "the-new-secret-of-shop"


def rotate(house: House, secret: str, *, at_once: bool = False) -> Signing:
    rotating = partial(signing.rotate_secret, account_id=house.shop.id, secret=secret, now=NOW, at_once=at_once)
    return house.write(rotating)


def kept(house: House) -> Signing:
    return house.read(partial(signing.signing_of, account_id=house.shop.id))


def admitted(house: House) -> Admission:
    admission = house.admit(house.arrival())
    assert isinstance(admission, Admission)
    return admission


def test_a_new_account_signs_nothing(house: House) -> None:
    house.subscribed()
    assert kept(house) == UNSIGNED
    assert (admitted(house).secrets, admitted(house).signed_origins) == ((), ())


def test_calls_are_admitted_with_both_secrets_and_with_the_origins(house: House) -> None:
    house.subscribed()
    rotate(house, OLD)
    assert rotate(house, NEW) == kept(house) == Signing(NEW, OLD, NOW + BOTH_SIGN)
    house.write(partial(signing.set_origins, account_id=house.shop.id, origins=["https://API.example"]))
    assert admitted(house).secrets == (NEW, OLD)
    assert admitted(house).signed_origins == ("https://api.example",)


def test_a_secret_that_is_taken_back_leaves_the_origins(house: House) -> None:
    rotate(house, OLD)
    house.write(partial(signing.set_origins, account_id=house.shop.id, origins=["https://api.example"]))
    house.write(partial(signing.stop, account_id=house.shop.id))
    assert kept(house) == Signing(origins=("https://api.example",))
    house.write(partial(signing.set_origins, account_id=house.shop.id, origins=[]))
    assert kept(house) == UNSIGNED


def test_what_is_refused_changes_nothing(house: House) -> None:
    rotate(house, OLD)
    with pytest.raises(InputError):
        rotate(house, OLD)
    with pytest.raises(InputError):
        house.write(partial(signing.set_origins, account_id=house.shop.id, origins=["nowhere"]))
    assert kept(house) == Signing(OLD)


def test_accounts_are_found_by_their_names(house: House) -> None:
    assert house.read(partial(signing.account_id_of, name="Shop")) == house.shop.id
    with pytest.raises(AccountNotFound):
        house.read(partial(signing.account_id_of, name="Nobody"))
