"""The published Python client, unmodified: only its host is changed."""

import pytest
from xoxzo.cloudpy import XoxzoClient

from api_house import OTHER_SID, OTHER_TOKEN, SID, TOKEN, House


@pytest.fixture
def client(house: House) -> XoxzoClient:
    return XoxzoClient(SID, TOKEN, api_host=house.url)


def test_it_searches_the_free_numbers(client: XoxzoClient) -> None:
    found = client.get_din_list()
    assert found.errors is None
    assert [number["din"] for number in found.messages] == [
        "4930123456",
        "81312345678",
        "81312345679",
        "815012345678",
    ]


@pytest.mark.parametrize(
    ("search", "dins"),
    [
        ("country=DE", ["4930123456"]),
        ("prefix=813", ["81312345678", "81312345679"]),
        ("country=JP&prefix=8150", ["815012345678"]),
        ("contains=2345679", ["81312345679"]),
        ("max_monthly_cost=650", ["4930123456", "815012345678"]),
    ],
)
def test_its_filters_filter(client: XoxzoClient, search: str, dins: list[str]) -> None:
    assert [number["din"] for number in client.get_din_list(search).messages] == dins


def test_an_unknown_filter_is_a_400_that_names_it(client: XoxzoClient) -> None:
    refused = client.get_din_list("colour=red")
    assert refused.errors == 400
    assert refused.message == {"colour": ["There is no such field."]}


def test_it_subscribes_lists_points_and_unsubscribes(client: XoxzoClient) -> None:
    uid = client.get_din_list("prefix=8150").messages[0]["din_uid"]
    subscribed = client.subscribe_din(uid)
    assert (subscribed.errors, subscribed.message["din"]) == (None, "815012345678")

    assert client.set_action_url(uid, "https://shop.example/calls?shop=7").errors is None
    [listed] = client.get_subscription_list().messages
    assert listed["action_url"] == "https://shop.example/calls?shop=7"

    ended = client.unsubscribe_din(uid)
    assert (ended.errors, ended.message["status"]) == (None, "ended")
    assert client.get_subscription_list().messages == []
    assert len(client.get_din_list("prefix=8150").messages) == 1


def test_wrong_credentials_are_a_401_with_a_detail(house: House) -> None:
    refused = XoxzoClient(SID, "wrong", api_host=house.url).get_din_list()
    assert refused.errors == 401
    assert refused.message["detail"] == "The SID or the auth token is wrong."


def test_a_taken_number_is_a_409(house: House, client: XoxzoClient) -> None:
    uid = house.subscribe()
    refused = XoxzoClient(OTHER_SID, OTHER_TOKEN, api_host=house.url).subscribe_din(uid)
    assert (refused.errors, refused.message["code"]) == (409, "number-taken")


def test_no_number_at_all_is_a_400_that_names_the_field(client: XoxzoClient) -> None:
    refused = client.subscribe_din()
    assert (refused.errors, refused.message) == (400, {"din_uid": ["This field is required."]})


def test_an_unknown_call_is_a_404(client: XoxzoClient) -> None:
    assert client.get_simple_playback_status("no-such-call").errors == 404
