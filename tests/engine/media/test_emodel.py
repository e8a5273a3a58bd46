"""The E-model against figures that were computed by hand from G.107 and G.113."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offhook.engine.media.emodel import (
    G711,
    G722,
    Coding,
    delay_impairment,
    effective_impairment,
    mos,
    opinion,
    rate,
)

SHARES = st.floats(0.0, 1.0)
DELAYS = st.floats(0.0, 5000.0)


def test_an_undisturbed_call_is_as_good_as_narrowband_can_be() -> None:
    assert rate(G711, loss=0.0) == 93.2
    assert mos(G711, loss=0.0) == pytest.approx(4.41, abs=0.005)


@pytest.mark.parametrize(
    ("rating", "expected"),
    # G.107 table B.1: the bounds of what users are told to think.
    [(90.0, 4.34), (80.0, 4.03), (70.0, 3.60), (60.0, 3.10), (50.0, 2.58)],
)
def test_a_rating_means_what_the_recommendations_table_says(rating: float, expected: float) -> None:
    assert opinion(rating) == pytest.approx(expected, abs=0.01)


@pytest.mark.parametrize(("rating", "expected"), [(-40.0, 1.0), (0.0, 1.0), (3.0, 1.0), (100.0, 4.5), (129.0, 4.5)])
def test_no_rating_leaves_the_scale(rating: float, expected: float) -> None:
    assert opinion(rating) == expected


def test_two_percent_of_random_loss_costs_seven_points() -> None:
    # 95 * 2 / (2 + 25.1) = 190 / 27.1
    assert effective_impairment(G711, loss=0.02) == pytest.approx(7.0111, abs=1e-4)
    assert rate(G711, loss=0.02) == pytest.approx(86.1889, abs=1e-4)
    # 1 + 3.01661 + 86.1889 * 26.1889 * 13.8111 * 7e-6
    assert mos(G711, loss=0.02) == pytest.approx(4.2348, abs=1e-4)


def test_losses_in_a_row_hurt_more_than_as_many_apart() -> None:
    # 95 * 2 / (2 / 2 + 25.1) = 190 / 26.1
    assert effective_impairment(G711, loss=0.02, burst=2.0) == pytest.approx(7.2797, abs=1e-4)


def test_all_lost_is_the_worst_that_a_network_can_do() -> None:
    # 95 * 100 / 125.1
    assert rate(G711, loss=1.0) == pytest.approx(93.2 - 75.9392, abs=1e-4)


@pytest.mark.parametrize(
    ("delay_ms", "expected"),
    # 200 ms: 25 * (2**(1/6) - 3 * (730/729)**(1/6) + 2); 400 ms: 25 * (65**(1/6) - 3 * (793/729)**(1/6) + 2)
    [(0.0, 0.0), (100.0, 0.0), (200.0, 3.0444), (400.0, 24.0701)],
)
def test_a_delay_costs_nothing_up_to_a_tenth_of_a_second(delay_ms: float, expected: float) -> None:
    assert delay_impairment(delay_ms) == pytest.approx(expected, abs=1e-3)


def test_delay_and_loss_add_up() -> None:
    assert rate(G711, loss=0.02, delay_ms=200.0) == pytest.approx(86.1889 - 3.0444, abs=1e-3)


def test_wideband_is_judged_on_its_own_scale() -> None:
    # 129 - 13 = 116, and 116 / 1.29 = 89.92 of narrowband's scale.
    assert rate(G722, loss=0.0) == 116.0
    assert mos(G722, loss=0.0) == pytest.approx(opinion(89.92), abs=1e-3)


def test_without_a_published_figure_there_is_no_estimate_of_loss() -> None:
    assert effective_impairment(G722, loss=0.01) is None
    assert rate(G722, loss=0.01) is None
    assert mos(G722, loss=0.01) is None


@given(SHARES, SHARES, DELAYS, DELAYS)
def test_more_loss_and_more_delay_are_never_better(loss: float, more: float, delay: float, longer: float) -> None:
    one = rate(G711, loss=min(loss, more), delay_ms=min(delay, longer))
    other = rate(G711, loss=max(loss, more), delay_ms=max(delay, longer))
    assert one is not None
    assert other is not None
    assert other <= one + 1e-9


@given(SHARES, DELAYS, st.floats(1.0, 50.0), st.sampled_from([G711, Coding(93.2, 11.0, 19.0)]))
def test_a_mos_is_always_one_that_people_can_give(loss: float, delay: float, burst: float, coding: Coding) -> None:
    found = mos(coding, loss=loss, delay_ms=delay, burst=burst)
    assert found is not None
    assert 1.0 <= found <= 4.5
