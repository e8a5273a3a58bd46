from datetime import UTC, datetime

from offhook.domain.credits import Hold, Posting, hold, payment, settle
from offhook.domain.holds import open_holds

AT = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)


def held(call_id: str, minutes: int) -> list[Posting]:
    return [hold(Hold(call_id, 7, "81", minutes=before, minute_cost=3), before + 1, AT) for before in range(minutes)]


def test_running_calls_are_named_with_what_they_hold() -> None:
    assert open_holds([payment(7, 50, fact="f", at=AT, text=""), *held("a", 2), *held("b", 1)]) == {"a": 6, "b": 3}


def test_what_a_callees_leg_holds_belongs_to_its_call() -> None:
    leg = Hold("a", 7, "81", minutes=1, minute_cost=3, leg=2)
    assert open_holds([*held("a", 2), hold(leg, 1, AT)]) == {"a": 9}
    assert open_holds([*held("a", 2), hold(leg, 1, AT), *settle(leg, 0, AT)]) == {"a": 6}


def test_settled_calls_hold_nothing() -> None:
    ended = [*held("a", 2), *settle(Hold("a", 7, "81", minutes=2, minute_cost=3), 1, AT)]
    assert open_holds([*ended, *held("b", 1)]) == {"b": 3}
