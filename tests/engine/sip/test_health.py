"""Whether a trunk is up, by a clock of the test: every row of the table, and what becomes of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offhook.engine.sip.health import (
    MOVES,
    PATIENCE_S,
    Ask,
    Avoid,
    Event,
    Found,
    Health,
    Heard,
    Judged,
    Look,
    Nowhere,
    Output,
    State,
    Trust,
)
from offhook.engine.sip.outputs import Destination

ONE, TWO = Destination("10.0.0.1", 5060), Destination("2001:db8::2", 5070)
EVERY_S = 60.0
AVOIDED_S = EVERY_S + 2 * PATIENCE_S


class Trunk:
    """One trunk and the clock by which it is checked."""

    def __init__(self, *targets: Destination, every_s: float = EVERY_S) -> None:
        self.health = Health(every_s, first_at=1.0)
        self.targets = targets
        self.serials: dict[Destination, int] = {}
        self.now = 0.0

    def look(self) -> list[Output]:
        """Let the time of the next check come; returns what came before it."""
        outputs: list[Output] = []
        while outputs[-1:] != [Look()]:
            outputs += self.miss()
        return outputs[:-1]

    def begin(self) -> list[Output]:
        """Let the next check begin and find the targets; returns what came before the questions."""
        before = self.look()
        for ask in self.health.receive(Found(self.targets), self.now):
            assert isinstance(ask, Ask)
            self.serials[ask.target] = ask.serial
        return before

    def hear(self, status: int, target: Destination = ONE, serial: int | None = None) -> list[Output]:
        heard = Heard(target, serial or self.serials[target], status, f"answered {status}")
        return self.health.receive(heard, self.now)

    def miss(self) -> list[Output]:
        """Let the time come at which something is due: the end of the patience, while somebody is waited for."""
        self.now = self.health.deadline()
        return self.health.tick(self.now)


UP = Judged(True, "10.0.0.1:5060 answered 200")
DOWN = Judged(False, "10.0.0.1:5060 nobody answered within 8 s")


def test_every_state_knows_every_event() -> None:
    assert set(MOVES) == {(state, event) for state in State for event in Event}
    assert {MOVES[state, Event.ANSWERED] for state in State} == {State.UP}


def test_it_is_asked_every_so_many_seconds_and_from_its_first_time_on() -> None:
    trunk = Trunk(ONE, TWO)
    assert trunk.health.tick(0.9) == []
    times = []
    for _ in range(3):
        trunk.begin()
        times.append(trunk.now)
        trunk.hear(200, ONE)
        trunk.hear(200, TWO)
    assert times == [1.0, 1.0 + EVERY_S, 1.0 + 2 * EVERY_S]


@pytest.mark.parametrize("status", [200, 302, 401, 404, 405, 483, 486, 500, 501, 603])
def test_whoever_gives_a_final_answer_is_up(status: int) -> None:
    trunk = Trunk(ONE)
    trunk.begin()
    assert trunk.hear(status) == [Judged(True, f"10.0.0.1:5060 answered {status}")]
    trunk.begin()
    assert trunk.hear(status) == [], "nothing has changed"


def test_one_missed_check_is_nothing_and_the_second_is_the_end() -> None:
    trunk = Trunk(ONE)
    trunk.begin()
    trunk.hear(200)
    trunk.begin()
    assert trunk.miss() == []
    assert trunk.begin() == []
    assert trunk.miss() == [Avoid(ONE, AVOIDED_S), DOWN]
    trunk.begin()
    assert trunk.miss() == [Avoid(ONE, AVOIDED_S)], "told once, avoided on and on"


def test_who_answers_in_between_is_as_good_as_before() -> None:
    trunk = Trunk(ONE)
    for _ in range(3):
        trunk.begin()
        trunk.miss()
        trunk.begin()
        assert trunk.hear(200) in ([UP], [])


@pytest.mark.parametrize("status", [408, 503])
def test_out_of_order_is_as_bad_as_silence(status: int) -> None:
    trunk = Trunk(ONE)
    trunk.begin()
    assert trunk.hear(status) == []
    trunk.begin()
    assert trunk.hear(status) == [Avoid(ONE, AVOIDED_S), Judged(False, f"10.0.0.1:5060 answered {status}")]


def test_who_was_never_seen_is_neither_up_nor_down_before_two_checks() -> None:
    trunk = Trunk(ONE)
    trunk.begin()
    assert trunk.miss() == []
    trunk.begin()
    assert trunk.miss() == [Avoid(ONE, AVOIDED_S), DOWN]


def test_who_answers_again_is_up_at_once_however_late() -> None:
    trunk = Trunk(ONE)
    for _ in range(2):
        trunk.begin()
        trunk.miss()
    assert trunk.hear(200) == [Trust(ONE), UP]


def test_the_failure_of_an_older_question_is_no_failure_of_the_present_one() -> None:
    trunk = Trunk(ONE)
    trunk.begin()
    trunk.miss()
    trunk.begin()
    assert trunk.hear(503, serial=1) == []
    assert trunk.hear(200) == [UP]
    assert trunk.hear(503) == [], "it was answered already"


def test_a_trunk_is_up_while_one_of_its_targets_is() -> None:
    trunk = Trunk(ONE, TWO)
    trunk.begin()
    assert trunk.hear(200, TWO) == [Judged(True, "[2001:db8::2]:5070 answered 200")]
    trunk.miss()
    trunk.begin()
    trunk.hear(200, TWO)
    both = "10.0.0.1:5060 nobody answered within 8 s; [2001:db8::2]:5070 answered 200"
    assert trunk.miss() == [Avoid(ONE, AVOIDED_S), Judged(True, both)]
    trunk.begin()
    assert trunk.miss() == [Avoid(ONE, AVOIDED_S)], "the other one missed its first"
    trunk.begin()
    *_, judged = trunk.miss()
    assert judged == Judged(False, both.replace("answered 200", "nobody answered within 8 s"))


def test_a_name_that_leads_nowhere_twice_is_down_and_its_targets_are_up_again_at_once() -> None:
    trunk = Trunk(ONE)
    trunk.begin()
    assert trunk.hear(200) == [UP]
    for said in ([], [Judged(False, "no such name")], []):
        assert trunk.look() == []
        assert trunk.health.receive(Nowhere("no such name"), trunk.now) == said
    assert trunk.hear(200) == [], "it is no target now"
    trunk.begin()
    assert trunk.hear(200) == [UP]


def test_a_target_that_the_name_does_not_lead_to_any_more_counts_no_more() -> None:
    trunk = Trunk(ONE)
    trunk.begin()
    trunk.hear(200)
    trunk.targets = (TWO,)
    trunk.begin()
    assert trunk.hear(200, ONE, serial=1) == []
    assert trunk.hear(200, TWO) == []
    trunk.targets = ()
    trunk.begin()
    assert trunk.health.deadline() > trunk.now


def test_no_answer_is_waited_for_longer_than_until_the_next_check() -> None:
    trunk = Trunk(ONE, every_s=2.0)
    trunk.begin()
    assert trunk.begin() == []
    assert trunk.now == 3.0
    assert trunk.begin() == [Avoid(ONE, 6.0), Judged(False, "10.0.0.1:5060 nobody answered within 2 s")]


@given(st.lists(st.sampled_from(["up", "late", "down", "silent", "nowhere"]), max_size=30))
def test_what_was_told_last_is_what_the_last_checks_say(story: list[str]) -> None:
    trunk, told, missed = Trunk(ONE), None, 0
    for step in story:
        outputs = trunk.look() if step == "nowhere" else trunk.begin()
        match step:
            case "nowhere":
                outputs += trunk.health.receive(Nowhere("gone"), trunk.now)
            case "up":
                outputs += trunk.hear(200)
            case "down":
                outputs += trunk.hear(503)
            case "silent":
                outputs += trunk.miss()
            case "late":
                outputs += [*trunk.miss(), *trunk.hear(200)]
        for judged in (one for one in outputs if isinstance(one, Judged)):
            assert (judged.is_up, judged.text) != told
            told = judged.is_up, judged.text
        missed = 0 if step in ("up", "late") else missed + 1
        assert missed or (told is not None and told[0])
        assert missed < 2 or (told is not None and not told[0]), "of a target or of its name"
