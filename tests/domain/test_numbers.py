from datetime import UTC, datetime, timedelta

import pytest

from offhook.domain.calls import Caller
from offhook.domain.numbers import (
    Feature,
    Number,
    PoolState,
    caller_identity,
    features_of,
    is_digits,
    legible,
    make_uid,
    read_features,
    short_digits,
    state_of,
)
from offhook.errors import InputError


@pytest.mark.parametrize(
    ("raw", "number"),
    [
        ("+81-90-1234-5678", "819012345678"),
        ("09012345678", "09012345678"),
        ("110", "110"),
        ("1234567890123456", ""),
        ("alice", ""),
        ("", ""),
    ],
)
def test_a_caller_is_digits_or_nothing(raw: str, number: str) -> None:
    assert caller_identity(raw, "Alice", anonymous=False) == Caller(number, raw, "Alice", anonymous=False)


@pytest.mark.parametrize(("raw", "anonymous"), [("+819012345678", True), ("Anonymous", False)])
def test_of_a_caller_who_withheld_the_number_nothing_is_told(raw: str, anonymous: bool) -> None:
    assert caller_identity(raw, "Alice", anonymous) == Caller("", "", "", anonymous=True)


@pytest.mark.parametrize(
    ("raw", "digits"),
    [("+81 (3) 12-34.5678;ext=5", "81312345678"), ("110", "110"), ("1" * 16, ""), ("++81", ""), ("x", "")],
)
def test_digits_that_a_peer_wrote_are_read_whatever_stands_between_them(raw: str, digits: str) -> None:
    assert short_digits(raw) == digits


@pytest.mark.parametrize("text", ["", "８１", "12²", "1 2", "+81", "٣"])
def test_only_ascii_has_digits(text: str) -> None:
    assert not is_digits(text)
    assert is_digits("0123456789")


def test_what_cannot_be_shown_is_replaced() -> None:
    assert legible("Al\x00ice\ud800 日本") == "Al\ufffdice\ufffd 日本"
    assert len(legible("a" * 1000)) == 200


def test_a_uid_is_a_region_and_fourteen_letters_or_digits() -> None:
    assert make_uid("JP", "AFR34-rafic76tfX") == "JPafr34rafic76tf"
    assert make_uid("XX", "0123456789abcdef") == "XX0123456789abcd"


def test_a_uid_needs_enough_chance() -> None:
    with pytest.raises(ValueError, match="14"):
        make_uid("JP", "abc")


@pytest.mark.parametrize(
    ("allow_transfer", "requires_verification", "features"),
    [
        (True, False, (Feature.TRANSFER,)),
        (True, True, (Feature.TRANSFER, Feature.VERIFICATION)),
        (False, False, ()),
        (False, True, (Feature.VERIFICATION,)),
    ],
)
def test_a_numbers_features_are_words(
    allow_transfer: bool, requires_verification: bool, features: tuple[Feature, ...]
) -> None:
    number = Number(
        1,
        "815012345678",
        "JPafr34rafic76tf",
        "81",
        "50",
        0,
        0,
        "",
        allow_transfer=allow_transfer,
        requires_verification=requires_verification,
    )
    assert features_of(number) == features


def test_features_are_read_from_words_with_commas() -> None:
    assert read_features("transfer") == {Feature.TRANSFER}
    assert read_features("verification,transfer,verification") == {Feature.TRANSFER, Feature.VERIFICATION}


@pytest.mark.parametrize(
    "written", ["", "transfer,", "fax", "transfer, verification", "Transfer", "transfer;verification"]
)
def test_a_word_that_is_no_feature_is_refused_with_those_that_are(written: str) -> None:
    with pytest.raises(InputError, match="transfer and verification") as refused:
        read_features(written)
    assert refused.value.field == "features"


@pytest.mark.parametrize(
    ("free_from", "is_reserved", "state"),
    [
        (None, False, PoolState.SUBSCRIBED),
        (timedelta(0), False, PoolState.FREE),
        # A reservation that has ended is none any more.
        (timedelta(0), True, PoolState.FREE),
        (timedelta(seconds=1), True, PoolState.RESERVED),
        (timedelta(seconds=1), False, PoolState.RESTING),
    ],
)
def test_a_number_stands_as_its_row_says(free_from: timedelta | None, is_reserved: bool, state: PoolState) -> None:
    now = datetime(2026, 11, 23, tzinfo=UTC)
    assert state_of(None if free_from is None else now + free_from, is_reserved=is_reserved, now=now) is state
