"""`offhook doctor` in a terminal: signs, cures, one JSON document, and the worst as exit status."""

import json
import re
import sys
from datetime import UTC, datetime
from io import BytesIO, TextIOWrapper
from pathlib import Path

import pytest

import offhook
from action_server import ActionServer
from free_ports import sip_port, tcp_port
from offhook.cli import main
from offhook.cli.tree import imported
from offhook.config import Settings
from offhook.domain.credits import CREDIT
from offhook.domain.diagnosis.checks import Check
from offhook.domain.diagnosis.findings import Finding, Verdict, bad, good, warning
from offhook.serve import last_start
from offhook.serve.diagnosis import doctor
from offhook.serve.diagnosis.doctor import Diagnosis
from offhook.service import accounts, numbers, subscriptions
from offhook.storage import Work, open_database
from terminal import Terminal

DIN = "815012345678"
ROW = {"din": DIN, "country_code": "81", "prefix": "50", "monthly_cost": "1", "minute_cost": "1"}


@pytest.fixture
def ports(monkeypatch: pytest.MonkeyPatch, terminal: Terminal) -> None:
    monkeypatch.setenv("OFFHOOK_SIP", f"127.0.0.1:{sip_port()}")
    monkeypatch.setenv("OFFHOOK_HTTP", f"127.0.0.1:{tcp_port()}")


def furnish(url: str | None) -> None:
    """Let an account subscribe the number and set its action URL."""
    now = datetime.now(UTC)

    def unit(work: Work) -> None:
        shop = accounts.create_account(work, name="Shop", credit=100 * CREDIT, sid="sid", token="token", now=now)
        numbers.import_numbers(work, [ROW], now=now, fresh=lambda: "a" * 14)
        dialled = work.numbers.dialled(DIN)
        assert dialled is not None
        subscriptions.subscribe(work, account_id=shop.id, din_uid=dialled.number.din_uid, action_url=url, now=now)

    database = open_database(Settings.load().database)
    database.write_now(unit)
    database.close()


def test_signs_and_cures_are_for_people(terminal: Terminal, ports: None, action_server: ActionServer) -> None:
    action_server.forget()
    action_server.says("playbak x")
    furnish(action_server.url)
    printed = terminal.type("doctor", "+81 50-1234-5678")
    assert printed.status == 1
    lines = printed.out.splitlines()
    assert lines[0] == f"The number +{DIN}"
    assert lines[1].startswith("  ✓ subscribed")
    # A server on this machine is refused, and the cure says how it is let in.
    [place] = [place for place, line in enumerate(lines) if line.startswith("  ✗ action-url-allowed")]
    assert "→ If that server is yours, start Offhook with --allow-addresses 127.0.0.1/32." in lines[place + 1]
    assert "The platform" in lines
    assert lines[-1].endswith("wrong")
    assert action_server.questions == []


def test_a_node_is_examined_with_the_options_that_it_was_started_with(
    terminal: Terminal, ports: None, action_server: ActionServer
) -> None:
    action_server.forget()
    action_server.says("hangup")
    furnish(action_server.url)
    last_start.keep(terminal.folder / "offhook-data", {"allow_addresses": "127.0.0.0/8", "http": None, "database": "x"})
    assert last_start.load().allow_addresses
    found = terminal.type("doctor", DIN, "--json").document["number"]["findings"]
    assert {one["code"]: one["verdict"] for one in found}["action-url-answers"] == "good"
    # An option of the doctor's own counts more, and without the node nothing is known of its options.
    found = terminal.type("doctor", DIN, "--allow-addresses", "10.0.0.0/8", "--json").document["number"]["findings"]
    assert {one["code"]: one["verdict"] for one in found}["action-url-allowed"] == "bad"
    last_start.forget(terminal.folder / "offhook-data")
    assert not last_start.load().allow_addresses


@pytest.mark.parametrize("noted", ["", "[]", '{"allow_addresses": 1}', '{"allow_addresses": "nonsense"}', "\xff"])
def test_a_note_that_is_spoilt_is_as_good_as_none(terminal: Terminal, noted: str) -> None:
    (terminal.folder / "offhook-data" / last_start.FILE).write_text(noted, encoding="latin-1")
    assert last_start.load() == Settings.load()


