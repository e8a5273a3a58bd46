"""One running platform for all tests that call it for real, and its log where a test fails; one PostgreSQL server."""

import itertools
import os
import secrets
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

import postgres as postgresql
from action_server import ActionServer
from certificates import AUTHORITY
from house import empty_file
from offhook.storage import open_database
from running_platform import RunningPlatform
from subscription import Subscription

# How long an example takes says something about the machine and nothing about the code.
settings.register_profile("house", deadline=None)
settings.load_profile("house")
_LOG_BEFORE = pytest.StashKey[int]()
_callers = itertools.count(819000000001)


@pytest.fixture(scope="session")
def action_server() -> Iterator[ActionServer]:
    with ActionServer() as server:
        yield server


@pytest.fixture(scope="session")
def running(action_server: ActionServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningPlatform]:
    folder = tmp_path_factory.mktemp("platform")
    authorities = folder / "authorities.pem"
    # Action servers and sounds may be behind certificates of the tests.
    AUTHORITY.cert_pem.write_to_path(authorities)
    with RunningPlatform(folder, action_server.url, {"SSL_CERT_FILE": str(authorities)}) as running:
        yield running


@pytest.fixture
def platform(running: RunningPlatform, request: pytest.FixtureRequest) -> RunningPlatform:
    request.node.stash[_LOG_BEFORE] = running.log.stat().st_size
    return running


@pytest.fixture
def mortal(action_server: ActionServer, tmp_path: Path) -> Iterator[RunningPlatform]:
    """Return a platform of one test alone, which may be killed."""
    with RunningPlatform(tmp_path, action_server.url) as platform:
        yield platform


@pytest.fixture
def actions(action_server: ActionServer) -> ActionServer:
    """Return the action server, with nothing left of the tests before."""
    action_server.forget()
    return action_server


@pytest.fixture
def subscription(platform: RunningPlatform) -> Iterator[Subscription]:
    """Return the platform's subscribed number, whose URLs a test may change; they are put back."""
    held = Subscription(platform)
    yield held
    held.restore()


@pytest.fixture
def caller() -> str:
    """Return a number that calls in this test only, so that its calls are found again."""
    return str(next(_callers))


@pytest.fixture(scope="session")
def postgres() -> Iterator[postgresql.Server]:
    """Return a server for all tests; it starts when the first one wants it."""
    with postgresql.open_server() as server:
        yield server


@pytest.fixture
def postgres_url(postgres: postgresql.Server) -> Iterator[str]:
    """Return the URL of an empty database of this test alone."""
    # The server may be one that other runs use at the same time.
    name = f"offhook_{secrets.token_hex(8)}"
    postgres.create_database(name)
    yield postgres.url(name)
    postgres.drop_database(name)


@pytest.fixture(scope="session")
def postgres_template(postgres: postgresql.Server) -> Iterator[str]:
    """Return the name of a database with all tables and no rows, from which others are copied."""
    name = f"offhook_template_{secrets.token_hex(8)}"
    postgres.create_database(name)
    open_database(postgres.url(name)).close()
    yield name
    postgres.drop_database(name)


@pytest.fixture
def furnished_postgres_url(postgres: postgresql.Server, postgres_template: str) -> Iterator[str]:
    """Return the URL of a database of this test alone, with all tables and no rows."""
    name = f"offhook_{secrets.token_hex(8)}"
    postgres.create_database(name, postgres_template)
    yield postgres.url(name)
    postgres.drop_database(name)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return the URL of a database with all tables and no rows, of each kind in turn."""
    if request.param == "sqlite":
        return empty_file(tmp_path / "offhook.db")
    return str(request.getfixturevalue("furnished_postgres_url"))


@pytest.fixture(scope="session")
def own_server_possible() -> None:
    """Leave out tests that stop their server, where one was named and no other can be started."""
    if os.environ.get(postgresql.VARIABLE) and not postgresql.is_installed():
        pytest.skip("the server that was named is not ours to stop, and PostgreSQL is not installed here")


@pytest.fixture
def mortal_postgres(own_server_possible: None) -> Iterator[postgresql.PrivateServer]:
    """Return a server of one test alone, durable, which may be stopped, and started again."""
    with postgresql.PrivateServer(durable=True) as server:
        yield server


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show what the platform logged during a test that failed."""
    report = yield
    if report.failed and _LOG_BEFORE in item.stash:
        running = item.funcargs["running"] if isinstance(item, pytest.Function) else None
        if isinstance(running, RunningPlatform):
            with running.log.open(errors="replace") as log:
                log.seek(item.stash[_LOG_BEFORE])
                report.sections.append(("log of the platform", log.read()))
    return report
