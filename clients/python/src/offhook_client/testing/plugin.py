"""The pytest plugin: the fixture `offhook_call`. pytest finds it by itself once offhook-client is installed."""

from collections.abc import Iterator

import pytest

from offhook_client.testing.phone import Phone


@pytest.fixture
def offhook_call() -> Iterator[Phone]:
    """Call an action server: `offhook_call(app, "/calls").hears("Welcome")`. See offhook_client.testing.Phone."""
    with Phone() as phone:
        yield phone
