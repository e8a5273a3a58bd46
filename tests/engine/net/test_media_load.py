"""The share of time in which a worker did not wait."""

import pytest

from offhook.engine.net.media_load import LOOK_S, Busyness


def test_who_never_waits_is_busy_all_the_time() -> None:
    assert Busyness(10.0).take(15.0) == 1.0


def test_who_only_waits_is_not_busy() -> None:
    busyness = Busyness(10.0)
    busyness.waited(5.0)
    assert busyness.take(15.0) == 0.0


def test_each_telling_is_about_the_time_since_the_one_before() -> None:
    busyness = Busyness(10.0)
    assert busyness.due == 10.0 + LOOK_S
    busyness.waited(1.0)
    busyness.waited(3.0)
    assert busyness.take(20.0) == pytest.approx(0.6)
    assert busyness.due == 20.0 + LOOK_S
    busyness.waited(3.0)
    assert busyness.take(24.0) == pytest.approx(0.25)


def test_no_time_is_no_work() -> None:
    assert Busyness(10.0).take(10.0) == 0.0
