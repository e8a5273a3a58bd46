"""What headers allow a cache (RFC 9111)."""

import pytest

from offhook.audio.freshness import Freshness, freshness

DATE = "Tue, 15 Nov 1994 08:12:31 GMT"
LATER = "Tue, 15 Nov 1994 08:13:31 GMT"


@pytest.mark.parametrize(
    ("headers", "fresh_s"),
    [
        ({}, 0.0),
        ({"cache-control": "max-age=60"}, 60.0),
        ({"cache-control": 'public, Max-Age="60"'}, 60.0),
        ({"cache-control": "max-age=60", "age": "20"}, 40.0),
        ({"cache-control": "max-age=60", "age": "90"}, 0.0),
        ({"cache-control": "max-age=60, s-maxage=10"}, 10.0),
        ({"cache-control": "max-age=60, no-cache"}, 0.0),
        ({"cache-control": "max-age=-1"}, 0.0),
        ({"cache-control": "max-age=soon"}, 0.0),
        ({"cache-control": "max-age=" + "9" * 400}, 2.0**31),
        ({"expires": LATER, "date": DATE}, 60.0),
        ({"expires": DATE, "date": LATER}, 0.0),
        ({"expires": "0", "date": DATE}, 0.0),
        ({"expires": LATER.replace("GMT", "-0000"), "date": DATE}, 60.0),
        ({"expires": LATER.replace("GMT", "+99999999999999999999"), "date": DATE}, 0.0),
        ({"expires": LATER}, 0.0),
        ({"expires": LATER, "date": DATE, "cache-control": "max-age=5"}, 5.0),
        ({"last-modified": DATE, "date": LATER}, 0.0),
    ],
)
def test_a_response_is_fresh_for_as_long_as_it_says(headers: dict[str, str], fresh_s: float) -> None:
    assert freshness(headers).fresh_s == fresh_s


def test_no_store_is_not_kept() -> None:
    assert not freshness({"cache-control": "no-store, max-age=60"}).is_kept
    assert freshness({"cache-control": ""}).is_kept


def test_an_unchanged_file_is_asked_for_by_its_validators() -> None:
    assert freshness({"etag": '"a"', "last-modified": DATE}).conditions() == {
        "If-None-Match": '"a"',
        "If-Modified-Since": DATE,
    }
    assert freshness({}).conditions() == {}


def test_a_304_renews_the_freshness_and_keeps_validators_that_it_does_not_repeat() -> None:
    renewed = freshness({"etag": '"a"', "last-modified": DATE}).renewed({"etag": '"b"', "cache-control": "max-age=9"})
    assert renewed == Freshness(True, 9.0, '"b"', DATE)
