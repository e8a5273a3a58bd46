import pytest

from offhook.cli.sip_words import WORDS, words_of
from offhook.engine.net.answers import STATUS


def test_every_status_that_the_platform_answers_with_has_words() -> None:
    assert set(STATUS.values()) <= set(WORDS)


@pytest.mark.parametrize(
    ("status", "words"), [(302, "elsewhere"), (499, "refused"), (599, "failed"), (699, "for good")]
)
def test_a_status_that_nobody_knows_is_told_by_its_class(status: int, words: str) -> None:
    assert words in words_of(status)


def test_a_call_without_any_status_was_given_up() -> None:
    assert words_of(None) == "the call was given up before an answer"
