"""What is written in figures, as a Japanese voice reads it rightly: 円, 時分, 年月日, telephone numbers, shares, units.

Read `_PATTERNS`: a pattern and how it is read; the first that fits at a place counts. Whatever fits none stays as it
is; whole numbers with their counters too, which the voice's dictionary knows better. Pure.
"""

import re
from collections.abc import Callable
from datetime import date
from functools import partial

_NUMBER = r"(?:\d{1,3}(?:,\d{3}){1,4}|\d{1,15})(?:\.\d{1,9})?"
_BEGIN = r"(?<![0-9A-Za-z.,:/+-])"
_END = r"(?![0-9A-Za-z%]|[.,:/-]\d)"
_DIGITS = ("ゼロ", "イチ", "ニー", "サン", "ヨン", "ゴー", "ロク", "ナナ", "ハチ", "キュー")
_MONEY = {"¥": "円", "$": "ドル", "€": "ユーロ", "£": "ポンド"}
_UNITS = {
    "km": "キロメートル",
    "cm": "センチメートル",
    "mm": "ミリメートル",
    "kg": "キログラム",
    "mg": "ミリグラム",
    "ml": "ミリリットル",
    "km/h": "キロメートル毎時",
    "°C": "度",
    "℃": "度",
    "kW": "キロワット",
    "kWh": "キロワット時",
    "MB": "メガバイト",
    "GB": "ギガバイト",
    "TB": "テラバイト",
}
# Figures and the signs among them are often written as wide as kanji.
_NARROW = {ord(wide): narrow for wide, narrow in zip("０１２３４５６７８９％￥＄", "0123456789%¥$", strict=True)}
_SIGNS = {"：": ":", "／": "/", "．": ".", "，": ",", "－": "-", "＋": "+", "‐": "-", "−": "-"}
_SIGN = re.compile(rf"(?:(?<=\d)|(?=[＋－−]\d))[{''.join(_SIGNS)}](?=\d)")
FEWEST_PHONE_DIGITS, MOST_PHONE_DIGITS = 7, 15

Match = re.Match[str]


def spoken(text: str) -> str:
    """Return a text with what is written in figures as it is read."""
    text = _SIGN.sub(lambda sign: _SIGNS[sign[0]], text.translate(_NARROW))
    for pattern, read in _RULES:
        text = pattern.sub(partial(_read_or_leave, read), text)
    return text


def _read_or_leave(read: Callable[[Match], str | None], match: Match) -> str:
    words = read(match)
    return match[0] if words is None else words


def _date(match: Match) -> str | None:
    year, month, day = int(match["year"]), int(match["month"]), int(match["day"])
    try:
        date(year, month, day)
    except ValueError:
        return None
    return f"{year}年{month}月{day}日"


def _phone(match: Match) -> str | None:
    groups = re.findall(r"\d+", match[0])
    if not FEWEST_PHONE_DIGITS <= sum(map(len, groups)) <= MOST_PHONE_DIGITS:
        return None
    read = "の、".join("".join(_DIGITS[int(digit)] for digit in group) for group in groups)
    return f"プラス{read}" if match[0].startswith("+") else read


def _range(match: Match) -> str:
    # The rule for times reads both.
    return f"{match['first']}から{match['last']}"


def _time(match: Match) -> str | None:
    hour, minute = int(match["hour"]), int(match["minute"])
    half = match["half"]
    if hour > 24 or minute > 59 or (half and not 1 <= hour <= 12):
        return None
    name = "" if not half else "午前" if half in "Aa" else "午後"
    return f"{name}{hour}時" + (f"{minute}分" if minute else "")


def _money(match: Match) -> str | None:
    name, amount = _MONEY[match["sign"]], _plain(match)
    whole, _, fraction = amount.partition(".")
    if match["sign"] == "$" and len(fraction) == 2:
        cents = f"{int(fraction)}セント" if int(fraction) else ""
        return f"{whole}{name}{cents}"
    return f"{amount}{name}"


def _percent(match: Match) -> str:
    return f"{_signed(match)}パーセント"


def _unit(match: Match) -> str:
    return f"{_signed(match)}{_UNITS[match['unit']]}"


def _signed(match: Match) -> str:
    return ("マイナス" if match["minus"] else "") + _plain(match)


def _plain(match: Match) -> str:
    return match["number"].replace(",", "")


_SIGNED = rf"(?<![0-9A-Za-z.,:/+-])(?P<minus>-?)(?P<number>{_NUMBER})"
_CLOCK = r"\d{1,2}:\d\d"
_PATTERNS: tuple[tuple[str, Callable[[Match], str | None]], ...] = (
    (rf"{_BEGIN}(?P<year>\d{{4}})-(?P<month>\d\d)-(?P<day>\d\d){_END}", _date),
    (rf"{_BEGIN}(?P<year>\d{{4}})/(?P<month>\d{{1,2}})/(?P<day>\d{{1,2}}){_END}", _date),
    (rf"(?<![0-9A-Za-z+])\+\d(?:[ ().-]{{0,2}}\d){{6,14}}{_END}", _phone),
    (rf"{_BEGIN}0\d{{1,4}}(?:[ -]\d{{1,4}}[ -]|\(\d{{1,4}}\))\d{{3,4}}{_END}", _phone),
    (rf"{_BEGIN}0\d{{9,10}}{_END}", _phone),
    (rf"{_BEGIN}(?P<first>{_CLOCK}) ?[-–~〜～] ?(?P<last>{_CLOCK}){_END}", _range),
    (rf"{_BEGIN}(?P<hour>\d{{1,2}}):(?P<minute>\d\d)(?: ?(?P<half>[AaPp])[Mm]\b)?(?![0-9A-Za-z]|[.,:/-]\d)", _time),
    (rf"(?<![0-9A-Za-z.,$€£¥-])(?P<sign>[$€£¥]) ?(?P<number>{_NUMBER}){_END}", _money),
    (rf"{_SIGNED} ?%", _percent),
    (rf"{_SIGNED} ?(?P<unit>{'|'.join(sorted(_UNITS, key=len, reverse=True))})(?![A-Za-z/])", _unit),
    # Only the commas go: 1,234円 is read as two numbers.
    (rf"(?<![0-9A-Za-z.,:/+-])(?P<minus>)(?P<number>\d{{1,3}}(?:,\d{{3}}){{1,4}}(?:\.\d{{1,9}})?){_END}", _signed),
)
# `\d` is a digit of any script, and only ours are read here.
_RULES = tuple((re.compile(pattern, re.ASCII), read) for pattern, read in _PATTERNS)
