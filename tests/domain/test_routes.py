from offhook.domain.routes import Route, in_order

TOKYO = Route("tokyo", "sip:192.0.2.1", passes_caller=False)
OSAKA = Route("osaka", "sip:192.0.2.2", passes_caller=True)


def test_routes_stand_in_the_order_of_preference_and_each_once() -> None:
    assert in_order(["osaka", "tokyo", "osaka"], [TOKYO, OSAKA]) == (OSAKA, TOKYO)


def test_trunks_that_are_empty_or_gone_or_not_preferred_are_passed_over() -> None:
    assert in_order(["", "gone", "tokyo"], [TOKYO, OSAKA]) == (TOKYO,)
    assert in_order([], [TOKYO, OSAKA]) == ()
