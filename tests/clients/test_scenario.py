"""Every client does the same with the same server, and says the same about it."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from api_house import SID, TOKEN, House, Looks, Server, open_house
from offhook.domain.diagnosis.checks import Check
from offhook.domain.diagnosis.findings import bad, good
from processes import program

ROOT = Path(__file__).parents[2]
CLIENTS = ROOT / "clients"
VECTORS = ROOT / "tests" / "vectors" / "signatures.json"
LIMIT_S = 60

RUNNERS = {
    "python": [sys.executable, str(CLIENTS / "python" / "tests" / "scenario.py")],
    "ruby": ["ruby", "-I", str(CLIENTS / "ruby" / "lib"), str(CLIENTS / "ruby" / "test" / "scenario.rb")],
    "php": ["php", str(CLIENTS / "php" / "tests" / "scenario.php")],
}

EXPECTED: dict[str, object] = {
    "search": ["4930123456", "81312345678", "81312345679", "815012345678"],
    "filtered": ["81312345678", "81312345679"],
    "paged": ["4930123456", "81312345678", "81312345679", "815012345678"],
    "bad-filter": {"error": "bad-request", "fields": ["colour"]},
    "subscribed": {
        "din": "815012345678",
        "status": "active",
        "action_url": "https://shop.example/calls?shop=7",
    },
    "same-key": True,
    "taken": {"error": "conflict", "code": "number-taken"},
    "listed": ["815012345678"],
    "set": {
        "fallback_url": "https://shop.example/spare",
        "default_action": 'say en "He said \\"later\\".\\nBye"',
    },
    "cleared": None,
    "rules": {"rule": "hours", "script": "transfer 81312345678"},
    "diagnosis": {
        "din": "815012345678",
        "verdict": "bad",
        "findings": [["subscribed", "good", ""], ["action-url-answers", "bad", "Answer faster."]],
    },
    "ended": "ended",
    "not-found": {"error": "not-found", "code": "call-not-found"},
    "help": "/docs/errors/call-not-found",
    "calls": 0,
    "account": {"name": "Shop", "balance": 1000.0},
    "ledger": ["rebate", "subscription", "top-up"],
    "unauthorized": {"error": "unauthorized", "code": "wrong-credentials"},
    "vectors": {"accepted": 13, "refused": 17},
    "script": 'say en "He said \\"hi\\" \\\\ back"\ntransfer +81-3-1234-5678 ring=20\nvoicemail',
}


@pytest.fixture
def house(server: Server, furnished: Path, tmp_path: Path) -> Iterator[House]:
    looks = Looks()
    looks.found = [
        good(Check.SUBSCRIBED, "it is"),
        bad(Check.ANSWERS, "it is late", "Answer faster.", reason="timeout"),
    ]
    with open_house(server, furnished, tmp_path, diagnoses=looks) as opened:
        yield opened


@pytest.mark.parametrize(
    "language",
    ["python", pytest.param("ruby", marks=pytest.mark.peers), pytest.param("php", marks=pytest.mark.peers)],
)
def test_a_client_does_the_common_scenario(language: str, house: House) -> None:
    check_that_it_can_run(language)
    ran = subprocess.run(
        RUNNERS[language],
        env={
            **os.environ,
            "PYTHONPATH": str(CLIENTS / "python" / "src"),
            "OFFHOOK_URL": house.url,
            "OFFHOOK_SID": SID,
            "OFFHOOK_TOKEN": TOKEN,
            "OFFHOOK_VECTORS": str(VECTORS),
        },
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    said = [json.loads(line) for line in ran.stdout.splitlines()]
    told = {line["step"]: line["result"] for line in said}
    told["help"] = told["help"].removeprefix(house.url)
    assert told == EXPECTED
    assert house.get(told["help"], who=None).status_code == 200
    assert [line["step"] for line in said] == list(EXPECTED)


def check_that_it_can_run(language: str) -> None:
    """Leave a client out that is not here, or whose language is not; where all is wanted that is a failure."""
    if not (CLIENTS / language).exists():
        sentence = f"there is no clients/{language}"
    elif program(RUNNERS[language][0]) is None:
        sentence = f"{language} is not installed; scripts/test installs what is missing"
    else:
        return
    if os.environ.get("CI"):
        pytest.fail(sentence)
    pytest.skip(sentence)
