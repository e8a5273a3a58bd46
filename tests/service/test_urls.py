import pytest

from offhook.errors import InputError
from offhook.service.urls import OUR_PARAMETERS, check_action_url, check_default_action


@pytest.mark.parametrize(
    "url",
    [
        "https://shop.example/call",
        "http://127.0.0.1:8000/",
        "HTTP://[::1]/x?shop=7&lang=ja#ct=500",
        "https://日本.example/電話",
        "https://shop.example/?callers=2",
    ],
)
def test_a_url_is_kept_as_it_was_given(url: str) -> None:
    assert check_action_url("action_url", url) == url


@pytest.mark.parametrize("url", [None, ""])
def test_no_url_is_no_url(url: str | None) -> None:
    assert check_action_url("action_url", url) is None


@pytest.mark.parametrize(
    "url",
    [
        "shop.example/call",
        "ftp://shop.example/",
        "javascript:alert(1)",
        "https://",
        "https:///call",
        "https://user@shop.example/",
        "https://user:word@shop.example/",
        "https://shop.example:99999/",
        "https://shop.example:0/",
        "https://[::1/",
        "https://shop.example/a b",
        "https://shop.example/\n",
        "https://evil.example\\@shop.example/",
        "https://shop.example/" + "a" * 2000,
    ],
)
def test_a_url_that_cannot_be_asked_is_refused_by_field(url: str) -> None:
    with pytest.raises(InputError) as refused:
        check_action_url("fallback_url", url)
    assert refused.value.field == "fallback_url"


@pytest.mark.parametrize("name", sorted(OUR_PARAMETERS))
def test_a_url_must_not_use_our_parameters(name: str) -> None:
    with pytest.raises(InputError, match=name):
        check_action_url("action_url", f"https://shop.example/?shop=7&{name}=")


def test_a_default_action_must_be_understood() -> None:
    assert check_default_action('say en "Closed."') == 'say en "Closed."'
    with pytest.raises(InputError, match="unknown-verb, line 1, column 1") as refused:
        check_default_action("shout")
    assert refused.value.field == "default_action"


@pytest.mark.parametrize("text", [None, "", "  \n"])
def test_no_default_action_is_none(text: str | None) -> None:
    assert check_default_action(text) is None


@pytest.mark.parametrize("fragment", ["part", "ct=1", "rc=3", "ct=500&ct=500"])
def test_a_fragment_that_sets_nothing_that_can_be_set_is_refused(fragment: str) -> None:
    with pytest.raises(InputError) as refused:
        check_action_url("action_url", f"https://a.example/#{fragment}")
    assert refused.value.field == "action_url"
