"""What is written in figures, as English words: money, times, dates, telephone numbers, shares, ordinals, units.

Read `_PATTERNS`: a pattern and how it is read; the first that fits at a place counts. Whatever fits none stays as it
is, plain whole numbers too, which every voice can read. Pure.
"""

import re
from collections.abc import Callable
from datetime import date
from functools import partial

from offhook.audio.numerals import MOST_DIGITS, cardinal, decimal, digits, ordinal, year

_NUMBER = r"(?:\d{1,3}(?:,\d{3}){1,4}|\d{1,15})(?:\.\d{1,9})?"
# No part of a longer number, of a word, or of an address such as 192.0.2.1.
_BEGIN = r"(?<![\w.,:/+-])"
_END = r"(?![\w%°]|[.,:/-][\d$€£¥])"
_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
_MONEY = {
    "$": ("dollar", "dollars", "cent", "cents"),
    "€": ("euro", "euros", "cent", "cents"),
    "£": ("pound", "pounds", "penny", "pence"),
    "¥": ("yen", "yen", "", ""),
}
_UNITS = {
    "km": ("kilometer", "kilometers"),
    "cm": ("centimeter", "centimeters"),
    "mm": ("millimeter", "millimeters"),
    "kg": ("kilogram", "kilograms"),
    "mg": ("milligram", "milligrams"),
    "ml": ("milliliter", "milliliters"),
    "km/h": ("kilometer per hour", "kilometers per hour"),
    "mph": ("mile per hour", "miles per hour"),
    "°C": ("degree Celsius", "degrees Celsius"),
    "°F": ("degree Fahrenheit", "degrees Fahrenheit"),
    "kWh": ("kilowatt hour", "kilowatt hours"),
    "kW": ("kilowatt", "kilowatts"),
    "Hz": ("hertz", "hertz"),
    "kHz": ("kilohertz", "kilohertz"),
    "MHz": ("megahertz", "megahertz"),
    "GHz": ("gigahertz", "gigahertz"),
    "MB": ("megabyte", "megabytes"),
    "GB": ("gigabyte", "gigabytes"),
    "TB": ("terabyte", "terabytes"),
}
FEWEST_PHONE_DIGITS = 7

Match = re.Match[str]


def spoken(text: str, language: str = "en") -> str:
    """Return a text with what is written in figures as words. `en-gb` says dates the British way."""
    for pattern, read in _RULES:
        text = pattern.sub(partial(_read_or_leave, read, language), text)
    return text


def _read_or_leave(read: Callable[[Match, str], str | None], language: str, match: Match) -> str:
    words = read(match, language)
    return match[0] if words is None else words


def _range(match: Match, _language: str) -> str:
    # The rule for times reads both.
    return f"{match['first']} to {match['last']}"


def _iso_date(match: Match, language: str) -> str | None:
    return _date(int(match["year"]), int(match["month"]), int(match["day"]), language)


def _named_date(match: Match, language: str) -> str | None:
    return _date(int(match["year"]), _MONTHS.index(match["month"]) + 1, int(match["day"]), language)


def _date(in_year: int, month: int, day: int, language: str) -> str | None:
    try:
        date(in_year, month, day)
    except ValueError:
        return None
    if in_year < 1000:
        return None
    if language == "en-gb":
        return f"the {ordinal(day)} of {_MONTHS[month - 1]}, {year(in_year)}"
    return f"{_MONTHS[month - 1]} {ordinal(day)}, {year(in_year)}"


def _phone(match: Match, _language: str) -> str | None:
    groups = re.findall(r"\d+", match[0])
    if not FEWEST_PHONE_DIGITS <= sum(map(len, groups)) <= MOST_DIGITS:
        return None
    return ("plus " if match[0].startswith("+") else "") + ", ".join(map(digits, groups))


def _time(match: Match, _language: str) -> str | None:
    hour, minute, half = int(match["hour"]), int(match["minute"] or "0"), match["half"]
    if hour > 23 or minute > 59 or (half and not 1 <= hour <= 12):
        return None
    if half:
        past = f" {_minutes(minute)}" if minute else ""
        return f"{cardinal(hour)}{past} {half[0].upper()}M"
    if minute:
        return f"{cardinal(hour)} {_minutes(minute)}"
    if hour == 0:
        return "midnight"
    return f"{cardinal(hour)} o'clock" if hour <= 12 else f"{cardinal(hour)} hundred"


def _minutes(minute: int) -> str:
    return f"oh {cardinal(minute)}" if minute < 10 else cardinal(minute)


