"""docs/hosted-rules.md is run: its rules are rules, and calls go as its table says."""

import json
import re
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from offhook.domain.hosted_rules.deciding import decide
from offhook.domain.hosted_rules.decision import Rule
from offhook.domain.hosted_rules.document import read_rules, write_rules
from offhook.domain.hosted_rules.rules import scripts_of
from offhook.errors import InputError
from offhook.service.scripts import check_script

PAGE = (Path(__file__).parents[2] / "docs" / "hosted-rules.md").read_text(encoding="utf-8")
JSONS: list[dict[str, Any]] = [json.loads(text) for text in re.findall(r"```json[^\n]*\n(.*?)```", PAGE, re.DOTALL)]
DOCUMENT, REFUSAL, PREVIEW = JSONS
ROWS = re.findall(r"^\| (2\S+) \| (\w+) \| `(.*)` \| `(\w+)` \|$", PAGE, re.MULTILINE)
WITHHELD = "withheld"


def test_the_rules_of_the_page_are_kept_as_they_stand_there() -> None:
    rules = read_rules(DOCUMENT)
    assert write_rules(rules) == DOCUMENT
    for field, script in scripts_of(rules):
        check_script(field, script)


@pytest.mark.parametrize(("at", "caller", "action", "rule"), ROWS)
def test_a_call_goes_as_the_page_says(at: str, caller: str, action: str, rule: str) -> None:
    is_withheld = caller == WITHHELD
    decision = decide(read_rules(DOCUMENT), datetime.fromisoformat(at), "" if is_withheld else caller, is_withheld)
    assert (decision.script.splitlines()[0], decision.rule) == (action, rule)


def test_the_table_has_a_call_for_each_rule_of_the_example_and_lists_all_rules() -> None:
    assert {row[3] for row in ROWS} == {Rule.BLOCK, Rule.ANONYMOUS, Rule.DATES, Rule.HOURS}
    order = re.findall(r"^\| `(\w+)` \| ", PAGE.partition("## Which rule decides")[2], re.MULTILINE)
    assert order == list(Rule)


def test_the_preview_of_the_page_is_what_its_rules_say() -> None:
    at = datetime.fromisoformat(PREVIEW["local_time"])
    decision = decide(read_rules(DOCUMENT), at, "493012345678", anonymous=False)
    assert (decision.rule, decision.script, decision.why) == (PREVIEW["rule"], PREVIEW["script"], PREVIEW["why"])
    assert decision.local.isoformat() == PREVIEW["local_time"]
    assert at == datetime.fromisoformat(PREVIEW["at"])


def test_the_refusal_of_the_page_is_what_a_mistake_gets() -> None:
    [(field, [told])] = REFUSAL.items()
    with pytest.raises(InputError) as refused:
        check_script(field, 'say en "Merry Christmas!"\ntransfr 81312345678')
    assert refused.value.field == field
    assert told.lower() == f"{refused.value.sentence}. {refused.value.hint}".lower()
