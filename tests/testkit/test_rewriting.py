import pytest

from offhook.testkit.rewriting import Rewriting

OLD = "https://Shop.example/calls/?shop=1#rc=1"
NEW = "http://localhost:8000/v2/"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        (None, "http://localhost:8000/v2/?shop=1"),
        ("self", "http://localhost:8000/v2/?shop=1"),
        ("https://Shop.example/calls/?shop=1", "http://localhost:8000/v2/?shop=1"),
        ("https://shop.example/calls/?menu=2", "http://localhost:8000/v2/?menu=2"),
        ("https://shop.example/after", "http://localhost:8000/after"),
        ("http://shop.example/after", "http://shop.example/after"),
        ("https://other.example/after#ct=500", "https://other.example/after#ct=500"),
    ],
)
def test_paths_and_queries_stay_at_another_base_url(url: str | None, expected: str) -> None:
    assert Rewriting(OLD, NEW).of(url) == expected


def test_new_code_may_have_a_query_of_its_own() -> None:
    assert Rewriting(OLD, f"{NEW}?shop=2").of(None) == f"{NEW}?shop=2"
