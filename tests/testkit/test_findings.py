import pytest

from offhook.testkit.findings import Check, Finding, Verdict, failed, ok, skipped, warning, worst

FINE, ODD, BAD = ok(Check.BOM, "none"), warning(Check.SPEED, "slow", "hurry"), failed(Check.SIZE, "long", "cut")
UNSEEN = skipped(Check.SIGNED, "nobody looked", "look")


@pytest.mark.parametrize(
    ("findings", "verdict"),
    [
        ([], Verdict.OK),
        ([UNSEEN], Verdict.OK),
        ([FINE, UNSEEN], Verdict.OK),
        ([ODD, FINE], Verdict.WARNING),
        ([FINE, BAD, ODD], Verdict.FAILED),
    ],
)
def test_the_worst_verdict_is_what_counts_and_what_was_skipped_is_none(
    findings: list[Finding], verdict: Verdict
) -> None:
    assert worst(findings) is verdict


def test_a_finding_says_what_to_do_and_shows_why() -> None:
    assert failed(Check.GRAMMAR, "wrong", "correct it", ["line"]) == Finding(
        Check.GRAMMAR, Verdict.FAILED, "wrong", "correct it", ("line",)
    )
