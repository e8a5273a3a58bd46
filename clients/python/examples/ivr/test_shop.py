"""The shop's menu, called by its test: `pip install ./clients/python pytest`, then `pytest`."""

import pytest
import shop

from offhook_client.testing import Gather, Outcome, Phone, Transfer

SECRET = "whsec_test"


@pytest.fixture(autouse=True)
def _secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OFFHOOK_SECRET", SECRET)


def test_the_menu_waits_for_one_key(offhook_call: Phone) -> None:
    call = offhook_call(shop.application, secret=SECRET)
    call.hears("For sales press one")
    assert call.actions == (Gather(shop.MENU, digits=1),)


def test_one_leads_to_sales_who_talk(offhook_call: Phone) -> None:
    call = offhook_call(shop.application, secret=SECRET)
    call.hears("Welcome").presses("1").hears("One moment").rings("+81 3 1234 5678")
    assert call.actions[-1] == Transfer(("81312345678",), ring=20, next="self")
    call.callee("answered").callee_hangs_up(after_s=90).hears("Thank you")
    assert call.transferred_to == "+81312345678"
    assert call.ending == "hung up"


@pytest.mark.parametrize("how", ["busy", "no-answer", "failed", 603])
def test_who_does_not_reach_sales_leaves_a_message(offhook_call: Phone, how: Outcome | int) -> None:
    call = offhook_call(shop.application, secret=SECRET).presses("1").callee(how)
    call.hears("Sales cannot answer").leaves_message(seconds=20)
    assert call.is_over


def test_two_are_the_opening_hours(offhook_call: Phone) -> None:
    offhook_call(shop.application, secret=SECRET).presses("2").hears("nine to five", lang="en").hears_nothing_more()


def test_another_key_repeats_the_menu_and_silence_ends_the_call(offhook_call: Phone) -> None:
    call = offhook_call(shop.application, secret=SECRET).presses("7").hears("nothing behind").hears("Welcome")
    assert call.presses_nothing().hears("Goodbye").is_over


def test_nobody_else_may_ask(offhook_call: Phone) -> None:
    call = offhook_call(shop.application, secret="whsec_of_another", default_action="reject")
    assert call.failures[0].code == "http-status"
    assert call.refused_as == "busy"
