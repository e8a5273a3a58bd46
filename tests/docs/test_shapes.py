"""What holds pages against answers finds what is different, and nothing else."""

import pytest

from doc_session import lasting
from doc_shapes import document_fault, text_fault

CALL = {"call_id": "6007f6e5", "cost": 1.0, "reason": None, "data": {"tries": [{"status": 200}]}}


@pytest.mark.parametrize(
    "answered",
    [
        CALL,
        [CALL],
        {**CALL, "call_id": "another", "cost": 2, "reason": "no-credit"},
        {**CALL, "data": {"tries": []}},
    ],
)
def test_an_answer_of_the_same_shape_is_as_shown(answered: object) -> None:
    assert document_fault(CALL, [{"other": 1}, answered]) == ""


@pytest.mark.parametrize(
    ("answered", "told"),
    [
        ({**CALL, "new": 1}, "only one of both has new"),
        ({name: value for name, value in CALL.items() if name != "cost"}, "only one of both has cost"),
        ({**CALL, "cost": "1.0"}, "cost: 1.0 is shown, and '1.0' came"),
        ({**CALL, "cost": True}, "cost: 1.0 is shown, and True came"),
        ({**CALL, "data": {"tries": [{"state": 200}]}}, "data.tries[0]: only one of both has state, status"),
        ({**CALL, "data": []}, "data: {"),
    ],
)
def test_an_answer_of_another_shape_is_named(answered: object, told: str) -> None:
    assert told in document_fault(CALL, [answered])


def test_a_step_that_was_not_needed_may_be_missing() -> None:
    shown = {"times": {"first_byte_ms": 1.3}, "elapsed_ms": 2.4}
    assert document_fault(shown, [{"times": {"connect_ms": 0.4, "first_byte_ms": 1}, "elapsed_ms": 3}]) == ""
    assert "first_byte_ms" in document_fault(shown, [{"times": {"first_byte_ms": "1"}, "elapsed_ms": 3}])
    told = document_fault(shown, [{"times": {"steps": 1}, "elapsed_ms": 3}])
    assert "only one of both has first_byte_ms, steps" in told


def test_no_answer_at_all_is_named() -> None:
    assert document_fault(CALL, []) == "no JSON was answered"


PRINTED = """\
   0.0  arrived           ━━━                                       218 ms  a call from 819012345678 through trunk here
  19.5  admitted          •                                                 815012345678 is subscribed
5428.9  ended                                                    •          completed, 5.2 s after the answer
"""


@pytest.mark.parametrize(
    "shown",
    [
        PRINTED,
        "   0.0  arrived   ━   1.2 s  a call from 819012345679 through trunk here\n",
        "19.5  admitted  •  815012345678 is subscribed\n...\n99.9 ended ━ completed, 7 s after the answer\n",
    ],
)
def test_a_text_with_other_figures_is_as_shown(shown: str) -> None:
    assert text_fault(shown, PRINTED) == ""


@pytest.mark.parametrize(
    "shown",
    [
        "  19.5  admitted          •          815012345678 is not subscribed",
        "5428.9  ended  •  completed, 5.2 s after the answer\n19.5  admitted  •  815012345678 is subscribed",
    ],
)
def test_a_line_that_was_not_printed_or_not_in_this_order_is_named(shown: str) -> None:
    assert text_fault(shown, PRINTED) == shown.splitlines()[-1]


@pytest.mark.parametrize(
    ("code", "started"),
    [
        ("ls\noffhook serve --sip :5060   # here\n", "ls\nlasting serve 'offhook serve --sip :5060 '\n"),
        ("A=1 scripts/serve\n", "lasting serve 'env A=1 scripts/serve'\n"),
        ("offhook phone \\\n    --busy\n", "lasting phone 'offhook phone --busy'\n"),
        ("python3 my_server.py\n", "lasting python3-my_server-py 'python3 my_server.py'\n"),
    ],
)
def test_what_lasts_gets_a_terminal_of_its_own(code: str, started: str) -> None:
    assert lasting(code) == started


@pytest.mark.parametrize("code", ["offhook calls list\n", "python3 -c 'print(1)'\n", "curl a \\\n    -d b\n"])
def test_everything_else_is_run_as_it_stands(code: str) -> None:
    assert lasting(code) == code