def test_a_mistake_is_drawn_with_its_caret(
    terminal: Terminal, ports: None, action_server: ActionServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OFFHOOK_ALLOW_ADDRESSES", "127.0.0.0/8")
    action_server.forget()
    action_server.says("\tplaybak x")
    furnish(action_server.url)
    lines = terminal.type("doctor", DIN).out.splitlines()
    [place] = [place for place, line in enumerate(lines) if line.startswith("  ✗ action-text")]
    assert lines[place + 1].index("playbak") == lines[place + 2].index("^")


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "euc_jp"])
def test_where_letters_lack_there_are_other_signs_and_the_same_json(
    terminal: Terminal, ports: None, monkeypatch: pytest.MonkeyPatch, encoding: str
) -> None:
    furnish("https://a.example/é✓")

    def typed(*words: str) -> str:
        kept = BytesIO()
        monkeypatch.setattr(sys, "stdout", TextIOWrapper(kept, encoding=encoding))
        assert main(["doctor", *words]) == 1
        sys.stdout.flush()
        return kept.getvalue().decode(encoding)

    lines = typed().splitlines()
    assert lines[1].startswith("  + settings")
    assert any(line.startswith("  x node") for line in lines)
    assert any(line.startswith("      -> ") for line in lines)
    assert json.loads(typed("--json"))["verdict"] == "bad"
    typed(DIN)


def test_json_is_one_document_with_every_finding(terminal: Terminal, ports: None) -> None:
    furnish(None)
    printed = terminal.type("doctor", "--json")
    assert printed.status == 1
    document = printed.document
    assert document["verdict"] == "bad"
    assert document["number"] is None
    [troubled] = document["numbers"]
    assert troubled["number"] == DIN
    assert [one["code"] for one in troubled["findings"]] == ["action-url-set"]
    for finding in (*document["platform"], *troubled["findings"]):
        assert set(finding) == {"code", "verdict", "sentence", "cure", "data"}
        assert finding["code"] in set(Check)
        assert finding["cure"] or finding["verdict"] in ("good", "unknown")


def test_without_a_number_those_with_trouble_are_listed(terminal: Terminal, ports: None) -> None:
    furnish(None)
    lines = terminal.type("doctor").out.splitlines()
    assert lines[0] == "The platform"
    assert f"The number +{DIN}" in lines
    assert any(line.startswith("  ✗ numbers") and DIN in line for line in lines)


@pytest.mark.parametrize(
    ("findings", "status"),
    [
        ([good(Check.DISK, "room")], 0),
        ([good(Check.DISK, "room"), warning(Check.CLOCK, "off")], 3),
        ([bad(Check.DISK, "full"), warning(Check.CLOCK, "off")], 1),
    ],
)
def test_the_exit_status_is_the_worst(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch, findings: list[Finding], status: int
) -> None:
    async def examine(din: str | None, **_: object) -> Diagnosis:
        return Diagnosis(tuple(findings))

    monkeypatch.setattr(doctor, "examine", examine)
    assert terminal.type("doctor").status == status


@pytest.mark.parametrize("number", ["nobody", "sip:81501234567", "1" * 16, "05012345678"])
def test_what_is_no_number_is_wrong_usage(terminal: Terminal, number: str) -> None:
    assert terminal.type("doctor", number).status == 2


def test_a_platform_without_anything_is_told_and_not_made(tmp_path: Path, terminal: Terminal, ports: None) -> None:
    folder = terminal.folder / "offhook-data"
    (folder / "offhook.db").unlink()
    folder.rmdir()
    printed = terminal.type("doctor", DIN)
    assert printed.status == 1
    assert printed.err == ""
    assert "? subscribed" in printed.out
    assert not folder.exists()


def test_a_program_of_its_own_never_crashes_on_garbage(terminal: Terminal) -> None:
    (terminal.folder / "offhook-data" / "offhook.db").write_bytes(b"garbage" * 1000)
    printed = terminal.run("doctor", DIN, "--json")
    assert printed.status == 1
    assert printed.err == ""
    codes = {one["code"]: one["verdict"] for one in json.loads(printed.out)["platform"]}
    assert codes["database"] == "bad"


def test_strangers_words_move_no_cursor(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    async def examine(din: str | None, **_: object) -> Diagnosis:
        return Diagnosis((Finding(Check.TEXT, Verdict.BAD, "a\x1b[31mb", "c\x07d"),))

    monkeypatch.setattr(doctor, "examine", examine)
    out = terminal.type("doctor").out
    assert "\x1b" not in out
    assert "\x07" not in out


def test_cures_name_only_commands_that_there_are() -> None:
    root = Path(offhook.__file__).parent
    files = [*(root / "domain" / "diagnosis").glob("*.py"), *(root / "serve" / "diagnosis").glob("*.py")]
    named = {
        words
        for file in files
        for words in re.findall(
            r"offhook ((?:accounts|actions|calls|numbers|tariffs|trunks|database) [a-z-]+)", file.read_text()
        )
    }
    assert len(named) > 8
    for words in named:
        noun, verb = words.split()
        assert verb in getattr(imported(noun), "commands", {}), words
