"""What is known of URLs."""

from offhook.audio.addresses import Addresses
from offhook.audio.freshness import freshness


def test_what_a_url_gave_is_believed_until_it_is_stale() -> None:
    clock = [100.0]
    addresses = Addresses(10, lambda: clock[0])
    addresses.remember("u", "key", freshness({"cache-control": "max-age=5"}))
    known = addresses.get("u")
    assert known is not None
    assert known.key == "key"
    assert addresses.is_fresh(known)
    clock[0] = 105.0
    assert not addresses.is_fresh(known)


def test_the_url_that_was_not_asked_for_longest_is_forgotten_first() -> None:
    addresses = Addresses(2, lambda: 0.0)
    for url in ("a", "b"):
        addresses.remember(url, url, freshness({}))
    assert addresses.get("a")
    addresses.remember("c", "c", freshness({}))
    assert addresses.get("b") is None
    assert addresses.get("a")


def test_a_url_can_be_forgotten_twice() -> None:
    addresses = Addresses(2, lambda: 0.0)
    addresses.remember("a", "a", freshness({}))
    addresses.forget("a")
    addresses.forget("a")
    assert addresses.get("a") is None
