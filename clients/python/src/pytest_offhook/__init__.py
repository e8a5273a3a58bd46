"""The pytest plugin: the fixture `offhook_call`. pytest finds it by itself once offhook-client is installed.

A test that fails tells its calls, unless what failed tells one already. The client is imported by the first test that
calls: a package of its own costs nothing where nobody does.
"""

from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from offhook_client.testing import Phone


@pytest.fixture
def offhook_call() -> "Iterator[Phone]":
    """Call an action server: `offhook_call(app, "/calls").hears("Welcome")`. See offhook_client.testing.Phone."""
    from offhook_client.testing import Phone

    with Phone() as phone:
        yield phone


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Add the calls to what is told of a test that fails."""
    report = yield
    phone = item.funcargs.get("offhook_call") if isinstance(item, pytest.Function) else None
    if report.when == "call" and report.failed and phone is not None:
        report.sections += [("offhook_call", told) for told in _untold_calls(phone, call)]
    return report


def _untold_calls(phone: object, call: pytest.CallInfo[None]) -> list[str]:
    from offhook_client.testing import CallFailed, Phone

    is_told = call.excinfo is not None and call.excinfo.errisinstance(CallFailed)
    return [str(made) for made in phone.calls if not is_told] if isinstance(phone, Phone) else []