def _money(match: Match, _language: str) -> str | None:
    one, many, cent, cents = _MONEY[match["sign"]]
    amount, scale = match["number"], match["scale"]
    whole, _, fraction = amount.replace(",", "").partition(".")
    minus = "minus " if match["minus"] else ""
    if scale:
        return f"{minus}{decimal(amount)} {scale.lower()} {many}"
    if fraction and (len(fraction) != 2 or not cent):
        return f"{minus}{decimal(amount)} {many}"
    units = f"{cardinal(int(whole))} {one if int(whole) == 1 else many}"
    parts = f"{cardinal(int(fraction or 0))} {cent if int(fraction or 0) == 1 else cents}"
    if not int(fraction or 0):
        return minus + units
    return minus + (f"{units} and {parts}" if int(whole) else parts)


def _percent(match: Match, _language: str) -> str:
    return f"{_signed(match)} percent"


def _unit(match: Match, _language: str) -> str:
    one, many = _UNITS[match["unit"]]
    return f"{_signed(match)} {one if match['number'] == '1' else many}"


def _place(match: Match, _language: str) -> str | None:
    number = int(match["number"])
    teen = 11 <= number % 100 <= 13
    suffix = "th" if teen else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return ordinal(number) if number and match["suffix"].lower() == suffix else None


def _plain(match: Match, _language: str) -> str:
    return _signed(match)


def _signed(match: Match) -> str:
    return ("minus " if match["minus"] else "") + decimal(match["number"])


_SCALES = "thousand|million|billion|trillion"
_WRITTEN = r"\d{1,3}(?:,\d{3}){1,4}(?:\.\d{1,9})?|\d{1,15}\.\d{1,9}"
_SIGNED = rf"(?<![\w.,:/+%-])(?P<minus>[-−]?)(?P<number>{_NUMBER})"
_PATTERNS: tuple[tuple[str, Callable[[Match, str], str | None]], ...] = (
    (rf"{_BEGIN}(?P<first>\d{{1,2}}:\d\d) ?[-–] ?(?P<last>\d{{1,2}}:\d\d){_END}", _range),
    (rf"{_BEGIN}(?P<year>\d{{4}})-(?P<month>\d\d)-(?P<day>\d\d){_END}", _iso_date),
    (rf"\b(?P<month>{'|'.join(_MONTHS)}) (?P<day>\d{{1,2}}),? (?P<year>\d{{4}}){_END}", _named_date),
    (rf"{_BEGIN}(?P<day>\d{{1,2}}) (?P<month>{'|'.join(_MONTHS)}),? (?P<year>\d{{4}}){_END}", _named_date),
    (rf"(?<![\w+])\+\d(?:[ ().-]{{0,2}}\d){{6,14}}{_END}", _phone),
    (rf"{_BEGIN}(?:1[ -])?(?:\(\d{{3}}\) ?|\d{{3}}[ .-])\d{{3}}[.-]\d{{4}}{_END}", _phone),
    (rf"{_BEGIN}0\d{{1,4}}[ -]\d{{1,4}}[ -]\d{{3,4}}{_END}", _phone),
    (
        rf"{_BEGIN}(?P<hour>\d{{1,2}}):(?P<minute>\d\d)(?: ?(?P<half>[AaPp])(?:\.[Mm]\.|[Mm]\b))?(?!\w|[.,:/-]\d)",
        _time,
    ),
    (rf"{_BEGIN}(?P<hour>\d{{1,2}})(?P<minute>) ?(?P<half>[AaPp])(?:\.[Mm]\.|[Mm]\b)", _time),
    (
        rf"(?<![\w.,$€£¥-])(?P<minus>[-−]?)(?P<sign>[$€£¥]) ?(?P<number>{_NUMBER})(?: (?P<scale>{_SCALES})\b)?{_END}",
        _money,
    ),
    (rf"{_SIGNED}(?P<scale>) ?(?P<sign>€){_END}", _money),
    (rf"{_SIGNED} ?%(?!\w)", _percent),
    (rf"{_SIGNED} ?(?P<unit>{'|'.join(sorted(map(re.escape, _UNITS), key=len, reverse=True))})\b(?!/)", _unit),
    (rf"{_BEGIN}(?P<number>\d{{1,9}})(?P<suffix>st|nd|rd|th|ST|ND|RD|TH){_END}", _place),
    (rf"(?<![\w.,:/+%-])(?P<minus>[-−]?)(?P<number>{_WRITTEN}){_END}", _plain),
)
# `\d` is a digit of any script, and only ours are read here.
_RULES = tuple((re.compile(pattern, re.ASCII), read) for pattern, read in _PATTERNS)
