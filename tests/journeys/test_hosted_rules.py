"""A number that decides about its calls by itself: no action server is asked, and the preview says the same."""

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest

import ear
from action_server import ActionServer
from phone import phone
from running_platform import NUMBER, RunningPlatform

pytestmark = pytest.mark.peers

BUSY, DECLINED, UNAVAILABLE = 486, 603, 480
BLOCKED = "4930123456"
SENTENCE = "Thank you for calling. Our office opens tomorrow morning."


async def test_a_call_does_what_the_numbers_own_rules_say(
    mortal: RunningPlatform, actions: ActionServer, caller: str
) -> None:
    [subscription] = mortal.api("GET", "/voice/dins/subscriptions/")
    path = f"/voice/dins/subscriptions/{subscription['din_uid']}/"
    mortal.api("POST", path, {"action_url": ""})
    # No hour of today or of a night around it is open, whenever this test runs.
    in_three_days = datetime.now(UTC) + timedelta(days=3)
    weekday = f"{in_three_days:%A}".lower()
    closed: dict[str, Any] = {
        "time_zone": "UTC",
        "block": {"callers": ["4930*"], "script": "reject declined"},
        "anonymous": {"script": "reject unavailable"},
        "hours": {weekday: ["00:00-24:00"]},
        "open": f'say en "{SENTENCE}"',
        "closed": "reject busy",
    }
    mortal.put(f"{path}rules/", closed)

    for who, status, rule in ((caller, BUSY, "hours"), (BLOCKED, DECLINED, "block"), ("", UNAVAILABLE, "anonymous")):
        async with phone() as customer:
            assert await customer.call(NUMBER, mortal.sip, caller=who) == status
        (call,) = mortal.ended_calls(who)
        assert (call["status"], call["cost"]) == ("rejected", 0)
        decided = _decided(mortal, call["call_id"])
        asked = {"anonymous": "1"} if who == "" else {"caller": who}
        preview = mortal.api("GET", f"{path}rules/preview/?{urlencode({**asked, 'at': call['start_time']})}")
        assert preview["rule"] == decided["data"]["rule"] == rule
        assert decided["text"] == f"{rule}: {preview['why']}"

    # Three days later it is open; no rules at all is always open, and the caller hears what it says.
    at = in_three_days.isoformat()
    preview = mortal.api("GET", f"{path}rules/preview/?{urlencode({'caller': caller, 'at': at})}")
    assert (preview["rule"], preview["script"]) == ("hours", closed["open"])
    url = mortal.put(f"{path}rules/", {"open": closed["open"]})["url"]
    async with phone() as customer:
        assert await customer.call(NUMBER, mortal.sip, caller=caller) == 200
        heard = await customer.hear_the_end()
    assert ear.word_error_rate(SENTENCE, ear.recognise(heard)) < 0.5
    assert actions.questions == []

    # For another number the same rules are an action server like any other.
    mortal.put(f"{path}rules/", closed | {"open": "reject"})
    assert urlsplit(url).path.startswith("/hosted/")
    other = mortal.api("GET", f"/voice/dins/?prefix={NUMBER[:6]}")[0]
    mortal.api("POST", "/voice/dins/subscriptions/", {"din_uid": other["din_uid"], "action_url": url})
    async with phone() as customer:
        assert await customer.call(other["din"], mortal.sip, caller=BLOCKED) == DECLINED
    latest = next(call for call in mortal.ended_calls(BLOCKED) if call["recipient"] == other["din"])
    assert latest["actionurl"] == url


def _decided(platform: RunningPlatform, call_id: str) -> dict[str, Any]:
    def found() -> dict[str, Any] | None:
        # A call's row ends a moment before its timeline is there.
        return next((event for event in platform.timeline(call_id) if event["kind"] == "rule-decided"), None)

    return platform.wait_until(found, within_s=5, what="the timeline to say which rule decided")
