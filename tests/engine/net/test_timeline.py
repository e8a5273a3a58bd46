"""A call's timeline while it runs: in order, with times, and of a bounded length."""

from offhook.domain.calls import TimelineEvent
from offhook.engine.net.timeline import EVENTS_LIMIT, Timeline


def test_a_line_has_the_time_since_the_call_began() -> None:
    now = [100.0]
    timeline = Timeline(lambda: now[0])
    now[0] = 101.25
    timeline.note("digit", "the caller pressed 1", data={"digit": "1"})
    assert timeline.events == [TimelineEvent(1250.0, "digit", "the caller pressed 1", None, {"digit": "1"})]
    assert timeline.elapsed_s == 1.25


def test_a_caller_who_presses_keys_for_hours_fills_no_memory_and_the_end_is_told() -> None:
    timeline = Timeline(lambda: 0.0)
    for _ in range(EVENTS_LIMIT + 10):
        timeline.note("digit", "the caller pressed 1")
    timeline.note("ended", "completed")
    assert len(timeline.events) == EVENTS_LIMIT + 1
    assert timeline.events[-1].kind == "ended"
