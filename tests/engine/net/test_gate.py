"""How many calls may come in."""

from offhook.engine.net.gate import SOURCES_REMEMBERED, Gate, GateLimits


def _let_in(gate: Gate, source: str, now: float, wishes: int) -> int:
    return sum(not gate.objection(source, 0, 0, now) for _ in range(wishes))


def test_a_full_node_lets_nobody_in() -> None:
    gate = Gate(GateLimits(calls=3))
    assert not gate.objection("192.0.2.1", 2, 0, 0.0)
    assert gate.objection("192.0.2.1", 3, 0, 0.0)


def test_a_source_has_a_burst_and_then_its_rate() -> None:
    gate = Gate(GateLimits(calls_per_second=10.0))
    assert _let_in(gate, "192.0.2.1", 100.0, 50) == 20
    assert _let_in(gate, "192.0.2.1", 100.5, 50) == 5
    assert _let_in(gate, "192.0.2.1", 101.5, 50) == 10


def test_a_quiet_source_saves_no_more_than_a_burst() -> None:
    gate = Gate(GateLimits(calls_per_second=10.0))
    _let_in(gate, "192.0.2.1", 0.0, 50)
    assert _let_in(gate, "192.0.2.1", 3600.0, 50) == 20


def test_one_source_does_not_use_up_anothers_rate() -> None:
    gate = Gate(GateLimits(calls_per_second=10.0))
    _let_in(gate, "192.0.2.1", 0.0, 50)
    assert not gate.objection("192.0.2.2", 0, 0, 0.0)


def test_refused_wishes_do_not_push_a_source_further_back() -> None:
    gate = Gate(GateLimits(calls_per_second=1.0))
    assert _let_in(gate, "192.0.2.1", 0.0, 1000) == 2
    assert not gate.objection("192.0.2.1", 0, 0, 1.0)


def test_a_flood_of_sources_takes_no_more_memory_than_allowed() -> None:
    gate = Gate(GateLimits())
    for number in range(SOURCES_REMEMBERED + 10):
        assert not gate.objection(f"10.0.{number // 250}.{number % 250}", 0, 0, 0.0)
    assert len(gate._buckets) <= SOURCES_REMEMBERED


def test_one_trunk_cannot_take_every_place_of_the_node() -> None:
    gate = Gate(GateLimits(calls=10, calls_per_trunk=3))
    assert not gate.objection("192.0.2.1", 5, 2, 0.0)
    assert gate.objection("192.0.2.1", 5, 3, 0.0)


def test_a_sources_messages_have_a_burst_and_a_rate_and_the_rest_is_counted() -> None:
    gate = Gate(GateLimits(messages_per_second=10))
    assert sum(gate.hears("192.0.2.1", 100.0) for _ in range(50)) == 20
    assert sum(gate.hears("192.0.2.1", 101.0) for _ in range(50)) == 10
    assert gate.hears("192.0.2.2", 101.0)
    assert gate.unread == 70


def test_which_limit_was_reached_is_said() -> None:
    gate = Gate(GateLimits(calls=1, calls_per_trunk=3, calls_per_second=2))
    assert gate.objection("192.0.2.1", 1, 0, 0.0) == (
        "1 call runs on this node, as many as the setting `calls_per_node` allows"
    )
    assert gate.objection("192.0.2.1", 0, 3, 0.0) == (
        "3 calls run of its trunk, as many as the setting `calls_per_trunk` allows"
    )
    said = [gate.objection("192.0.2.1", 0, 0, 0.0) for _ in range(5)]
    assert said == [""] * 4 + [
        "192.0.2.1 brings more than 2 new calls a second, which the setting `calls_per_source` allows"
    ]
