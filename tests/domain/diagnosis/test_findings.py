"""Findings: cures that are never missing, and the worst of many."""

import pytest

from offhook.domain.diagnosis.checks import CUSTOMERS_CURES, MEANINGS, Check
from offhook.domain.diagnosis.findings import Finding, Verdict, bad, good, unknown, warning, worst


@pytest.mark.parametrize("check", Check)
def test_every_check_has_a_question_a_way_to_look_and_a_cure(check: Check) -> None:
    meaning = MEANINGS[check]
    assert meaning.question.endswith("?")
    assert meaning.how.endswith(".")
    assert meaning.cure.endswith(".")


def test_the_table_of_checks_has_their_order() -> None:
    assert list(MEANINGS) == list(Check)
    assert set(CUSTOMERS_CURES) < set(Check)


def test_what_is_wrong_has_the_cure_of_its_check_unless_there_is_a_better_one() -> None:
    assert bad(Check.DISK, "it is full").cure == MEANINGS[Check.DISK].cure
    assert warning(Check.DISK, "it is almost full", "Delete something.").cure == "Delete something."
    assert good(Check.DISK, "there is room").cure == ""
    assert unknown(Check.DISK, "nobody looked").cure == ""


def test_facts_travel_with_a_finding() -> None:
    assert bad(Check.DISK, "it is full", reason="disk-full", free=0).data == {"reason": "disk-full", "free": 0}


@pytest.mark.parametrize(
    ("findings", "verdict"),
    [
        ([], Verdict.GOOD),
        ([good(Check.DISK, "")], Verdict.GOOD),
        ([good(Check.DISK, ""), unknown(Check.CLOCK, "")], Verdict.GOOD),
        ([unknown(Check.CLOCK, ""), warning(Check.DISK, "")], Verdict.WARNING),
        ([bad(Check.CLOCK, ""), warning(Check.DISK, "")], Verdict.BAD),
    ],
)
def test_the_worst_counts_and_what_was_not_looked_at_is_no_fault(findings: list[Finding], verdict: Verdict) -> None:
    assert worst(findings) is verdict
