"""The foreign programs that these tests call with."""

import os

import pytest

from processes import program

PROGRAMS = ("sipp", "baresip", "kamailio", "svmap", "svwar", "ip", "nft", "linphonec")


@pytest.fixture(scope="session", autouse=True)
def _peers_are_installed() -> None:
    missing = [name for name in PROGRAMS if program(name) is None]
    if not missing:
        return
    sentence = f"{', '.join(missing)} not installed; scripts/test installs what is missing"
    if os.environ.get("CI"):
        pytest.fail(sentence)
    pytest.skip(sentence)
