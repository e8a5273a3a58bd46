"""The scripts of rules, each by the name under which its author finds it."""

from offhook.domain.hosted_rules.document import read_rules
from offhook.domain.hosted_rules.rules import scripts_of
from rule_documents import OFFICE


def test_every_script_is_found_under_its_name() -> None:
    assert list(scripts_of(read_rules(OFFICE))) == [
        ("block.script", "reject declined"),
        ("allow.script", 'say en "Welcome back."'),
        ("allow.otherwise", "reject busy"),
        ("dates[0].open", 'say en "Merry Christmas!"'),
        ("dates[1].closed", 'say en "A happy new year!"'),
        ("open", "transfer 81312345678"),
        ("closed", 'say en "We are closed."'),
    ]


def test_scripts_that_are_not_there_have_no_name() -> None:
    allow = {"callers": ["81*"], "otherwise": "reject"}
    assert list(scripts_of(read_rules({"open": "hangup", "allow": allow}))) == [
        ("allow.otherwise", "reject"),
        ("open", "hangup"),
    ]
    anonymous = {"open": "hangup", "anonymous": {"script": "reject"}}
    assert list(scripts_of(read_rules(anonymous))) == [("anonymous.script", "reject"), ("open", "hangup")]
