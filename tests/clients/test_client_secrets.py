"""Secrets are shown nowhere: not by the client, not by what it raises."""

import traceback

import httpx2
import pytest

from canned import SID, TOKEN, page, problem, says
from offhook_client import NO_RETRIES, OffhookError


def test_a_client_shows_whose_it_is_and_no_token() -> None:
    asked = says(page())
    assert repr(asked.client()) == f"Client('https://offhook.example/base', '{SID}', '***')"
    assert repr(asked.async_client()) == f"AsyncClient('https://offhook.example/base', '{SID}', '***')"
    assert TOKEN not in repr(vars(asked.client()))


@pytest.mark.parametrize("answer", [page(), problem(401, "wrong-credentials"), httpx2.ConnectError("no")])
def test_no_error_shows_a_token_or_a_query(answer: httpx2.Response | httpx2.TransportError) -> None:
    asked = says(answer)
    with pytest.raises(OffhookError) as caught:
        list(asked.client(NO_RETRIES).get_call_list(caller="819012345678"))
    said = "".join(traceback.format_exception(caught.value))
    assert asked.requests[0].headers["Authorization"].startswith("Basic ")
    for secret in (TOKEN, asked.requests[0].headers["Authorization"][6:], "819012345678"):
        assert secret not in str(caught.value)
    assert TOKEN not in said
