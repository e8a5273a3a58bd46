"""What may stand behind the # of an action URL, and what may not."""

import pytest

from offhook.domain.overrides import PLAIN, Overrides, overrides
from offhook.errors import InputError

URL = "https://a.example/x?shop=7"


@pytest.mark.parametrize(
    ("url", "meant"),
    [
        (URL, PLAIN),
        (f"{URL}#", PLAIN),
        (f"{URL}#ct=500&rt=2000&rc=1", Overrides(0.5, 2.0, 1)),
        (f"{URL}#rc=0", Overrides(retries=0)),
        (f"{URL}#rt=8000&ct=50", Overrides(0.05, 8.0)),
        (f"{URL}#ct=5000&rt=100&rc=2", Overrides(5.0, 0.1, 2)),
    ],
)
def test_a_fragment_sets_what_it_names(url: str, meant: Overrides) -> None:
    assert overrides(url) == meant


@pytest.mark.parametrize(
    ("fragment", "sentence"),
    [
        ("part", "behind # stand only ct, rt and rc, as in #ct=500&rt=2000&rc=1, not 'part'"),
        ("ct=500&", "not ''"),
        ("CT=500", "not 'CT=500'"),
        ("ct=500&ct=500", "ct stands twice behind #"),
        ("ct=49", "ct is a whole number from 50 to 5000, not '49'"),
        ("ct=5001", "from 50 to 5000"),
        ("rt=99", "from 100 to 8000"),
        ("rt=8001", "from 100 to 8000"),
        ("rc=3", "from 0 to 2"),
        ("rc=-1", "not '-1'"),
        ("rc", "not ''"),
        ("ct=0500", "not '0500'"),
        ("ct=5e2", "not '5e2'"),
        ("ct=٥٠٠", "from 50 to 5000"),
        ("ct=500#rt=500", "not '500#rt=500'"),
    ],
)
def test_everything_else_is_said_to_be_wrong(fragment: str, sentence: str) -> None:
    with pytest.raises(InputError) as refused:
        overrides(f"{URL}#{fragment}")
    assert sentence in refused.value.sentence
