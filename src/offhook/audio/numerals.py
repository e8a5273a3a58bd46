"""Numbers as English words. Pure; what it cannot say raises nothing, because its callers match first."""

_SMALL = (
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
)
_TENS = ("", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_SCALES = ((10**12, "trillion"), (10**9, "billion"), (10**6, "million"), (1000, "thousand"), (100, "hundred"))
_ORDINALS = {
    "one": "first",
    "two": "second",
    "three": "third",
    "five": "fifth",
    "eight": "eighth",
    "nine": "ninth",
    "twelve": "twelfth",
}

MOST_DIGITS = 15
"""Longer numbers have no name here."""


def cardinal(number: int) -> str:
    """Return a number of 0 to 10^15 - 1: 1234 is "one thousand two hundred thirty-four"."""
    for size, name in _SCALES:
        if number >= size:
            rest = number % size
            return f"{cardinal(number // size)} {name}" + (f" {cardinal(rest)}" if rest else "")
    if number < len(_SMALL):
        return _SMALL[number]
    tens = _TENS[number // 10]
    return f"{tens}-{_SMALL[number % 10]}" if number % 10 else tens


def ordinal(number: int) -> str:
    """Return a place in a row: 21 is "twenty-first"."""
    words = cardinal(number)
    cut = max(words.rfind(" "), words.rfind("-")) + 1
    head, last = words[:cut], words[cut:]
    return head + _ORDINALS.get(last, f"{last[:-1]}ieth" if last.endswith("y") else f"{last}th")


def digits(text: str) -> str:
    """Return ASCII digits one by one."""
    return " ".join(_SMALL[int(digit)] for digit in text)


def decimal(text: str) -> str:
    """Return a number as it is written, with or without groups and a fraction: "1,234.5"."""
    whole, _, fraction = text.replace(",", "").partition(".")
    return cardinal(int(whole)) + (f" point {digits(fraction)}" if fraction else "")


def year(number: int) -> str:
    """Return a year of four digits: 2026 is "twenty twenty-six", 1905 "nineteen oh five"."""
    century, rest = divmod(number, 100)
    if century % 10 == 0 and rest < 10:
        return cardinal(number)
    if rest == 0:
        return f"{cardinal(century)} hundred"
    return f"{cardinal(century)} {'oh ' if rest < 10 else ''}{cardinal(rest)}"
