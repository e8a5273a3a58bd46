from datetime import datetime, timedelta

import pytest

from house import NOW, House
from offhook.domain.errors import KeyInProgress, KeyUsedOtherwise
from offhook.domain.replies import Reply
from offhook.errors import InputError
from offhook.service import replies


def replay(house: House, body_hash: str = "hash", at: datetime = NOW, key: str = "key") -> Reply | None:
    return house.write(
        lambda work: replies.replay(work, account_id=house.shop.id, key=key, body_hash=body_hash, now=at)
    )


def remember(house: House) -> None:
    house.write(lambda work: replies.remember(work, account_id=house.shop.id, key="key", status=201, body='{"a": 1}'))


def test_a_repeated_request_gets_the_first_reply_for_a_day(house: House) -> None:
    assert replay(house) is None
    remember(house)
    again = replay(house, at=NOW + timedelta(hours=24))
    assert again is not None
    assert (again.status, again.body) == (201, '{"a": 1}')
    assert replay(house, at=NOW + timedelta(hours=24, seconds=1)) is None


def test_a_key_with_another_body_is_refused(house: House) -> None:
    replay(house)
    with pytest.raises(KeyUsedOtherwise):
        replay(house, body_hash="other")
    remember(house)
    with pytest.raises(KeyUsedOtherwise):
        replay(house, body_hash="other")


def test_a_request_in_progress_is_told_until_it_must_be_dead(house: House) -> None:
    replay(house)
    with pytest.raises(KeyInProgress):
        replay(house, at=NOW + timedelta(seconds=60))
    assert replay(house, at=NOW + timedelta(seconds=61)) is None


def test_a_forgotten_key_is_free(house: House) -> None:
    replay(house)
    house.write(lambda work: replies.forget(work, account_id=house.shop.id, key="key"))
    assert replay(house, body_hash="other") is None


def test_a_key_belongs_to_its_account(house: House) -> None:
    replay(house)
    other = house.open_account("Other")
    begun = house.write(lambda work: replies.replay(work, account_id=other.id, key="key", body_hash="x", now=NOW))
    assert begun is None


@pytest.mark.parametrize("key", ["", "k" * 256, "two\nlines"])
def test_a_key_that_is_no_key_is_refused(house: House, key: str) -> None:
    with pytest.raises(InputError):
        replay(house, key=key)
