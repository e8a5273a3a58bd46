import time
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offhook.engine.sip.nonces import COUNT_WINDOW, LIFE_S, USED_LIMIT, Nonces, Use

KEY = b"0123456789abcdef"


def new_nonces(key: bytes = KEY, realm: str = "biloxi.com") -> Nonces:
    numbers = count(1)
    return Nonces(key, realm, lambda: f"t{next(numbers)}")


def test_a_nonce_needs_no_memory_until_it_is_used() -> None:
    nonces = new_nonces()
    issued = [nonces.issue(100.0) for _ in range(1_000)]
    assert len(set(issued)) == 1_000
    assert len(nonces) == 0
    assert nonces.use(issued[500], 1, 101.0) is Use.FRESH
    assert len(nonces) == 1


def test_each_count_is_good_once_and_only_upwards() -> None:
    nonces = new_nonces()
    nonce = nonces.issue(0.0)
    assert [nonces.use(nonce, nc, 1.0) for nc in (1, 1, 2, 5, 4, 5, 6)] == [
        Use.FRESH,
        Use.REPLAYED,
        Use.FRESH,
        Use.FRESH,
        Use.REPLAYED,
        Use.REPLAYED,
        Use.FRESH,
    ]


def test_a_count_begins_at_one() -> None:
    nonces = new_nonces()
    assert nonces.use(nonces.issue(0.0), 0, 0.0) is Use.REPLAYED
    assert len(nonces) == 0


def test_a_count_may_leap_but_not_far() -> None:
    nonces = new_nonces()
    nonce = nonces.issue(0.0)
    assert nonces.use(nonce, COUNT_WINDOW + 1, 0.0) is Use.LEAPT
    assert len(nonces) == 0
    assert nonces.use(nonce, COUNT_WINDOW, 0.0) is Use.FRESH
    assert nonces.use(nonce, 2 * COUNT_WINDOW + 1, 0.0) is Use.LEAPT
    # What was refused has not moved the count.
    assert nonces.use(nonce, 2 * COUNT_WINDOW, 0.0) is Use.FRESH


def test_a_nonce_is_good_for_its_life_used_or_not() -> None:
    nonces = new_nonces()
    used, unused = nonces.issue(10.0), nonces.issue(10.0)
    assert nonces.use(used, 1, 10.0) is Use.FRESH
    assert nonces.use(used, 2, 9.99 + LIFE_S) is Use.FRESH
    assert nonces.use(used, 3, 10.0 + LIFE_S) is Use.EXPIRED
    assert nonces.use(unused, 1, 10.0 + LIFE_S) is Use.EXPIRED
    assert len(nonces) == 0


def test_a_nonce_of_a_clock_that_went_back_is_not_good() -> None:
    nonces = new_nonces()
    assert nonces.use(nonces.issue(10.0), 1, 9.0) is Use.EXPIRED


def test_a_nonce_of_another_key_or_realm_is_foreign() -> None:
    nonce = new_nonces().issue(0.0)
    assert new_nonces().use(nonce, 1, 0.0) is Use.FRESH
    assert new_nonces(key=b"another key that is long").use(nonce, 1, 0.0) is Use.FOREIGN
    assert new_nonces(realm="atlanta.com").use(nonce, 1, 0.0) is Use.FOREIGN


@pytest.mark.parametrize(
    "nonce",
    [
        "",
        ".",
        "..",
        "0",
        "0.t1",
        "0.t1.",
        f"0.t1.{'0' * 32}",
        "é.t1.00",
        "dcd98b7102dd2f0e8b11d0f600bfb0c093",
        "\udcff",
    ],
)
def test_what_is_no_nonce_of_ours_is_foreign(nonce: str) -> None:
    assert new_nonces().use(nonce, 1, 0.0) is Use.FOREIGN


@given(st.integers(0, 200), st.sampled_from("0123456789abcdefABCDEFt.-\x00 é"))
def test_a_nonce_with_any_letter_changed_is_foreign(index: int, letter: str) -> None:
    nonces = new_nonces()
    nonce = nonces.issue(1_000.0)
    at = index % len(nonce)
    changed = f"{nonce[:at]}{letter}{nonce[at + 1 :]}"
    assert nonces.use(changed, 1, 1_000.0) is (Use.FRESH if changed == nonce else Use.FOREIGN)
    assert nonces.use(nonce[:at], 1, 1_000.0) is Use.FOREIGN
    assert nonces.use(nonce + letter, 1, 1_000.0) is Use.FOREIGN


def test_the_memory_has_a_limit_and_what_falls_out_of_it_cannot_be_replayed() -> None:
    nonces = new_nonces()
    unused = nonces.issue(0.0)
    issued = [nonces.issue(number / 1_000) for number in range(USED_LIMIT + 100)]
    for nonce in issued:
        assert nonces.use(nonce, 1, 60.0) is Use.FRESH
    assert len(nonces) == USED_LIMIT
    assert nonces.use(issued[0], 1, 60.0) is Use.EXPIRED
    assert nonces.use(issued[0], 2, 60.0) is Use.EXPIRED
    # Nothing that is as old can be told from what was forgotten.
    assert nonces.use(unused, 1, 60.0) is Use.EXPIRED
    # Whoever comes now is served, and so is who is remembered.
    assert nonces.use(nonces.issue(60.0), 1, 60.0) is Use.FRESH
    assert nonces.use(issued[-1], 1, 60.0) is Use.REPLAYED
    assert nonces.use(issued[-1], 2, 60.0) is Use.FRESH
    assert len(nonces) <= USED_LIMIT


def test_the_memory_is_given_back_when_nonces_expire() -> None:
    nonces = new_nonces()
    for _ in range(1_000):
        assert nonces.use(nonces.issue(0.0), 1, 1.0) is Use.FRESH
    assert nonces.use("foreign", 1, LIFE_S) is Use.FOREIGN
    assert len(nonces) == 0
    assert nonces._oldest == []


def test_a_key_that_could_be_guessed_is_refused() -> None:
    with pytest.raises(ValueError, match="a nonce key has 15 bytes; 16 are the least"):
        new_nonces(key=KEY[:15])


def test_a_full_memory_costs_no_more_than_an_empty_one() -> None:
    nonces = new_nonces()
    began = time.process_time()
    for number in range(3 * USED_LIMIT):
        now = number / 1_000
        assert nonces.use(nonces.issue(now), 1, now) is Use.FRESH
    # Looking through 10,000 nonces for each would take minutes.
    assert time.process_time() - began < 5.0
    assert len(nonces) == USED_LIMIT


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 6), st.integers(0, 90)), max_size=80))
def test_no_count_of_a_nonce_is_ever_taken_twice(story: list[tuple[int, int, int]]) -> None:
    numbers = count(1)
    nonces, now = Nonces(KEY, "biloxi.com", lambda: f"t{next(numbers)}", used_limit=3), 0.0
    issued = [nonces.issue(0.0) for _ in range(10)]
    taken = set()
    for index, nc, seconds in story:
        now += seconds
        if nc == 0:
            issued[index] = nonces.issue(now)
        elif nonces.use(issued[index], nc, now) is Use.FRESH:
            assert (issued[index], nc) not in taken
            taken.add((issued[index], nc))
        assert len(nonces) <= 3
