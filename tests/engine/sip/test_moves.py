import pytest

from offhook.engine.sip.moves import CLIENT, INVITE_CLIENT, INVITE_SERVER, SERVER, Deed, Signal, State, Table

TABLES = {"INVITE_CLIENT": INVITE_CLIENT, "CLIENT": CLIENT, "INVITE_SERVER": INVITE_SERVER, "SERVER": SERVER}
STARTS = {
    "INVITE_CLIENT": State.CALLING,
    "CLIENT": State.TRYING,
    "INVITE_SERVER": State.PROCEEDING,
    "SERVER": State.TRYING,
}
LIVES = {Deed.LIVE_64_T1, Deed.LIVE_T4, Deed.LIVE_32_S}
REPEATS = {Deed.REPEAT_DOUBLING, Deed.REPEAT_UP_TO_T2, Deed.REPEAT_EVERY_T2}

every_table = pytest.mark.parametrize("name", TABLES)


def reachable(table: Table, start: State) -> set[State]:
    found = {start}
    while True:
        more = found | {state for (source, _), (state, _) in table.items() if source in found}
        if more == found:
            return found
        found = more


@every_table
def test_every_state_of_a_table_can_be_reached_and_can_end(name: str) -> None:
    table, start = TABLES[name], STARTS[name]
    assert reachable(table, start) - {State.TERMINATED} == {source for source, _ in table}
    for state in reachable(table, start):
        assert State.TERMINATED in reachable(table, state)


@every_table
def test_nothing_leaves_the_terminated_state(name: str) -> None:
    assert not any(source is State.TERMINATED for source, _ in TABLES[name])


@every_table
def test_a_life_timer_is_only_set_where_its_end_is_listed(name: str) -> None:
    """A life that ends in a state without the row would wake its driver forever."""
    table = TABLES[name]
    for state, deeds in table.values():
        if LIVES & set(deeds):
            assert (state, Signal.LIFE_OVER) in table
    for (source, _), (state, deeds) in table.items():
        if (source, Signal.LIFE_OVER) in table and state is not State.TERMINATED:
            assert (state, Signal.LIFE_OVER) in table or Deed.LIVE_ON in deeds


@every_table
def test_a_repeat_timer_is_only_set_where_its_end_is_listed(name: str) -> None:
    table = TABLES[name]
    for state, deeds in table.values():
        if REPEATS & set(deeds):
            assert (state, Signal.REPEAT_DUE) in table


@every_table
def test_every_final_state_has_a_limited_life(name: str) -> None:
    """Whoever sent or got a final response is forgotten in the end (timers D, H, I, J, K, L and M)."""
    table = TABLES[name]
    for (_, signal), (state, deeds) in table.items():
        if signal in (Signal.SUCCESS, Signal.FAILURE, Signal.ACK) and state is not State.TERMINATED:
            assert LIVES & set(deeds) or (state, Signal.LIFE_OVER) in table
    for state in (State.COMPLETED, State.CONFIRMED, State.ACCEPTED):
        if state in reachable(table, STARTS[name]):
            assert table[state, Signal.LIFE_OVER][0] is State.TERMINATED


def test_only_an_invite_client_acknowledges() -> None:
    for name, table in TABLES.items():
        acknowledges = any(Deed.ACK in deeds for _, deeds in table.values())
        assert acknowledges == (name == "INVITE_CLIENT")


def test_every_deed_is_done_somewhere() -> None:
    done = {deed for table in TABLES.values() for _, deeds in table.values() for deed in deeds}
    assert done == set(Deed)
