import pytest

from offhook.domain.regions import is_premium, is_region, region_of, region_of_digits


@pytest.mark.parametrize(
    ("din", "country_code", "region"),
    [
        ("815012345678", "81", "JP"),
        ("12125551234", "1", "US"),
        ("14165551234", "1", "CA"),
        ("441632960123", "44", "GB"),
        ("80012345678", "800", "XX"),
        ("9991234567", "999", "XX"),
        ("1000000", "1", "US"),
        ("81000000", "81", "JP"),
    ],
)
def test_a_number_belongs_to_a_country(din: str, country_code: str, region: str) -> None:
    assert region_of(din, country_code) == region


def test_a_region_is_an_iso_code_or_unknown() -> None:
    assert is_region("JP")
    assert is_region("XX")
    assert not is_region("jp")
    assert not is_region("81")


@pytest.mark.parametrize(
    ("din", "region"),
    [
        ("815012345678", "JP"),
        ("81000000", "JP"),
        ("12125551234", "US"),
        ("14165551234", "CA"),
        ("80012345678", "XX"),
        ("9991234567", "XX"),
        ("7", "XX"),
        ("", "XX"),
    ],
)
def test_digits_alone_tell_their_country(din: str, region: str) -> None:
    assert region_of_digits(din) == region


@pytest.mark.parametrize(("din", "expected"), [("449098790000", True), ("442071234567", False), ("7", False)])
def test_premium_numbers_are_known_by_their_plans(din: str, expected: bool) -> None:
    assert is_premium(din) is expected
