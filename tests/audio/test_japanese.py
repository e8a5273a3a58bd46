"""Figures in Japanese texts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offhook.audio.japanese import spoken

NEARLY = st.text("0123456789０１２，．：／－.,:/-+$€£¥￥%％ ℃kmgMBPpAa()〜〜円時", max_size=60)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("1,234.50", "1234.50"),
        ("1,234円です", "1234円です"),
        ("￥1,234", "1234円"),
        ("¥500", "500円"),
        ("$12.50", "12ドル50セント"),
        ("$12.00", "12ドル"),
        ("€7.5", "7.5ユーロ"),
        ("15:30に", "15時30分に"),
        ("15:00", "15時"),
        ("午後3:05", "午後3時5分"),
        ("3:05 pm", "午後3時5分"),
        ("3:05 AM", "午前3時5分"),
        ("9:00〜17:30", "9時から17時30分"),
        ("2026-11-27", "2026年11月27日"),
        ("２０２６／１／５", "2026年1月5日"),
        ("+81 3 1234 5678", "プラスハチイチの、サンの、イチニーサンヨンの、ゴーロクナナハチ"),
        ("03-1234-5678まで", "ゼロサンの、イチニーサンヨンの、ゴーロクナナハチまで"),
        ("０３（1234）5678", "０３（1234）5678".translate({0xFF10: "0", 0xFF13: "3"})),
        ("03(1234)5678", "ゼロサンの、イチニーサンヨンの、ゴーロクナナハチ"),
        ("０３－１２３４－５６７８", "ゼロサンの、イチニーサンヨンの、ゴーロクナナハチ"),
        ("0312345678", "ゼロサンイチニーサンヨンゴーロクナナハチ"),
        ("５０％引き", "50パーセント引き"),
        ("-5℃", "マイナス5度"),
        ("5km先", "5キロメートル先"),
    ],
)
def test_figures_are_read_as_people_say_them(written: str, read: str) -> None:
    assert spoken(written) == read


@pytest.mark.parametrize(
    "written",
    [
        "3個",
        "2026-02-30",
        "25:10",
        "10:60",
        "13:00 pm",
        "12:30:15",
        "192.168.0.1",
        "1,23",
        "1234-5678",
        "+1 2 3",
        "٣:٠٥",
    ],
)
def test_what_is_not_surely_known_stays_as_it_is(written: str) -> None:
    assert spoken(written) == written


@given(st.text(max_size=200) | NEARLY)
def test_no_text_breaks_it(text: str) -> None:
    said = spoken(text)
    assert said == spoken(text)
    assert len(said) <= 40 * len(text)
