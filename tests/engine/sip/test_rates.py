"""So many a second for each source, in integers."""

from hypothesis import given
from hypothesis import strategies as st

from offhook.engine.sip.rates import Rates


def test_a_burst_then_the_rate() -> None:
    rates = Rates(10, 20)
    assert [rates.allows("a", 5.0) for _ in range(25)] == [True] * 20 + [False] * 5
    assert [rates.allows("a", 5.5) for _ in range(7)] == [True] * 5 + [False] * 2
    assert rates.allows("b", 5.0), "each source has its own"


def test_what_is_remembered_has_a_limit_and_the_idle_go_first() -> None:
    rates = Rates(1, 1, remembered=2)
    assert rates.allows("a", 0.0)
    assert rates.allows("b", 1.5)
    assert rates.allows("c", 1.5)
    assert len(rates) == 2
    assert not rates.allows("b", 1.5), "only the idle one was forgotten"
    assert rates.allows("d", 1.5)
    assert len(rates) == 1


@given(st.lists(st.floats(0, 5), max_size=300).map(sorted), st.integers(1, 50), st.integers(1, 50))
def test_no_stretch_of_time_has_more_than_burst_and_rate(times: list[float], per_second: int, burst: int) -> None:
    rates = Rates(per_second, burst)
    allowed = [at for at in times if rates.allows("a", at)]
    for first, began in enumerate(allowed):
        for last in range(first, len(allowed)):
            # An interval is whole microseconds, rounded down.
            assert last - first + 1 <= burst + (allowed[last] - began) * per_second * 1.001 + 1
