"""A peer is known by its user and two digests; its password is nowhere."""

import pytest

from offhook.domain.peers import LONGEST_PASSWORD, LONGEST_USER, REALM, check_peer, read_peer
from offhook.engine.sip.challenges import Hash
from offhook.engine.sip.digest import ha1
from offhook.errors import InputError

PASSWORD = "correct horse battery"


def test_what_is_kept_is_what_a_digest_is_computed_from() -> None:
    peer = check_peer("anna", PASSWORD)
    assert peer.secrets == {
        "MD5": ha1(Hash.MD5, "anna", REALM, PASSWORD),
        "SHA-256": ha1(Hash.SHA_256, "anna", REALM, PASSWORD),
    }
    assert read_peer("anna", peer.secrets) == peer
    assert read_peer("", {}) is None


def test_of_an_old_phones_password_only_the_old_digest_is_kept() -> None:
    peer = check_peer("anna", PASSWORD, only_md5=True)
    assert peer.secrets == {"MD5": ha1(Hash.MD5, "anna", REALM, PASSWORD)}
    assert read_peer("anna", peer.secrets) == peer


def test_a_peer_shows_neither_password_nor_digest() -> None:
    assert repr(check_peer("anna", PASSWORD)) == "Peer(user='anna')"


@pytest.mark.parametrize("user", ["", "-anna", "an na", "anna@example", "änna", "a" * (LONGEST_USER + 1)])
def test_a_user_that_a_uri_could_not_carry_as_it_is_is_refused(user: str) -> None:
    with pytest.raises(InputError, match="letters"):
        check_peer(user, PASSWORD)


@pytest.mark.parametrize("password", ["", "eleven char", "with\na line break", "p" * (LONGEST_PASSWORD + 1)])
def test_a_password_that_is_guessed_or_cannot_be_typed_is_refused(password: str) -> None:
    with pytest.raises(InputError, match="printable"):
        check_peer("anna", password)
