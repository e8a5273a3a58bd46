"""Which country a number belongs to, by ISO 3166 code.

Apart from `numbers`, because the tables behind it are large and only import and search need them.
"""

import phonenumbers

from offhook.domain.numbers import UNKNOWN_REGION

_SUPPORTED: frozenset[str] = frozenset(phonenumbers.SUPPORTED_REGIONS)
_CODES = tuple(str(code) for code in phonenumbers.COUNTRY_CODE_TO_REGION_CODE)
_PREMIUM = frozenset({phonenumbers.PhoneNumberType.PREMIUM_RATE, phonenumbers.PhoneNumberType.SHARED_COST})


def region_of(din: str, country_code: str) -> str:
    """Return the country of E.164 digits, `XX` when they belong to none (satellite, toll-free world-wide).

    Digits that no numbering plan lists yet belong to the main country of their calling code.
    """
    try:
        region = phonenumbers.region_code_for_number(phonenumbers.parse("+" + din))
    except phonenumbers.NumberParseException:
        region = None
    if region is None:
        region = phonenumbers.region_code_for_country_code(int(country_code))
    return region if region in _SUPPORTED else UNKNOWN_REGION


def region_of_digits(din: str) -> str:
    """Return the country of E.164 digits of which nobody told the country code, else `XX`."""
    try:
        code = phonenumbers.parse("+" + din).country_code
    except phonenumbers.NumberParseException:
        return UNKNOWN_REGION
    return region_of(din, str(code))


def country_codes() -> tuple[str, ...]:
    """Return the calling codes of all countries, without `+`."""
    return _CODES


def is_region(code: str) -> bool:
    """Tell whether the code names a country with a numbering plan, or is our `XX`."""
    return code == UNKNOWN_REGION or code in _SUPPORTED


def is_premium(din: str) -> bool:
    """Tell whether who calls these E.164 digits pays their owner, by the numbering plans."""
    try:
        kind = phonenumbers.number_type(phonenumbers.parse("+" + din))
    except phonenumbers.NumberParseException:
        return False
    return kind in _PREMIUM
