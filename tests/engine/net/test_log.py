"""Logs that a flood cannot flood."""

from structlog.testing import capture_logs

from offhook.engine.net.log import Throttled


def test_no_more_lines_of_a_kind_than_allowed_and_the_rest_is_counted() -> None:
    now = 0.0
    throttled = Throttled(lambda: now, lines_a_second=2)
    with capture_logs() as lines:
        for number in range(10):
            throttled.warning("flood", number=number)
        throttled.warning("other")
        now = 1.0
        throttled.warning("flood", number=10)
    assert [line.get("number", line.get("suppressed")) for line in lines if line["event"] == "flood"] == [0, 1, 8, 10]
    assert [line["event"] for line in lines].count("other") == 1


def test_a_trickle_is_logged_whole() -> None:
    now = 0.0
    throttled = Throttled(lambda: now, lines_a_second=1)
    with capture_logs() as lines:
        for _ in range(5):
            throttled.warning("drop")
            now += 1.0
    assert len(lines) == 5
    assert not any("suppressed" in line for line in lines)
