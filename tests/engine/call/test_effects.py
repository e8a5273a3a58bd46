"""What a call wants are values."""

from dataclasses import is_dataclass
from typing import get_args

import pytest

from offhook.domain.routes import Route
from offhook.engine.call import effects


@pytest.mark.parametrize("kind", get_args(effects.Effect))
def test_an_effect_is_a_frozen_value(kind: type) -> None:
    assert is_dataclass(kind)
    assert kind.__dataclass_params__.frozen  # type: ignore[attr-defined]  # a dataclass's own record of how it was made
    assert "__slots__" in vars(kind)


def test_every_effect_is_in_the_union() -> None:
    named = {value for value in vars(effects).values() if is_dataclass(value) and value.__module__ == effects.__name__}
    assert named == set(get_args(effects.Effect))


def test_the_number_of_ours_that_was_called_is_known_whoever_is_shown() -> None:
    route = Route("carrier", "sip:192.0.2.1", passes_caller=True)
    assert effects.Dial(1, "81312345678", route, "81345678901").own == "81345678901"
    assert effects.Dial(1, "81312345678", route, "81900000001", by="81345678901").own == "81345678901"
