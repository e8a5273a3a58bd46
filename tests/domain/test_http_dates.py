from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offhook.domain.http_dates import read_http_date

ALMOST = r"[A-Z][a-z]{2}, [0-9]{1,20} [A-Z][a-z]{2} [0-9]{1,20} [0-9:]{1,20} [-+]?[0-9A-Z]{1,20}"
NOON = datetime(1994, 11, 6, 12, 49, 37, tzinfo=UTC)


@pytest.mark.parametrize(
    "written",
    [
        "Sun, 06 Nov 1994 12:49:37 GMT",
        "Sunday, 06-Nov-94 12:49:37 GMT",
        "Sun Nov  6 12:49:37 1994",
        "Sun, 06 Nov 1994 12:49:37 -0000",
        "Sun, 06 Nov 1994 12:49:37",
        "Sun, 06 Nov 1994 13:49:37 +0100",
    ],
)
def test_a_date_is_a_moment_whatever_its_form(written: str) -> None:
    assert read_http_date(written) == NOON


@pytest.mark.parametrize(
    "written", ["", "0", "now", "Sun, 99 Nov 1994 12:49:37 GMT", "Sun, 06 Nov 1994 12:49:37 +" + "9" * 30, "1" * 5000]
)
def test_what_is_no_date_is_a_value_error(written: str) -> None:
    with pytest.raises(ValueError):
        read_http_date(written)


@given(
    st.text() | st.from_regex(r"[A-Z][a-z]{2}, [0-9]{1,20} [A-Z][a-z]{2} [0-9]{1,20} [0-9:]{1,20} [-+]?[0-9A-Z]{1,20}")
)
def test_whatever_is_written_is_a_moment_or_a_value_error(written: str) -> None:
    try:
        moment = read_http_date(written)
    except ValueError:
        return
    assert moment.tzinfo is not None
