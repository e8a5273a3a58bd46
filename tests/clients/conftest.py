"""Fixtures of the clients' tests: one real server for all, and a house for each."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from api_house import SID, TOKEN, House, Server, furnish, open_house, open_server
from offhook_client import Client


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    with open_server() as opened:
        yield opened


@pytest.fixture(scope="session")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return furnish(tmp_path_factory.mktemp("furnished") / "offhook.db")


@pytest.fixture
def house(server: Server, furnished: Path, tmp_path: Path) -> Iterator[House]:
    with open_house(server, furnished, tmp_path) as opened:
        yield opened


@pytest.fixture
def client(house: House) -> Iterator[Client]:
    with Client(house.url, SID, TOKEN) as opened:
        yield opened
