import dataclasses
import inspect
from typing import get_args

import pytest

from offhook.engine.sip import outputs
from offhook.engine.sip.outputs import Destination, Output, Send

KINDS = get_args(Output)


def test_every_value_of_the_module_but_the_destination_is_an_output() -> None:
    values = {
        kind for _, kind in inspect.getmembers(outputs, dataclasses.is_dataclass) if kind.__module__ == outputs.__name__
    }
    assert values - {Destination} == set(KINDS)


@pytest.mark.parametrize("kind", [*KINDS, Destination])
def test_every_output_is_frozen_and_slotted(kind: type) -> None:
    assert kind.__dataclass_params__.frozen  # type: ignore[attr-defined]  # what dataclass() leaves on a class
    assert "__slots__" in vars(kind)


def test_outputs_are_values() -> None:
    assert Send(b"x", Destination("10.0.0.1", 5060)) == Send(b"x", Destination("10.0.0.1", 5060))
