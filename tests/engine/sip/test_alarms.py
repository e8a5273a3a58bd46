from hypothesis import given
from hypothesis import strategies as st

from offhook.engine.sip.alarms import Alarms


def test_keys_are_woken_in_the_order_of_their_times_and_then_forgotten() -> None:
    alarms: Alarms[str] = Alarms()
    alarms.set("late", 2.0)
    alarms.set("early", 1.0)
    assert alarms.deadline() == 1.0
    assert alarms.due(0.9) == []
    assert alarms.due(2.0) == ["early", "late"]
    assert (len(alarms), alarms.deadline()) == (0, None)


def test_a_key_moved_later_is_woken_once_and_late() -> None:
    alarms: Alarms[str] = Alarms()
    alarms.set("key", 1.0)
    alarms.set("key", 3.0)
    assert alarms.deadline() == 1.0, "early is possible"
    assert alarms.due(1.0) == []
    assert alarms.deadline() == 3.0
    assert alarms.due(3.0) == ["key"]


def test_a_key_moved_earlier_is_woken_once_and_early() -> None:
    alarms: Alarms[str] = Alarms()
    alarms.set("key", 3.0)
    alarms.set("key", 1.0)
    assert alarms.due(1.0) == ["key"]
    assert alarms.due(3.0) == []
    assert alarms.deadline() is None


def test_a_cleared_key_sleeps_on_and_leaves_nothing_behind() -> None:
    alarms: Alarms[str] = Alarms()
    alarms.set("key", 1.0)
    assert "key" in alarms
    alarms.clear("key")
    alarms.clear("never set")
    assert "key" not in alarms
    assert alarms.deadline() is None
    assert alarms._heap == []


def test_an_entry_of_a_cleared_key_that_is_not_on_top_is_passed_over_when_its_time_comes() -> None:
    alarms: Alarms[str] = Alarms()
    alarms.set("first", 1.0)
    alarms.set("second", 2.0)
    alarms.clear("second")
    assert alarms.due(5.0) == ["first"]
    assert alarms._heap == []


_STEPS = st.lists(
    st.tuples(st.sampled_from(["set", "clear", "due"]), st.integers(0, 4), st.integers(0, 50)), max_size=60
)


@given(_STEPS)
def test_alarms_behave_as_a_plain_dictionary_of_times_would(steps: list[tuple[str, int, int]]) -> None:
    alarms: Alarms[int] = Alarms()
    model: dict[int, int] = {}
    now = 0
    for verb, key, number in steps:
        if verb == "set":
            alarms.set(key, now + number)
            model[key] = now + number
        elif verb == "clear":
            alarms.clear(key)
            model.pop(key, None)
        else:
            now += number
            expected = {key for key, when in model.items() if when <= now}
            assert set(alarms.due(now)) == expected
            model = {key: when for key, when in model.items() if key not in expected}
            deadline = alarms.deadline()
            assert deadline is None or deadline > now
        assert len(alarms) == len(model)
        deadline = alarms.deadline()
        assert (deadline is None) == (not model)
        assert deadline is None or deadline <= min(model.values())
    alarms.due(now + 100)
    assert alarms._heap == []
