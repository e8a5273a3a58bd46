"""What to do about a description that does not fit."""

import pytest

from offhook.domain.causes.fitting import cure_of_misfit
from offhook.domain.misfits import Misfit


@pytest.mark.parametrize("misfit", Misfit)
def test_every_misfit_has_a_cure(misfit: Misfit) -> None:
    assert cure_of_misfit(misfit, "carrier").endswith(".")


def test_a_cure_names_the_trunk() -> None:
    assert "`offhook trunks set carrier --plain`" in cure_of_misfit("in-the-clear", "carrier")


def test_a_misfit_of_another_release_is_taken_for_codecs() -> None:
    assert "G.711" in cure_of_misfit("", "carrier")
    assert "G.711" in cure_of_misfit("from-a-later-release", "carrier")
