"""Every word has its status."""

from offhook.engine.call.effects import No
from offhook.engine.net.answers import NO_CODEC, RETRY_AFTER_S, STATUS


def test_the_table_is_total_and_the_designs() -> None:
    assert set(STATUS) == set(No)
    assert sorted(STATUS.values()) == [404, 480, 482, 483, 486, 488, 503, 603]
    assert (STATUS[No.OVERLOADED], NO_CODEC) == (503, 488)
    assert RETRY_AFTER_S > 0
