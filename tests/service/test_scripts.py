"""A script that is kept is one that can run by itself."""

import pytest

from offhook.errors import InputError
from offhook.service.scripts import check_script


@pytest.mark.parametrize(
    "text",
    [
        "reject busy",
        'say en "Hello"\nhangup',
        "hangup\nhangup",
        "redirect https://a.example/",
        "gather next=https://a.example/",
        "transfer 81312345678 next=https://a.example/",
    ],
)
def test_a_script_that_can_run_is_taken(text: str) -> None:
    check_script("open", text)


@pytest.mark.parametrize(
    ("text", "told", "hint"),
    [
        (
            "# closed\nplaybak https://a.example/x.mp3",
            'unknown-verb, line 2, column 1: there is no action "playbak"',
            'did you mean "playback"?',
        ),
        ("say en Hello there", "unquoted-text, line 1, column 8: ", 'put it in quotes: "Hello there"'),
        ("hangup\n" * 11, "too-many-lines, line 11, column 1: ", ""),
        ("# nothing", "empty-answer, line 1, column 1: ", ""),
        ("pause 1\n  gather digits=1", "missing-argument, line 2, column 3: rules have no action URL", "write next="),
        ("transfer 81312345678 next=self", "bad-option, line 1, column 1: rules have no action URL", "write next="),
        ("voicemail next=self", "bad-option, line 1, column 1: ", "write next="),
        ("gather next=self", "bad-option, line 1, column 1: ", "write next="),
    ],
)
def test_what_cannot_run_is_refused_with_its_place(text: str, told: str, hint: str) -> None:
    with pytest.raises(InputError) as refused:
        check_script("block.script", text)
    assert refused.value.field == "block.script"
    assert refused.value.sentence.startswith(told)
    assert hint in refused.value.hint
