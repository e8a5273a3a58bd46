"""Voices are told from the silence of a line."""

import numpy as np
import pytest

from offhook.engine.media.loudness import QUIET_PEAK, SPIKES, is_quiet


def samples(values: object) -> bytes:
    return np.asarray(values, "<i2").tobytes()


@pytest.mark.parametrize("values", [[], [0] * 160, [QUIET_PEAK - 1, 1 - QUIET_PEAK] * 80])
def test_what_a_line_does_by_itself_is_quiet(values: list[int]) -> None:
    assert is_quiet(samples(values))


def test_a_click_is_no_voice() -> None:
    assert is_quiet(samples([0] * 8_000 + [-32_768] * SPIKES))
    assert not is_quiet(samples([0] * 8_000 + [-32_768] * (SPIKES + 1)))


@pytest.mark.parametrize("sign", [1, -1])
def test_a_voice_is_heard_on_either_side_of_the_line(sign: int) -> None:
    assert not is_quiet(samples([sign * 4_000] * 160))
