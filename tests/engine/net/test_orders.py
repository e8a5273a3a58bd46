"""Orders and reports survive their way between the processes."""

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offhook.engine.net.frames import Fields, Frames, encode
from offhook.engine.net.orders import Order, Report, to_fields, to_order, to_report
from offhook.errors import ProtocolError

st.register_type_strategy(float, st.floats(allow_nan=False, allow_infinity=False))

ORDERS = st.one_of([st.builds(kind) for kind in get_args(Order)])
REPORTS = st.one_of([st.builds(kind) for kind in get_args(Report)])


def _sent(message: Order | Report) -> Fields:
    [fields] = Frames().feed(encode(to_fields(message)))
    return fields


@given(ORDERS)
def test_every_order_arrives_as_it_was_given(order: Order) -> None:
    assert to_order(_sent(order)) == order


@given(REPORTS)
def test_every_report_arrives_as_it_was_made(report: Report) -> None:
    assert to_report(_sent(report)) == report


@pytest.mark.parametrize(
    "fields",
    [[], ["Dance", "leg"], ["Start"], ["Start", "leg", 1], [None], ["Opened", "leg", 4000]],
)
def test_what_is_no_order_is_refused(fields: Fields) -> None:
    with pytest.raises(ProtocolError, match="order"):
        to_order(fields)


@pytest.mark.parametrize("fields", [[], ["Dance", "leg"], ["Opened"], ["Opened", "leg", 1, 2], ["Start", "leg"]])
def test_what_is_no_report_is_refused(fields: Fields) -> None:
    with pytest.raises(ProtocolError, match="report"):
        to_report(fields)
