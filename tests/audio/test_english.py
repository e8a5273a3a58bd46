"""Figures in English texts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offhook.audio.english import spoken

# What figures are made of: texts of these come close to every rule.
NEARLY = st.text("0123456789.,:/-+$€£¥% °CFkmhgMBstndrdapAPT()−\n", max_size=60)


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("1,234.50", "one thousand two hundred thirty-four point five zero"),
        ("-1.5", "minus one point five"),
        ("$12.50", "twelve dollars and fifty cents"),
        ("$1", "one dollar"),
        ("$0.01", "one cent"),
        ("$12.00", "twelve dollars"),
        ("$1.5", "one point five dollars"),
        ("-$5", "minus five dollars"),
        ("$3.5 million", "three point five million dollars"),
        ("12.50 €", "twelve euros and fifty cents"),
        ("£1,000.05", "one thousand pounds and five pence"),
        ("¥500", "five hundred yen"),
        ("3:05 pm", "three oh five PM"),
        ("at 3pm.", "at three PM."),
        ("7:30 a.m. sharp", "seven thirty AM sharp"),
        ("15:30", "fifteen thirty"),
        ("15:00", "fifteen hundred"),
        ("9:00", "nine o'clock"),
        ("0:00", "midnight"),
        ("9:00-17:30", "nine o'clock to seventeen thirty"),
        ("2026-11-27", "November twenty-seventh, twenty twenty-six"),
        ("November 27, 2026", "November twenty-seventh, twenty twenty-six"),
        ("27 November 2026", "November twenty-seventh, twenty twenty-six"),
        ("+81 3 1234 5678", "plus eight one, three, one two three four, five six seven eight"),
        ("+1 (212) 555-0123", "plus one, two one two, five five five, zero one two three"),
        ("212-555-0123", "two one two, five five five, zero one two three"),
        ("03-1234-5678", "zero three, one two three four, five six seven eight"),
        ("50%", "fifty percent"),
        ("2.5 %", "two point five percent"),
        ("1st, 2nd, 3rd, 12th and 21st", "first, second, third, twelfth and twenty-first"),
        ("-5 °C", "minus five degrees Celsius"),
        ("1 GB", "one gigabyte"),
        ("100 km/h", "one hundred kilometers per hour"),
        ("It is 3:05 pm, $5, 50%.", "It is three oh five PM, five dollars, fifty percent."),
    ],
)
def test_figures_are_read_as_people_say_them(written: str, words: str) -> None:
    assert spoken(written) == words


def test_british_english_says_dates_in_its_own_way() -> None:
    assert spoken("2026-11-27", "en-gb") == "the twenty-seventh of November, twenty twenty-six"


@pytest.mark.parametrize(
    "written",
    [
        "call 123",
        "2026-02-30",
        "0999-01-01",
        "25:10",
        "10:60",
        "13 pm",
        "12:30:15",
        "192.168.0.1",
        "1.2.3",
        "1,23",
        "1234-5678",
        "2st",
        "11st",
        "0th",
        "$5-$10",
        "x1,234",
        "5 kmh",
        "1" * 16 + ".5",
        "+1 2 3",
        "٣:٠٥",
        "11/27/2026",
    ],
)
def test_what_is_not_surely_known_stays_as_it_is(written: str) -> None:
    assert spoken(written) == written


@given(st.text(max_size=200) | NEARLY, st.sampled_from(("en", "en-us", "en-gb")))
def test_no_text_breaks_it(text: str, language: str) -> None:
    said = spoken(text, language)
    assert said == spoken(text, language)
    assert len(said) <= 40 * len(text)
    # Only figures and their signs are touched.
    if not any(char.isascii() and char.isdigit() for char in text):
        assert said == text


@given(st.integers(0, 999_999), st.integers(0, 99))
def test_no_figure_is_left_of_an_amount(whole: int, cents: int) -> None:
    assert not any(char.isdigit() for char in spoken(f"Pay ${whole:,}.{cents:02} now."))
