"""What is told to a call are values."""

from dataclasses import is_dataclass
from typing import get_args

import pytest

from offhook.engine.call import inputs


@pytest.mark.parametrize("kind", get_args(inputs.Input))
def test_an_input_is_a_frozen_value(kind: type) -> None:
    assert is_dataclass(kind)
    assert kind.__dataclass_params__.frozen  # type: ignore[attr-defined]  # a dataclass's own record of how it was made
    assert "__slots__" in vars(kind)


def test_every_input_is_in_the_union() -> None:
    named = {value for value in vars(inputs).values() if is_dataclass(value) and value.__module__ == inputs.__name__}
    assert named == set(get_args(inputs.Input))


def test_a_caller_who_leaves_is_no_fault_unless_told() -> None:
    assert inputs.CallerLeft("the caller hung up").reason is None
