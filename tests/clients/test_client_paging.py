"""A list comes page by page, each when its turn comes, and the credentials never leave for another host."""

from datetime import UTC, datetime

import httpx2
import pytest

from api_house import House
from canned import WHOLE, says
from offhook_client import BadValue, Client, UnexpectedAnswer


def one(din: str, link: str = "") -> httpx2.Response:
    return httpx2.Response(200, json=[{**WHOLE, "din": din}], headers={"Link": link} if link else {})


def test_pages_are_fetched_when_their_turn_comes() -> None:
    asked = says(one("1", '<https://offhook.example/base/voice/dins/?limit=1&after=1>; rel="next"'), one("2"))
    numbers = asked.client().get_din_list(limit=1)
    assert not asked.requests
    assert next(numbers)["din"] == "1"
    assert len(asked.requests) == 1
    assert [number["din"] for number in numbers] == ["2"]
    assert [request.url.query for request in asked.requests] == [b"limit=1", b"limit=1&after=1"]


def test_a_link_to_another_host_is_followed_at_base_url() -> None:
    asked = says(one("1", "<http://evil.example/steal?after=1#x>; rel=next"), one("2"))
    assert len(list(asked.client().get_din_list())) == 2
    assert str(asked.requests[1].url) == "https://offhook.example/base/voice/dins/?after=1"


@pytest.mark.parametrize(
    ("link", "pages"),
    [
        ('<https://x/?after=1>; rel="prev", <https://x/?after=2>; rel="next"', 2),
        ('<https://x/?after=2>; title="more"; rel="next"', 2),
        ('<https://x/?after=2>; rel="prev"', 1),
        ("nonsense", 1),
    ],
)
def test_only_the_next_page_is_followed(link: str, pages: int) -> None:
    asked = says(one("1", link), one("2"))
    list(asked.client().get_din_list())
    assert len(asked.requests) == pages
    assert asked.requests[-1].url.query == (b"after=2" if pages == 2 else b"")


@pytest.mark.parametrize("link", ["<https://x/?limit=1>; rel=next", "<https://x/>; rel=next"])
def test_a_list_that_links_to_itself_is_no_endless_one(link: str) -> None:
    asked = says(one("1", link))
    with pytest.raises(UnexpectedAnswer, match="same page again"):
        list(asked.client().get_din_list(limit=1))
    assert len(asked.requests) == 1


async def test_the_async_client_walks_too() -> None:
    asked = says(one("1", "<https://x/?after=1>; rel=next"), one("2"))
    async with asked.async_client() as client:
        assert [number["din"] async for number in client.get_din_list()] == ["1", "2"]


def test_filters_are_written_as_the_api_reads_them() -> None:
    asked = says(httpx2.Response(200, json=[]))
    client = asked.client()
    list(client.get_din_list(max_monthly_cost=1e-05, features=["transfer", "verification"], contains="6 7&8"))
    list(client.get_recording_list(heard=False, since=datetime(2026, 11, 23, 6, tzinfo=UTC)))
    list(client.get_usage(since=datetime(2026, 11, 23, tzinfo=UTC).date(), until="2026-12-01"))
    assert [request.url.query for request in asked.requests] == [
        b"contains=6+7%268&max_monthly_cost=0.00001&features=transfer%2Cverification",
        b"since=2026-11-23T06%3A00%3A00%2B00%3A00&heard=false",
        b"since=2026-11-23&until=2026-12-01",
    ]


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(BadValue, match="time zone"):
        says(one("1")).client().get_call_list(since=datetime(2026, 11, 23))  # noqa: DTZ001 - that is the mistake


def test_a_real_list_comes_whole_whatever_its_pages_are(house: House, client: Client) -> None:
    for minute in range(5):
        house.receive_call(f"call-{minute}", minute)
    whole = [call["call_id"] for call in client.get_call_list()]
    for limit in (1, 2, 5, 1000):
        assert [call["call_id"] for call in client.get_call_list(limit=limit)] == whole
    assert [call["status"] for call in client.get_call_list(status="refused", limit=2)] == ["refused"] * len(whole)
