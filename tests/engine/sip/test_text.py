from hypothesis import given
from hypothesis import strategies as st

from offhook.engine.sip.text import readable


def test_plain_and_foreign_text_stays_as_it_is() -> None:
    assert readable("Anna Müller 山田") == "Anna Müller 山田"


def test_line_breaks_become_blanks_and_nuls_and_broken_bytes_become_the_replacement_sign() -> None:
    assert readable("a\r\nb\x00c\udcffd") == "a  b\ufffdc\ufffdd"


@given(st.text(st.characters()))
def test_readable_text_can_always_be_written_and_has_no_line_breaks(text: str) -> None:
    found = readable(text)
    assert found.encode().decode() == found
    assert found.isprintable()
    assert len(found) == len(text)
