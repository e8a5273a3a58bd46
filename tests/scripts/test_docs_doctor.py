"""The page of the doctor lists every check once, in its chapter."""

import re

import pytest

import docs_doctor
from offhook.domain.diagnosis.checks import MEANINGS, Check


@pytest.mark.parametrize("check", Check)
def test_every_check_has_its_row_with_question_way_and_cure(check: Check) -> None:
    meaning = MEANINGS[check]
    row = f"| `{check}` | {meaning.question} | {meaning.how} | {meaning.cure} |"
    assert docs_doctor.page().count(row) == 1


def test_what_is_about_a_number_stands_before_what_is_about_the_platform() -> None:
    number, _, platform = docs_doctor.page().partition("## The platform")
    assert re.findall(r"^\| `([a-z-]+)` \| .+\? \|", number, re.MULTILINE)[-1] == Check.FORMS
    assert re.findall(r"^\| `([a-z-]+)` \| .+\? \|", platform, re.MULTILINE)[0] == Check.SETTINGS


def test_no_cell_breaks_its_table() -> None:
    assert not any(
        "|" in part for meaning in MEANINGS.values() for part in (meaning.question, meaning.how, meaning.cure)
    )
