"""The foreign programs that these tests call with."""

import os
import shutil

import pytest

PROGRAMS = ("sipp", "baresip")


@pytest.fixture(scope="session", autouse=True)
def _peers_are_installed() -> None:
    missing = [program for program in PROGRAMS if shutil.which(program) is None]
    if not missing:
        return
    sentence = f"{', '.join(missing)} not installed; scripts/test installs what is missing"
    if os.environ.get("CI"):
        pytest.fail(sentence)
    pytest.skip(sentence)
