"""A gateway of a running platform that is there, goes away, and is not asked any more."""

import asyncio
import json
from typing import Any

import pytest

from callee import callee
from running_platform import RunningPlatform

pytestmark = pytest.mark.peers

WITHIN_S = 20


def _gateway(platform: RunningPlatform, name: str) -> dict[str, Any] | None:
    states = json.loads(platform.cli("trunks", "show", name, "--json"))["states"]
    return next((state for state in states if state["kind"] == "gateway"), None)


async def test_a_gateway_is_seen_to_be_up_and_down_and_told_to_prometheus(platform: RunningPlatform) -> None:
    def until(is_up: bool | None) -> dict[str, Any]:
        def look() -> tuple[dict[str, Any] | None] | None:
            state = _gateway(platform, "checked")
            return (state,) if (state["up"] if state else None) is is_up else None

        (found,) = platform.wait_until(look, within_s=WITHIN_S, what=f"a gateway whose state is {is_up}")
        return found or {}

    async with callee() as gateway:
        host, port = gateway.sip
        words = ("--source", "198.51.200.1", "--send", f"sip:{host}:{port}", "--check-every", "1")
        platform.cli("trunks", "add", "checked", *words)
        up = await asyncio.to_thread(until, True)
        assert up["text"] == f"{host}:{port} answered 200 OK"
        assert platform.metric("offhook_trunk_up", trunk="checked") == 1
    down = await asyncio.to_thread(until, False)
    assert down["text"] == f"{host}:{port} nobody answered within 1 s"
    assert down["since"] > up["since"]
    assert platform.metric("offhook_trunk_up", trunk="checked") == 0
    listed = platform.cli("trunks", "list")
    assert f"down since {down['since'].replace('T', ' ').rstrip('Z')}: {down['text']}" in listed
    platform.cli("trunks", "set", "checked", "--check-every", "0")
    await asyncio.to_thread(until, None)
