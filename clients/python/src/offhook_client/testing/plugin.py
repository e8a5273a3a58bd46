"""The pytest plugin: the fixture `offhook_call`. pytest finds it by itself once offhook-client is installed.

A test that fails tells its calls, unless what failed tells one already.
"""

from collections.abc import Generator, Iterator

import pytest

from offhook_client.testing.failures import CallFailed
from offhook_client.testing.phone import Phone


@pytest.fixture
def offhook_call() -> Iterator[Phone]:
    """Call an action server: `offhook_call(app, "/calls").hears("Welcome")`. See offhook_client.testing.Phone."""
    with Phone() as phone:
        yield phone


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Add the calls to what is told of a test that fails."""
    report = yield
    phone = item.funcargs.get("offhook_call") if isinstance(item, pytest.Function) else None
    if report.when == "call" and report.failed and isinstance(phone, Phone):
        is_told = call.excinfo is not None and call.excinfo.errisinstance(CallFailed)
        report.sections += [("offhook_call", str(made)) for made in phone.calls if not is_told]
    return report
