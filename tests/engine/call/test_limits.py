"""The times of a call and its own words."""

import pytest

from offhook.engine.call.limits import CREDIT_ENDED, SORRY, Limits
from offhook.language import Say, Script, parse, write


def test_the_designs_times() -> None:
    limits = Limits()
    assert (limits.chain_s, limits.sound_s, limits.ring_again_s) == (18.0, 5.0, 60.0)
    assert (limits.extend_before_s, limits.call_s) == (5.0, 14_400.0)


@pytest.mark.parametrize("texts", [SORRY, CREDIT_ENDED, Limits().sorry, Limits().credit_ended])
def test_our_own_words_can_be_said_in_every_language_that_is_installed_by_default(texts: dict[str, str]) -> None:
    assert set(texts) == {"en", "de", "fr", "es", "it"}
    for language, text in texts.items():
        script = Script((Say(language, text),))
        assert parse(write(script).encode()).script == script
